import type { Operation } from './operations';
import type { KeyValueStore } from './store';

export function outboxKey(userId: string): string {
  return `outbox.${userId}`;
}

/** A person's changes in the browser's store, in the order in which they were made. All tabs read and write the same list. */
export class KeptOperations {
  readonly #store: KeyValueStore;
  #writes: Promise<unknown> = Promise.resolve();

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  /** As of all that this tab has written. */
  async read(userId: string): Promise<Operation[]> {
    await this.#writes;
    return (await this.#store.get<Operation[]>(outboxKey(userId))) ?? [];
  }

  /** Writes of this tab take effect in the order in which they were asked for. */
  update(userId: string, change: (kept: Operation[]) => Operation[]): Promise<unknown> {
    this.#writes = this.#writes.then(() => this.#store.update<Operation[]>(outboxKey(userId), (kept) => change(kept ?? [])));
    return this.#writes;
  }
}
