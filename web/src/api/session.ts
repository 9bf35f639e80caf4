import { ApiError } from './errors';
import { withLock } from './locks';
import type { User } from './models';

const KEY = 'taskflow.session';
/** A token this close to its end may be refused by the time it arrives. */
const MARGIN_MS = 30_000;

export interface StoredSession {
  user: User;
  accessToken: string;
  expiresAt: number;
  refreshToken: string;
}

export interface TokenAnswer {
  /** A refresh may leave it out: it is whose token was exchanged. */
  user?: User;
  accessToken: string;
  expiresIn: number;
  refreshToken: string;
}

type Refresh = (refreshToken: string) => Promise<TokenAnswer>;

/**
 * The sign-in of this browser, shared by its tabs through local storage. Refresh tokens work once, so that refreshing happens under a
 * lock and begins with a look at whether another tab has done it already: else two tabs would look like a theft.
 */
export class SessionStore {
  readonly #storage: Storage;
  readonly #listeners = new Set<() => void>();
  #refresh: Refresh = () => Promise.reject(new Error('not connected'));
  #current: StoredSession | null;
  #refreshing: Promise<string> | null = null;

  constructor(storage: Storage = localStorage) {
    this.#storage = storage;
    this.#current = this.#read();
    if (typeof window !== 'undefined') {
      window.addEventListener('storage', (change) => {
        if (change.key === KEY || change.key === null) this.#set(this.#read());
      });
    }
  }

  /** Says how to exchange a refresh token; the HTTP client does so when it is made. */
  connect(refresh: Refresh): void {
    this.#refresh = refresh;
  }

  get current(): StoredSession | null {
    return this.#current;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  begin(answer: TokenAnswer, user: User): void {
    const { accessToken, expiresIn, refreshToken } = answer;
    const session = { user, accessToken, expiresAt: Date.now() + expiresIn * 1000, refreshToken };
    this.#storage.setItem(KEY, JSON.stringify(session));
    this.#set(session);
  }

  end(): void {
    this.#storage.removeItem(KEY);
    this.#set(null);
  }

  /** A token that is good now. Throws `unauthorized` when there is no session (any more). `refused`: the token that just was. */
  async token(refused?: string): Promise<string> {
    const session = this.#current;
    if (!session) throw new ApiError({ code: 'unauthorized', status: 401 });
    if (session.accessToken !== refused && session.expiresAt - MARGIN_MS > Date.now()) return session.accessToken;
    this.#refreshing ??= this.#renew(refused).finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  #renew(refused: string | undefined): Promise<string> {
    return withLock('taskflow.refresh', async () => {
      const session = this.#read();
      if (!session) {
        this.#set(null);
        throw new ApiError({ code: 'unauthorized', status: 401 });
      }
      if (session.accessToken !== refused && session.expiresAt - MARGIN_MS > Date.now()) {
        this.#set(session);
        return session.accessToken;
      }
      try {
        const answer = await this.#refresh(session.refreshToken);
        this.begin(answer, answer.user ?? session.user);
        return answer.accessToken;
      } catch (error) {
        if (error instanceof ApiError && error.code === 'unauthorized' && this.#read()?.refreshToken === session.refreshToken) this.end();
        throw error;
      }
    });
  }

  #read(): StoredSession | null {
    try {
      const value = JSON.parse(this.#storage.getItem(KEY) ?? 'null') as StoredSession | null;
      return value && typeof value.refreshToken === 'string' && typeof value.user?.id === 'string' ? value : null;
    } catch {
      return null;
    }
  }

  #set(session: StoredSession | null): void {
    if (this.#current === session) return;
    const wasUser = this.#current?.user;
    // The same person keeps the same object, so that a mere new token rerenders nothing.
    if (session && wasUser && wasUser.id === session.user.id && wasUser.name === session.user.name) session.user = wasUser;
    this.#current = session;
    for (const listener of this.#listeners) listener();
  }
}
