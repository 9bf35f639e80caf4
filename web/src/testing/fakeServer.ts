import type { Comment, Member, Notification, Project, Task } from '../api/models';
import type { WorkspaceEvent } from '../realtime/protocol';

export const ME = { id: 'u-me', email: 'me@example.com', name: 'Mia' };
export const OTHER = { id: 'u-other', email: 'other@example.com', name: 'Otto' };
export const WS = 'w1';

interface Answer {
  status: number;
  body?: unknown;
}

interface FakeRequest {
  method: string;
  path: string;
  key: string | null;
  ifMatch: string | null;
  body?: Record<string, unknown>;
}

/**
 * A server in memory that keeps the rules the app relies on: one log, versions, If-Match, idempotency keys. Tests reach in to play the other
 * people, to break the network, and to hold answers back.
 */
export class FakeServer {
  epoch = 'e1';
  log: WorkspaceEvent[] = [];
  tasks = new Map<string, Task>();
  comments = new Map<string, Comment[]>();
  notifications: Notification[] = [];
  projects: Project[] = [{ id: 'p1', workspaceId: WS, name: 'Web', key: 'WEB', createdAt: '2026-01-01T00:00:00Z' }];
  members: Member[] = [
    { userId: ME.id, name: ME.name, email: ME.email, role: 'owner', joinedAt: '2026-01-01T00:00:00Z' },
    { userId: OTHER.id, name: OTHER.name, email: OTHER.email, role: 'member', joinedAt: '2026-01-01T00:00:00Z' },
  ];
  requests: FakeRequest[] = [];
  isDown = false;
  /** Answers the next matching request with this instead. */
  next: { path: RegExp; method?: string; answer: Answer } | null = null;
  /** Answers of matching requests wait for this. */
  gate: { path: RegExp; open: Promise<void> } | null = null;
  /** The answer is lost on its way, though the change is made. */
  loseNextAnswer = false;
  sockets = new Set<FakeSocket>();
  #kept = new Map<string, Answer>();
  #numbers = 0;

  fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input), 'http://app');
    const headers = new Headers(init.headers);
    const request = {
      method: init.method ?? 'GET',
      path: url.pathname,
      key: headers.get('idempotency-key'),
      ifMatch: headers.get('if-match'),
      body: init.body ? (JSON.parse(String(init.body)) as Record<string, unknown>) : undefined,
    };
    if (this.isDown) throw new TypeError('fetch failed');
    this.requests.push(request);
    const planned = this.next && this.next.path.test(request.path) && (this.next.method ?? request.method) === request.method ? this.next.answer : null;
    if (planned) this.next = null;
    const answer = planned ?? this.#keyed(request.key && `${request.method} ${request.path} ${request.key}`, () => this.#answer(request, url));
    if (this.gate?.path.test(request.path)) await this.gate.open;
    if (this.loseNextAnswer) {
      this.loseNextAnswer = false;
      throw new TypeError('connection reset');
    }
    await Promise.resolve();
    return new Response(answer.body === undefined ? null : JSON.stringify(answer.body), { status: answer.status });
  };

  addTask(title: string, fields: Partial<Task> = {}, by = OTHER, mutationId: string | null = null): Task {
    const number = ++this.#numbers;
    const task: Task = {
      id: `t${number}`, key: `WEB-${number}`, number, workspaceId: WS, projectId: 'p1', title, description: '', status: 'todo', priority: 'none',
      assigneeId: null, labels: [], dueOn: null, position: `a${number.toString(36).padStart(4, '0')}`, version: 1, createdBy: by.id,
      createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z', ...fields,
    };
    this.tasks.set(task.id, task);
    this.#commit({ type: 'task.created', taskId: task.id, projectId: 'p1', version: 1, payload: { ...task } }, by, mutationId);
    return task;
  }

  change(id: string, fields: Partial<Task>, by = OTHER, mutationId: string | null = null): Task {
    const known = this.tasks.get(id)!;
    const task = { ...known, ...fields, version: known.version + 1 };
    this.tasks.set(id, task);
    this.#commit({ type: 'task.updated', taskId: id, projectId: 'p1', version: task.version, payload: { ...fields } }, by, mutationId);
    return task;
  }

  remove(id: string, by = OTHER): void {
    const known = this.tasks.get(id)!;
    this.tasks.delete(id);
    this.#commit({ type: 'task.deleted', taskId: id, projectId: 'p1', version: known.version + 1, payload: {} }, by, null);
  }

  comment(taskId: string, body: string, by = OTHER, mutationId: string | null = null): Comment {
    const at = new Date(1_760_000_000_000 + this.log.length).toISOString();
    const comment = { id: `c${this.log.length}`, taskId, body, authorId: by.id, authorName: by.name, createdAt: at, updatedAt: at };
    this.comments.set(taskId, [...(this.comments.get(taskId) ?? []), comment]);
    this.#commit({ type: 'comment.created', taskId, commentId: comment.id, payload: { ...comment } }, by, mutationId);
    return comment;
  }

  /** Breaks all connections, as a cut cable does. */
  disconnect(): void {
    for (const socket of this.sockets) socket.drop();
  }

  send(frame: unknown): void {
    for (const socket of this.sockets) socket.receive(frame);
  }

  #commit(event: Partial<WorkspaceEvent>, by: { id: string; name: string }, mutationId: string | null): void {
    const envelope = { workspaceId: WS, seq: this.log.length + 1, userId: by.id, userName: by.name, mutationId, timestamp: new Date().toISOString() };
    const full = { ...envelope, ...event } as WorkspaceEvent;
    this.log.push(full);
    this.send(full);
  }

  #keyed(key: string | null, make: () => Answer): Answer {
    const known = key === null ? undefined : this.#kept.get(key);
    if (known) return known;
    const answer = make();
    if (key !== null && answer.status < 400) this.#kept.set(key, answer);
    return answer;
  }

  #answer({ method, path, key, ifMatch, body }: FakeRequest, url: URL): Answer {
    const rest = path.split(`/api/workspaces/${WS}/`)[1] ?? path;
    const [, taskId, sub] = /^tasks\/([^/]+)(?:\/(\w+))?/.exec(rest) ?? [];
    if (rest === 'snapshot') return { status: 200, body: this.#snapshot() };
    if (rest === 'realtime-token') return { status: 200, body: { token: 'rt', expiresIn: 60, url: 'http://push' } };
    if (rest === 'events') return { status: 200, body: this.#feed(Number(url.searchParams.get('after'))) };
    if (path === '/api/notifications') return { status: 200, body: { data: this.notifications, nextCursor: null } };
    if (method === 'POST' && rest === 'projects/p1/tasks') return { status: 201, body: this.addTask(String(body!.title), body as Partial<Task>, ME, key) };
    if (taskId === undefined) return { status: 404, body: { code: 'not_found' } };
    const task = this.tasks.get(taskId);
    if (!task) return { status: 404, body: { code: 'not_found' } };
    if (sub === 'comments' && method === 'POST') return { status: 201, body: this.comment(taskId, String(body!.body), ME, key) };
    if (sub === 'activity') return { status: 200, body: { data: this.log.filter((event) => event.taskId === taskId).reverse(), nextCursor: null } };
    if (sub === 'comments') return { status: 200, body: { data: this.comments.get(taskId) ?? [], nextCursor: null } };
    if (method === 'DELETE') {
      this.remove(taskId, ME);
      return { status: 204 };
    }
    if (ifMatch !== null && ifMatch !== `"${task.version}"`) return { status: 412, body: { code: 'version_mismatch', current: task } };
    const { version: _, ...patch } = body as Partial<Task>;
    return { status: 200, body: this.change(taskId, patch, ME, key) };
  }

  #snapshot() {
    const workspace = { id: WS, name: 'Acme', role: this.members[0]!.role, head: this.log.length, createdAt: '2026-01-01T00:00:00Z' };
    return { workspace, members: this.members, projects: this.projects, tasks: [...this.tasks.values()], head: this.log.length, epoch: this.epoch };
  }

  #feed(after: number) {
    return { events: this.log.slice(after), head: this.log.length, epoch: this.epoch, hasMore: false, reset: false };
  }

  /** A stand-in for the browser's WebSocket, connected to this server. */
  get WebSocket(): typeof WebSocket {
    const server = this;
    return class extends FakeSocket {
      constructor(url: string) {
        super(server, new URL(url));
      }
    } as unknown as typeof WebSocket;
  }
}

class FakeSocket {
  readyState = 0;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  constructor(readonly server: FakeServer, url: URL) {
    queueMicrotask(() => {
      if (server.isDown) return this.drop();
      this.readyState = 1;
      server.sockets.add(this);
      const after = Number(url.searchParams.get('after'));
      const isReset = url.searchParams.get('epoch') !== server.epoch || after > server.log.length;
      const missed = isReset ? [] : server.log.slice(after);
      const resume = isReset ? 'reset' : missed.length > 0 ? 'replay' : 'live';
      this.receive({ type: 'welcome', workspaceId: WS, connectionId: 'c', head: server.log.length, epoch: server.epoch, resume, heartbeatSeconds: 15 });
      if (missed.length > 0) this.receive({ type: 'batch', events: missed });
    });
  }

  receive(frame: unknown): void {
    if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(frame) });
  }

  drop(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.server.sockets.delete(this);
    this.onclose?.({ code: 1006, reason: '' });
  }

  send(): void {}

  close(): void {
    this.readyState = 3;
    this.server.sockets.delete(this);
  }
}
