import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { useOpenWorkspace, useRuntime } from '../context';
import { commentViews, entryThatSet, withActivity, withCommentEvent, type ActivityList } from '../details';
import { keys } from '../keys';
import { isLocalId } from '../operations';
import type { ActivityEntry, CommentView, Conflict, Loaded } from '../types';
import { loaded } from './loaded';
import { useTask } from './workspace';

/** Oldest first, with unsent ones at the end. */
export function useComments(taskId: string): Loaded<CommentView[]> {
  const runtime = useRuntime();
  const { session } = useOpenWorkspace();
  const id = useTask(taskId)?.id ?? taskId;
  const operations = useSyncExternalStore(runtime.outbox.subscribe, () => runtime.outbox.shown);
  const query = useQuery({
    queryKey: keys.comments(session.id, id),
    enabled: !isLocalId(id),
    queryFn: ({ signal }) =>
      session.fetchWithEvents(
        () => runtime.api.comments(session.id, id, signal),
        (list, event) => (event.taskId === id ? [...withCommentEvent(list, event)] : list),
      ),
    structuralSharing: false,
  });
  const list = isLocalId(id) ? NONE : query.data;
  const data = useMemo(() => list && commentViews(list, operations, id), [list, operations, id]);
  const { status, error, retry } = loaded(query);
  return data ? { status: 'ready', data, error: null, retry } : { status, data: undefined, error, retry };
}

const NONE: [] = [];

/** Newest first; kept up to date by events. */
export function useActivity(taskId: string): Loaded<ActivityEntry[]> & { hasMore: boolean; loadMore(): Promise<void> } {
  const runtime = useRuntime();
  const { session } = useOpenWorkspace();
  const id = useTask(taskId)?.id ?? taskId;
  const key = keys.activity(session.id, id);
  const query = useQuery({
    queryKey: key,
    enabled: !isLocalId(id),
    queryFn: ({ signal }) =>
      session.fetchWithEvents<ActivityList>(
        async () => {
          const page = await runtime.api.activity(session.id, id, null, signal);
          return { entries: page.data, nextCursor: page.nextCursor };
        },
        (list, event) => (event.taskId === id ? withActivity(list, [event]) : list),
      ),
    structuralSharing: false,
  });
  const cursor = query.data?.nextCursor ?? null;
  const loadMore = useCallback(async () => {
    if (cursor === null) return;
    const page = await runtime.api.activity(session.id, id, cursor);
    const isNext = (list: ActivityList) => list.nextCursor === cursor;
    const append = (list: ActivityList) => ({ ...withActivity(list, page.data), nextCursor: page.nextCursor });
    runtime.queries.setQueryData<ActivityList>(keys.activity(session.id, id), (list) => list && (isNext(list) ? append(list) : list));
  }, [runtime, session, id, cursor]);
  const { status, error, retry } = loaded(query);
  return { status, error, retry, data: query.data?.entries as ActivityEntry[] | undefined, hasMore: cursor !== null, loadMore };
}

/** By field: the change that a conflicting edit met, as the task's history has it. Empty until that is known, and where it does not tell. */
export function useMetChanges({ taskId, fields }: Conflict): ReadonlyMap<string, ActivityEntry> {
  const { data } = useActivity(taskId);
  return useMemo(() => {
    const met = new Map<string, ActivityEntry>();
    for (const { field, theirs } of fields) {
      const entry = entryThatSet(data ?? [], field, theirs);
      if (entry) met.set(field, entry);
    }
    return met;
  }, [data, fields]);
}
