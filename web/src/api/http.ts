import { retryAfter } from '../realtime/transport';
import { ApiError, errorOf } from './errors';
import type { SessionStore } from './session';

const TIMEOUT_MS = 20_000;

export interface RequestOptions {
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  /** Makes a retry of the same change harmless; the change's events carry it as `mutationId`. */
  idempotencyKey?: string;
  /** Refuse when the version is another one. */
  ifMatch?: number;
  signal?: AbortSignal;
  /** Without a token: signing in. */
  anonymous?: boolean;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** Sends requests with a token, renews it once when it is refused, and turns every failure into an ApiError. */
export class Http {
  readonly #session: SessionStore;
  readonly #baseUrl: string;
  readonly #fetch: typeof fetch;

  constructor(session: SessionStore, baseUrl = '', fetcher: typeof fetch = (...args) => fetch(...args)) {
    this.#session = session;
    this.#baseUrl = baseUrl;
    this.#fetch = fetcher;
  }

  async send<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
    if (options.anonymous) return this.#read<T>(await this.#once(method, path, options, null));
    const token = await this.#session.token();
    const response = await this.#once(method, path, options, token);
    if (response.status !== 401) return this.#read<T>(response);
    return this.#read<T>(await this.#once(method, path, options, await this.#session.token(token)));
  }

  async #once(method: Method, path: string, options: RequestOptions, token: string | null): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (token !== null) headers.authorization = `Bearer ${token}`;
    if (options.body !== undefined) headers['content-type'] = 'application/json';
    if (options.idempotencyKey !== undefined) headers['idempotency-key'] = options.idempotencyKey;
    if (options.ifMatch !== undefined) headers['if-match'] = `"${options.ifMatch}"`;
    const deadline = AbortSignal.timeout(TIMEOUT_MS);
    try {
      return await this.#fetch(`${this.#baseUrl}${path}${queryString(options.query)}`, {
        method,
        headers,
        body: options.body === undefined ? undefined : JSON.stringify(options.body),
        signal: options.signal ? AbortSignal.any([options.signal, deadline]) : deadline,
      });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new ApiError({ code: 'network', message: deadline.aborted ? 'TaskFlow did not answer in time.' : undefined });
    }
  }

  async #read<T>(response: Response): Promise<T> {
    if (!response.ok) throw await errorOf(response, retryAfter(response.headers));
    if (response.status === 204 || response.status === 202) return undefined as T;
    try {
      return (await response.json()) as T;
    } catch {
      // The connection broke in the middle of the answer, or something in between answered for the API.
      throw new ApiError({ code: 'network' });
    }
  }
}

function queryString(query: RequestOptions['query']): string {
  const entries = Object.entries(query ?? {}).filter(([, value]) => value !== null && value !== undefined);
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries.map(([key, value]) => [key, String(value)]))}`;
}
