import type { Position, RealtimeClient, RealtimeState, WorkspaceEvent } from '@taskflow/realtime';
import type { Comment, Member, Notification, Project, Task } from '../api/models';
import { announce } from './announce';
import { DetailLists } from './detailLists';
import { KeptStates } from './keptStates';
import { keys } from './keys';
import { isTaskOperation, localIdOf, type Operation, type TaskOperation } from './operations';
import { PresenceStore } from './presenceStore';
import type { DataRuntime } from './runtime';
import { stateOf, withEvents, withTask, withoutTask, withViews, type WorkspaceState } from './state';
import { UndoStack } from './undo';
import type { Outcome } from './types';
import { WorkspaceConnection } from './workspaceConnection';

/** Where a kept state has not become live by then, plain HTTP brings it up to date. */
const STALE_MS = 4_000;

/** One open workspace: its state in the query cache, kept right by what its connection brings, and what this person does in it. */
export class WorkspaceSession {
  readonly id: string;
  readonly presence: PresenceStore;
  readonly undo = new UndoStack();
  readonly #details: DetailLists;
  readonly #runtime: DataRuntime;
  readonly #kept: KeptStates;
  readonly #myId: string;
  readonly #connection: WorkspaceConnection;
  readonly #listeners = new Set<() => void>();
  #latency: number | null = null;
  #started = false;
  #staleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(runtime: DataRuntime, id: string) {
    this.#runtime = runtime;
    this.id = id;
    this.#myId = runtime.session.current?.user.id ?? '';
    this.presence = new PresenceStore(this.#myId);
    this.#connection = new WorkspaceConnection(runtime, id);
    this.#details = new DetailLists(runtime.queries, id);
    this.#kept = new KeptStates(runtime.store, this.#myId, id, () => this.state);
  }

  get state(): WorkspaceState | undefined {
    return this.#runtime.queries.getQueryData<WorkspaceState>(keys.state(this.id));
  }

  get connection(): RealtimeState {
    return this.#connection.state;
  }

  get latency(): number | null {
    return this.#latency;
  }

