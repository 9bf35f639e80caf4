import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { event, ScriptedTransport, welcome, WORKSPACE, type ScriptedConnection } from '../testing/scriptedTransport';
import { createRealtimeClient } from './client';
import type { FeedPage, WorkspaceEvent } from './protocol';

/** What the network may do between two commits. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('commit' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('lose' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('double' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('swap' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('break' as const), code: fc.constantFrom(null, 1001, 1009, 4401, 4408, 4429) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('goaway' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reset' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('feedDown' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 20_000 }) }) },
);

const jitter = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));

/** A server with one log, behind a network that loses, doubles and reorders what it is told to. */
class Server {
  readonly log: WorkspaceEvent[] = [];
  isFeedDown = false;
  sabotage: 'lose' | 'double' | 'swap' | null = null;
  #open = new Set<ScriptedConnection>();

  accept(connection: ScriptedConnection): void {
    const after = connection.after ?? this.log.length;
    this.#open.add(connection);
    const missed = this.log.slice(after);
    connection.receive(welcome(this.log.length, { resume: missed.length ? 'replay' : 'live' }));
    if (missed.length) connection.receive({ type: 'batch', events: missed });
  }

  commit(count: number): void {
    const events = Array.from({ length: count }, () => {
      const next = event(this.log.length + 1);
      this.log.push(next);
      return next;
    });
    let frames = events;
    if (this.sabotage === 'lose') frames = events.slice(1);
    if (this.sabotage === 'double') frames = [...events, ...events];
    if (this.sabotage === 'swap') frames = [...events].reverse();
    this.sabotage = null;
    this.each((connection) => connection.receive(...frames));
  }

  heartbeat(): void {
    this.each((connection) => connection.receive({ type: 'heartbeat', head: this.log.length }));
  }

  each(action: (connection: ScriptedConnection) => void): void {
    for (const connection of this.#open) {
      if (connection.isClosed) this.#open.delete(connection);
      else action(connection);
    }
  }

  feed = async (after: number, limit: number): Promise<FeedPage> => {
    if (this.isFeedDown) throw new Error('down');
    const events = this.log.slice(after, after + Math.min(limit, 3));
    return { events, head: this.log.length, epoch: 'e1', hasMore: after + events.length < this.log.length, reset: false };
  };
}

describe('exactly once, in order', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('holds for whatever the network does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), jitter, async (steps, randoms) => {
        const server = new Server();
        const transport = new ScriptedTransport('ws');
        transport.onOpen = (connection) => server.accept(connection);
        // What the app has: a snapshot's past, then the events behind it.
        let state: number[] = [];
        const client = createRealtimeClient({
          workspaceId: WORKSPACE,
          position: { seq: 0, epoch: 'e1' },
          credentials: async () => ({ token: 't', url: 'http://push' }),
          loadSnapshot: async () => {
            state = server.log.map((each) => each.seq);
            return { seq: server.log.length, epoch: 'e1' };
          },
          feed: server.feed,
          listener: { events: (events) => void state.push(...events.map((each) => each.seq)) },
          transports: [transport],
          signals: { visible: () => true, online: () => true, onWake: () => () => {} },
          random: () => randoms.next().value ?? 0,
        });
        const beat = setInterval(() => server.heartbeat(), 15_000);
        client.start();
        await vi.advanceTimersByTimeAsync(0);
        for (const each of steps) {
          switch (each.kind) {
            case 'commit':
              server.commit(each.count);
              break;
            case 'lose':
            case 'double':
            case 'swap':
              server.sabotage = each.kind;
              break;
            case 'break':
              server.each((connection) => connection.end({ code: each.code }));
              break;
            case 'goaway':
              server.each((connection) => connection.receive({ type: 'goaway', retryAfterMs: 500 }));
              break;
            case 'reset':
              server.each((connection) => connection.receive({ type: 'reset', reason: 'slow' }));
              break;
            case 'feedDown':
              server.isFeedDown = !server.isFeedDown;
              break;
            case 'wait':
              await vi.advanceTimersByTimeAsync(each.ms);
              break;
          }
          await vi.advanceTimersByTimeAsync(1);
          // In between it may lag, but it never has a hole, a double or a wrong order.
          expect(state).toEqual(server.log.slice(0, state.length).map((one) => one.seq));
        }
        server.isFeedDown = false;
        await vi.advanceTimersByTimeAsync(120_000);
        clearInterval(beat);
        client.stop();
        expect(state).toEqual(server.log.map((one) => one.seq));
        expect(vi.getTimerCount()).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
