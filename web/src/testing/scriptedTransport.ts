import type { ClientFrame, ServerFrame, WelcomeFrame, WorkspaceEvent } from '../realtime/protocol';
import type { Connection, ConnectionEnd, Transport, TransportContext, TransportKind } from '../realtime/transport';

export const WORKSPACE = '01900000-0000-7000-8000-000000000001';

export function event(seq: number, fields: Partial<WorkspaceEvent> = {}): WorkspaceEvent {
  return {
    type: 'task.updated',
    workspaceId: WORKSPACE,
    seq,
    payload: {},
    userId: 'u1',
    userName: 'Ann',
    mutationId: null,
    timestamp: '2026-01-01T00:00:00Z',
    ...fields,
  };
}

export function welcome(head: number, fields: Partial<WelcomeFrame> = {}): WelcomeFrame {
  return { type: 'welcome', workspaceId: WORKSPACE, connectionId: 'c1', head, epoch: 'e1', resume: 'live', heartbeatSeconds: 15, ...fields };
}

/** A connection whose other end the test plays. */
export class ScriptedConnection implements Connection {
  readonly sent: ClientFrame[] = [];
  isClosed = false;

  constructor(readonly context: TransportContext, readonly openedAt: number) {}

  get after(): number | null {
    return this.context.position()?.seq ?? null;
  }

  send(frame: ClientFrame): void {
    this.sent.push(frame);
  }

  close(): void {
    this.isClosed = true;
  }

  receive(...frames: ServerFrame[]): void {
    for (const frame of frames) if (!this.isClosed) this.context.onFrame(frame);
  }

  end(end: Partial<ConnectionEnd> = {}): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.context.onEnd({ code: null, ...end });
  }
}

export class ScriptedTransport implements Transport {
  readonly connections: ScriptedConnection[] = [];
  /** Called with each new connection, before the client knows it. */
  onOpen: (connection: ScriptedConnection) => void = () => {};

  constructor(readonly kind: TransportKind) {}

  get last(): ScriptedConnection {
    const connection = this.connections.at(-1);
    if (!connection) throw new Error(`nothing was opened over ${this.kind}`);
    return connection;
  }

  open(context: TransportContext): Connection {
    const connection = new ScriptedConnection(context, Date.now());
    this.connections.push(connection);
    queueMicrotask(() => this.onOpen(connection));
    return connection;
  }
}
