import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { event, ScriptedTransport, welcome, WORKSPACE } from '../testing/scriptedTransport';
import { createRealtimeClient } from './client';
import type { Signals } from './environment';
import { RealtimeDenied, type RealtimeClient, type RealtimeOptions } from './options';
import type { FeedPage, WorkspaceEvent } from './protocol';

const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

function setUp(overrides: Partial<RealtimeOptions> = {}) {
  const transports = { ws: new ScriptedTransport('ws'), sse: new ScriptedTransport('sse'), poll: new ScriptedTransport('poll') };
  const seen: number[] = [];
  const states: string[] = [];
  let wake: (reason: 'online' | 'offline' | 'visible' | 'pageshow') => void = () => {};
  const page = { visible: true, online: true };
  const signals: Signals = {
    visible: () => page.visible,
    online: () => page.online,
    onWake: (handler) => {
      wake = handler;
      return () => {};
    },
  };
  const notifications: string[] = [];
  const client = createRealtimeClient({
    workspaceId: WORKSPACE,
    position: { seq: 10, epoch: 'e1' },
    credentials: vi.fn(async () => ({ token: 't', url: 'http://push' })),
    loadSnapshot: vi.fn(async () => ({ seq: 100, epoch: 'e1' })),
    listener: {
      events: (events: WorkspaceEvent[]) => seen.push(...events.map((each) => each.seq)),
      state: ({ status }) => states.at(-1) !== status && states.push(status),
      notification: ({ id }) => notifications.push(id),
    },
    transports: [transports.ws, transports.sse, transports.poll],
    signals,
    random: () => 0.5,
    ...overrides,
  });
  return { client, transports, seen, states, notifications, page, wake: (reason: Parameters<typeof wake>[0]) => wake(reason) };
}

