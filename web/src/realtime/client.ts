import { TransportChooser } from './chooser';
import { browserSignals } from './environment';
import { Link, type LinkEnd, type LinkOwner } from './link';
import { RealtimeDenied, type DenialReason, type RealtimeClient, type RealtimeOptions, type RealtimeState } from './options';
import { Presence } from './presence';
import {
  CloseCode, isEvent, type ErrorFrame, type NotificationFrameBody, type PresenceFrame, type ServerFrame, type WelcomeFrame, type WorkspaceEvent,
} from './protocol';
import { RetrySchedule } from './retrySchedule';
import { EventStream } from './stream';
import type { Transport, TransportKind } from './transport';
import { pollTransport } from './transports/poll';
import { sseTransport } from './transports/sse';
import { webSocketTransport } from './transports/websocket';
import { defaultTuning } from './tuning';

type Purpose = 'connect' | 'upgrade' | 'replace';

const KNOWN_NOTIFICATIONS = 500;

/** Makes the client of one workspace; `start()` connects it. */
export function createRealtimeClient(options: RealtimeOptions): RealtimeClient {
  return new Client(options);
}

class Client implements RealtimeClient, LinkOwner {
  readonly #options: RealtimeOptions;
  readonly #tuning;
  readonly #signals;
  readonly #chooser: TransportChooser;
  readonly #stream: EventStream;
  readonly #presence: Presence;
  readonly #retry: RetrySchedule;
  readonly #notified = new Set<string>();

  #state: RealtimeState = { status: 'connecting', reason: null, transport: null, failedAttempts: 0, since: Date.now() };
  #started = false;
  #wasLive = false;
  /** What carries the frames now. */
  #main: Link | null = null;
  /** What is being opened: the first or next main connection, or a replacement beside a living one. */
  #next: { purpose: Purpose; link: Link | null } | null = null;
  #upgradeDelay: number;
  #upgradeTimer: ReturnType<typeof setTimeout> | undefined;
  #replaceTimer: ReturnType<typeof setTimeout> | undefined;
  #stopSignals: () => void = () => {};

