import type { Task } from '../api/models';
import type { TaskOperation } from './operations';
import type { WorkspaceState } from './state';
import type { TaskView } from './types';

/** Which base and operations a view was made of, so that the same ones give the same view. */
const sources = new WeakMap<TaskView, { base: Task | undefined; operations: readonly TaskOperation[] }>();

/** A task as shown: the server's with the person's operations on top, in the order they were made; undefined when there is none to show. */
export function viewOf(state: WorkspaceState, id: string, operations: readonly TaskOperation[], previous: TaskView | undefined): TaskView | undefined {
  const base = state.base[id];
  const source = previous && sources.get(previous);
  if (source && source.base === base && sameItems(source.operations, operations)) return previous;

  let task: Task | undefined = base;
  let pending = false;
  for (const operation of operations) {
    // In conflict it is the server's value that counts, until the person decides.
    if (operation.conflict) continue;
    if (operation.kind === 'task.create') task ??= draftOf(state, operation);
    else if (operation.kind === 'task.delete') task = undefined;
    else if (task) task = { ...task, ...operation.patch };
    pending = true;
  }
  if (!task) return undefined;
  const sameText = previous && previous.description === task.description;
  const view: TaskView = { ...task, pending, local: base === undefined, checklist: sameText ? previous.checklist : checklistOf(task.description) };
  sources.set(view, { base, operations });
  return view;
}

function draftOf(state: WorkspaceState, operation: Extract<TaskOperation, { kind: 'task.create' }>): Task {
  const { task } = operation;
  const at = new Date(operation.madeAt).toISOString();
  return {
    id: operation.taskId,
    key: `${state.projects[task.projectId]?.key ?? ''}-…`,
    number: 0,
    workspaceId: state.workspace.id,
    projectId: task.projectId,
    title: task.title,
    description: task.description ?? '',
    status: task.status ?? 'todo',
    priority: task.priority ?? 'none',
    assigneeId: task.assigneeId ?? null,
    labels: task.labels ?? [],
    dueOn: task.dueOn ?? null,
    position: operation.position,
    version: 0,
    createdBy: operation.userId,
    createdAt: at,
    updatedAt: at,
  };
}

export function checklistOf(description: string): TaskView['checklist'] {
  const boxes = description.match(/^\s*(?:[-*+]|\d+[.)])\s+\[[ xX]\]\s/gm);
  if (!boxes) return null;
  return { done: boxes.filter((box) => /\[[xX]\]/.test(box)).length, total: boxes.length };
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
