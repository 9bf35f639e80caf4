/** The frames of the real-time protocol, version 1. docs/protocol.md is the reference. */

export interface WorkspaceEvent {
  type: string;
  workspaceId: string;
  /** 1, 2, 3 … in commit order, without gaps. */
  seq: number;
  taskId?: string;
  projectId?: string;
  commentId?: string;
  memberId?: string;
  /** Of the task, after the change. */
  version?: number;
  payload: Record<string, unknown>;
  userId: string;
  userName: string;
  mutationId: string | null;
  timestamp: string;
}

export interface Viewer {
  userId: string;
  name: string;
  typing: boolean;
}

/** A place in a workspace's log. The number means nothing in another epoch. */
export interface Position {
  seq: number;
  epoch: string | null;
}

export interface FeedPage {
  events: WorkspaceEvent[];
  head: number;
  epoch: string;
  hasMore: boolean;
  reset: boolean;
}

export interface NotificationFrameBody {
  id: string;
  [field: string]: unknown;
}

export interface WelcomeFrame {
  type: 'welcome';
  workspaceId: string;
  connectionId: string;
  head: number;
  /** Null where a long poll's answer does not say it. */
  epoch: string | null;
  resume: 'live' | 'replay' | 'reset';
  heartbeatSeconds: number;
}

export interface PresenceFrame {
  type: 'presence';
  taskId: string;
  viewers: Viewer[];
}

export interface ErrorFrame {
  type: 'error';
  code: string;
  message: string;
  ref?: string | null;
}

export type ServerFrame =
  | WelcomeFrame
  | PresenceFrame
  | ErrorFrame
  | { type: 'batch'; events: WorkspaceEvent[] }
  | { type: 'notification'; notification: NotificationFrameBody }
  | { type: 'heartbeat'; head: number }
  | { type: 'reset'; reason: string }
  | { type: 'goaway'; retryAfterMs: number }
  | { type: 'pong'; ref?: string | null }
  | WorkspaceEvent;

export type ClientFrame =
  | { type: 'presence.join'; taskId: string; ref?: string }
  | { type: 'presence.leave'; taskId: string; ref?: string }
  | { type: 'presence.typing'; taskId: string; typing: boolean; ref?: string }
  | { type: 'presence.heartbeat'; ref?: string }
  | { type: 'auth'; token: string; ref?: string }
  | { type: 'ping'; ref?: string };

export const CloseCode = {
  drain: 1001,
  tooLarge: 1009,
  badFrames: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  idle: 4408,
  rateLimited: 4429,
} as const;

export const MAX_FRAME_BYTES = 64 * 1024;

/** Events are the only frames with a number in the log. */
export function isEvent(frame: ServerFrame): frame is WorkspaceEvent {
  return typeof (frame as WorkspaceEvent).seq === 'number' && typeof (frame as WorkspaceEvent).workspaceId === 'string';
}

/** Reads a frame; null for text that is none, which a client ignores: a newer server may know more types. */
export function parseFrame(text: string): ServerFrame | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string' ? (value as ServerFrame) : null;
  } catch {
    return null;
  }
}

/** The close code that stands for an HTTP status or the code of a last `error` frame. */
export function closeCodeOf(reason: number | string): number | null {
  switch (reason) {
    case 401:
    case 'unauthorized':
      return CloseCode.unauthorized;
    case 403:
    case 'forbidden':
      return CloseCode.forbidden;
    case 429:
    case 'rate_limited':
      return CloseCode.rateLimited;
    case 503:
    case 'unavailable':
      return CloseCode.drain;
    default:
      return null;
  }
}