  constructor(options: RealtimeOptions) {
    this.#options = options;
    this.#tuning = { ...defaultTuning, ...options.tuning };
    this.#signals = options.signals ?? browserSignals();
    this.#retry = new RetrySchedule(this.#tuning, options.random ?? Math.random);
    this.#upgradeDelay = this.#tuning.upgrade;
    const transports = options.transports ?? [webSocketTransport(), sseTransport(), pollTransport()];
    this.#chooser = new TransportChooser(transports, this.#tuning, options.preferredTransport);
    this.#presence = new Presence((frame) => this.#main?.send(frame), this.#tuning, this.#signals);
    this.#stream = new EventStream(options, {
      onBroken: (reason) => this.#main?.abandon(reason),
      onDenied: (reason) => this.#close(reason),
      onSyncChanged: () => this.#refreshStatus(),
      retryDelay: (attempt) => this.#retry.delay(attempt),
    });
  }

  get state(): RealtimeState {
    return this.#state;
  }

  get position() {
    return this.#stream.position;
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#stopSignals = this.#signals.onWake((reason) => this.#wake(reason));
    this.#open('connect', this.#chooser.current);
  }

  stop(): void {
    this.#started = false;
    this.#stopSignals();
    this.#stream.stop();
    this.#presence.stop();
    this.#retry.cancel();
    for (const timer of [this.#upgradeTimer, this.#replaceTimer]) clearTimeout(timer);
    this.#main?.close();
    this.#next?.link?.close();
    this.#main = null;
    this.#next = null;
  }

  retry(): void {
    if (!this.#started) return;
    if (this.#main) this.#main.verify();
    else if (!this.#next) this.#open('connect', this.#chooser.current);
  }

  join = (taskId: string) => this.#presence.join(taskId);
  leave = (taskId: string) => this.#presence.leave(taskId);
  typing = (taskId: string, typing: boolean) => this.#presence.typing(taskId, typing);

  // -- opening ---------------------------------------------------------------------------------------------------------------------

  #open(purpose: Purpose, transport: Transport): void {
    this.#retry.cancel();
    const attempt: { purpose: Purpose; link: Link | null } = { purpose, link: null };
    this.#next = attempt;
    this.#options.credentials({ transport: transport.kind, purpose: 'open', refused: this.#retry.wasUnauthorized }).then(
      ({ token, url }) => {
        if (this.#next !== attempt) return;
        let first: string | null = token;
        const context = {
          baseUrl: url,
          workspaceId: this.#options.workspaceId,
          token: async () => {
            const given = first;
            first = null;
            return given ?? (await this.#token(transport.kind, 'request'));
          },
          position: () => this.#stream.position,
        };
        // Assigned only if it did not end at once: then the end has been dealt with already.
        const link = new Link(transport, context, this, this.#tuning, this.#signals);
        if (this.#next === attempt) attempt.link = link;
      },
      (error: unknown) => {
        if (this.#next !== attempt) return;
        if (error instanceof RealtimeDenied) this.#close(error.reason);
        else this.#openingFailed(attempt.purpose, { code: null, lived: null, timedOut: false, reason: String(error) });
      },
    );
  }

  onWelcome(link: Link, welcome: WelcomeFrame): void {
    const purpose = this.#next?.purpose ?? 'connect';
    const previous = this.#main;
    this.#next = null;
    this.#main = link;
    previous?.close();
    clearTimeout(this.#replaceTimer);
    this.#retry.connected();
    if (purpose === 'upgrade') {
      this.#chooser.upgraded();
      this.#upgradeDelay = this.#tuning.upgrade;
    }
    this.#wasLive = true;
    this.#options.listener.connected?.(link.kind);
    this.#stream.welcomed(welcome);
    this.#refreshStatus();
    this.#presence.sayAll();
    if (!this.#chooser.isBest) this.#scheduleUpgrade();
  }

  renewToken(kind: TransportKind): Promise<string> {
    return this.#token(kind, 'renew');
  }

  async #token(transport: TransportKind, purpose: 'request' | 'renew'): Promise<string> {
    try {
      return (await this.#options.credentials({ transport, purpose, refused: false })).token;
    } catch (error) {
      if (error instanceof RealtimeDenied) this.#close(error.reason);
      throw error;
    }
  }

  // -- frames ------------------------------------------------------------------------------------------------------------------------

  onFrame(link: Link, frame: ServerFrame): void {
    const { listener } = this.#options;
    if (isEvent(frame)) return this.#stream.accept([frame]);
    switch (frame.type) {
      case 'batch':
        return this.#stream.accept((frame as { events: WorkspaceEvent[] }).events);
      case 'heartbeat':
        return this.#stream.headSeen((frame as { head: number }).head, link);
      case 'reset':
        return this.#stream.reset();
      case 'presence': {
        const { taskId, viewers } = frame as PresenceFrame;
        return listener.presence?.(taskId, viewers);
      }
      case 'notification':
        return this.#notify((frame as { notification: NotificationFrameBody }).notification);
      case 'goaway':
        return this.#goAway((frame as { retryAfterMs: number }).retryAfterMs);
      case 'error':
        return listener.error?.(frame as ErrorFrame);
    }
  }

  #notify(notification: NotificationFrameBody): void {
    if (this.#notified.has(notification.id)) return;
    this.#notified.add(notification.id);
    if (this.#notified.size > KNOWN_NOTIFICATIONS) this.#notified.delete(this.#notified.values().next().value!);
    this.#options.listener.notification?.(notification);
  }

  /** The old connection serves until the new one is there. */
  #goAway(afterMs: number): void {
    this.#retry.holdFor(afterMs);
    clearTimeout(this.#replaceTimer);
    this.#replaceTimer = setTimeout(() => {
      if (this.#main && !this.#next) this.#open('replace', this.#chooser.current);
    }, afterMs);
  }

  // -- ends --------------------------------------------------------------------------------------------------------------------------

  onEnd(link: Link, end: LinkEnd): void {
    if (end.code === CloseCode.forbidden) return this.#close('forbidden');
    if (link === this.#main) {
      this.#main = null;
      this.#judge(end);
      if (end.lived !== null && end.lived >= this.#tuning.early) this.#retry.forget();
      if (!this.#next) this.#retryLater(end);
      return this.#refreshStatus();
    }
    this.#openingFailed(this.#next?.purpose ?? 'connect', end);
  }

  #openingFailed(purpose: Purpose, end: LinkEnd): void {
    this.#next = null;
    if (this.#main) {
      if (purpose === 'upgrade') this.#scheduleUpgrade();
      return;
    }
    this.#setState({ failedAttempts: this.#state.failedAttempts + 1 });
    if (purpose !== 'upgrade') this.#judge(end);
    this.#retryLater(end);
    this.#refreshStatus();
  }

  #judge(end: LinkEnd): void {
    const byServer = end.code !== null || end.retryAfterMs !== undefined || this.#retry.isServerLeaving;
    this.#chooser.ended({ lived: end.lived, timedOut: end.timedOut, byServer, online: this.#signals.online() });
  }

  #retryLater(end: LinkEnd): void {
    clearTimeout(this.#upgradeTimer);
    clearTimeout(this.#replaceTimer);
    this.#retry.schedule(end, () => this.#open('connect', this.#chooser.current));
  }

  #scheduleUpgrade(): void {
    clearTimeout(this.#upgradeTimer);
    this.#upgradeTimer = setTimeout(() => {
      if (this.#main && !this.#next) this.#open('upgrade', this.#chooser.best);
      else this.#scheduleUpgrade();
    }, this.#upgradeDelay);
    this.#upgradeDelay = Math.min(this.#upgradeDelay * 2, this.#tuning.upgradeCap);
  }

  #wake(reason: 'online' | 'offline' | 'visible' | 'pageshow'): void {
    if (reason === 'online') {
      // It may be another network, without what stood in the better transport's way.
      this.#upgradeDelay = this.#tuning.upgrade;
      if (this.#main && !this.#chooser.isBest) this.#scheduleUpgrade();
    }
    if (this.#main) return this.#main.verify();
    if (reason === 'offline') return;
    // Only this browser's network came back, not everybody's: no need to spread.
    this.#retry.forget();
    if (this.#retry.isHeld) return;
    // An attempt begun on the network that went away would only run into its deadline.
    if (this.#next && reason === 'online') this.#next.link?.close();
    else if (this.#next) return;
    this.#open('connect', this.#chooser.current);
  }

  #close(reason: DenialReason): void {
    this.stop();
    this.#setState({ status: 'closed', reason, transport: null });
  }

  #refreshStatus(): void {
    if (!this.#started) return;
    if (this.#main) this.#setState({ status: this.#stream.isSynced ? 'live' : 'reconnecting', failedAttempts: 0, transport: this.#main.kind });
    else if (this.#state.failedAttempts >= this.#tuning.lostAfter) this.#setState({ status: 'lost', transport: null });
    else this.#setState({ status: this.#wasLive || this.#state.failedAttempts > 0 ? 'reconnecting' : 'connecting', transport: null });
  }

  #setState(change: Partial<RealtimeState>): void {
    const next = { ...this.#state, ...change };
    if (next.status !== this.#state.status) next.since = Date.now();
    const same = (Object.keys(next) as (keyof RealtimeState)[]).every((key) => next[key] === this.#state[key]);
    this.#state = next;
    if (!same) this.#options.listener.state?.(next);
  }
}
