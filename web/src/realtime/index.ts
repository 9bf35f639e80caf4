/**
 * The real-time client: one connection per workspace, every event exactly once and in order, whatever the network does.
 * It knows nothing of React or of the rest of the app.
 */
export { createRealtimeClient } from './client';
export { browserSignals, type Signals } from './environment';
export { RealtimeDenied } from './options';
export type { CredentialsRequest, DenialReason, RealtimeClient, RealtimeListener, RealtimeOptions, RealtimeState } from './options';
export { CloseCode } from './protocol';
export type { ErrorFrame, FeedPage, NotificationFrameBody, Position, Viewer, WorkspaceEvent } from './protocol';
export type { Connection, ConnectionEnd, Transport, TransportContext, TransportKind } from './transport';
export { pollTransport } from './transports/poll';
export { sseTransport } from './transports/sse';
export { webSocketTransport } from './transports/websocket';
export { defaultTuning, type Tuning } from './tuning';
