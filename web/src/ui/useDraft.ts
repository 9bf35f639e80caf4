import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

const Prefix = 'taskflow.draft.';

function read(key: string): string | null {
  try {
    return localStorage.getItem(Prefix + key);
  } catch {
    return null;
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value) localStorage.setItem(Prefix + key, value);
    else localStorage.removeItem(Prefix + key);
  } catch {
    // Storage is full or blocked: the draft lives as long as its component.
  }
}

/** Text that survives Esc, navigation and a reload until it is sent or cleared. */
export function useDraft(key: string): [string, (value: string) => void, () => void] {
  const [value, setValue] = useState(() => read(key) ?? '');
  const current = useRef(key);
  if (current.current !== key) {
    current.current = key;
    setValue(read(key) ?? '');
  }
  const set = useCallback(
    (next: string) => {
      setValue(next);
      write(key, next);
    },
    [key],
  );
  const clear = useCallback(() => {
    setValue('');
    write(key, null);
  }, [key]);
  // Another tab sent or changed the same draft.
  useEffect(() => {
    const follow = (event: StorageEvent) => {
      if (event.key === Prefix + key && document.activeElement?.getAttribute('data-draft') !== key) setValue(event.newValue ?? '');
    };
    addEventListener('storage', follow);
    return () => removeEventListener('storage', follow);
  }, [key]);
  return [value, set, clear];
}

/** A change of a text that is there already: what is being written, and what it began with. */
export interface TextEdit {
  text: string;
  before: string;
}

/**
 * The same for a change of a text that is there already; null until something was written. What it began with is kept with it, so that a
 * later visit can tell whether the text was changed meanwhile.
 */
export function useEditDraft<T extends TextEdit>(key: string): [T | null, (edit: T) => void, () => void] {
  const [stored, store, clear] = useDraft(key);
  const edit = useMemo(() => parse<T>(stored), [stored]);
  const set = useCallback((next: T) => (next.text === next.before ? clear() : store(JSON.stringify(next))), [store, clear]);
  return [edit, set, clear];
}

function parse<T extends TextEdit>(stored: string): T | null {
  try {
    const edit = JSON.parse(stored) as T;
    return typeof edit.text === 'string' && typeof edit.before === 'string' ? edit : null;
  } catch {
    return null;
  }
}
