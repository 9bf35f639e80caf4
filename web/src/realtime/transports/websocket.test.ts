import { describe, expect, it } from 'vitest';
import type { ConnectionEnd } from '../transport';
import { webSocketTransport } from './websocket';

/** The browser's side of a socket, as far as the transport looks at it. */
class Socket {
  readyState = 1;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  sent: string[] = [];
  constructor(readonly url: string) {}
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.readyState = 3;
  }
}

async function open() {
  const sockets: Socket[] = [];
  const ends: ConnectionEnd[] = [];
  const frames: unknown[] = [];
  const transport = webSocketTransport((url) => {
    sockets.push(new Socket(url));
    return sockets.at(-1) as unknown as WebSocket;
  });
  const connection = transport.open({
    baseUrl: 'https://push.example',
    workspaceId: 'w',
    token: () => Promise.resolve('t'),
    position: () => ({ seq: 7, epoch: 'e' }),
    onFrame: (frame) => frames.push(frame),
    onEnd: (end) => ends.push(end),
  });
  await Promise.resolve();
  return { connection, socket: sockets[0]!, ends, frames };
}

describe('the WebSocket transport', () => {
  it('shows its token and position in the address of an encrypted connection', async () => {
    const { socket } = await open();
    const url = new URL(socket.url);
    expect(url.protocol).toBe('wss:');
    expect(url.searchParams.get('access_token')).toBe('t');
    expect(url.searchParams.get('after')).toBe('7');
  });

  it.each([1001, 1009, 4400, 4401, 4403, 4408, 4429])('passes on code %i as the server\'s word', async (code) => {
    const { socket, ends } = await open();
    socket.onclose!({ code, reason: 'because' });
    expect(ends).toEqual([{ code, reason: 'because' }]);
  });

  it.each([0, 1000, 1005, 1006])('takes code %i for an end without a reason', async (code) => {
    const { socket, ends } = await open();
    socket.onclose!({ code, reason: '' });
    expect(ends).toEqual([{ code: null, reason: 'closed' }]);
  });

  it('ignores what is no frame, and everything after it was closed', async () => {
    const { connection, socket, ends, frames } = await open();
    for (const data of ['{', '[]', '{"no":"type"}', new ArrayBuffer(2)]) socket.onmessage!({ data });
    socket.onmessage!({ data: '{"type":"pong"}' });
    connection.close();
    socket.onmessage!({ data: '{"type":"heartbeat"}' });
    socket.onclose!({ code: 1000, reason: '' });
    expect(frames).toEqual([{ type: 'pong' }]);
    expect(ends).toEqual([]);
  });
});
