// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Api } from '../api/client';
import { Http } from '../api/http';
import { SessionStore } from '../api/session';
import { FakeServer, ME, WS } from '../testing/fakeServer';
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
