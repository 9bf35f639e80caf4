// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Api } from '../api/client';
import { Http } from '../api/http';
import { SessionStore } from '../api/session';
import { FakeServer, ME, WS } from '../testing/fakeServer';
import { newId } from './ids';
import { outboxKey } from './keptOperations';
import { keptKey } from './keptStates';
import { DataRuntime } from './runtime';
import { memoryStore } from './store';
import { TaskActions } from './taskActions';

describe('opening a workspace', () => {
  const tick = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  const signIn = () => session.begin({ accessToken: 'a', expiresIn: 900, refreshToken: 'r' }, ME);
  let server: FakeServer;
  let session: SessionStore;
  let runtime: DataRuntime;
  let stop: () => void;

  beforeEach(() => {
    vi.useFakeTimers();
    localStorage.clear();
    sessionStorage.clear();
    server = new FakeServer();
    vi.stubGlobal('WebSocket', server.WebSocket);
    session = new SessionStore();
    signIn();
    runtime = new DataRuntime({ session, store: memoryStore(), api: new Api(session, new Http(session, '', server.fetch)) });
    stop = runtime.start();
  });
  afterEach(() => {
    session.end();
    stop();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  const titles = () => Object.values(runtime.workspace(WS).state!.tasks).map((task) => task.title);

  it('takes over what was begun before the page was drawn', async () => {
    server.addTask('One');
    runtime.prepare(WS);
    await tick(0);
    expect(titles()).toEqual(['One']);
    runtime.open(WS);
    await tick(100);
    expect(runtime.workspace(WS).connection.status).toBe('live');
    expect(server.requests.filter((each) => each.path.endsWith('/snapshot'))).toHaveLength(1);
  });

  it('does so too while it is still on its way', async () => {
    runtime.prepare(WS);
    runtime.open(WS);
    await tick(100);
    expect(runtime.workspace(WS).connection.status).toBe('live');
    expect(server.requests.filter((each) => each.path.endsWith('/snapshot'))).toHaveLength(1);
  });

  it('shows what waits to be sent, whenever the store tells of it', async () => {
    server.addTask('One');
    const { workspace, members, projects, tasks, head, epoch } = await runtime.api.snapshot(WS);
    for (let turns = 0; turns < 12; turns++) {
      const store = memoryStore();
      await store.set(keptKey(ME.id), { [WS]: { savedAt: Date.now(), state: { workspace, members, projects, tasks, head, epoch } } });
      await store.set(outboxKey(ME.id), [
        { id: newId(), userId: ME.id, workspaceId: WS, taskId: 't1', madeAt: Date.now(), deferred: true, kind: 'task.update', patch: { title: 'Mine' }, before: {}, taskKey: 'P-1' },
      ]);
      const get = async <T>(key: string) => {
        for (let turn = 0; key === outboxKey(ME.id) && turn < turns; turn++) await null;
        return store.get<T>(key);
      };
      const fetcher: typeof fetch = (input, init) => (init?.method === 'PATCH' ? Promise.reject(new TypeError()) : server.fetch(input, init));
      const another = new DataRuntime({ session, store: { ...store, get }, api: new Api(session, new Http(session, '', fetcher)) });
      const stopAnother = another.start();
      const { release } = another.open(WS);
      await tick(100);
      expect(Object.values(another.workspace(WS).state!.tasks).map((task) => task.title)).toEqual(['Mine']);
      release();
      stopAnother();
      another.outbox.close();
    }
  });

  it('begins nothing for somebody who is signed out', async () => {
    session.end();
    runtime.prepare(WS);
    await tick(100);
    expect(server.requests).toEqual([]);
  });

  it('keeps it open where it had been left by a sign-out just before', async () => {
    const first = runtime.open(WS);
    await tick(100);
    session.end();
    // The page lets go after the session has.
    first.release();
    signIn();
    const again = runtime.open(WS);
    await tick(6_000);
    expect(runtime.workspace(WS)).toBe(again.session);
    expect(again.session.connection.status).toBe('live');
  });

  it('shows nothing of changes that were settled since it was left', async () => {
    server.addTask('One');
    const first = runtime.open(WS);
    await tick(100);
    const actions = new TaskActions(runtime, first.session);
    server.isDown = true;
    server.disconnect();
    actions.update('t1', { title: 'Too long' });
    actions.create({ projectId: 'p1', title: 'New' });
    await tick(1_000);
    expect(titles()).toEqual(['Too long', 'New']);

    first.release();
    await tick(6_000);
    server.isDown = false;
    server.next = { path: /tasks\/t1$/, method: 'PATCH', answer: { status: 400, body: { code: 'validation_failed' } } };
    runtime.outbox.wake();
    await tick(100);
    expect(runtime.outbox.shown).toEqual([]);

    runtime.open(WS);
    await tick(0);
    expect(titles()).toContain('One');
    await tick(10_000);
    expect(titles()).toEqual(['One', 'New']);
  });
});
