/** One key of a shortcut: `mod+k`, `shift+d`, `?`, `alt+arrowup`. */
interface Chord {
  key: string;
  mod: boolean;
  shift: boolean;
  alt: boolean;
}

export interface Binding {
  keys: string;
  run(event: KeyboardEvent): void;
}

type KeyInfo = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'> & { code?: string };

/** The key's letter or sign. On a keyboard of another script it is the letter printed beside: nobody there can type a `c`. */
export function keyOf(event: KeyInfo): string {
  const isOtherScript = event.key.length === 1 && /\p{L}/u.test(event.key) && !/\p{Script=Latin}/u.test(event.key);
  return (isOtherScript && /^Key([A-Z])$/.exec(event.code ?? '')?.[1] || event.key).toLowerCase();
}

export function parseChord(text: string): Chord {
  const parts = text.toLowerCase().split('+');
  const key = parts[parts.length - 1] || '+';
  return { key, mod: parts.includes('mod'), shift: parts.includes('shift'), alt: parts.includes('alt') };
}

/** Letters need Shift to be exactly as said; signs such as `?` come with Shift on some keyboards and without it on others. */
export function chordMatches(chord: Chord, event: KeyInfo): boolean {
  const key = keyOf(event);
  if (key !== chord.key && !(chord.key === 'backspace' && key === 'delete')) return false;
  if ((event.ctrlKey || event.metaKey) !== chord.mod) return false;
  const sign = key.length === 1 && key === key.toUpperCase();
  if (!sign && event.shiftKey !== chord.shift) return false;
  return sign ? chord.mod || !event.altKey || chord.alt : event.altKey === chord.alt;
}

/** A shortcut that is a key alone: what WCAG 2.1.4 wants to be switched off. */
export function isSingleKey(keys: string): boolean {
  return keys.split(' ').every((part) => {
    const chord = parseChord(part);
    return !chord.mod && !chord.alt && chord.key.length === 1;
  });
}

const SequenceWait = 1000;

/** Follows what is typed, also sequences such as `g i`; a longer match under way holds back the single key. */
export function createMatcher(now: () => number = Date.now) {
  let typed: KeyInfo[] = [];
  let last = 0;
  return (event: KeyInfo, bindings: readonly Binding[]): Binding | null => {
    if (['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return null;
    if (now() - last > SequenceWait) typed = [];
    last = now();
    const attempt = [...typed, event];
    const fits = (keys: string, exact: boolean) => {
      const chords = keys.split(' ').map(parseChord);
      return (exact ? chords.length === attempt.length : chords.length > attempt.length) && attempt.every((each, index) => chordMatches(chords[index]!, each));
    };
    const found = bindings.find((binding) => fits(binding.keys, true));
    if (found) {
      typed = [];
      return found;
    }
    if (bindings.some((binding) => fits(binding.keys, false))) {
      typed = attempt;
      return null;
    }
    const sequence = typed.length > 0;
    typed = [];
    // The key that broke a sequence still counts by itself.
    if (!sequence) return null;
    const alone = bindings.find((binding) => !binding.keys.includes(' ') && chordMatches(parseChord(binding.keys), event));
    return alone ?? null;
  };
}

/** Where a key belongs to what has the focus, not to the page. */
export function isEditable(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  const editable = target.closest('input, textarea, select, [contenteditable="true"]');
  return editable !== null && !(editable instanceof HTMLInputElement && ['checkbox', 'radio', 'button'].includes(editable.type));
}

export function isInOverlay(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]') !== null;
}
