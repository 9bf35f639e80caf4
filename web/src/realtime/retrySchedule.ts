import { backoffDelay } from './backoff';
import type { LinkEnd } from './link';
import { CloseCode } from './protocol';
import type { Tuning } from './tuning';

/** Pauses that a close code asks for, at least. */
const MIN_PAUSE: Partial<Record<number, number>> = { [CloseCode.rateLimited]: 5_000, [CloseCode.badFrames]: 10_000, [CloseCode.tooLarge]: 5_000 };
const REFUSAL_MEMORY = 30_000;

/** When to connect again: later after each failure, never before the time the server named, and at once where that can make no storm. */
export class RetrySchedule {
  readonly #tuning: Tuning;
  readonly #random: () => number;
  #failures = 0;
  #notBefore = 0;
  #lastUnauthorizedAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tuning: Tuning, random: () => number) {
    this.#tuning = tuning;
    this.#random = random;
  }

  /** A token was refused a moment ago: a kept one should not be shown again. */
  get wasUnauthorized(): boolean {
    return Date.now() - this.#lastUnauthorizedAt < REFUSAL_MEMORY;
  }

  /** The server has named a time to come back that has not come. */
  get isHeld(): boolean {
    return this.#notBefore > Date.now();
  }

  /** The server has said that it goes away, and nothing else has taken its place yet. */
  get isServerLeaving(): boolean {
    return this.#notBefore > 0;
  }

  /** The server spreads its clients over time, so its time is kept as it is. */
  holdFor(ms: number): void {
    this.#notBefore = Date.now() + ms;
  }

  /** A connection stands. Whether it lasts is another matter: only `forget` begins the delays anew. */
  connected(): void {
    this.#notBefore = 0;
  }

  /** What failed before says nothing about the next attempt. */
  forget(): void {
    this.#failures = 0;
  }

  schedule(end: LinkEnd, connect: () => void): void {
    let delay = this.delay(this.#failures++);
    if (end.code === CloseCode.unauthorized) {
      // A new token and again at once; but only once, or a clock gone wrong makes a storm.
      if (Date.now() - this.#lastUnauthorizedAt > REFUSAL_MEMORY) delay = 0;
      this.#lastUnauthorizedAt = Date.now();
    }
    const pause = Math.max(end.retryAfterMs ?? 0, MIN_PAUSE[end.code ?? 0] ?? 0);
    if (this.isHeld) delay = this.#notBefore - Date.now();
    this.cancel();
    this.#timer = setTimeout(connect, pause > 0 ? pause + delay : delay);
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  delay(attempt: number): number {
    return backoffDelay(attempt, this.#random, this.#tuning.backoffBase, this.#tuning.backoffCap);
  }
}
