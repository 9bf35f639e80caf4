import { createStore, useStore } from './store';

type Urgency = 'polite' | 'assertive';

interface Spoken {
  id: number;
  text: string;
  urgency: Urgency;
}

const spoken = createStore<readonly Spoken[]>([]);
let nextId = 1;

/** Long enough to be read; who walks through the page later is not to find all that was ever said. */
const Life = 7000;

/** Has a screen reader say something that is visible on the page only to the eye. */
export function announce(text: string, urgency: Urgency = 'polite'): void {
  const id = nextId++;
  spoken.set((texts) => [...texts, { id, text, urgency }]);
  setTimeout(() => spoken.set((texts) => texts.filter((each) => each.id !== id)), Life);
}

/**
 * The page's live regions. They are there before any text is: a region that comes together with its text is often not read. Texts are added and
 * never replaced, so that none is lost to the next one and the same sentence is read twice.
 */
export function Announcer() {
  const texts = useStore(spoken);
  return (
    <div className="sr-only">
      {(['polite', 'assertive'] as const).map((urgency) => (
        <div key={urgency} role="log" aria-live={urgency} aria-relevant="additions">
          {texts.map((each) => each.urgency === urgency && <p key={each.id}>{each.text}</p>)}
        </div>
      ))}
    </div>
  );
}
