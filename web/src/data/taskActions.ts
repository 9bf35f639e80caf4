import { ApiError } from '../api/errors';
import type { NewTask, Task, TaskPatch, TaskStatus } from '../api/models';
import { byPosition } from './filter';
import { newId } from './ids';
import { describe, localIdOf, same, type Operation } from './operations';
import { comparePositions, positionBetween } from './position';
import type { DataRuntime } from './runtime';
import type { Change, CommentView, EditBase, Outcome, TaskView } from './types';
import type { WorkspaceSession } from './workspaceSession';

export interface MoveTarget {
  status: TaskStatus;
  before?: string | null;
  after?: string | null;
  at?: 'top' | 'bottom';
}

/** What a person can do to tasks and comments. Each change is shown at once, queued, and can be taken back. */
export class TaskActions {
  readonly #runtime: DataRuntime;
  readonly #session: WorkspaceSession;

  constructor(runtime: DataRuntime, session: WorkspaceSession) {
    this.#runtime = runtime;
    this.#session = session;
  }

  create = (task: NewTask): Change<TaskView> => {
    const column = this.#column(task.status ?? 'todo');
    const position = positionBetween(column.at(-1)?.position ?? null, null);
    const operation = this.#operation('', { kind: 'task.create', task, position });
    const id = localIdOf(operation.id);
    const change = this.#submit<TaskView>({ ...operation, taskId: id });
    // The server counts on from the last task of the project, which may lie above those of other projects.
    const placing = column.some((each) => each.projectId !== task.projectId) ? this.#placeNew(id, position, task.title) : null;
    return this.#undoable(change, `Create “${task.title}”`, () => {
      if (placing) this.#runtime.outbox.cancel(placing);
      this.#takeBack(operation.id, () => this.#remove(id));
    });
  };

  update = (taskId: string, patch: TaskPatch, begun?: EditBase): Change<TaskView> => {
    const { change, restore } = this.#update(taskId, patch, begun);
    return restore ? this.#undoable(change, restore.label, restore.undo) : change;
  };

  move = (taskId: string, to: MoveTarget): Change<TaskView> => {
    const id = this.#id(taskId);
    const column = this.#column(to.status).filter((task) => task.id !== id);
    return this.update(id, { status: to.status, position: this.#place(column, to, this.#view(id)) });
  };

  remove = (taskId: string): Change<void> => {
    const { change, restore } = this.#removeWithRestore(taskId);
    return restore ? this.#undoable(change, restore.label, restore.undo) : change;
  };

  /** One undo for all that `make` does; null when it changed nothing. */
  together = (label: string, make: () => void): (() => void) | null => this.#session.undo.group(label, make);

  createComment = (taskId: string, body: string): Change<CommentView> => {
    const authorName = this.#runtime.session.current?.user.name ?? '';
    const operation = this.#operation(taskId, { kind: 'comment.create', body, authorName });
    return { ...this.#submit<CommentView>(operation), subjectId: localIdOf(operation.id), undo: () => this.#takeBack(operation.id, () => {}) };
  };

  updateComment = (taskId: string, commentId: string, body: string): Change<CommentView> => {
    const operation = this.#operation(taskId, { kind: 'comment.update', commentId, body });
    return { ...this.#submit<CommentView>(operation), subjectId: commentId, undo: () => this.#takeBack(operation.id, () => {}) };
  };

  removeComment = (taskId: string, commentId: string): Change<void> => {
    const operation = this.#operation(taskId, { kind: 'comment.delete', commentId });
    return { ...this.#submit<void>(operation), subjectId: commentId, undo: () => this.#takeBack(operation.id, () => {}) };
  };

  #update(taskId: string, wanted: TaskPatch, begun?: EditBase): { change: Change<TaskView>; restore?: { label: string; undo: () => void } } {
    const id = this.#id(taskId);
    const view = this.#view(id);
    if (!view) return { change: missing(id) };
    const fields = (Object.keys(wanted) as (keyof TaskPatch & keyof Task)[]).filter((field) => !same(wanted[field], view[field]));
    if (fields.length === 0) return { change: { id: '', subjectId: id, settled: Promise.resolve({ status: 'done', value: view }), undo: () => {} } };
    const patch = Object.fromEntries(fields.map((field) => [field, wanted[field]])) as TaskPatch;
    const shown = Object.fromEntries(fields.map((field) => [field, view[field]])) as TaskPatch;
    const operation = this.#operation(id, { kind: 'task.update', patch, before: { ...shown, ...begun?.before }, version: this.#version(id, begun), taskKey: view.key });
    const change = this.#submit<TaskView>(operation);
    return { change, restore: { label: describe(operation), undo: () => this.#takeBack(operation.id, () => this.#update(id, shown)) } };
  }

  /** The version an edit is based on; none while the server does not know the task. */
  #version(id: string, begun: EditBase | undefined): number | undefined {
    const current = this.#session.state?.base[id]?.version;
    // A restored backup may have set the version back, and a task that was only local began as version 1.
    return current === undefined || begun === undefined ? current : Math.max(1, Math.min(begun.version, current));
  }

  #removeWithRestore(taskId: string): { change: Change<void>; restore?: { label: string; undo: () => void } } {
    const id = this.#id(taskId);
    const view = this.#view(id);
    if (!view) return { change: missing(id) };
    const { operation, change } = this.#remove(id, view);
    return { change, restore: { label: `Delete ${view.key}`, undo: () => this.#takeBack(operation.id, () => this.#restore(view)) } };
  }

  #remove(taskId: string, view = this.#view(this.#id(taskId))): { operation: Operation; change: Change<void> } {
    const id = this.#id(taskId);
    const operation = this.#operation(id, { kind: 'task.delete', task: view as Task });
    return { operation, change: view ? this.#submit<void>(operation) : missing(id) };
  }

  /** The server keeps nothing of a deleted task, so this is a new one that looks the same. */
  #restore(view: TaskView): void {
    const { projectId, title, description, status, priority, assigneeId, labels, dueOn, position } = view;
    const task = { projectId, title, description, status, priority, assigneeId, labels, dueOn };
    const operation = this.#operation('', { kind: 'task.create', task, position });
    const id = localIdOf(operation.id);
    this.#submit<TaskView>({ ...operation, taskId: id });
    this.#placeNew(id, position, view.key);
  }

  /** A new task cannot be sent with its position. */
  #placeNew(id: string, position: string, taskKey: string): string {
    const operation = this.#operation(id, { kind: 'task.update', patch: { position }, before: { position: '' }, taskKey });
    this.#submit<TaskView>(operation);
    return operation.id;
  }

  #takeBack(operationId: string, otherwise: () => void): void {
    if (!this.#runtime.outbox.cancel(operationId)) otherwise();
  }

  #undoable<T>(change: Change<T>, label: string, undo: () => void): Change<T> {
    return { ...change, undo: this.#session.undo.push(label, undo) };
  }

  #submit<T>(operation: Operation): Change<T> {
    const settled = this.#runtime.outbox.add(operation).then((outcome) => {
      if (outcome.status !== 'done' || !operation.kind.startsWith('task.') || operation.kind === 'task.delete') return outcome as Outcome<T>;
      const task = outcome.value as Task;
      return { status: 'done', value: (this.#view(task.id) ?? task) as T } satisfies Outcome<T>;
    });
    return { id: operation.id, subjectId: operation.taskId, settled, undo: () => {} };
  }

  #operation<T extends Partial<Operation>>(taskId: string, rest: T): Operation & T {
    const userId = this.#runtime.session.current?.user.id ?? '';
    const common = { id: newId(), userId, workspaceId: this.#session.id, taskId: this.#id(taskId), madeAt: Date.now(), deferred: false };
    return { ...common, ...rest } as unknown as Operation & T;
  }

  /** Strictly between the neighbours of the place; those that share a position with one of them count as one. */
  #place(column: readonly TaskView[], to: MoveTarget, moved: TaskView | undefined): string {
    const neighbour = column.find((task) => task.id === this.#id(to.before ?? to.after ?? ''));
    if (!neighbour) {
      const edge = to.at === 'top' ? column[0] : column.at(-1);
      return to.at === 'top' ? positionBetween(null, edge?.position ?? null) : positionBetween(edge?.position ?? null, null);
    }
    // Where it is already needs no new position.
    const next = to.before ? column.filter((task) => comparePositions(task.position, neighbour.position) < 0).at(-1) : neighbour;
    const last = to.before ? neighbour : column.find((task) => comparePositions(task.position, neighbour.position) > 0);
    const [low, high] = [next?.position ?? null, last?.position ?? null];
    const isThere = moved?.status === to.status && (low === null || moved.position > low) && (high === null || moved.position < high);
    return isThere ? moved.position : positionBetween(low, high);
  }

  #column(status: TaskStatus): TaskView[] {
    return Object.values(this.#session.state?.tasks ?? {})
      .filter((task) => task.status === status)
      .sort(byPosition);
  }

  #view(id: string): TaskView | undefined {
    return this.#session.state?.tasks[id];
  }

  #id(taskId: string): string {
    return this.#session.state?.aliases[taskId] ?? taskId;
  }
}

function missing<T>(id: string): Change<T> {
  return { id: '', subjectId: id, settled: Promise.resolve({ status: 'refused', error: new ApiError({ code: 'not_found', status: 404 }) }), undo: () => {} };
}

