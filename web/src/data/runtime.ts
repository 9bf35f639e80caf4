import { QueryClient } from '@tanstack/react-query';
import { Api } from '../api/client';
import { ApiError } from '../api/errors';
import { SessionStore } from '../api/session';
import { sendOperation } from './send';
import { outboxKey } from './keptOperations';
import { keptKey } from './keptStates';
import { keys } from './keys';
import { Outbox } from './outbox';
import { browserStore, type KeyValueStore } from './store';
import type { DataEvent, Notification, Outcome } from './types';
import { WorkspaceSession } from './workspaceSession';
import { addNotifications, markAllRead, type NotificationList } from './notifications';
import { describe, isTaskOperation, type Operation } from './operations';

interface OpenEntry {
  session: WorkspaceSession;
  users: number;
  closing?: ReturnType<typeof setTimeout>;
}

type Shared = { type: 'read'; ids: readonly string[] | null };

/** Leaving a workspace for a moment (a route change) should not close its connection. */
const LINGER_MS = 5_000;

/** Everything the hooks stand on, once per page: the person's session, the queue of changes, and the workspaces that are open. */
export class DataRuntime {
  readonly session: SessionStore;
  readonly api: Api;
  readonly queries: QueryClient;
  readonly store: KeyValueStore;
  readonly outbox: Outbox;
  /** Notifications that came in real time, newest first: one that arrives during the first load must not be lost. */
  readonly recentNotifications: Notification[] = [];
  readonly #handlers = new Set<(event: DataEvent) => void>();
  readonly #workspaces = new Map<string, OpenEntry>();
  readonly #channel: BroadcastChannel | null;
  #userId: string | null = null;

  constructor(options: { queries?: QueryClient; session?: SessionStore; api?: Api; store?: KeyValueStore } = {}) {
    this.session = options.session ?? new SessionStore();
    this.api = options.api ?? new Api(this.session);
    this.queries = options.queries ?? createQueryClient();
    this.store = options.store ?? browserStore();
    const channel = (name: string) => (typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name));
    this.#channel = channel('taskflow');
    this.outbox = new Outbox({
      store: this.store,
      channel: channel('taskflow.outbox'),
      send: (operation) => sendOperation(this.api, operation),
      onSettled: (operation, outcome, mine) => this.#settled(operation, outcome, mine),
      onConflict: (operation) => this.#workspaces.get(operation.workspaceId)?.session.announceConflict(operation),
      onChange: (changed) => this.#changed(changed),
    });
    // Workspaces, comments and the like are kept right by events; only what has none goes stale.
    for (const key of [keys.states, keys.allComments, keys.allActivity]) {
      this.queries.setQueryDefaults(key, { staleTime: Infinity, structuralSharing: false });
    }
  }

  /** Begins to follow the person's session. Returns the way to stop. */
  start(): () => void {
    const follow = () => this.#follow(this.session.current?.user.id ?? null);
    const wake = () => this.outbox.wake();
    const heard = ({ data }: MessageEvent<Shared>) => this.#applyRead(data.ids);
    const stopSession = this.session.subscribe(follow);
    window.addEventListener('online', wake);
    this.#channel?.addEventListener('message', heard);
    follow();
    return () => {
      stopSession();
      window.removeEventListener('online', wake);
      this.#channel?.removeEventListener('message', heard);
    };
  }

  /** Begins to load a workspace that is about to be opened. */
  prepare(workspaceId: string): void {
    if (this.session.current) this.workspace(workspaceId).prepare();
  }

  /** Keeps a workspace open until the returned function is called. */
  open(workspaceId: string): { session: WorkspaceSession; release: () => void } {
    const entry = this.#entry(workspaceId);
    entry.users++;
    clearTimeout(entry.closing);
    entry.session.start();
    const release = () => {
      if (--entry.users > 0) return;
      entry.closing = setTimeout(() => {
        entry.session.stop();
        // After another sign-in the workspace may be open under a new entry.
        if (this.#workspaces.get(workspaceId) === entry) this.#workspaces.delete(workspaceId);
      }, LINGER_MS);
    };
    return { session: entry.session, release };
  }

  workspace(workspaceId: string): WorkspaceSession {
    return this.#entry(workspaceId).session;
  }

  emit(event: DataEvent): void {
    for (const handler of this.#handlers) handler(event);
  }

  onEvent(handler: (event: DataEvent) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  notified(notification: Notification): void {
    if (this.recentNotifications.some((each) => each.id === notification.id)) return;
    this.recentNotifications.unshift(notification);
    this.recentNotifications.length = Math.min(this.recentNotifications.length, 100);
    this.queries.setQueryData<NotificationList>(keys.notifications, (list) => list && addNotifications(list, [notification]));
  }

  /** Marks as read here, in the other tabs and on the server. `null`: all. */
  async markRead(ids: readonly string[] | null): Promise<void> {
    this.#applyRead(ids);
    try {
      await this.api.markRead(ids === null ? { all: true } : { ids });
      this.#channel?.postMessage({ type: 'read', ids } satisfies Shared);
    } catch (error) {
      void this.queries.invalidateQueries({ queryKey: keys.notifications });
      throw error;
    }
  }

  /** Signs out and forgets what this browser kept of the person. */
  async logout(): Promise<void> {
    const userId = this.#userId;
    await this.api.logout();
    if (userId) await Promise.all([this.store.delete(outboxKey(userId)), this.store.delete(keptKey(userId))]);
  }

  #entry(workspaceId: string) {
    const known = this.#workspaces.get(workspaceId);
    if (known) return known;
    const entry: OpenEntry = { session: new WorkspaceSession(this, workspaceId), users: 0 };
    this.#workspaces.set(workspaceId, entry);
    return entry;
  }

  #follow(userId: string | null): void {
    if (userId === this.#userId) return;
    if (this.#userId !== null) {
      this.outbox.close();
      for (const { session, closing } of this.#workspaces.values()) {
        clearTimeout(closing);
        session.stop();
      }
      this.#workspaces.clear();
      this.recentNotifications.length = 0;
      this.queries.clear();
    }
    this.#userId = userId;
    if (userId !== null) void this.outbox.open(userId);
  }

  #settled(operation: Operation, outcome: Outcome<unknown>, mine: boolean): void {
    this.#workspaces.get(operation.workspaceId)?.session.settled(operation, outcome);
    if (!mine || outcome.status !== 'refused') return;
    const taskId = isTaskOperation(operation) ? operation.taskId : null;
    this.emit({ kind: 'refused', what: describe(operation), taskId, message: `${describe(operation)}: ${outcome.error.message}`, error: outcome.error });
  }

  #changed(operations: readonly Operation[]): void {
    for (const { session } of this.#workspaces.values()) session.operationsChanged(operations);
  }

  #applyRead(ids: readonly string[] | null): void {
    this.queries.setQueryData<NotificationList>(keys.notifications, (list) => list && markAllRead(list, ids));
  }
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: 'always',
        staleTime: 30_000,
        gcTime: 30 * 60_000,
        retry: (failures, error) => error instanceof ApiError && error.isRetryable && failures < 3,
        retryDelay: (failures, error) => Math.max(error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0, 500 * 2 ** failures * (0.5 + Math.random())),
      },
    },
  });
}