  get client(): RealtimeClient | null {
    return this.#connection.client;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Begins to load; `start` takes over what is on its way by then. */
  prepare(): void {
    void this.#fetch().catch(() => {});
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    void this.#load();
  }

  stop(): void {
    this.#started = false;
    clearTimeout(this.#staleTimer);
    this.#connection.close();
    this.#kept.stop();
  }

  /** After a failed first load. */
  retry = (): void => {
    if (!this.state) void this.#load();
    this.client?.retry();
  };

  /** Everything anew over plain HTTP. */
  refresh = async (): Promise<void> => {
    this.client?.retry();
    this.#runtime.outbox.wake();
    await this.#loadSnapshot();
  };

  // -- loading -----------------------------------------------------------------------------------------------------------------------

  async #load(): Promise<void> {
    try {
      const state = await this.#fetch();
      // The outbox may have gone on since the views were built: while nobody looked, or while the state was on its way to the cache.
      this.#set(withViews(state, this.#operations(), null));
    } catch {
      // The query holds the error for whoever shows it; `retry` comes back here.
      return;
    }
    if (!this.#started || this.client) return;
    this.#connect();
  }

  #fetch(): Promise<WorkspaceState> {
    return this.#runtime.queries.fetchQuery({ queryKey: keys.state(this.id), queryFn: this.first, staleTime: Infinity });
  }

  /** The first state: what this browser kept, else a snapshot. */
  first = async (): Promise<WorkspaceState> => {
    const kept = await this.#kept.load();
    if (kept) {
      this.#staleTimer = setTimeout(() => this.state?.stale && void this.#loadSnapshot().catch(() => {}), STALE_MS);
      return stateOf(kept, this.#operations(), true);
    }
    return stateOf(await this.#runtime.api.snapshot(this.id), this.#operations(), false);
  };

  async #loadSnapshot(): Promise<Position> {
    const snapshot = await this.#runtime.api.snapshot(this.id);
    const previous = this.state;
    // An older one than what is known (a slow answer) would set the clock back.
    if (!previous || previous.epoch !== snapshot.epoch || snapshot.head >= previous.head) {
      this.#set(stateOf(snapshot, this.#operations(), false, previous));
    }
    this.#details.outdate();
    return { seq: snapshot.head, epoch: snapshot.epoch };
  }

  #connect(): void {
    const state = this.state;
    if (!state) return;
    const reload = async () => {
      const position = await this.#loadSnapshot();
      this.#runtime.emit({ kind: 'reloaded' });
      return position;
    };
    this.#connection.open({ seq: state.head, epoch: state.epoch }, reload, {
      events: (events) => this.#events(events),
      state: (connection) => this.#connectionChanged(connection),
      connected: () => {
        this.presence.clear();
        this.#runtime.outbox.wake();
        void this.#runtime.queries.invalidateQueries({ queryKey: keys.notifications });
      },
      presence: (taskId, viewers) => this.presence.set(taskId, viewers),
      notification: (body) => this.#notified(body as unknown as Notification),
    });
    this.#notify();
  }

  // -- what arrives --------------------------------------------------------------------------------------------------------------------

  #events(events: readonly WorkspaceEvent[]): void {
    const before = this.state;
    if (!before) return;
    const fresh = events.filter((event) => event.seq > before.head);
    const confirmed: Operation[] = [];
    for (const { mutationId } of fresh) {
      const operation = mutationId === null ? undefined : this.#runtime.outbox.confirm(mutationId);
      if (operation) confirmed.push(operation);
    }
    const { state, touched } = withEvents(before, fresh, this.#myId);
    let next = state;
    for (const event of fresh) {
      const operation = event.type === 'task.created' ? confirmed.find((each) => each.id === event.mutationId) : undefined;
      if (!operation || !event.taskId) continue;
      touched.add(operation.taskId);
      next = this.#alias(next, operation.taskId, event.taskId);
    }
    this.#set(withViews(next, this.#operations(), touched));
    this.#details.apply(fresh);
    this.#measure(fresh);
    for (const each of announce(before, this.state!, fresh, this.#myId)) this.#runtime.emit(each);
  }

  #alias(state: WorkspaceState, localId: string, id: string): WorkspaceState {
    if (state.aliases[localId] === id) return state;
    this.#runtime.emit({ kind: 'task-named', localId, taskId: id });
    return { ...state, aliases: { ...state.aliases, [localId]: id } };
  }

  #measure(events: readonly WorkspaceEvent[]): void {
    const last = events.at(-1);
    if (events.length !== 1 || !last || this.connection.status !== 'live' || document.visibilityState === 'hidden') return;
    requestAnimationFrame(() => {
      this.#latency = Math.max(0, Date.now() - Date.parse(last.timestamp));
      this.#notify();
    });
  }

  #notified(notification: Notification): void {
    this.#runtime.notified(notification);
    if (notification.kind !== 'overwritten') this.#runtime.emit({ kind: 'notification', notification });
    else this.#runtime.emit({ kind: 'overwritten', notification, task: this.state?.tasks[notification.taskId ?? ''] });
  }

  #connectionChanged(connection: RealtimeState): void {
    const state = this.state;
    if (connection.status === 'live' && state?.stale) this.#set({ ...state, stale: false });
    if (connection.status === 'closed' && connection.reason === 'forbidden') {
      this.#kept.forget();
      this.#runtime.emit({ kind: 'removed' });
      void this.#runtime.queries.invalidateQueries({ queryKey: keys.workspaces });
    }
    this.#notify();
  }

  // -- what this person does -----------------------------------------------------------------------------------------------------------

  /** Fetches a task's list so that no event that arrives meanwhile is lost. */
  fetchWithEvents<T>(fetch: () => Promise<T>, apply: (value: T, event: WorkspaceEvent) => T): Promise<T> {
    return this.#details.fetch(this.state?.head ?? 0, fetch, apply);
  }

  settled(operation: Operation, outcome: Outcome<unknown>): void {
    const state = this.state;
    if (!state || outcome.status !== 'done') return;
    let next = state;
    if (operation.kind === 'task.delete') next = withoutTask(next, operation.taskId);
    else if (operation.kind === 'task.create' || operation.kind === 'task.update') {
      const task = outcome.value as Task;
      next = withTask(next, task);
      if (operation.kind === 'task.create') next = this.#alias(next, localIdOf(operation.id), task.id);
    } else if (operation.kind === 'comment.delete') {
      this.#details.removeComment(operation.taskId, operation.commentId);
    } else {
      this.#details.putComment(operation.taskId, outcome.value as Comment);
    }
    // The views follow when the outbox leaves the operation out, right after this.
    if (next !== state) this.#set(next);
  }

  operationsChanged(changed: readonly Operation[]): void {
    const state = this.state;
    const mine = changed.filter((each): each is TaskOperation => isTaskOperation(each) && each.workspaceId === this.id);
    if (!state || mine.length === 0) return;
    const ids = new Set(mine.flatMap((each) => [each.taskId, localIdOf(each.id), state.aliases[localIdOf(each.id)] ?? each.taskId]));
    this.#set(withViews(state, this.#operations(), ids));
  }

  /** Answers to requests of this tab, which need not wait for their events. */
  putProject(project: Project): Project {
    const state = this.state;
    if (state) this.#set({ ...state, projects: { ...state.projects, [project.id]: { ...state.projects[project.id], ...project } } });
    return project;
  }

  putMember(member: Member): Member {
    const state = this.state;
    if (state) this.#set({ ...state, members: { ...state.members, [member.userId]: { ...state.members[member.userId], ...member } } });
    return member;
  }

  announceConflict(operation: Operation): void {
    if (!operation.conflict || operation.kind !== 'task.update') return;
    const { id, taskId, taskKey, conflict: fields } = operation;
    this.#runtime.emit({ kind: 'conflict', conflict: { id, taskId, taskKey, fields } });
  }

  #operations(): TaskOperation[] {
    return this.#runtime.outbox.shown.filter((each): each is TaskOperation => isTaskOperation(each) && each.workspaceId === this.id);
  }

  #set(state: WorkspaceState): void {
    if (state === this.state) return;
    this.#runtime.queries.setQueryData(keys.state(this.id), state);
    this.#kept.changed();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