describe('the real-time client', () => {
  let stop: RealtimeClient | undefined;
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    stop?.stop();
    vi.useRealTimers();
  });

  async function live(overrides: Partial<RealtimeOptions> = {}) {
    const all = setUp(overrides);
    stop = all.client;
    all.client.start();
    await tick();
    all.transports.ws.last.receive(welcome(10));
    return all;
  }

  it('is live with the first frame and asks for what follows its position', async () => {
    const { client, transports, states } = await live();
    expect(transports.ws.last.context.position()).toEqual({ seq: 10, epoch: 'e1' });
    expect(states).toEqual(['live']);
    expect(client.state.transport).toBe('ws');
  });

  it('hands out events and batches once, in order', async () => {
    const { transports, seen } = await live();
    transports.ws.last.receive(event(11), event(11), { type: 'batch', events: [event(12), event(13)] }, event(12));
    expect(seen).toEqual([11, 12, 13]);
  });

  it('reconnects behind the last event, after a jittered pause from the first time on', async () => {
    const { transports, seen, states } = await live();
    transports.ws.last.receive(event(11));
    await tick(6_000);
    transports.ws.last.end();
    expect(states.at(-1)).toBe('reconnecting');
    await tick(900);
    expect(transports.ws.connections).toHaveLength(1);
    await tick(200);
    expect(transports.ws.connections).toHaveLength(2);
    expect(transports.ws.last.after).toBe(11);
    transports.ws.last.receive(welcome(12, { resume: 'replay' }), event(12));
    expect(states.at(-1)).toBe('live');
    expect(seen).toEqual([11, 12]);
  });

  it('is lost after three failed attempts, goes on trying, and connects at once when asked to', async () => {
    const { client, transports, states, page } = await live();
    await tick(6_000);
    page.online = false;
    transports.ws.onOpen = (connection) => connection.end();
    transports.ws.last.end();
    await tick(20_000);
    expect(states).toEqual(['live', 'reconnecting', 'lost']);
    expect(client.state.failedAttempts).toBeGreaterThanOrEqual(3);
    transports.ws.onOpen = (connection) => connection.receive(welcome(10));
    client.retry();
    await tick();
    expect(states.at(-1)).toBe('live');
    expect(client.state.failedAttempts).toBe(0);
  });

  it('fills a hole from the feed', async () => {
    const feed = vi.fn(async (after: number): Promise<FeedPage> => {
      return { events: [event(after + 1), event(after + 2)], head: 13, epoch: 'e1', hasMore: false, reset: false };
    });
    const { transports, seen } = await live({ feed });
    transports.ws.last.receive(event(13));
    await tick();
    expect(feed).toHaveBeenCalledExactlyOnceWith(10, 1000);
    expect(seen).toEqual([11, 12, 13]);
  });

  it('reconnects when a hole cannot be filled', async () => {
    const { transports, seen, client } = await live({ feed: async () => Promise.reject(new Error('down')) });
    transports.ws.last.receive(event(12));
    await tick(1_500);
    expect(transports.ws.connections).toHaveLength(2);
    expect(transports.ws.last.after).toBe(10);
    transports.ws.last.receive(welcome(12, { resume: 'replay' }), event(11));
    expect(seen).toEqual([11, 12]);
    expect(client.state.status).toBe('live');
  });

  it('loads the snapshot on reset and goes on from its head with what arrived meanwhile', async () => {
    let loaded: (position: { seq: number; epoch: string }) => void = () => {};
    const { transports, seen, client } = await live({ loadSnapshot: () => new Promise((resolve) => (loaded = resolve)) });
    transports.ws.last.receive({ type: 'reset', reason: 'slow' }, event(501), event(502), event(503));
    expect(client.state.status).toBe('reconnecting');
    expect(client.position).toBeNull();
    loaded({ seq: 502, epoch: 'e1' });
    await tick();
    expect(seen).toEqual([503]);
    expect(client.state.status).toBe('live');
    expect(client.position).toEqual({ seq: 503, epoch: 'e1' });
  });

  it('treats another epoch as a reset whatever the welcome says, and keeps trying to load', async () => {
    const loadSnapshot = vi.fn().mockRejectedValueOnce(new Error('503')).mockResolvedValue({ seq: 3, epoch: 'e2' });
    const { transports, seen, client } = setUp({ loadSnapshot });
    stop = client;
    client.start();
    await tick();
    transports.ws.last.receive(welcome(3, { epoch: 'e2' }), event(4));
    await tick(5_000);
    expect(loadSnapshot).toHaveBeenCalledTimes(2);
    expect(seen).toEqual([4]);
    expect(client.position).toEqual({ seq: 4, epoch: 'e2' });
  });

  it('reads the feed when heartbeats show that it is behind, and reconnects when that happens again', async () => {
    const page = (after: number): FeedPage => ({ events: [event(after + 1)], head: after + 1, epoch: 'e1', hasMore: false, reset: false });
    const feed = vi.fn(async (after: number) => page(after));
    const { transports, seen } = await live({ feed });
    transports.ws.last.receive({ type: 'heartbeat', head: 11 });
    await tick(3_100);
    expect(seen).toEqual([11]);
    transports.ws.last.receive({ type: 'heartbeat', head: 12 });
    await tick(3_100);
    expect(transports.ws.last.isClosed).toBe(true);
  });

  it('gives up a connection that has gone silent', async () => {
    const { transports, states } = await live();
    await tick(34_000);
    expect(states.at(-1)).toBe('live');
    await tick(2_000);
    expect(transports.ws.connections[0]!.isClosed).toBe(true);
    expect(states.at(-1)).toBe('reconnecting');
  });

  it('asks for a sign of life when the page wakes up, and reconnects without one', async () => {
    const { transports, wake } = await live();
    wake('visible');
    expect(transports.ws.last.sent).toEqual([{ type: 'ping', ref: 'p1' }]);
    await tick(1_000);
    transports.ws.last.receive({ type: 'pong', ref: 'p1' });
    await tick(4_000);
    expect(transports.ws.last.isClosed).toBe(false);
    wake('pageshow');
    await tick(4_100);
    expect(transports.ws.connections[0]!.isClosed).toBe(true);
  });

  it('pings less often while the page is hidden', async () => {
    const { transports, page } = await live({ tuning: { presence: 1e9 } });
    const beat = setInterval(() => transports.ws.last.receive({ type: 'heartbeat', head: 10 }), 15_000);
    await tick(100_000);
    const visible = transports.ws.last.sent.length;
    page.visible = false;
    await tick(100_000);
    clearInterval(beat);
    expect(visible).toBe(5);
    expect(transports.ws.last.sent.length - visible).toBeLessThanOrEqual(3);
  });

  it('does not wait when the network is back', async () => {
    const { transports, wake, page } = await live();
    await tick(6_000);
    page.online = false;
    transports.ws.onOpen = (connection) => connection.end();
    transports.ws.last.end();
    await tick(30_000);
    const before = transports.ws.connections.length;
    page.online = true;
    wake('online');
    await tick();
    expect(transports.ws.connections).toHaveLength(before + 1);
  });

  it('shows a new token before the old one ends its session', async () => {
    const credentials = vi.fn(async ({ purpose }: { purpose: string }) => ({ token: purpose, url: 'http://push' }));
    const { transports } = await live({ credentials });
    const beat = setInterval(() => transports.ws.last.receive({ type: 'heartbeat', head: 10 }), 15_000);
    await tick(601_000);
    clearInterval(beat);
    expect(transports.ws.last.sent).toContainEqual({ type: 'auth', token: 'renew' });
  });

  it('falls back when no first frame comes, then when a fallback fails too, and climbs back up', async () => {
    const { client, transports, seen } = setUp();
    stop = client;
    client.start();
    await tick(8_100);
    await tick(1_100);
    expect(transports.sse.connections).toHaveLength(1);
    await tick(8_100);
    await tick(2_100);
    expect(transports.poll.connections).toHaveLength(1);
    const poll = transports.poll.last;
    poll.receive(welcome(10, { epoch: null }), event(11));
    expect(client.state.transport).toBe('poll');
    await tick(5_100);
    expect(transports.ws.connections).toHaveLength(2);
    transports.ws.last.receive(welcome(12, { resume: 'replay' }), event(11), event(12));
    expect(client.state.transport).toBe('ws');
    expect(poll.isClosed).toBe(true);
    expect(seen).toEqual([11, 12]);
  });

  it('stays on a working fallback while the better transport keeps failing, asking ever more rarely', async () => {
    const { client, transports, states } = setUp();
    stop = client;
    transports.ws.onOpen = (connection) => connection.end();
    transports.sse.onOpen = (connection) => connection.receive(welcome(10));
    client.start();
    const beat = setInterval(() => transports.sse.last.receive({ type: 'heartbeat', head: 10 }), 15_000);
    await tick(600_000);
    clearInterval(beat);
    expect(client.state).toMatchObject({ status: 'live', transport: 'sse' });
    expect(states).not.toContain('lost');
    expect(transports.sse.connections).toHaveLength(1);
    expect(transports.ws.connections.length).toBeLessThan(12);
  });

  it('looks for the better transport soon again when the network is another one', async () => {
    const { client, transports, wake } = setUp();
    stop = client;
    transports.ws.onOpen = (connection) => connection.end();
    transports.sse.onOpen = (connection) => connection.receive(welcome(10));
    client.start();
    const beat = setInterval(() => transports.sse.last.receive({ type: 'heartbeat', head: 10 }), 15_000);
    await tick(400_000);
    const before = transports.ws.connections.length;
    transports.ws.onOpen = (connection) => connection.receive(welcome(10));
    wake('online');
    transports.sse.last.receive({ type: 'pong' });
    await tick(5_100);
    clearInterval(beat);
    expect(transports.ws.connections).toHaveLength(before + 1);
    expect(client.state).toMatchObject({ status: 'live', transport: 'ws' });
  });

  it('does not blame the transport for what the server says or while offline', async () => {
    const { client, transports, page } = setUp();
    stop = client;
    transports.ws.onOpen = (connection) => connection.end({ code: 1001 });
    client.start();
    await tick(60_000);
    page.online = false;
    transports.ws.onOpen = (connection) => connection.end();
    await tick(120_000);
    expect(transports.sse.connections).toHaveLength(0);
  });

  it('leaves a draining instance at the time it was given, without a gap in between', async () => {
    const { transports, states, seen } = await live();
    transports.ws.last.receive({ type: 'goaway', retryAfterMs: 7_000 });
    await tick(6_900);
    expect(transports.ws.connections).toHaveLength(1);
    await tick(200);
    const [old, next] = transports.ws.connections;
    old!.receive(event(11));
    next!.receive(welcome(11, { resume: 'replay' }), event(11), event(12));
    expect(old!.isClosed).toBe(true);
    expect(seen).toEqual([11, 12]);
    expect(states).toEqual(['live']);
  });

  it('keeps to the given time when the draining instance closes first', async () => {
    const { transports } = await live();
    transports.ws.last.receive({ type: 'goaway', retryAfterMs: 7_000 });
    transports.ws.last.end({ code: 1001 });
    await tick(6_900);
    expect(transports.ws.connections).toHaveLength(1);
    await tick(200);
    expect(transports.ws.connections).toHaveLength(2);
  });

  it('comes back at once with a new token after 4401, but not in a loop', async () => {
    const credentials = vi.fn(async () => ({ token: 't', url: 'http://push' }));
    const { transports } = await live({ credentials });
    transports.ws.last.end({ code: 4401 });
    await tick();
    expect(credentials).toHaveBeenLastCalledWith({ transport: 'ws', purpose: 'open', refused: true });
    expect(transports.ws.connections).toHaveLength(2);
    transports.ws.last.end({ code: 4401 });
    await tick(500);
    expect(transports.ws.connections).toHaveLength(2);
  });

  it('closes for good on 4403 and when credentials are denied', async () => {
    const { transports, client } = await live();
    transports.ws.last.end({ code: 4403 });
    await tick(600_000);
    expect(client.state).toMatchObject({ status: 'closed', reason: 'forbidden' });
    expect(transports.ws.connections).toHaveLength(1);

    const denied = setUp({ credentials: async () => Promise.reject(new RealtimeDenied('signed-out')) });
    denied.client.start();
    await tick();
    expect(denied.client.state).toMatchObject({ status: 'closed', reason: 'signed-out' });
  });

  it('waits longer after 4429 and as long as Retry-After says', async () => {
    const { transports } = await live();
    transports.ws.last.end({ code: 4429 });
    await tick(4_900);
    expect(transports.ws.connections).toHaveLength(1);
    await tick(2_000);
    expect(transports.ws.connections).toHaveLength(2);
    transports.ws.last.end({ code: 1001, retryAfterMs: 20_000 });
    await tick(19_900);
    expect(transports.ws.connections).toHaveLength(2);
    await tick(3_000);
    expect(transports.ws.connections).toHaveLength(3);
  });

  it('says again on every connection which tasks it is on', async () => {
    const { client, transports } = await live();
    client.join('t1');
    client.join('t1');
    client.leave('t1');
    client.typing('t1', true);
    client.typing('t1', true);
    expect(transports.ws.last.sent).toEqual([
      { type: 'presence.join', taskId: 't1' },
      { type: 'presence.typing', taskId: 't1', typing: true },
    ]);
    await tick(6_100);
    expect(transports.ws.last.sent.at(-1)).toEqual({ type: 'presence.typing', taskId: 't1', typing: false });
    transports.ws.last.end();
    await tick(1_100);
    transports.ws.last.receive(welcome(10));
    expect(transports.ws.last.sent).toEqual([{ type: 'presence.join', taskId: 't1' }]);
    client.leave('t1');
    expect(transports.ws.last.sent.at(-1)).toEqual({ type: 'presence.leave', taskId: 't1' });
  });

  it('hands out a notification once, even when two connections bring it', async () => {
    const { transports, notifications } = await live();
    const frame = { type: 'notification' as const, notification: { id: 'n1' } };
    transports.ws.last.receive(frame, frame);
    expect(notifications).toEqual(['n1']);
  });

  it('leaves no timer behind when stopped', async () => {
    const { client } = await live();
    client.join('t1');
    client.typing('t1', true);
    client.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
