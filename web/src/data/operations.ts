import type { NewTask, Task, TaskPatch } from '../api/models';
import type { Conflict } from './types';

interface OperationBase {
  /** The Idempotency-Key it is sent under, however often. */
  id: string;
  userId: string;
  workspaceId: string;
  taskId: string;
  madeAt: number;
  /** It could not be sent at once: whoever changed something meanwhile must not be written over unseen. */
  deferred: boolean;
  /** Set while the person has to decide. Nothing is sent meanwhile. */
  conflict?: Conflict['fields'];
}

export type TaskOperation = OperationBase &
  (
    | { kind: 'task.create'; task: NewTask; position: string }
    /** `version` is what the edit was based on, and `before` what the changed fields showed then. The body must not change once it was sent. */
    | { kind: 'task.update'; patch: TaskPatch; before: Partial<Task>; version?: number; overwrite?: boolean; taskKey: string }
    | { kind: 'task.delete'; task: Task }
  );

export type CommentOperation = OperationBase &
  (
    | { kind: 'comment.create'; body: string; authorName: string }
    | { kind: 'comment.update'; commentId: string; body: string }
    | { kind: 'comment.delete'; commentId: string }
  );

/** A change that the server has not confirmed. What it holds can be kept in the browser's store and sent by another tab. */
export type Operation = TaskOperation | CommentOperation;

export function isTaskOperation(operation: Operation): operation is TaskOperation {
  return operation.kind.startsWith('task.');
}

/** What a person calls it, in a message. */
export function describe(operation: Operation): string {
  switch (operation.kind) {
    case 'task.create':
      return `Create “${operation.task.title}”`;
    case 'task.update':
      return 'status' in operation.patch || 'position' in operation.patch ? `Move ${operation.taskKey}` : `Edit ${operation.taskKey}`;
    case 'task.delete':
      return `Delete ${operation.task.key}`;
    case 'comment.create':
      return 'Post the comment';
    case 'comment.update':
      return 'Edit the comment';
    case 'comment.delete':
      return 'Delete the comment';
  }
}

const FRESH_MS = 5_000;

/**
 * An operation older than some seconds was not sent at once, whatever the reason. A younger one whose first try goes through was made online
 * as far as anybody can tell: as between any two people at work, the last write wins and who was overwritten is told. Once a try has failed
 * the age does not count: that change and all behind it are deferred.
 */
export function aged(operation: Operation, now: number): Operation {
  return !operation.deferred && now - operation.madeAt > FRESH_MS ? { ...operation, deferred: true } : operation;
}

const LOCAL = 'local-';

/** The id of a task or comment that the server does not know yet. */
export const localIdOf = (operationId: string) => LOCAL + operationId;
export const isLocalId = (id: string) => id.startsWith(LOCAL);

/** The operation as it is once what it is about, made here, has got its id from the server. */
export function renamed(operation: Operation, from: string, to: string): Operation {
  if (operation.taskId === from) return { ...operation, taskId: to };
  if ('commentId' in operation && operation.commentId === from) return { ...operation, commentId: to };
  return operation;
}

/** Tasks of which nothing is sent until the person has decided about a conflict. */
export function stuckTasks(operations: readonly Operation[]): ReadonlySet<string> {
  return new Set(operations.filter((each) => each.conflict).map((each) => each.taskId));
}

/**
 * The fields of an update that somebody else changed to something else since it was made; `current` is the server's task. Position alone is
 * no conflict: the card just lands where it was put last.
 */
export function conflictOf(operation: Extract<TaskOperation, { kind: 'task.update' }>, current: Task): Conflict['fields'] {
  const fields: Conflict['fields'] = [];
  for (const [field, mine] of Object.entries(operation.patch) as [keyof TaskPatch, unknown][]) {
    if (field === 'position') continue;
    const theirs = current[field];
    const before = operation.before[field];
    if (!same(theirs, before) && !same(theirs, mine)) fields.push({ field, mine, theirs, before });
  }
  return fields;
}

export function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => item === b[index]);
  return a === b;
}
