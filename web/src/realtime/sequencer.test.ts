import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { event } from '../testing/scriptedTransport';
import { Sequencer } from './sequencer';

const seqs = (events: { seq: number }[]) => events.map((each) => each.seq);

describe('Sequencer', () => {
  it('hands out nothing before it knows a position', () => {
    expect(new Sequencer(null).offer([event(1)])).toEqual([]);
  });

  it('drops what was handed out and holds what is ahead of a hole', () => {
    const sequencer = new Sequencer({ seq: 4, epoch: 'e' });
    expect(seqs(sequencer.offer([event(4), event(5), event(7), event(5)]))).toEqual([5]);
    expect(sequencer.hasGap).toBe(true);
    expect(seqs(sequencer.offer([event(6)]))).toEqual([6, 7]);
    expect(sequencer.hasGap).toBe(false);
  });

  it('goes on behind a snapshot with what arrived while it was loading', () => {
    const sequencer = new Sequencer({ seq: 900, epoch: 'old' });
    sequencer.offer([event(903)]);
    sequencer.hold();
    expect(sequencer.offer([event(11), event(13), event(12)])).toEqual([]);
    expect(seqs(sequencer.restart({ seq: 11, epoch: 'new' }))).toEqual([12, 13]);
    expect(sequencer.epoch).toBe('new');
  });

  it('hands out each event once and in order for any order, doubling and splitting of what arrives', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 50 }).chain((start) =>
          fc.tuple(fc.constant(start), fc.array(fc.array(fc.integer({ min: Math.max(1, start - 5), max: start + 30 }), { maxLength: 8 }), { maxLength: 40 })),
        ),
        ([start, frames]) => {
          const sequencer = new Sequencer({ seq: start, epoch: null });
          const delivered = frames.flatMap((frame) => seqs(sequencer.offer(frame.map((seq) => event(seq)))));
          const offered = new Set(frames.flat());
          let last = start;
          while (offered.has(last + 1)) last++;
          expect(delivered).toEqual(Array.from({ length: last - start }, (_, index) => start + 1 + index));
        },
      ),
    );
  });
});
