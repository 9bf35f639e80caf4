import { useEffect } from 'react';
import { createStore, useStore } from '../ui/store';
import type { SavedView } from '../features/filters/views';

export type Theme = 'system' | 'light' | 'dark';

export interface Preferences {
  theme: Theme;
  /** Shortcuts of one key without a modifier; some people need them off (WCAG 2.1.4). */
  singleKeys: boolean;
  /** Shows in a corner how long the last change took from commit to screen. */
  latencyHint: boolean;
  sidebar: boolean;
  lastView: 'board' | 'list';
  lastWorkspace: string | null;
  lastProject: string | null;
  /** By workspace. */
  views: Readonly<Record<string, readonly SavedView[]>>;
}

const Key = 'taskflow.preferences';
const Defaults: Preferences = { theme: 'system', singleKeys: true, latencyHint: false, sidebar: true, lastView: 'board', lastWorkspace: null, lastProject: null, views: {} };

function read(): Preferences {
  try {
    return { ...Defaults, ...(JSON.parse(localStorage.getItem(Key) ?? '{}') as Partial<Preferences>) };
  } catch {
    return Defaults;
  }
}

export const preferences = createStore<Preferences>(read());

export function setPreferences(change: Partial<Preferences>): void {
  const next = { ...preferences.get(), ...change };
  preferences.set(next);
  try {
    localStorage.setItem(Key, JSON.stringify(next));
  } catch {
    // Storage is full or blocked: the choice holds until the tab closes.
  }
}

export const usePreference = <K extends keyof Preferences>(name: K): Preferences[K] => useStore(preferences, (value) => value[name]);

/** Keeps the document in the chosen theme, follows the system and the other tabs. */
export function useTheme(): void {
  const theme = usePreference('theme');
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const apply = () => {
      document.documentElement.dataset.theme = theme === 'dark' || (theme === 'system' && dark.matches) ? 'dark' : 'light';
    };
    apply();
    dark.addEventListener('change', apply);
    return () => dark.removeEventListener('change', apply);
  }, [theme]);
  useEffect(() => {
    const follow = (event: StorageEvent) => {
      if (event.key === Key) preferences.set(read());
    };
    addEventListener('storage', follow);
    return () => removeEventListener('storage', follow);
  }, []);
}
