import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';

const Prefix = 'taskflow.draft.';

/** Whose drafts, and of which workspace: what one person wrote must not meet the next one who signs in here. */
export const DraftScope = createContext('');

export function draftScope(userId: string, workspaceId: string): string {
  return `${userId}.${workspaceId}.`;
}

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

/** Keys of all drafts under a scope, or of a person. */
function keysUnder(start: string): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(Prefix + start)).map((key) => key.slice(Prefix.length));
  } catch {
    return [];
  }
}

export function hasDrafts(userId: string): boolean {
  return keysUnder(`${userId}.`).length > 0;
}

/** Removes all drafts of a person, in every workspace. */
export function forgetDrafts(userId: string): void {
  for (const key of keysUnder(`${userId}.`)) write(key, null);
}

/** What drafts were called before their keys began with whose they are: nobody reads these any more, and signing out does not find them. */
const Unscoped = ['quick.', 'new.', 'comment.', 'description.'];

/** Removes the drafts that an older version of the app left in this browser. */
export function dropUnscopedDrafts(): void {
  for (const key of Unscoped.flatMap(keysUnder)) write(key, null);
}

/** Moves the drafts about something to its new id. */
export function renameDrafts(scope: string, from: string, to: string): void {
  for (const key of keysUnder(scope)) {
    if (!key.endsWith(`.${from}`)) continue;
    write(key.slice(0, -from.length) + to, read(key));
    write(key, null);
  }
}

/** Text that survives Esc, navigation and a reload until it is sent or cleared. */
export function useDraft(name: string): [string, (value: string) => void, () => void] {
  const key = useContext(DraftScope) + name;
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
      if (event.key === Prefix + key && document.activeElement?.getAttribute('data-draft') !== name) setValue(event.newValue ?? '');
    };
    addEventListener('storage', follow);
    return () => removeEventListener('storage', follow);
  }, [key, name]);
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
export function useEditDraft<T extends TextEdit>(name: string): [T | null, (edit: T) => void, () => void] {
  const [stored, store, clear] = useDraft(name);
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
