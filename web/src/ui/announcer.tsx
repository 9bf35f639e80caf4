import { createStore, useStore } from './store';

const spoken = createStore({ polite: '', assertive: '', turn: 0 });

/** Has a screen reader say something that is visible on the page only to the eye. */
export function announce(text: string, urgency: 'polite' | 'assertive' = 'polite'): void {
  // A no-break space makes the same sentence twice in a row two different texts: else the second is not read.
  spoken.set((current) => ({ ...current, [urgency]: current.turn % 2 ? `${text}\u00a0` : text, turn: current.turn + 1 }));
}

export function Announcer() {
  const { polite, assertive } = useStore(spoken);
  return (
    <div className="sr-only">
      <div role="status" aria-live="polite">{polite}</div>
      <div role="alert" aria-live="assertive">{assertive}</div>
    </div>
  );
}
