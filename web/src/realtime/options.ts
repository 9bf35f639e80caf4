import type { Signals } from './environment';
import type { ErrorFrame, FeedPage, NotificationFrameBody, Position, Viewer, WorkspaceEvent } from './protocol';
import type { Transport, TransportKind } from './transport';
import type { Tuning } from './tuning';

export type DenialReason = 'signed-out' | 'forbidden';

/** Thrown by `credentials`, `feed` or `loadSnapshot` when trying again is of no use; the client closes. */
export class RealtimeDenied extends Error {
  readonly reason: DenialReason;

  constructor(reason: DenialReason) {
    super(reason === 'signed-out' ? 'The session has ended.' : 'This workspace is not yours (any more).');
    this.name = 'RealtimeDenied';
    this.reason = reason;
  }
}

export interface RealtimeState {
  /**
   * `connecting` until first live; `live`: connected and in step; `reconnecting`: it was, and will be again; `lost`: three attempts in a
   * row have failed (it goes on trying); `closed`: for good, `reason` says why.
   */
  status: 'connecting' | 'live' | 'reconnecting' | 'lost' | 'closed';
  reason: DenialReason | null;
  transport: TransportKind | null;
  failedAttempts: number;
  /** When `status` last changed. */
  since: number;
}

export interface RealtimeListener {
  /** Each event exactly once, in order; several at a time when catching up. */
  events(events: WorkspaceEvent[]): void;
  state?(state: RealtimeState): void;
  /** A new connection stands: presence begins anew, and notifications may have been missed. */
  connected?(transport: TransportKind): void;
  /** Who is on a task now; an empty list when nobody is. */
  presence?(taskId: string, viewers: Viewer[]): void;
  /** Each once. */
  notification?(notification: NotificationFrameBody): void;
  /** The server refused a frame of ours. */
  error?(error: ErrorFrame): void;
}

export interface CredentialsRequest {
  transport: TransportKind;
  /** `open`: a new connection; `request`: a further request of the same one; `renew`: an `auth` frame. */
  purpose: 'open' | 'request' | 'renew';
  /** The server has just refused a token: a kept one should not be used. */
  refused: boolean;
}

export interface RealtimeOptions {
  workspaceId: string;
  /** Where to go on from; null to begin at the head, without a past. */
  position: Position | null;
  /** Only a WebSocket shows its token in an address, so only there it should be a realtime token. */
  credentials(request: CredentialsRequest): Promise<{ token: string; url: string }>;
  /** Loads everything anew, begun after this call; answers what it is as of. The events behind that follow. */
  loadSnapshot(): Promise<Position>;
  /** Reads the log over HTTP, to fill a hole. Without it a hole is filled by reconnecting. */
  feed?(after: number, limit: number): Promise<FeedPage>;
  listener: RealtimeListener;
  /** Best first. */
  transports?: readonly Transport[];
  /** The transport that worked last time. */
  preferredTransport?: TransportKind | null;
  signals?: Signals;
  tuning?: Partial<Tuning>;
  random?: () => number;
}

export interface RealtimeClient {
  readonly state: RealtimeState;
  /** The last event handed out. */
  readonly position: Position | null;
  start(): void;
  /** Closes at once and for good. */
  stop(): void;
  /** Connects now instead of after the pause; a connection that stands is asked for a sign of life. */
  retry(): void;
  join(taskId: string): void;
  leave(taskId: string): void;
  typing(taskId: string, typing: boolean): void;
}
