import type { WorkspaceEvent } from '@taskflow/realtime';
import type { Member, Project, Snapshot, Task, Workspace } from '../api/models';
import type { TaskOperation } from './operations';
import { viewOf } from './taskView';
import type { TaskView } from './types';

/**
 * One workspace as this browser knows it. `base` is what the server said, `tasks` what is shown: the base with the person's unconfirmed
 * changes on top. Taking a change back is leaving it out, so there is nothing to undo by hand. Immutable; what did not change keeps its
 * identity, so that only what shows it renders again.
 */
export interface WorkspaceState {
  workspace: Workspace;
  members: Readonly<Record<string, Member>>;
  projects: Readonly<Record<string, Project>>;
  base: Readonly<Record<string, Task>>;
  tasks: Readonly<Record<string, TaskView>>;
  /** Versions of deleted tasks: a late answer to an earlier request must not bring them back. */
  graves: Readonly<Record<string, number>>;
  /** Ids of tasks made here, to the ids the server gave them. */
  aliases: Readonly<Record<string, string>>;
  /** The last event that is in here. */
  head: number;
  epoch: string;
  stale: boolean;
}

/** What is kept in the browser's store between visits. */
export interface KeptState {
  workspace: Workspace;
  members: Member[];
  projects: Project[];
  tasks: Task[];
  head: number;
  epoch: string;
}

export function stateOf(snapshot: Snapshot | KeptState, operations: readonly TaskOperation[], stale: boolean, previous?: WorkspaceState): WorkspaceState {
  const base = byId(snapshot.tasks.map(normalise), (task) => task.id);
  if (previous && previous.epoch === snapshot.epoch) {
    // An answer to a change of ours may have been newer than this snapshot; its event is still to come.
    for (const [id, task] of Object.entries(base)) {
      const known = previous.base[id];
      if (known && known.version >= task.version) base[id] = known;
    }
  }
  const state: WorkspaceState = {
    workspace: snapshot.workspace,
    members: byId(snapshot.members, (member) => member.userId),
    projects: byId(snapshot.projects, (project) => project.id),
    base,
    tasks: previous?.tasks ?? {},
    graves: {},
    aliases: previous?.aliases ?? {},
    head: snapshot.head,
    epoch: snapshot.epoch,
    stale,
  };
  return withViews(state, operations, null);
}

export function keptOf(state: WorkspaceState): KeptState {
  const { workspace, head, epoch } = state;
  return { workspace, members: Object.values(state.members), projects: Object.values(state.projects), tasks: Object.values(state.base), head, epoch };
}

/** Builds the shown tasks anew: all of them (`null`) or those named. */
export function withViews(state: WorkspaceState, operations: readonly TaskOperation[], taskIds: Iterable<string> | null): WorkspaceState {
  const byTask = new Map<string, TaskOperation[]>();
  for (const operation of operations) {
    const id = state.aliases[operation.taskId] ?? operation.taskId;
    byTask.set(id, [...(byTask.get(id) ?? []), operation]);
  }
  const ids = taskIds ?? new Set([...Object.keys(state.base), ...Object.keys(state.tasks), ...byTask.keys()]);
  let tasks: Record<string, TaskView> | null = taskIds === null ? {} : null;
  for (const given of ids) {
    const id = state.aliases[given] ?? given;
    const view = viewOf(state, id, byTask.get(id) ?? [], state.tasks[id]);
    const isReplaced = given !== id && given in state.tasks;
    if (tasks === null && view === state.tasks[id] && !isReplaced) continue;
    tasks ??= { ...state.tasks };
    if (view) tasks[id] = view;
    else delete tasks[id];
    if (isReplaced) delete tasks[given];
  }
  return tasks === null || (taskIds === null && sameViews(state.tasks, tasks)) ? state : { ...state, tasks };
}

function sameViews(a: WorkspaceState['tasks'], b: WorkspaceState['tasks']): boolean {
  const ids = Object.keys(a);
  return ids.length === Object.keys(b).length && ids.every((id) => a[id] === b[id]);
}

