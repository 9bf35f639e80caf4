import type { Viewer } from './types';

const NOBODY: readonly Viewer[] = [];

/** Who is on which task. Outside the query cache, because it changes often, belongs to the connection and is worth nothing a minute later. */
export class PresenceStore {
  readonly #tasks = new Map<string, readonly Viewer[]>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #myId: string;

  constructor(myId: string) {
    this.#myId = myId;
  }

  /** The others on a task; the same array while nothing changes. */
  get(taskId: string): readonly Viewer[] {
    return this.#tasks.get(taskId) ?? NOBODY;
  }

  set(taskId: string, viewers: readonly Viewer[]): void {
    const others = viewers.filter((viewer) => viewer.userId !== this.#myId);
    const known = this.get(taskId);
    if (known.length === others.length && known.every((viewer, index) => isSame(viewer, others[index]!))) return;
    if (others.length > 0) this.#tasks.set(taskId, others);
    else this.#tasks.delete(taskId);
    this.#notify(taskId);
  }

  /** A new connection tells everything anew. */
  clear(): void {
    const ids = [...this.#tasks.keys()];
    this.#tasks.clear();
    for (const id of ids) this.#notify(id);
  }

  subscribe(taskId: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(taskId) ?? new Set();
    this.#listeners.set(taskId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(taskId);
    };
  }

  #notify(taskId: string): void {
    for (const listener of this.#listeners.get(taskId) ?? []) listener();
  }
}

function isSame(a: Viewer, b: Viewer): boolean {
  return a.userId === b.userId && a.name === b.name && a.typing === b.typing;
}
