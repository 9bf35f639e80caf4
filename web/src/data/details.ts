import type { WorkspaceEvent } from '@taskflow/realtime';
import type { Comment } from '../api/models';
import { localIdOf, same, type CommentOperation, type Operation } from './operations';
import type { ActivityEntry, CommentView } from './types';

/** Comments of one task, oldest first, with one more event applied. */
export function withCommentEvent(comments: readonly Comment[], event: WorkspaceEvent): readonly Comment[] {
  switch (event.type) {
    case 'comment.created':
      return withComment(comments, event.payload as unknown as Comment);
    case 'comment.updated':
      return comments.map((each) => (each.id === event.commentId ? { ...each, ...event.payload, updatedAt: event.timestamp } : each));
    case 'comment.deleted':
      return comments.filter((each) => each.id !== event.commentId);
    default:
      return comments;
  }
}

export function withComment(comments: readonly Comment[], comment: Comment): readonly Comment[] {
  const index = comments.findIndex((each) => each.id === comment.id);
  if (index < 0) return [...comments, comment];
  return comments.map((each, at) => (at === index ? comment : each));
}

/** What is shown: the server's comments with the person's unconfirmed changes. */
export function commentViews(comments: readonly Comment[], operations: readonly Operation[], taskId: string): CommentView[] {
  const mine = operations.filter((each): each is CommentOperation => each.taskId === taskId && each.kind.startsWith('comment.'));
  const views: CommentView[] = comments.map((each) => ({ ...each, pending: false, edited: each.updatedAt !== each.createdAt }));
  for (const operation of mine) {
    if (operation.kind === 'comment.create') {
      const at = new Date(operation.madeAt).toISOString();
      const { userId, authorName, body } = operation;
      views.push({ id: localIdOf(operation.id), taskId, body, authorId: userId, authorName, createdAt: at, updatedAt: at, pending: true, edited: false });
      continue;
    }
    const index = views.findIndex((each) => each.id === operation.commentId);
    if (index < 0) continue;
    if (operation.kind === 'comment.delete') views.splice(index, 1);
    else views[index] = { ...views[index]!, body: operation.body, pending: true, edited: true };
  }
  return views;
}

/** Pages of a task's history, newest first. */
export interface ActivityList {
  entries: readonly ActivityEntry[];
  nextCursor: string | null;
}

export function withActivity(list: ActivityList, added: readonly ActivityEntry[]): ActivityList {
  const known = new Set(list.entries.map((entry) => entry.seq));
  const fresh = added.filter((entry) => !known.has(entry.seq));
  if (fresh.length === 0) return list;
  return { ...list, entries: [...fresh, ...list.entries].sort((a, b) => b.seq - a.seq) };
}

/** The newest entry that gave the field this value; undefined where the entries do not reach back to it. */
export function entryThatSet(entries: readonly ActivityEntry[], field: string, value: unknown): ActivityEntry | undefined {
  return entries.find((entry) => field in entry.payload && same(entry.payload[field], value));
}
