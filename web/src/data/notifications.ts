import type { Notification } from '../api/models';

/** Newest first. */
export interface NotificationList {
  items: readonly Notification[];
  nextCursor: string | null;
}

export function addNotifications(list: NotificationList, added: readonly Notification[]): NotificationList {
  const known = new Set(list.items.map((item) => item.id));
  const fresh = added.filter((item) => !known.has(item.id));
  if (fresh.length === 0) return list;
  const items = [...fresh, ...list.items].sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
  return { ...list, items };
}

export function appendPage(list: NotificationList, page: readonly Notification[], nextCursor: string | null): NotificationList {
  const known = new Set(list.items.map((item) => item.id));
  return { items: [...list.items, ...page.filter((item) => !known.has(item.id))], nextCursor };
}

/** `null`: all of them. */
export function markAllRead(list: NotificationList, ids: readonly string[] | null): NotificationList {
  const isMeant = (item: Notification) => !item.read && (ids === null || ids.includes(item.id));
  if (!list.items.some(isMeant)) return list;
  return { ...list, items: list.items.map((item) => (isMeant(item) ? { ...item, read: true } : item)) };
}