/** A task as an answer to a request has it. Older than what is known: ignored. */
export function withTask(state: WorkspaceState, task: Task): WorkspaceState {
  const known = state.base[task.id];
  if ((known && known.version >= task.version) || (state.graves[task.id] ?? 0) >= task.version) return state;
  return { ...state, base: { ...state.base, [task.id]: normalise(task) } };
}

export function withoutTask(state: WorkspaceState, taskId: string): WorkspaceState {
  const known = state.base[taskId];
  if (!known) return state;
  const base = { ...state.base };
  delete base[taskId];
  return { ...state, base, graves: { ...state.graves, [taskId]: known.version + 1 } };
}

/** Events in seq order, those behind `head` only; says which tasks they touched. Copies each collection once, however many events there are. */
export function withEvents(state: WorkspaceState, events: readonly WorkspaceEvent[], myId: string): { state: WorkspaceState; touched: Set<string> } {
  const touched = new Set<string>();
  const next = { ...state, stale: false };
  const base = copyOnWrite(state.base);
  const members = copyOnWrite(state.members);
  const projects = copyOnWrite(state.projects);
  const graves = copyOnWrite(state.graves);
  for (const event of events) {
    if (event.seq <= next.head) continue;
    next.head = event.seq;
    const { payload } = event;
    switch (event.type) {
      case 'workspace.updated':
        next.workspace = { ...next.workspace, ...(payload as Partial<Workspace>), role: next.workspace.role };
        break;
      case 'member.added':
        members.set(event.memberId!, payload as unknown as Member);
        break;
      case 'member.updated': {
        const known = members.get(event.memberId!);
        if (known) members.set(known.userId, { ...known, ...(payload as Partial<Member>) });
        if (event.memberId === myId && payload.role) next.workspace = { ...next.workspace, role: payload.role as Workspace['role'] };
        break;
      }
      case 'member.removed':
        members.delete(event.memberId!);
        break;
      case 'project.created':
        projects.set(event.projectId!, payload as unknown as Project);
        break;
      case 'project.updated': {
        const known = projects.get(event.projectId!);
        if (known) projects.set(known.id, { ...known, ...(payload as Partial<Project>) });
        break;
      }
      case 'project.deleted':
        projects.delete(event.projectId!);
        break;
      case 'task.created': {
        const task = normalise(payload as unknown as Task);
        if ((base.get(task.id)?.version ?? 0) < task.version && !graves.get(task.id)) base.set(task.id, task);
        touched.add(task.id);
        break;
      }
      case 'task.updated': {
        const known = base.get(event.taskId!);
        if (known && (event.version ?? 0) > known.version) {
          base.set(known.id, normalise({ ...known, ...(payload as Partial<Task>), version: event.version!, updatedAt: event.timestamp }));
        }
        touched.add(event.taskId!);
        break;
      }
      case 'task.deleted':
        base.delete(event.taskId!);
        graves.set(event.taskId!, event.version ?? Number.MAX_SAFE_INTEGER);
        touched.add(event.taskId!);
        break;
    }
  }
  Object.assign(next, { base: base.value, members: members.value, projects: projects.value, graves: graves.value });
  return { state: next, touched };
}

function copyOnWrite<T>(original: Readonly<Record<string, T>>) {
  let copy: Record<string, T> | null = null;
  const own = () => (copy ??= { ...original });
  return {
    get: (id: string): T | undefined => (copy ?? original)[id],
    set: (id: string, item: T) => void (own()[id] = item),
    delete: (id: string) => void (id in (copy ?? original) && delete own()[id]),
    get value() {
      return copy ?? original;
    },
  };
}

function byId<T>(items: readonly T[], id: (item: T) => string): Record<string, T> {
  return Object.fromEntries(items.map((item) => [id(item), item]));
}

function normalise(task: Task): Task {
  return { ...task, description: task.description ?? '', assigneeId: task.assigneeId ?? null, dueOn: task.dueOn ?? null, labels: task.labels ?? [] };
}
