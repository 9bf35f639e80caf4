import { CloseCode, MAX_FRAME_BYTES, parseFrame } from '../protocol';
import { addPosition, realtimeUrl, type Connection, type Transport, type TransportContext } from '../transport';

/** The first choice: one connection, both ways. The token travels in the query since browsers allow no header here. */
export function webSocketTransport(create: (url: string) => WebSocket = (url) => new WebSocket(url)): Transport {
  return {
    kind: 'ws',
    open(context: TransportContext): Connection {
      let socket: WebSocket | null = null;
      let done = false;
      const end = (code: number | null, reason: string) => {
        if (done) return;
        done = true;
        context.onEnd({ code, reason });
      };

      context.token().then(
        (token) => {
          if (done) return;
          const url = realtimeUrl(context, 'ws');
          url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
          addPosition(url, context.position());
          url.searchParams.set('access_token', token);
          socket = create(url.href);
          socket.onmessage = (message) => {
            const frame = typeof message.data === 'string' ? parseFrame(message.data) : null;
            if (frame && !done) context.onFrame(frame);
          };
          socket.onclose = (event) => end(saidByServer(event.code) ? event.code : null, event.reason || 'closed');
        },
        () => end(null, 'no token'),
      );

      return {
        send(frame) {
          const text = JSON.stringify(frame);
          if (socket?.readyState === 1 && text.length < MAX_FRAME_BYTES) socket.send(text);
        },
        close() {
          done = true;
          if (socket && socket.readyState < 2) socket.close(1000);
        },
      };
    },
  };
}

/** Any other code (1000, 1005, 1006, none) may be a proxy's as well, and says only that it ended. */
function saidByServer(code: number): boolean {
  return code === CloseCode.drain || code === CloseCode.tooLarge || code >= 4000;
}
