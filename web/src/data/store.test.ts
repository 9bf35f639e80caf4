import { IDBFactory } from 'fake-indexeddb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { browserStore } from './store';

describe('the browser’s store', () => {
  afterEach(() => void vi.unstubAllGlobals());

  it('keeps values over a reload, and applies changes of several tabs one after the other', async () => {
    vi.stubGlobal('indexedDB', new IDBFactory());
    const [one, two] = [browserStore(), browserStore()];
    const add = (store: typeof one, item: number) => store.update<number[]>('list', (list = []) => [...list, item]);
    await Promise.all([1, 2, 3, 4, 5, 6].map((item) => add(item % 2 ? one : two, item)));
    expect((await browserStore().get<number[]>('list'))?.sort()).toEqual([1, 2, 3, 4, 5, 6]);
    await one.delete('list');
    expect(await two.get('list')).toBeUndefined();
  });

  it('makes do with memory where the browser refuses', async () => {
    vi.stubGlobal('indexedDB', { open: () => { throw new DOMException('denied', 'SecurityError'); } });
    const store = browserStore();
    await store.set('key', 1);
    expect(await store.update<number>('key', (value = 0) => value + 1)).toBe(2);
    expect(await store.get('key')).toBe(2);
  });
});
