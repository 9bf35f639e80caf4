import { useSyncExternalStore } from 'react';
import { todayHere } from '../filter';

const LOOK_MS = 30_000;

// One look at the calendar for all that shows a day.
let today = todayHere();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function look(): void {
  const now = todayHere();
  if (now === today) return;
  today = now;
  for (const each of [...listeners]) each();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    timer = setInterval(look, LOOK_MS);
    document.addEventListener('visibilitychange', look);
    look();
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
    document.removeEventListener('visibilitychange', look);
  };
}

/** The person's date, such as `2026-01-31`; renders again when a new day begins. */
export function useToday(): string {
  return useSyncExternalStore(subscribe, () => today);
}
