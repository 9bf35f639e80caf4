import { MAX_FRAME_BYTES, type ClientFrame } from '../protocol';
import { realtimeUrl, refusal, type ConnectionEnd, type TransportContext } from '../transport';

/**
 * The way up for transports that only come down: one request at a time, frames in order, what gathers meanwhile in the next one.
 * A refused frame answers on the stream; a refused request ends the connection, for it will not be heard again.
 */
export function frameSender(context: TransportContext, connectionId: () => string | null, fetcher: typeof fetch, onEnd: (end: ConnectionEnd) => void) {
  const queue: ClientFrame[] = [];
  const abort = new AbortController();
  let sending = false;

  async function pump(): Promise<void> {
    sending = true;
    try {
      for (let id = connectionId(); id !== null && queue.length > 0 && !abort.signal.aborted; id = connectionId()) {
        const frames = queue.splice(0, 20);
        const response = await fetcher(realtimeUrl(context, 'send').href, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${await context.token()}` },
          body: JSON.stringify({ connectionId: id, frames }),
          signal: abort.signal,
        });
        // Presence repeats itself, so frames refused for their rate or size need no second try.
        if (response.ok || response.status === 413 || response.status === 429) continue;
        onEnd(refusal(response, 'send'));
        return;
      }
    } catch (error) {
      if (!abort.signal.aborted) onEnd({ code: null, reason: String(error) });
    } finally {
      sending = false;
    }
  }

  return {
    send(frame: ClientFrame) {
      if (abort.signal.aborted || queue.length > 100 || JSON.stringify(frame).length > MAX_FRAME_BYTES) return;
      queue.push(frame);
      if (!sending) void pump();
    },
    flush() {
      if (!sending && queue.length > 0) void pump();
    },
    close() {
      abort.abort();
    },
  };
}
