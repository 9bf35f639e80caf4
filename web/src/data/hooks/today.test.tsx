// @vitest-environment jsdom
import { act, cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useToday } from './today';

const Day = () => <p>{useToday()}</p>;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

it('is another day after midnight, also where nothing looked at the calendar meanwhile', () => {
  vi.setSystemTime(new Date(2026, 4, 31, 23, 59, 50));
  render(<Day />);
  expect(screen.getByText('2026-05-31')).toBeDefined();
  act(() => void vi.advanceTimersByTime(60_000));
  expect(screen.getByText('2026-06-01')).toBeDefined();
  cleanup();
  vi.setSystemTime(new Date(2026, 5, 4, 12));
  render(<Day />);
  expect(screen.getByText('2026-06-04')).toBeDefined();
});
