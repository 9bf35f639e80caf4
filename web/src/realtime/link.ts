import type { Signals } from './environment';
import type { ClientFrame, ServerFrame, WelcomeFrame } from './protocol';
import type { Connection, ConnectionEnd, Transport, TransportContext, TransportKind } from './transport';
import type { Tuning } from './tuning';

export interface LinkEnd extends ConnectionEnd {
  /** Milliseconds since the first frame; null when there was none. */
  lived: number | null;
  timedOut: boolean;
}

export interface LinkOwner {
  onWelcome(link: Link, frame: WelcomeFrame): void;
  /** Frames after the welcome. */
  onFrame(link: Link, frame: ServerFrame): void;
  onEnd(link: Link, end: LinkEnd): void;
  /** Asked for when a token is to be shown anew. */
  renewToken(kind: TransportKind): Promise<string>;
}

/** One connection and its watch: the first frame in time, silence, keepalives, renewal of the token. Ends once, and says so once. */
export class Link {
  readonly kind: TransportKind;
  readonly #owner: LinkOwner;
  readonly #tuning: Tuning;
  readonly #signals: Signals;
  readonly #connection: Connection;
  #welcomedAt: number | null = null;
  #lastFrameAt = Date.now();
  #silenceLimit = 0;
  #ended = false;
  #opening: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #ping: ReturnType<typeof setTimeout> | undefined;
  #pong: ReturnType<typeof setTimeout> | undefined;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  #pings = 0;

  constructor(transport: Transport, context: Omit<TransportContext, 'onFrame' | 'onEnd'>, owner: LinkOwner, tuning: Tuning, signals: Signals) {
    this.kind = transport.kind;
    this.#owner = owner;
    this.#tuning = tuning;
    this.#signals = signals;
    this.#opening = setTimeout(() => this.#fail('no first frame', true), tuning.firstFrame);
    this.#connection = transport.open({ ...context, onFrame: (frame) => this.#receive(frame), onEnd: (end) => this.#finish(end, false) });
  }

  get isWelcome(): boolean {
    return this.#welcomedAt !== null && !this.#ended;
  }

  send(frame: ClientFrame): void {
    if (this.isWelcome) this.#connection.send(frame);
  }

  /** Asks for a sign of life; without one soon the connection is given up. */
  verify(): void {
    if (!this.isWelcome || this.#pong !== undefined) return;
    this.send({ type: 'ping', ref: `p${++this.#pings}` });
    const asked = Date.now();
    this.#pong = setTimeout(() => {
      this.#pong = undefined;
      if (this.#lastFrameAt < asked) this.#fail('no sign of life', false);
    }, this.#tuning.pong);
  }

  /** Ends without telling the owner. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopTimers();
    this.#connection.close();
  }

  /** Ends and tells the owner, as if the connection had broken. */
  abandon(reason: string): void {
    this.#fail(reason, false);
  }

  #receive(frame: ServerFrame): void {
    if (this.#ended) return;
    this.#lastFrameAt = Date.now();
    if (this.#welcomedAt !== null) {
      this.#owner.onFrame(this, frame);
      return;
    }
    if (frame.type !== 'welcome') {
      // An `error` first is a refusal whose reason follows with the end; anything else is another protocol.
      if (frame.type !== 'error') this.#fail('first frame was no welcome', true);
      return;
    }
    const welcome = frame as WelcomeFrame;
    this.#welcomedAt = Date.now();
    clearTimeout(this.#opening);
    this.#silenceLimit = 2 * (welcome.heartbeatSeconds || 15) * 1000 + 5_000;
    this.#watchSilence();
    this.#schedulePing();
    this.#scheduleRenewal(this.#tuning.renew);
    this.#owner.onWelcome(this, welcome);
  }

  /** One timer for the whole life instead of one per frame: it looks when it fires and sets itself again for the rest. */
  #watchSilence(): void {
    const rest = this.#silenceLimit - (Date.now() - this.#lastFrameAt);
    if (rest <= 0) this.#fail('silent for too long', false);
    else this.#silence = setTimeout(() => this.#watchSilence(), rest);
  }

  #schedulePing(): void {
    this.#ping = setTimeout(
      () => {
        this.send({ type: 'ping', ref: `p${++this.#pings}` });
        this.#schedulePing();
      },
      this.#signals.visible() ? this.#tuning.ping : this.#tuning.pingHidden,
    );
  }

  #scheduleRenewal(delay: number): void {
    this.#renewal = setTimeout(() => {
      this.#owner.renewToken(this.kind).then(
        (token) => {
          this.send({ type: 'auth', token });
          if (!this.#ended) this.#scheduleRenewal(this.#tuning.renew);
        },
        // Were it for good, the server would end the connection by itself in time.
        () => !this.#ended && this.#scheduleRenewal(Math.min(60_000, this.#tuning.renew)),
      );
    }, delay);
  }

  #fail(reason: string, timedOut: boolean): void {
    if (this.#ended) return;
    this.#connection?.close();
    this.#finish({ code: null, reason }, timedOut);
  }

  #finish(end: ConnectionEnd, timedOut: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopTimers();
    this.#owner.onEnd(this, { ...end, timedOut, lived: this.#welcomedAt === null ? null : Date.now() - this.#welcomedAt });
  }

  #stopTimers(): void {
    for (const timer of [this.#opening, this.#silence, this.#ping, this.#pong, this.#renewal]) clearTimeout(timer);
  }
}
