import type { Transport } from './transport';
import type { Tuning } from './tuning';

/**
 * Which transport comes next. Goes down the list on evidence only: no first frame in time, or early ends in a row. A fallback that
 * fails too passes on to the next one and, past the last, back to the first: then it was the server and not the transport.
 */
export class TransportChooser {
  readonly #transports: readonly Transport[];
  readonly #tuning: Tuning;
  #index = 0;
  #earlyEnds = 0;

  constructor(transports: readonly Transport[], tuning: Tuning, preferred?: string | null) {
    this.#transports = transports;
    this.#tuning = tuning;
    this.#index = Math.max(0, transports.findIndex((transport) => transport.kind === preferred));
  }

  get current(): Transport {
    return this.#transports[this.#index]!;
  }

  get best(): Transport {
    return this.#transports[0]!;
  }

  get isBest(): boolean {
    return this.#index === 0;
  }

  /** The best transport has just shown that it works again. */
  upgraded(): void {
    this.#index = 0;
    this.#earlyEnds = 0;
  }

  /** `lived` is the time since the first frame, null without one. A reason given by the server is none of the transport's fault. */
  ended(how: { lived: number | null; timedOut: boolean; byServer: boolean; online: boolean }): void {
    if (how.byServer || !how.online || (how.lived !== null && how.lived >= this.#tuning.early)) {
      this.#earlyEnds = 0;
      return;
    }
    this.#earlyEnds++;
    const isFallback = this.#index > 0;
    if (how.timedOut || isFallback || this.#earlyEnds >= this.#tuning.earlyEnds) {
      this.#index = (this.#index + 1) % this.#transports.length;
      this.#earlyEnds = 0;
    }
  }
}
