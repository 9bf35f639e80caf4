import type { KeyboardEvent } from 'react';

/** Where a key leads in a row of controls that is one stop for Tab: Left and Right go round, Home and End to the ends. */
export function rove({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent, at: number, count: number): number | undefined {
  if (ctrlKey || metaKey || altKey || shiftKey) return undefined;
  const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[key];
  return next === undefined ? undefined : (next + count) % count;
}
