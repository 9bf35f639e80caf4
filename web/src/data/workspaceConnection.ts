import {
  createRealtimeClient, RealtimeDenied, type CredentialsRequest, type Position, type RealtimeClient, type RealtimeListener, type RealtimeState, type TransportKind,
} from '@taskflow/realtime';
import { ApiError } from '../api/errors';
import type { DataRuntime } from './runtime';

/** The real-time connection of one workspace: what it needs of the Api (tokens, the log, snapshots), and how it stands. */
export class WorkspaceConnection {
  readonly #runtime: DataRuntime;
  readonly #workspaceId: string;
  #client: RealtimeClient | null = null;
  #state: RealtimeState = { status: 'connecting', reason: null, transport: null, failedAttempts: 0, since: Date.now() };
  #url: string | null = null;
  #accessToken: string | undefined;

  constructor(runtime: DataRuntime, workspaceId: string) {
    this.#runtime = runtime;
    this.#workspaceId = workspaceId;
  }

  get client(): RealtimeClient | null {
    return this.#client;
  }

  get state(): RealtimeState {
    return this.#state;
  }

  /** Hands out what is behind `position`; `loadSnapshot` is called where that can no longer be had. */
  open(position: Position, loadSnapshot: () => Promise<Position>, listener: RealtimeListener): void {
    this.#client = createRealtimeClient({
      workspaceId: this.#workspaceId,
      position,
      credentials: (request) => deniedAsSuch(this.#credentials(request)),
      loadSnapshot: () => deniedAsSuch(loadSnapshot()),
      feed: (after, limit) => deniedAsSuch(this.#runtime.api.feed(this.#workspaceId, after, limit)),
      preferredTransport: lastTransport(),
      listener: {
        ...listener,
        state: (state) => {
          this.#state = state;
          listener.state?.(state);
        },
        connected: (transport) => {
          rememberTransport(transport);
          listener.connected?.(transport);
        },
      },
    });
    this.#client.start();
  }

  close(): void {
    this.#client?.stop();
    this.#client = null;
  }

  /** Realtime tokens where they stand in an address; elsewhere the access token, which does not have to be fetched. */
  async #credentials(request: CredentialsRequest): Promise<{ token: string; url: string }> {
    const { api, session } = this.#runtime;
    if (request.transport === 'ws' || this.#url === null) {
      const answer = await api.realtimeToken(this.#workspaceId);
      this.#url = answer.url || location.origin;
      if (request.transport === 'ws') return { token: answer.token, url: this.#url };
    }
    this.#accessToken = await session.token(request.refused ? this.#accessToken : undefined);
    return { token: this.#accessToken, url: this.#url };
  }
}

/** Says in the client's terms that asking again is of no use. */
async function deniedAsSuch<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'unauthorized') throw new RealtimeDenied('signed-out');
    if (error instanceof ApiError && (error.code === 'forbidden' || error.code === 'not_found')) throw new RealtimeDenied('forbidden');
    throw error;
  }
}

const TRANSPORT_KEY = 'taskflow.transport';

/** What worked last in this tab: behind a proxy that breaks WebSockets a reload should not wait for that to show again. */
function lastTransport(): TransportKind | null {
  return sessionStorage.getItem(TRANSPORT_KEY) as TransportKind | null;
}

function rememberTransport(transport: TransportKind): void {
  sessionStorage.setItem(TRANSPORT_KEY, transport);
}
