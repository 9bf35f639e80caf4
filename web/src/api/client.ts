import type { FeedPage, WorkspaceEvent } from '@taskflow/realtime';
import { Http } from './http';
import type {
  Comment, Invitation, Member, NewTask, Notification, NotificationPreferences, Page, Project, Role, Snapshot, Task, TaskPatch, User, Workspace,
} from './models';
import type { SessionStore, TokenAnswer } from './session';

export interface Write {
  /** The id of the change: sent as Idempotency-Key. */
  key?: string;
  ifMatch?: number;
}

/** Every route of the HTTP API that the app uses, by name. */
export class Api {
  readonly #http: Http;
  readonly #session: SessionStore;

  constructor(session: SessionStore, http = new Http(session)) {
    this.#http = http;
    this.#session = session;
    session.connect((refreshToken) => http.send<TokenAnswer>('POST', '/api/auth/refresh', { body: { refreshToken }, anonymous: true }));
  }

  async register(input: { email: string; password: string; name: string }): Promise<User> {
    return this.#signIn(await this.#http.send<TokenAnswer & { user: User }>('POST', '/api/auth/register', { body: input, anonymous: true }));
  }

  async login(input: { email: string; password: string }): Promise<User> {
    return this.#signIn(await this.#http.send<TokenAnswer & { user: User }>('POST', '/api/auth/login', { body: input, anonymous: true }));
  }

  /** Signs out here whatever the server says: a session that cannot be reached ends with its tokens. */
  async logout(): Promise<void> {
    const refreshToken = this.#session.current?.refreshToken;
    try {
      if (refreshToken) await this.#http.send<void>('POST', '/api/auth/logout', { body: { refreshToken } });
    } catch {
      return;
    } finally {
      this.#session.end();
    }
  }

  #signIn(answer: TokenAnswer & { user: User }): User {
    this.#session.begin(answer, answer.user);
    return answer.user;
  }

  workspaces = (signal?: AbortSignal) => this.#all<Workspace>('/api/workspaces', signal);
  createWorkspace = (name: string, key: string) => this.#http.send<Workspace>('POST', '/api/workspaces', { body: { name }, idempotencyKey: key });
  renameWorkspace = (ws: string, name: string, key: string) => this.#http.send<Workspace>('PATCH', at(ws), { body: { name }, idempotencyKey: key });
  deleteWorkspace = (ws: string) => this.#http.send<void>('DELETE', at(ws));
  snapshot = (ws: string, signal?: AbortSignal) => this.#http.send<Snapshot>('GET', at(ws, 'snapshot'), { signal });
  feed = (ws: string, after: number, limit: number) => this.#http.send<FeedPage>('GET', at(ws, 'events'), { query: { after, limit } });
  realtimeToken = (ws: string) => this.#http.send<{ token: string; expiresIn: number; url: string }>('POST', at(ws, 'realtime-token'), { body: {} });

  addMember = (ws: string, input: { email: string; role: Role }, key: string) =>
    this.#http.send<Member>('POST', at(ws, 'members'), { body: input, idempotencyKey: key });
  setRole = (ws: string, userId: string, role: Role, key: string) =>
    this.#http.send<Member>('PATCH', at(ws, 'members', userId), { body: { role }, idempotencyKey: key });
  removeMember = (ws: string, userId: string) => this.#http.send<void>('DELETE', at(ws, 'members', userId));

  invitations = (ws: string, signal?: AbortSignal) => this.#all<Invitation>(at(ws, 'invitations'), signal);
  invite = (ws: string, role: Role, key: string) => this.#http.send<Invitation>('POST', at(ws, 'invitations'), { body: { role }, idempotencyKey: key });
  revokeInvitation = (ws: string, id: string) => this.#http.send<void>('DELETE', at(ws, 'invitations', id));
  acceptInvitation = (token: string, key: string) =>
    this.#http.send<Workspace>('POST', `/api/invitations/${encodeURIComponent(token)}/accept`, { body: {}, idempotencyKey: key });

  createProject = (ws: string, input: { name: string; key: string }, key: string) =>
    this.#http.send<Project>('POST', at(ws, 'projects'), { body: input, idempotencyKey: key });
  renameProject = (ws: string, id: string, name: string, key: string) =>
    this.#http.send<Project>('PATCH', at(ws, 'projects', id), { body: { name }, idempotencyKey: key });
  deleteProject = (ws: string, id: string) => this.#http.send<void>('DELETE', at(ws, 'projects', id));

  createTask = (ws: string, { projectId, ...task }: NewTask, key: string) =>
    this.#http.send<Task>('POST', at(ws, 'projects', projectId, 'tasks'), { body: task, idempotencyKey: key });
  task = (ws: string, id: string) => this.#http.send<Task>('GET', at(ws, 'tasks', id));
  updateTask = (ws: string, id: string, patch: TaskPatch & { version?: number }, { key, ifMatch }: Write) =>
    this.#http.send<Task>('PATCH', at(ws, 'tasks', id), { body: patch, idempotencyKey: key, ifMatch });
  deleteTask = (ws: string, id: string) => this.#http.send<void>('DELETE', at(ws, 'tasks', id));

  comments = (ws: string, taskId: string, signal?: AbortSignal) => this.#all<Comment>(at(ws, 'tasks', taskId, 'comments'), signal);
  hasComments = async (ws: string, taskId: string) =>
    (await this.#http.send<Page<Comment>>('GET', at(ws, 'tasks', taskId, 'comments'), { query: { limit: 1 } })).data.length > 0;
  createComment = (ws: string, taskId: string, body: string, key: string) =>
    this.#http.send<Comment>('POST', at(ws, 'tasks', taskId, 'comments'), { body: { body }, idempotencyKey: key });
  updateComment = (ws: string, taskId: string, id: string, body: string, key: string) =>
    this.#http.send<Comment>('PATCH', at(ws, 'tasks', taskId, 'comments', id), { body: { body }, idempotencyKey: key });
  deleteComment = (ws: string, taskId: string, id: string) => this.#http.send<void>('DELETE', at(ws, 'tasks', taskId, 'comments', id));
  activity = (ws: string, taskId: string, cursor: string | null, signal?: AbortSignal) =>
    this.#http.send<Page<WorkspaceEvent>>('GET', at(ws, 'tasks', taskId, 'activity'), { query: { cursor, limit: 50 }, signal });

  notifications = (cursor: string | null, signal?: AbortSignal) =>
    this.#http.send<Page<Notification>>('GET', '/api/notifications', { query: { cursor, limit: 100 }, signal });
  markRead = (which: { ids: readonly string[] } | { all: true }) => this.#http.send<void>('POST', '/api/notifications/read', { body: which });
  preferences = (signal?: AbortSignal) => this.#http.send<NotificationPreferences>('GET', '/api/notifications/preferences', { signal });
  savePreferences = (value: NotificationPreferences) => this.#http.send<NotificationPreferences>('PUT', '/api/notifications/preferences', { body: value });

  /** Reads a paged list to its end. */
  async #all<T>(path: string, signal?: AbortSignal): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const page: Page<T> = await this.#http.send<Page<T>>('GET', path, { query: { limit: 200, cursor }, signal });
      items.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return items;
  }
}

function at(workspaceId: string, ...rest: string[]): string {
  return ['/api/workspaces', workspaceId, ...rest].join('/');
}
