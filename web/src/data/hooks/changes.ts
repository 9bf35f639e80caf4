import { useMemo, useSyncExternalStore } from 'react';
import { useOpenWorkspace, useRuntime } from '../context';
import type { Operation } from '../operations';
import type { MoveTarget } from '../taskActions';
import type { Change, CommentView, Conflict, NewTask, TaskPatch, TaskView, UndoView } from '../types';

export function useCreateTask(): (task: NewTask) => Change<TaskView> {
  return useOpenWorkspace().actions.create;
}

/** Only the fields that differ from what is shown are sent. */
export function useUpdateTask(): (taskId: string, patch: TaskPatch) => Change<TaskView> {
  return useOpenWorkspace().actions.update;
}

/** The same patch on several tasks: one undo. */
export function useUpdateTasks(): (taskIds: readonly string[], patch: TaskPatch) => Change<TaskView>[] {
  return useOpenWorkspace().actions.updateMany;
}

/** Puts a task into a column before or after another one (by id), or at an end (`at`, bottom unless given). */
export function useMoveTask(): (taskId: string, to: MoveTarget) => Change<TaskView> {
  return useOpenWorkspace().actions.move;
}

/** Undo makes the task anew under another number, without its comments: ask first when there are any. */
export function useDeleteTask(): (taskId: string) => Change<void> {
  return useOpenWorkspace().actions.remove;
}

export function useDeleteTasks(): (taskIds: readonly string[]) => Change<void>[] {
  return useOpenWorkspace().actions.removeMany;
}

export function useCommentActions(taskId: string): {
  create(body: string): Change<CommentView>;
  update(commentId: string, body: string): Change<CommentView>;
  remove(commentId: string): Change<void>;
} {
  const { actions } = useOpenWorkspace();
  return useMemo(
    () => ({
      create: (body) => actions.createComment(taskId, body),
      update: (commentId, body) => actions.updateComment(taskId, commentId, body),
      remove: (commentId) => actions.removeComment(taskId, commentId),
    }),
    [actions, taskId],
  );
}

export function useUndo(): UndoView {
  const { undo } = useOpenWorkspace().session;
  return useSyncExternalStore(undo.subscribe, () => undo.view);
}

export function useConflicts(): { conflicts: readonly Conflict[]; resolve(conflictId: string, keep: 'mine' | 'theirs'): void } {
  const { outbox } = useRuntime();
  const workspaceId = useOpenWorkspace().session.id;
  const operations = useSyncExternalStore(outbox.subscribe, () => outbox.shown);
  return useMemo(
    () => ({
      conflicts: operations.flatMap((operation) => conflictIn(operation, workspaceId) ?? []),
      resolve: (id, keep) => outbox.resolve(id, keep === 'mine'),
    }),
    [operations, outbox, workspaceId],
  );
}

/** Changes waiting to be sent. */
export function useUnsent(): number {
  const { outbox } = useRuntime();
  return useSyncExternalStore(outbox.subscribe, () => outbox.unsent);
}

function conflictIn(operation: Operation, workspaceId: string): Conflict | null {
  if (operation.kind !== 'task.update' || !operation.conflict || operation.workspaceId !== workspaceId) return null;
  return { id: operation.id, taskId: operation.taskId, taskKey: operation.taskKey, fields: operation.conflict };
}
