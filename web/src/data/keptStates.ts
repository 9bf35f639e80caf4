import { keptOf, type KeptState, type WorkspaceState } from './state';
import type { KeyValueStore } from './store';

const SAVE_AFTER_MS = 3_000;
/** The newest of a person's workspaces stay; what is older than this is not worth painting. */
const MAX_KEPT = 5;
const MAX_AGE_MS = 14 * 24 * 3_600_000;

export function keptKey(userId: string): string {
  return `workspaces.${userId}`;
}

type Kept = Record<string, { savedAt: number; state: KeptState }>;

/** Keeps a workspace in the browser's store, so that the next visit paints at once and then only reads what it missed. */
export class KeptStates {
  readonly #store: KeyValueStore;
  readonly #key: string;
  readonly #workspaceId: string;
  readonly #current: () => WorkspaceState | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(store: KeyValueStore, userId: string, workspaceId: string, current: () => WorkspaceState | undefined) {
    this.#store = store;
    this.#key = keptKey(userId);
    this.#workspaceId = workspaceId;
    this.#current = current;
    if (typeof document !== 'undefined') document.addEventListener('visibilitychange', this.#onHidden);
  }

  async load(): Promise<KeptState | null> {
    const kept = (await this.#store.get<Kept>(this.#key))?.[this.#workspaceId];
    return kept && Date.now() - kept.savedAt < MAX_AGE_MS ? kept.state : null;
  }

  changed(): void {
    this.#timer ??= setTimeout(() => this.#save(), SAVE_AFTER_MS);
  }

  forget(): void {
    this.stop();
    void this.#store.update<Kept>(this.#key, ({ [this.#workspaceId]: _, ...others } = {}) => others);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (typeof document !== 'undefined') document.removeEventListener('visibilitychange', this.#onHidden);
  }

  #onHidden = (): void => {
    if (document.visibilityState === 'hidden' && this.#timer !== undefined) this.#save();
  };

  #save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const state = this.#current();
    if (!state) return;
    const entry = { savedAt: Date.now(), state: keptOf(state) };
    void this.#store.update<Kept>(this.#key, (kept = {}) => {
      const others = Object.entries(kept).filter(([id]) => id !== this.#workspaceId);
      const newest = others.sort(([, a], [, b]) => b.savedAt - a.savedAt).slice(0, MAX_KEPT - 1);
      return Object.fromEntries([...newest, [this.#workspaceId, entry]]);
    });
  }
}
