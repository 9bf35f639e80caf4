import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket as NodeWebSocket } from 'ws';
import {
  createRealtimeClient, pollTransport, RealtimeDenied, sseTransport, webSocketTransport, type FeedPage, type NotificationFrameBody, type RealtimeClient,
  type RealtimeState, type Transport, type TransportKind, type Viewer, type WorkspaceEvent,
} from '../src/realtime';

/** The client library against the running services; TASKFLOW_API says where the Api is, which says where Push is. */
const api = process.env.TASKFLOW_API ?? 'http://localhost:5080';
const DEADLINE = 60_000;

async function send<T>(method: string, path: string, token: string | null, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (token) headers.authorization = `Bearer ${token}`;
  const response = await fetch(api + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  if (response.status === 401) throw new RealtimeDenied('signed-out');
  if (response.status === 403 || response.status === 404) throw new RealtimeDenied('forbidden');
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

interface Person {
  id: string;
  name: string;
  email: string;
  token: string;
}

async function register(name: string): Promise<Person> {
  const email = `${name.toLowerCase()}-${crypto.randomUUID()}@example.com`;
  const answer = await send<{ user: { id: string }; accessToken: string }>('POST', '/api/auth/register', null, { name, email, password: 'correct horse 1' });
  return { id: answer.user.id, name, email, token: answer.accessToken };
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const end = Date.now() + DEADLINE;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${DEADLINE / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Sockets as the transports open them, so that a test can cut one. */
const sockets: NodeWebSocket[] = [];

const transports: Record<TransportKind, () => Transport> = {
  ws: () =>
    webSocketTransport((url) => {
      const socket = new NodeWebSocket(url);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    }),
  sse: () => sseTransport(),
  poll: () => pollTransport(),
};

class Follower {
  readonly seqs: number[] = [];
  readonly states: RealtimeState[] = [];
  readonly presence = new Map<string, Viewer[]>();
  readonly notifications: NotificationFrameBody[] = [];
  readonly client: RealtimeClient;

  constructor(person: Person, workspace: string, after: number, epoch: string | null, ...kinds: TransportKind[]) {
    this.client = createRealtimeClient({
      workspaceId: workspace,
      position: { seq: after, epoch },
      async credentials({ transport }) {
        const answer = await send<{ token: string; url: string }>('POST', `/api/workspaces/${workspace}/realtime-token`, person.token, {});
        return { url: answer.url, token: transport === 'ws' ? answer.token : person.token };
      },
      loadSnapshot: async () => {
        const snapshot = await send<{ head: number; epoch: string }>('GET', `/api/workspaces/${workspace}/snapshot`, person.token);
        return { seq: snapshot.head, epoch: snapshot.epoch };
      },
      feed: (from, limit) => send<FeedPage>('GET', `/api/workspaces/${workspace}/events?after=${from}&limit=${limit}`, person.token),
      listener: {
        events: (events: WorkspaceEvent[]) => this.seqs.push(...events.map((event) => event.seq)),
        state: (state) => this.states.push(state),
        presence: (taskId, viewers) => this.presence.set(taskId, viewers),
        notification: (notification) => this.notifications.push(notification),
      },
      transports: kinds.map((kind) => transports[kind]()),
      tuning: { backoffBase: 200 },
    });
    this.client.start();
  }

  live = () => until('live', () => this.client.state.status === 'live');
}

describe('the client library and the running services', () => {
  let ann: Person;
  let bob: Person;
  let workspace = '';
  let project = '';
  const followers: Follower[] = [];

  const follow = (person: Person, after: number, ...kinds: TransportKind[]) => {
    const follower = new Follower(person, workspace, after, null, ...kinds);
    followers.push(follower);
    return follower;
  };
  const createTask = (title: string) => send<{ id: string }>('POST', `/api/workspaces/${workspace}/projects/${project}/tasks`, ann.token, { title });
  const head = async () => (await send<{ head: number }>('GET', `/api/workspaces/${workspace}`, ann.token)).head;
  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

  beforeAll(async () => {
    [ann, bob] = [await register('Ann'), await register('Bob')];
    workspace = (await send<{ id: string }>('POST', '/api/workspaces', ann.token, { name: 'Contract' })).id;
    await send('POST', `/api/workspaces/${workspace}/members`, ann.token, { email: bob.email, role: 'member' });
    project = (await send<{ id: string }>('POST', `/api/workspaces/${workspace}/projects`, ann.token, { name: 'Web', key: 'WEB' })).id;
  }, DEADLINE);

  afterAll(() => followers.forEach(({ client }) => client.stop()));

  it.each(['ws', 'sse', 'poll'] as const)('hands out every event once and in order over %s, from the first one on', async (kind) => {
    const follower = follow(bob, 0, kind);
    await follower.live();
    expect(follower.client.state.transport).toBe(kind);
    await Promise.all(upTo(12).map((number) => createTask(`${kind} ${number}`)));
    const last = await head();
    await until(`event ${last} over ${kind}`, () => follower.seqs.at(-1) === last);
    expect(follower.seqs).toEqual(upTo(last));
    follower.client.stop();
  }, 3 * DEADLINE);

  it('misses nothing when its socket is cut while events arrive', async () => {
    const follower = follow(bob, 0, 'ws');
    await follower.live();
    for (let round = 0; round < 3; round++) {
      const made = Promise.all(upTo(5).map((number) => createTask(`cut ${round}.${number}`)));
      sockets.at(-1)!.terminate();
      await made;
      await follower.live();
    }
    const last = await head();
    await until(`event ${last}`, () => follower.seqs.at(-1) === last);
    expect(follower.seqs).toEqual(upTo(last));
    expect(follower.states.some(({ status }) => status === 'reconnecting')).toBe(true);
    follower.client.stop();
  }, 3 * DEADLINE);

  it('falls back when WebSockets are refused', async () => {
    const refused: Transport = { kind: 'ws', open: (context) => (queueMicrotask(() => context.onEnd({ code: null })), { send() {}, close() {} }) };
    const follower = follow(bob, 0, 'ws', 'sse');
    follower.client.stop();
    const client = createRealtimeClient({
      workspaceId: workspace,
      position: { seq: 0, epoch: null },
      credentials: async () => ({
        token: bob.token,
        url: (await send<{ url: string }>('POST', `/api/workspaces/${workspace}/realtime-token`, bob.token, {})).url,
      }),
      loadSnapshot: () => Promise.reject(new Error('not expected')),
      listener: { events: () => {} },
      transports: [refused, sseTransport(), pollTransport()],
      tuning: { backoffBase: 100 },
    });
    client.start();
    await until('live over sse', () => client.state.status === 'live' && client.state.transport === 'sse');
    client.stop();
  }, 2 * DEADLINE);

  it.each(['ws', 'sse', 'poll'] as const)('shows over %s who is on a task and types, and that they left', async (kind) => {
    const task = (await createTask(`presence ${kind}`)).id;
    const [mine, theirs] = [follow(ann, await head(), 'ws'), follow(bob, await head(), kind)];
    await Promise.all([mine.live(), theirs.live()]);
    theirs.client.join(task);
    theirs.client.typing(task, true);
    const seen = () => mine.presence.get(task)?.find((viewer) => viewer.userId === bob.id);
    await until('typing', () => seen()?.typing === true);
    theirs.client.leave(task);
    await until('gone', () => seen() === undefined);
    mine.client.stop();
    theirs.client.stop();
  }, 2 * DEADLINE);

  it.each(['ws', 'sse', 'poll'] as const)('brings a person’s notification over %s', async (kind) => {
    const follower = follow(bob, await head(), kind);
    await follower.live();
    await send('POST', `/api/workspaces/${workspace}/projects/${project}/tasks`, ann.token, { title: `For Bob ${kind}`, assigneeId: bob.id });
    await until('the notification', () => follower.notifications.some((notification) => notification.kind === 'assigned'));
    follower.client.stop();
  }, 2 * DEADLINE);

  it.each(['ws', 'sse', 'poll'] as const)('closes over %s when its person is removed', async (kind) => {
    const guest = await register('Gus');
    await send('POST', `/api/workspaces/${workspace}/members`, ann.token, { email: guest.email, role: 'guest' });
    const follower = follow(guest, await head(), kind);
    await follower.live();
    await send('DELETE', `/api/workspaces/${workspace}/members/${guest.id}`, ann.token);
    await until('closed', () => follower.client.state.status === 'closed');
    expect(follower.client.state.reason).toBe('forbidden');
  }, 2 * DEADLINE);

  it('closes when its session is signed out', async () => {
    const guest = await register('Gil');
    await send('POST', `/api/workspaces/${workspace}/members`, ann.token, { email: guest.email, role: 'guest' });
    const follower = follow(guest, await head(), 'ws');
    await follower.live();
    await send('POST', '/api/auth/logout', guest.token, {});
    await until('closed', () => follower.client.state.status === 'closed');
    expect(follower.client.state.reason).toBe('signed-out');
  }, 2 * DEADLINE);
});
