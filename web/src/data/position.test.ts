import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePositions, positionBetween } from './position';

describe('positionBetween', () => {
  it('makes room anywhere, any number of times', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { maxLength: 200 }), (places) => {
        const column: string[] = [];
        for (const place of places) {
          const index = Math.floor(place * (column.length + 1));
          const before = column[index - 1] ?? null;
          const after = column[index] ?? null;
          const made = positionBetween(before, after);
          if (before !== null) expect(comparePositions(before, made)).toBe(-1);
          if (after !== null) expect(comparePositions(made, after)).toBe(-1);
          column.splice(index, 0, made);
        }
      }),
    );
  });

  it('stays short where a column grows at an end', () => {
    let last: string | null = null;
    let first: string | null = null;
    for (let index = 0; index < 5_000; index++) {
      last = positionBetween(last, null);
      first = positionBetween(null, first);
    }
    expect(last!.length).toBeLessThan(5);
    expect(first!.length).toBeLessThan(5);
  });

  it('counts on from the keys of the server', () => {
    expect(positionBetween(null, null)).toBe('a0');
    expect(positionBetween('a0', null)).toBe('a1');
    expect(positionBetween('az', null)).toBe('b00');
    expect(positionBetween('Zz', null)).toBe('a0');
    expect(positionBetween(null, 'a0')).toBe('Zz');
    expect(positionBetween(null, 'b00')).toBe('az');
    expect(positionBetween('a0', 'a1')).toBe('a0V');
  });

  it('leaves it to the server where there is no room', () => {
    expect(positionBetween('a', 'a0')).toBe('a');
    expect(positionBetween('a1', 'a1')).toBe('a1');
  });

  it('copes with any printable text of others', () => {
    const printable = fc.string({ unit: fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code)), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(printable, printable, (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const made = positionBetween(low, high);
        expect(comparePositions(low, made)).toBeLessThanOrEqual(0);
        expect(comparePositions(made, high)).toBeLessThanOrEqual(0);
      }),
    );
  });
});
