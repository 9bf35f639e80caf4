import { createStore, del, get, set, update } from 'idb-keyval';

/** A small key-value store that outlives a reload. `update` is atomic across tabs. */
export interface KeyValueStore {
  get<T>(key: string): Promise<T | undefined>;
  set(key: string, value: unknown): Promise<void>;
  update<T>(key: string, change: (value: T | undefined) => T): Promise<T>;
  delete(key: string): Promise<void>;
}

/** IndexedDB; where the browser refuses it (some private windows do), memory has to do and nothing outlives a reload. */
export function browserStore(): KeyValueStore {
  const memory = memoryStore();
  if (typeof indexedDB === 'undefined') return memory;
  const database = createStore('taskflow', 'data');
  let isBroken = false;
  async function orMemory<T>(work: () => Promise<T>, instead: () => Promise<T>): Promise<T> {
    if (isBroken) return instead();
    try {
      return await work();
    } catch {
      isBroken = true;
      return instead();
    }
  }
  return {
    get: (key) => orMemory(() => get(key, database), () => memory.get(key)),
    set: (key, value) => orMemory(() => set(key, value, database), () => memory.set(key, value)),
    delete: (key) => orMemory(() => del(key, database), () => memory.delete(key)),
    async update<T>(key: string, change: (value: T | undefined) => T): Promise<T> {
      let result: T;
      const changed = (value: T | undefined) => (result = change(value));
      await orMemory(() => update<T>(key, changed, database), async () => void (await memory.update<T>(key, changed)));
      return result!;
    },
  };
}

export function memoryStore(): KeyValueStore {
  const values = new Map<string, unknown>();
  return {
    get: async <T>(key: string) => values.get(key) as T | undefined,
    set: async (key, value) => void values.set(key, structuredClone(value)),
    delete: async (key) => void values.delete(key),
    async update<T>(key: string, change: (value: T | undefined) => T): Promise<T> {
      const value = change(values.get(key) as T | undefined);
      values.set(key, structuredClone(value));
      return value;
    },
  };
}
