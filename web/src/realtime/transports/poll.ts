import type { NotificationFrameBody, PresenceFrame, ServerFrame, WorkspaceEvent } from '../protocol';
import { addPosition, realtimeUrl, refusal, type Connection, type ConnectionEnd, type Transport, type TransportContext } from '../transport';
import { frameSender } from './post';

/** What an answer to `/poll` holds. */
interface PollAnswer {
  connectionId: string;
  events: WorkspaceEvent[];
  notifications: NotificationFrameBody[];
  presence: Omit<PresenceFrame, 'type'>[];
  frames: ServerFrame[];
  head: number;
  epoch?: string;
  reset: boolean;
}

const WAIT_SECONDS = 25;

/** The last resort: works wherever plain requests do. The first request does not wait, so that the connection proves itself at once. */
export function pollTransport(fetcher: typeof fetch = (...args) => fetch(...args)): Transport {
  return {
    kind: 'poll',
    open(context: TransportContext): Connection {
      const abort = new AbortController();
      let connectionId: string | null = null;
      let done = false;
      const end = (reason: ConnectionEnd) => {
        if (done) return;
        done = true;
        abort.abort();
        sender.close();
        context.onEnd(reason);
      };
      const sender = frameSender(context, () => connectionId, fetcher, end);

      function deliver(answer: PollAnswer, first: boolean): void {
        connectionId = answer.connectionId;
        if (first) {
          const resume = answer.reset ? 'reset' : 'live';
          const { workspaceId } = context;
          const epoch = answer.epoch ?? null;
          context.onFrame({ type: 'welcome', workspaceId, connectionId, head: answer.head, epoch, resume, heartbeatSeconds: WAIT_SECONDS });
        } else if (answer.reset) {
          context.onFrame({ type: 'reset', reason: 'too far behind' });
        }
        if (answer.events?.length) context.onFrame({ type: 'batch', events: answer.events });
        for (const presence of answer.presence ?? []) context.onFrame({ ...presence, type: 'presence' });
        for (const notification of answer.notifications ?? []) context.onFrame({ type: 'notification', notification });
        for (const frame of answer.frames ?? []) context.onFrame(frame);
        context.onFrame({ type: 'heartbeat', head: answer.head });
        sender.flush();
      }

      /** A draining instance, and a proxy that answers for it, answer at once: that must not become a busy loop. */
      async function pause(answer: PollAnswer, askedAt: number, first: boolean): Promise<void> {
        const goaway = answer.frames?.find((frame) => frame.type === 'goaway') as { retryAfterMs: number } | undefined;
        const isEmpty = !answer.events?.length && !answer.presence?.length && !answer.notifications?.length && !answer.frames?.length;
        const ms = goaway ? goaway.retryAfterMs : isEmpty && !first && Date.now() - askedAt < 1_000 ? 1_000 : 0;
        if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
      }

      async function run(): Promise<void> {
        let position = context.position();
        for (let first = true; !done; first = false) {
          const askedAt = Date.now();
          const url = realtimeUrl(context, 'poll');
          addPosition(url, position);
          url.searchParams.set('wait', String(first ? 0 : WAIT_SECONDS));
          if (connectionId) url.searchParams.set('connectionId', connectionId);
          const response = await fetcher(url.href, {
            headers: { authorization: `Bearer ${await context.token()}` },
            cache: 'no-store',
            signal: abort.signal,
          });
          if (!response.ok) {
            end(refusal(response, 'poll'));
            return;
          }
          const answer = (await response.json()) as PollAnswer;
          if (done) return;
          deliver(answer, first);
          // Until the snapshot after a reset is there, the next request goes on from this answer.
          const seen = answer.events?.at(-1)?.seq ?? (answer.reset || position === null ? answer.head : position.seq);
          const known = context.position();
          position = known && known.seq >= seen ? known : { seq: seen, epoch: answer.epoch ?? known?.epoch ?? null };
          await pause(answer, askedAt, first);
        }
      }

      run().catch((error: unknown) => end({ code: null, reason: String(error) }));
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
