import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useRuntime } from '../context';
import { keys } from '../keys';
import { addNotifications, appendPage, type NotificationList } from '../notifications';
import type { Loaded, Notification, NotificationPreferences } from '../types';
import { loaded } from './loaded';

export function useNotifications(): Loaded<Notification[]> & {
  unread: number;
  hasMore: boolean;
  loadMore(): Promise<void>;
  markRead(ids: readonly string[]): Promise<void>;
  markAllRead(): Promise<void>;
} {
  const runtime = useRuntime();
  const query = useQuery({
    queryKey: keys.notifications,
    queryFn: async ({ signal }): Promise<NotificationList> => {
      const asked = Date.now();
      const page = await runtime.api.notifications(null, signal);
      // What arrived while this was being fetched may or may not be in it.
      const since = runtime.recentNotifications.filter((each) => Date.parse(each.createdAt) > asked - 60_000);
      return addNotifications({ items: page.data, nextCursor: page.nextCursor }, since);
    },
    refetchOnWindowFocus: true,
  });
  const cursor = query.data?.nextCursor ?? null;
  const loadMore = useCallback(async () => {
    if (cursor === null) return;
    const page = await runtime.api.notifications(cursor);
    const append = (list: NotificationList) => (list.nextCursor === cursor ? appendPage(list, page.data, page.nextCursor) : list);
    runtime.queries.setQueryData<NotificationList>(keys.notifications, (list) => list && append(list));
  }, [runtime, cursor]);
  const markRead = useCallback((ids: readonly string[]) => runtime.markRead(ids), [runtime]);
  const markAllRead = useCallback(() => runtime.markRead(null), [runtime]);
  const items = query.data?.items as Notification[] | undefined;
  const { status, error, retry } = loaded(query);
  const unread = items?.reduce((count, item) => count + (item.read ? 0 : 1), 0) ?? 0;
  return { status, error, retry, data: items, unread, hasMore: cursor !== null, loadMore, markRead, markAllRead };
}

export function useNotificationPreferences(): Loaded<NotificationPreferences> & { save(preferences: NotificationPreferences): Promise<void> } {
  const runtime = useRuntime();
  const query = useQuery({ queryKey: keys.preferences, queryFn: ({ signal }) => runtime.api.preferences(signal) });
  const save = useCallback(
    async (preferences: NotificationPreferences) => {
      const before = runtime.queries.getQueryData<NotificationPreferences>(keys.preferences);
      runtime.queries.setQueryData(keys.preferences, preferences);
      try {
        await runtime.api.savePreferences(preferences);
      } catch (error) {
        runtime.queries.setQueryData(keys.preferences, before);
        throw error;
      }
    },
    [runtime],
  );
  return { ...loaded(query), save };
}
