import { describe, expect, it } from 'vitest';
import type { BoardColumn } from '../../data';
import { StatusNames } from '../tasks/names';
import { describeTarget, isNoMove, stepTarget, toMove } from './drop';

const columns: BoardColumn[] = [
  { status: 'todo', ids: ['a', 'b', 'c'] },
  { status: 'in_progress', ids: ['d'] },
  { status: 'in_review', ids: [] },
  { status: 'done', ids: ['e', 'f'] },
];

describe('a drop', () => {
  it('on either side of the card itself is no move', () => {
    expect(isNoMove(columns, ['b'], { status: 'todo', before: 'b' })).toBe(true);
    expect(isNoMove(columns, ['b'], { status: 'todo', before: 'c' })).toBe(true);
    expect(isNoMove(columns, ['b'], { status: 'todo', before: 'a' })).toBe(false);
    expect(isNoMove(columns, ['c'], { status: 'todo', before: null })).toBe(true);
    expect(isNoMove(columns, ['c'], { status: 'done', before: null })).toBe(false);
  });

  it('names a neighbour that stays where it is', () => {
    expect(toMove(columns, ['a'], { status: 'todo', before: 'a' })).toEqual({ status: 'todo', before: 'b' });
    expect(toMove(columns, ['a', 'b'], { status: 'todo', before: 'b' })).toEqual({ status: 'todo', before: 'c' });
    expect(toMove(columns, ['c'], { status: 'done', before: null })).toEqual({ status: 'done', after: 'f' });
    expect(toMove(columns, ['c'], { status: 'in_review', before: null })).toEqual({ status: 'in_review', at: 'bottom' });
  });

  it('passes over cards that went away while it was carried', () => {
    const isThere = (id: string) => id !== 'b' && id !== 'f';
    expect(toMove(columns, ['d'], { status: 'todo', before: 'b' }, isThere)).toEqual({ status: 'todo', before: 'c' });
    expect(toMove(columns, ['d'], { status: 'done', before: 'f' }, isThere)).toEqual({ status: 'done', after: 'e' });
    expect(toMove(columns, ['a'], { status: 'in_progress', before: null }, () => false)).toEqual({ status: 'in_progress', at: 'bottom' });
  });
});

describe('carrying a card by keyboard', () => {
  it('goes up and down, and stops at the ends', () => {
    const start = { status: 'todo' as const, before: 'b' };
    expect(stepTarget(columns, 'b', start, 0, -1)).toEqual({ status: 'todo', before: 'a' });
    expect(stepTarget(columns, 'b', { status: 'todo', before: 'a' }, 0, -1)).toEqual({ status: 'todo', before: 'a' });
    expect(stepTarget(columns, 'b', start, 0, 1)).toEqual({ status: 'todo', before: null });
  });

  it('keeps its height when it goes sideways, as far as the column reaches', () => {
    expect(stepTarget(columns, 'b', { status: 'todo', before: 'b' }, 1, 0)).toEqual({ status: 'in_progress', before: null });
    expect(stepTarget(columns, 'a', { status: 'todo', before: 'a' }, 3, 0)).toEqual({ status: 'done', before: 'e' });
    expect(stepTarget(columns, 'a', { status: 'todo', before: 'a' }, -1, 0)).toEqual({ status: 'todo', before: 'b' });
  });

  it('is told where it would land', () => {
    expect(describeTarget(columns, 'b', { status: 'todo', before: 'a' }, StatusNames)).toBe('Position 1 of 3 in To do');
    expect(describeTarget(columns, 'b', { status: 'in_review', before: null }, StatusNames)).toBe('Position 1 of 1 in In review');
  });
});
