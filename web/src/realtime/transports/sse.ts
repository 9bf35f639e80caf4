import { closeCodeOf, parseFrame, type ErrorFrame } from '../protocol';
import { addPosition, realtimeUrl, refusal, type Connection, type ConnectionEnd, type Transport, type TransportContext } from '../transport';
import { frameSender } from './post';
import { SseParser } from './sseParser';

/**
 * The first fallback. Read through `fetch` rather than `EventSource`: that way the token stays out of the address, a refusal has a
 * status, and who reconnects, when and from where is decided in one place.
 */
export function sseTransport(fetcher: typeof fetch = (...args) => fetch(...args)): Transport {
  return {
    kind: 'sse',
    open(context: TransportContext): Connection {
      const abort = new AbortController();
      let connectionId: string | null = null;
      let lastError: ErrorFrame | null = null;
      let done = false;
      const end = (reason: ConnectionEnd) => {
        if (done) return;
        done = true;
        abort.abort();
        sender.close();
        context.onEnd(reason);
      };
      const sender = frameSender(context, () => connectionId, fetcher, end);

      async function read(): Promise<void> {
        const url = realtimeUrl(context, 'sse');
        addPosition(url, context.position());
        const response = await fetcher(url.href, {
          headers: { accept: 'text/event-stream', authorization: `Bearer ${await context.token()}` },
          cache: 'no-store',
          signal: abort.signal,
        });
        if (!response.ok || !response.body) {
          end(refusal(response, 'sse'));
          return;
        }
        const parser = new SseParser((data) => {
          const frame = parseFrame(data);
          if (!frame || done) return;
          lastError = frame.type === 'error' ? (frame as ErrorFrame) : null;
          if (frame.type === 'welcome') connectionId = (frame as { connectionId: string }).connectionId;
          context.onFrame(frame);
          sender.flush();
        });
        const reader = response.body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
        for (let part = await reader.read(); !part.done && !done; part = await reader.read()) parser.push(part.value);
        // A refused frame's error has its `ref`; the last one without is the reason of the end.
        end({ code: lastError && !lastError.ref ? closeCodeOf(lastError.code) : null, reason: lastError?.message ?? 'stream ended' });
      }

      read().catch((error: unknown) => end({ code: null, reason: String(error) }));
      return {
        send: (frame) => sender.send(frame),
        close() {
          done = true;
          abort.abort();
          sender.close();
        },
      };
    },
  };
}
