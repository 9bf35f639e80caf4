import { ApiError } from '../api/errors';
import { withLock } from '../api/locks';
import type { Task } from '../api/models';
import { backoffDelay } from '../realtime/backoff';
import { KeptOperations } from './keptOperations';
import { aged, conflictOf, isLocalId, localIdOf, renamed, stuckTasks, type Operation } from './operations';
import type { KeyValueStore } from './store';
import type { Outcome } from './types';

/** A request that the server fails over and over is given up, or it would block all others for ever. */
const MAX_FAILURES = 8;

export interface OutboxOptions {
  store: KeyValueStore;
  /** Sends one operation; rejects with an ApiError. */
  send(operation: Operation): Promise<unknown>;
  /** Called in every tab, once per operation that is done with. `mine`: this tab made it, or sent it for a visit that is over. */
  onSettled(operation: Operation, outcome: Outcome<unknown>, mine: boolean): void;
  onConflict(operation: Operation): void;
  /** What is to be shown has changed. */
  onChange(changed: readonly Operation[]): void;
  channel?: BroadcastChannel | null;
  random?: () => number;
}

type Message =
  | { type: 'put'; operation: Operation }
  | { type: 'settled'; operation: Operation; outcome: Outcome<unknown> };

/**
 * The person's changes on their way to the server: kept over a reload, sent one after the other in the order they were made, by one tab
 * at a time, each under its own idempotency key, so that sending one twice is harmless. What was made offline is sent on condition that
 * nobody else changed the same meanwhile.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #random: () => number;
  readonly #kept: KeptOperations;
  readonly #waiting = new Map<string, (outcome: Outcome<unknown>) => void>();
  /** Made by an earlier visit: whoever made them does not wait for their outcome any more. */
  readonly #leftBehind = new Set<string>();
  readonly #confirmed = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #userId: string | null = null;
  #operations: readonly Operation[] = [];
  #shown: readonly Operation[] = [];
  #draining: Promise<void> | null = null;
  #again = false;
  #sending: string | null = null;
  #backoff = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#kept = new KeptOperations(options.store);
    options.channel?.addEventListener('message', ({ data }: MessageEvent<Message>) => this.#heard(data));
  }

  /** What is to be laid over the server's state: all but those whose event has arrived. */
  get shown(): readonly Operation[] {
    return this.#shown;
  }

  /** How many wait because they could not be sent; not those that wait for the person. */
  get unsent(): number {
    const stuck = stuckTasks(this.#shown);
    const free = this.#shown.filter((operation) => !stuck.has(operation.taskId));
    return free.some((operation) => operation.deferred) ? free.length : 0;
  }

  /** How many wait for the person's word: those in conflict, and what was done to the same tasks after them. */
  get held(): number {
    const stuck = stuckTasks(this.#shown);
    return this.#shown.filter((operation) => stuck.has(operation.taskId)).length;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes over what this person left behind, here or in a tab that is gone. */
  async open(userId: string): Promise<void> {
    this.#userId = userId;
    const kept = await this.#kept.read(userId);
    if (this.#userId !== userId) return;
    const known = new Set(kept.map((operation) => operation.id));
    for (const id of known) if (!this.#waiting.has(id)) this.#leftBehind.add(id);
    this.#change([...kept, ...this.#operations.filter((operation) => operation.userId === userId && !known.has(operation.id))], kept);
    if (this.#operations.length > 0) this.wake();
  }

  /** What was not sent stays in the store for the same person's next sign-in. */
  close(): void {
    this.#userId = null;
    clearTimeout(this.#retry);
    for (const settle of this.#waiting.values()) settle({ status: 'cancelled' });
    this.#waiting.clear();
    this.#leftBehind.clear();
    this.#change([], []);
  }

  add(operation: Operation): Promise<Outcome<unknown>> {
    const stuck = stuckTasks(this.#operations);
    const isBlocked = stuck.has(operation.taskId) || this.#operations.some((each) => each.deferred && !stuck.has(each.taskId));
    const added = isBlocked ? { ...operation, deferred: true } : operation;
    this.#change([...this.#operations, added], [added]);
    this.#tell({ type: 'put', operation: added });
    void this.#keep((kept) => [...kept, added]).then(() => this.#drain());
    return new Promise((resolve) => this.#waiting.set(operation.id, resolve));
  }

  /** Takes back what has not been tried yet; false when it is too late for that. */
  cancel(id: string): boolean {
    const operation = this.#operations.find((each) => each.id === id);
    if (!operation || (!operation.deferred && !operation.conflict) || this.#failures.has(id) || this.#sending === id) return false;
    void this.#keep((kept) => kept.filter((each) => each.id !== id));
    this.#settle(operation, { status: 'cancelled' });
    return true;
  }

  /** The operation's own event has arrived: the server's state holds it now, whatever becomes of the answer. */
  confirm(id: string): Operation | undefined {
    const operation = this.#operations.find((each) => each.id === id);
    if (!operation) return undefined;
    this.#confirmed.add(id);
    this.#change(this.#operations, []);
    return operation;
  }

  /** The person has decided about a conflict. */
  resolve(id: string, keepMine: boolean): void {
    const operation = this.#operations.find((each) => each.id === id);
    if (!operation?.conflict) return;
    if (keepMine) {
      this.#put({ ...operation, conflict: undefined, ...(operation.kind === 'task.update' && { overwrite: true }) } as Operation).then(() => this.#drain());
    } else {
      void this.#keep((kept) => kept.filter((each) => each.id !== id));
      this.#settle(operation, { status: 'cancelled' });
    }
  }

  /** Something happened after which sending may work again. */
  wake(): void {
    this.#backoff = 0;
    void this.#drain();
  }

  #drain(): Promise<void> {
    clearTimeout(this.#retry);
    this.#again = true;
    this.#draining ??= (async () => {
      try {
        while (this.#again && this.#userId !== null) {
          this.#again = false;
          const userId = this.#userId;
          await withLock(`taskflow.outbox.${userId}`, () => this.#sendAll(userId));
        }
      } finally {
        this.#draining = null;
      }
    })();
    return this.#draining;
  }

  /** Reads the store anew before each one: other tabs add to it. */
  async #sendAll(userId: string): Promise<void> {
    while (this.#userId === userId) {
      const kept = await this.#kept.read(userId);
      const stuck = stuckTasks(kept);
      const next = kept.find((each) => !stuck.has(each.taskId));
      if (!next || !(await this.#sendOne(next))) return;
    }
  }

  /** False when sending is to stop for now. */
  async #sendOne(kept: Operation): Promise<boolean> {
    const operation = aged(kept, Date.now());
    try {
      this.#sending = operation.id;
      const value = await this.#options.send(operation);
      await this.#done(operation, value);
      this.#backoff = 0;
      return true;
    } catch (error) {
      const failure = error instanceof ApiError ? error : new ApiError({ code: 'network', message: String(error) });
      return this.#failed(operation, failure);
    } finally {
      this.#sending = null;
    }
  }

  async #done(operation: Operation, value: unknown): Promise<void> {
    const newId = operation.kind === 'task.create' || operation.kind === 'comment.create' ? (value as { id: string }).id : null;
    await this.#keep((kept) =>
      kept.filter((each) => each.id !== operation.id).map((each) => (newId === null ? each : renamed(each, localIdOf(operation.id), newId))),
    );
    this.#settleEverywhere(operation, { status: 'done', value });
  }

  async #failed(operation: Operation, error: ApiError): Promise<boolean> {
    const failures = (this.#failures.get(operation.id) ?? 0) + 1;
    if (error.code === 'unauthorized') return false;
    if (error.code === 'not_found' && (operation.kind === 'task.delete' || operation.kind === 'comment.delete')) {
      await this.#done(operation, undefined);
      return true;
    }
    if (error.code === 'version_mismatch' && operation.kind === 'task.update') {
      const fields = error.current ? conflictOf(operation, error.current as Task) : [];
      await this.#put(fields.length > 0 ? { ...operation, conflict: fields } : { ...operation, overwrite: true });
      if (fields.length > 0) this.#options.onConflict({ ...operation, conflict: fields });
      return true;
    }
    // While the first try of the same change still runs, the second is a conflict with it.
    const isOwnEcho = error.code === 'conflict' && this.#failures.has(operation.id);
    if ((error.isRetryable && (error.status !== 500 || failures < MAX_FAILURES)) || (isOwnEcho && failures < MAX_FAILURES)) {
      this.#failures.set(operation.id, failures);
      // What was made after it was made without a connection too, however young it is when there is one again.
      await this.#put(...this.#operations.filter((each) => !each.deferred).map((each) => ({ ...each, deferred: true })));
      const delay = Math.max(error.retryAfterMs ?? 0, 500 + backoffDelay(this.#backoff++, this.#random, 1_000, 30_000));
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => void this.#drain(), delay);
      return false;
    }
    await this.#refused(operation, error);
    return true;
  }

  /** Whatever was built on a task that will never exist goes with it. */
  async #refused(operation: Operation, error: ApiError): Promise<void> {
    const localId = localIdOf(operation.id);
    const isLost = (each: Operation) => each.id === operation.id || each.taskId === localId;
    const lost: Operation[] = [];
    await this.#keep((kept) => {
      lost.push(...kept.filter(isLost));
      return kept.filter((each) => !isLost(each));
    });
    for (const each of lost) this.#settleEverywhere(each, { status: 'refused', error });
  }

  #settleEverywhere(operation: Operation, outcome: Outcome<unknown>): void {
    this.#settle(operation, outcome, this.#leftBehind.has(operation.id));
    // Errors lose their class on the way; what the other tabs need is the outcome and its value.
    this.#tell({ type: 'settled', operation, outcome: outcome.status === 'refused' ? { ...outcome, error: new Error(outcome.error.message) } : outcome });
  }

  #settle(operation: Operation, outcome: Outcome<unknown>, isAdopted = false): void {
    this.#failures.delete(operation.id);
    this.#leftBehind.delete(operation.id);
    const value = outcome.status === 'done' ? (outcome.value as { id?: string } | undefined) : undefined;
    const isMine = isAdopted || this.#waiting.has(operation.id);
    this.#options.onSettled(operation, outcome, isMine);
    this.#confirmed.delete(operation.id);
    const rest = this.#operations.filter((each) => each.id !== operation.id);
    const localId = localIdOf(operation.id);
    this.#change(value?.id && isLocalId(localId) ? rest.map((each) => renamed(each, localId, value.id!)) : rest, [operation]);
    this.#waiting.get(operation.id)?.(outcome);
    this.#waiting.delete(operation.id);
  }

  #heard(message: Message): void {
    if (message.operation.userId !== this.#userId) return;
    if (message.type === 'settled') {
      this.#settle(message.operation, message.outcome);
      return;
    }
    const { operation } = message;
    const isKnown = this.#operations.some((each) => each.id === operation.id);
    this.#change(isKnown ? this.#operations.map((each) => (each.id === operation.id ? operation : each)) : [...this.#operations, operation], [operation]);
  }

  async #put(...changed: readonly Operation[]): Promise<void> {
    if (changed.length === 0) return;
    const byId = new Map(changed.map((each) => [each.id, each]));
    const put = (each: Operation) => byId.get(each.id) ?? each;
    this.#change(this.#operations.map(put), changed);
    for (const operation of changed) this.#tell({ type: 'put', operation });
    await this.#keep((kept) => kept.map(put));
  }

  #keep(change: (kept: Operation[]) => Operation[]): Promise<unknown> {
    return this.#userId === null ? Promise.resolve() : this.#kept.update(this.#userId, change);
  }

  #tell(message: Message): void {
    this.#options.channel?.postMessage(message);
  }

  #change(operations: readonly Operation[], changed: readonly Operation[]): void {
    const gone = this.#shown;
    this.#operations = operations;
    this.#shown = operations.filter((operation) => !this.#confirmed.has(operation.id));
    this.#options.onChange(changed.length > 0 ? changed : gone);
    for (const listener of this.#listeners) listener();
  }
}
