import type { Link } from './link';
import { RealtimeDenied, type DenialReason, type RealtimeOptions } from './options';
import type { Position, WelcomeFrame, WorkspaceEvent } from './protocol';
import { Sequencer } from './sequencer';
import { defaultTuning } from './tuning';

const FEED_LIMIT = 1_000;

export interface StreamOwner {
  /** The connection does not deliver what it should: replace it. */
  onBroken(reason: string): void;
  onDenied(reason: DenialReason): void;
  /** `isSynced` is another one now. */
  onSyncChanged(): void;
  retryDelay(attempt: number): number;
}

/** The log as seen from here, whatever connection brings it: order, holes and their repair, resets. */
export class EventStream {
  readonly #options: RealtimeOptions;
  readonly #owner: StreamOwner;
  readonly #sequencer: Sequencer;
  readonly #behindAfter: number;
  #stopped = false;
  #resets = 0;
  #resetting = false;
  #repairing = false;
  #behind: ReturnType<typeof setTimeout> | undefined;
  #resetRetry: ReturnType<typeof setTimeout> | undefined;
  /** The connection that was found behind once already. */
  #suspect: Link | null = null;

  constructor(options: RealtimeOptions, owner: StreamOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#sequencer = new Sequencer(options.position);
    this.#behindAfter = options.tuning?.behind ?? defaultTuning.behind;
  }

  /** Null while a snapshot is being loaded: there is nothing to go on from. */
  get position(): Position | null {
    const { last, epoch } = this.#sequencer;
    return last === null || this.#resetting ? null : { seq: last, epoch };
  }

  get isSynced(): boolean {
    return !this.#resetting && this.#sequencer.last !== null;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#behind);
    clearTimeout(this.#resetRetry);
  }

  welcomed(welcome: WelcomeFrame): void {
    const { last, epoch } = this.#sequencer;
    const otherHistory = epoch !== null && welcome.epoch !== null && welcome.epoch !== epoch;
    if (last !== null && !this.#resetting && (welcome.resume === 'reset' || otherHistory)) this.reset();
    else if (last === null && !this.#resetting) this.#deliver(this.#sequencer.restart({ seq: welcome.head, epoch: welcome.epoch }));
  }

  accept(events: readonly WorkspaceEvent[]): void {
    this.#deliver(this.#sequencer.offer(events));
    if (this.#sequencer.hasGap) void this.#repair(0);
  }

  /** The server names its head with every heartbeat; being behind it for a while with nothing coming means that something broke. */
  headSeen(head: number, link: Link): void {
    const last = this.#sequencer.last;
    if (last === null || head <= last || this.#resetting || this.#behind !== undefined) return;
    this.#behind = setTimeout(() => {
      this.#behind = undefined;
      if (this.#stopped || this.#resetting || this.#sequencer.last !== last) return;
      if (this.#suspect === link) {
        this.#owner.onBroken('behind the head');
        return;
      }
      this.#suspect = link;
      void this.#repair(head);
    }, this.#behindAfter);
  }

  /** What was handed out is not to be continued. Events that arrive from now on wait for the snapshot. */
  reset(): void {
    this.#sequencer.hold();
    this.#resets++;
    if (this.#resetting) return;
    this.#resetting = true;
    this.#owner.onSyncChanged();
    void this.#loadSnapshot(0);
  }

  async #loadSnapshot(attempt: number): Promise<void> {
    const reset = this.#resets;
    try {
      const position = await this.#options.loadSnapshot();
      if (this.#stopped) return;
      if (reset !== this.#resets) return void this.#loadSnapshot(0);
      this.#resetting = false;
      this.#deliver(this.#sequencer.restart(position));
      this.#owner.onSyncChanged();
      if (this.#sequencer.hasGap) void this.#repair(0);
    } catch (error) {
      if (this.#stopped) return;
      if (error instanceof RealtimeDenied) return this.#owner.onDenied(error.reason);
      this.#resetRetry = setTimeout(() => void this.#loadSnapshot(attempt + 1), this.#owner.retryDelay(attempt));
    }
  }

  /** Fills holes from the feed, up to `target` at least; one at a time. Where that fails, a new connection resumes behind the last event. */
  async #repair(target: number): Promise<void> {
    if (this.#repairing || this.#stopped) return;
    if (!this.#options.feed) return this.#owner.onBroken('a hole in the log');
    this.#repairing = true;
    try {
      const isDue = () => !this.#stopped && !this.#resetting && (this.#sequencer.hasGap || (this.#sequencer.last ?? 0) < target);
      for (let last = this.#sequencer.last; isDue(); last = this.#sequencer.last) {
        const page = await this.#options.feed(last ?? 0, FEED_LIMIT);
        if (this.#stopped || this.#resetting) return;
        const otherHistory = this.#sequencer.epoch !== null && page.epoch !== this.#sequencer.epoch;
        if (page.reset || otherHistory) return this.reset();
        this.#deliver(this.#sequencer.offer(page.events));
        if (this.#sequencer.last === last) return this.#owner.onBroken('the feed does not fill the hole');
      }
    } catch (error) {
      if (this.#stopped) return;
      if (error instanceof RealtimeDenied) this.#owner.onDenied(error.reason);
      else this.#owner.onBroken('the feed cannot be read');
    } finally {
      this.#repairing = false;
    }
  }

  #deliver(events: WorkspaceEvent[]): void {
    if (events.length === 0) return;
    try {
      this.#options.listener.events(events);
    } catch (error) {
      // A listener's defect must not look like a broken connection: what was handed out counts as handed out.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
