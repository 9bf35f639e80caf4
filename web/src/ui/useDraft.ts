import { useCallback, useEffect, useRef, useState } from 'react';

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

export const hasDraft = (key: string): boolean => Boolean(read(key));
export const readDraft = (key: string): string => read(key) ?? '';

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
