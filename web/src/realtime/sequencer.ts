import type { Position, WorkspaceEvent } from './protocol';

/** More than this waiting behind a gap is not worth keeping: the repair reads it again anyway. */
const MAX_AHEAD = 20_000;

/**
 * Turns whatever the network delivers (doubled, reordered, with holes) into each event exactly once, in order. What is ahead of a
 * hole waits here until the hole is filled; who fills it is the caller's business.
 */
export class Sequencer {
  #last: number | null;
  #epoch: string | null;
  #holding = false;
  #ahead = new Map<number, WorkspaceEvent>();

  constructor(position: Position | null) {
    this.#last = position?.seq ?? null;
    this.#epoch = position?.epoch ?? null;
  }

  /** The last event handed out; null before the first position is known. */
  get last(): number | null {
    return this.#last;
  }

  get epoch(): string | null {
    return this.#epoch;
  }

  /** A hole is known: events wait behind one that has not come. */
  get hasGap(): boolean {
    return !this.#holding && this.#ahead.size > 0;
  }

  /** Takes events in any order and returns those that are due now. */
  offer(events: readonly WorkspaceEvent[]): WorkspaceEvent[] {
    if (this.#last === null && !this.#holding) return [];
    for (const event of events) {
      if (this.#last !== null && event.seq <= this.#last && !this.#holding) continue;
      if (this.#ahead.size >= MAX_AHEAD) this.#ahead.clear();
      this.#ahead.set(event.seq, event);
    }
    return this.#drain();
  }

  /** Nothing is handed out until `restart`: what was handed out so far belongs to a past that is being replaced. */
  hold(): void {
    this.#holding = true;
    this.#ahead.clear();
  }

  /** Goes on behind a position (a snapshot's), with whatever arrived meanwhile. */
  restart(position: Position): WorkspaceEvent[] {
    this.#holding = false;
    this.#last = position.seq;
    if (position.epoch !== null) this.#epoch = position.epoch;
    for (const seq of this.#ahead.keys()) {
      if (seq <= position.seq) this.#ahead.delete(seq);
    }
    return this.#drain();
  }

  #drain(): WorkspaceEvent[] {
    const due: WorkspaceEvent[] = [];
    if (this.#holding || this.#last === null) return due;
    for (let next = this.#ahead.get(this.#last + 1); next; next = this.#ahead.get(this.#last + 1)) {
      this.#ahead.delete(next.seq);
      this.#last = next.seq;
      due.push(next);
    }
    return due;
  }
}
