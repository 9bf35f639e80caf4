import { useMemo, useSyncExternalStore } from 'react';
import { useOpenWorkspace, useRuntime } from '../context';
import { keys } from '../keys';
import { isLocalId, type Operation } from '../operations';
import type { MoveTarget } from '../taskActions';
import type { Change, CommentView, Conflict, EditBase, NewTask, TaskPatch, TaskView, UndoView } from '../types';

/** More tasks than this, or a longer wait, is not worth finding out whether a question can be spared. */
const MAX_ASKED = 20;
const ASK_MS = 1_000;

export function useCreateTask(): (task: NewTask) => Change<TaskView> {
  return useOpenWorkspace().actions.create;
}

/** Only the fields that differ from what is shown are sent. `begun` says what a text was based on that took a while to write; else it is what is shown. */
export function useUpdateTask(): (taskId: string, patch: TaskPatch, begun?: EditBase) => Change<TaskView> {
  return useOpenWorkspace().actions.update;
}

/** Makes one undo of all that is done in the given function; answers how to take it back, or null when nothing changed. */
export function useTogether(): (label: string, make: () => void) => (() => void) | null {
  return useOpenWorkspace().actions.together;
}

/** Puts a task into a column before or after another one (by id), or at an end (`at`, bottom unless given). */
export function useMoveTask(): (taskId: string, to: MoveTarget) => Change<TaskView> {
  return useOpenWorkspace().actions.move;
}

/** Undo makes the task anew under another number, without its comments: ask first when there are any. */
export function useDeleteTask(): (taskId: string) => Change<void> {
  return useOpenWorkspace().actions.remove;
}

/** Whether any of these tasks has comments, which undo cannot bring back; what cannot be found out soon counts as a yes. */
export function useMayHaveComments(): (taskIds: readonly string[]) => Promise<boolean> {
  const { api, outbox, queries } = useRuntime();
  const { id } = useOpenWorkspace().session;
  return useMemo(
    () => async (taskIds) => {
      // Also one that is not sent yet.
      if (outbox.shown.some((each) => each.kind === 'comment.create' && taskIds.includes(each.taskId))) return true;
      const known = taskIds.filter((taskId) => !isLocalId(taskId));
      if (known.length > MAX_ASKED) return true;
      const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(true), ASK_MS));
      const asked = known.map(async (taskId) => {
        const kept = queries.getQueryData<readonly unknown[]>(keys.comments(id, taskId));
        return kept ? kept.length > 0 : api.hasComments(id, taskId);
      });
      return Promise.race([late, Promise.all(asked).then((answers) => answers.includes(true), () => true)]);
    },
    [api, outbox, queries, id],
  );
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

/** What signing out would drop, of all workspaces: changes waiting to be sent, those in conflict, and what waits behind them. */
export function useUndelivered(): number {
  const { outbox } = useRuntime();
  return useSyncExternalStore(outbox.subscribe, () => outbox.unsent + outbox.held);
}

function conflictIn(operation: Operation, workspaceId: string): Conflict | null {
  if (operation.kind !== 'task.update' || !operation.conflict || operation.workspaceId !== workspaceId) return null;
  return { id: operation.id, taskId: operation.taskId, taskKey: operation.taskKey, fields: operation.conflict };
}
