import type { Signals } from './environment';
import type { ClientFrame } from './protocol';
import type { Tuning } from './tuning';

const TYPING_REPEAT = 4_000;
const TYPING_IDLE = 6_000;

/** What this client shows of itself: the tasks it is on and types in. Said again on every new connection, kept alive by heartbeats. */
export class Presence {
  readonly #send: (frame: ClientFrame) => void;
  readonly #tuning: Tuning;
  readonly #signals: Signals;
  readonly #joined = new Map<string, number>();
  readonly #typing = new Map<string, { saidAt: number; idle: ReturnType<typeof setTimeout> }>();
  #heartbeat: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (frame: ClientFrame) => void, tuning: Tuning, signals: Signals) {
    this.#send = send;
    this.#tuning = tuning;
    this.#signals = signals;
  }

  /** Counts: two views of one task leave when both are gone. */
  join(taskId: string): void {
    const count = this.#joined.get(taskId) ?? 0;
    this.#joined.set(taskId, count + 1);
    if (count === 0) this.#send({ type: 'presence.join', taskId });
    if (this.#heartbeat === undefined) this.#scheduleHeartbeat();
  }

  leave(taskId: string): void {
    const count = this.#joined.get(taskId) ?? 0;
    if (count > 1) {
      this.#joined.set(taskId, count - 1);
      return;
    }
    if (!this.#joined.delete(taskId)) return;
    this.#stopTyping(taskId, false);
    this.#send({ type: 'presence.leave', taskId });
  }

  /** May be called on each key press. Ends by itself after a while without another call. */
  typing(taskId: string, typing: boolean): void {
    if (!typing) {
      this.#stopTyping(taskId, true);
      return;
    }
    const known = this.#typing.get(taskId);
    clearTimeout(known?.idle);
    const now = Date.now();
    const due = !known || now - known.saidAt >= TYPING_REPEAT;
    this.#typing.set(taskId, { saidAt: due ? now : known.saidAt, idle: setTimeout(() => this.#stopTyping(taskId, true), TYPING_IDLE) });
    if (due) this.#send({ type: 'presence.typing', taskId, typing: true });
  }

  /** A new connection knows nothing of this client. */
  sayAll(): void {
    for (const taskId of this.#joined.keys()) this.#send({ type: 'presence.join', taskId });
    for (const taskId of this.#typing.keys()) this.#send({ type: 'presence.typing', taskId, typing: true });
  }

  stop(): void {
    clearTimeout(this.#heartbeat);
    this.#heartbeat = undefined;
    for (const { idle } of this.#typing.values()) clearTimeout(idle);
    this.#typing.clear();
    this.#joined.clear();
  }

  #stopTyping(taskId: string, say: boolean): void {
    const known = this.#typing.get(taskId);
    if (!known) return;
    clearTimeout(known.idle);
    this.#typing.delete(taskId);
    if (say) this.#send({ type: 'presence.typing', taskId, typing: false });
  }

  #scheduleHeartbeat(): void {
    this.#heartbeat = setTimeout(
      () => {
        this.#heartbeat = undefined;
        if (this.#joined.size === 0) return;
        this.#send({ type: 'presence.heartbeat' });
        this.#scheduleHeartbeat();
      },
      this.#signals.visible() ? this.#tuning.presence : this.#tuning.presenceHidden,
    );
  }
}
