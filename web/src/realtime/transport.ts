import { closeCodeOf, type ClientFrame, type Position, type ServerFrame } from './protocol';

export type TransportKind = 'ws' | 'sse' | 'poll';

/** Why a connection ended, in the terms of the protocol whatever the transport. */
export interface ConnectionEnd {
  /** A close code of the protocol; null when the connection just broke. */
  code: number | null;
  reason?: string;
  /** The server asked for this pause. */
  retryAfterMs?: number;
}

export interface TransportContext {
  /** Such as `https://push.example.com`, without a slash at the end. */
  baseUrl: string;
  workspaceId: string;
  /** A token that is good right now. Asked for again by transports that make more than one request. */
  token(): Promise<string>;
  /** The last event that was handed out; null to begin at the head. Asked for again by transports that make more than one request. */
  position(): Position | null;
  onFrame(frame: ServerFrame): void;
  /** Called at most once, and never after `close()`. */
  onEnd(end: ConnectionEnd): void;
}

export interface Connection {
  send(frame: ClientFrame): void;
  close(): void;
}

export interface Transport {
  readonly kind: TransportKind;
  open(context: TransportContext): Connection;
}

/** Accepts an address with or without `/realtime`, with http or ws. */
export function realtimeUrl(context: TransportContext, route: 'ws' | 'sse' | 'poll' | 'send'): URL {
  const base = context.baseUrl.replace(/^ws/, 'http').replace(/\/+$/, '').replace(/\/realtime(\/.*)?$/, '');
  return new URL(`${base}/realtime/${context.workspaceId}/${route}`);
}

/** Adds `after` and `epoch`, which mean something only together. */
export function addPosition(url: URL, position: Position | null): void {
  if (position === null) return;
  url.searchParams.set('after', String(position.seq));
  if (position.epoch !== null) url.searchParams.set('epoch', position.epoch);
}

/** What a refused request means. A proxy refuses with these statuses too, but not as the protocol does: then it is only an end. */
export function refusal(response: Response, route: string): ConnectionEnd {
  const isAboutMe = response.status === 401 || response.status === 403;
  const isProtocol = response.headers.get('content-type')?.includes('problem+json') ?? false;
  const code = isAboutMe && !isProtocol ? null : closeCodeOf(response.status);
  return { code, reason: `${route} answered ${response.status}`, retryAfterMs: retryAfter(response.headers) };
}

/** `Retry-After` in milliseconds. */
export function retryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
