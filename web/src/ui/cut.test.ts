import { expect, it } from 'vitest';
import { cut } from './cut';

it('cuts a text where it is too long, and never through a character', () => {
  expect(cut('abc', 3)).toBe('abc');
  expect(cut('abcd', 3)).toBe('abc');
  expect(cut('ab🚀', 3)).toBe('ab');
  expect(cut('ab🚀', 4)).toBe('ab🚀');
  expect(cut('ab🚀d', 4)).toBe('ab🚀');
});
