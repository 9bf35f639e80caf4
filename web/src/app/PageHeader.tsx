import { Menu, PanelLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '../ui/Button';
import { preferences, setPreferences } from './preferences';
import { setShell } from './shell';

/** The first line of every page of a workspace. */
export function PageHeader({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 px-3 sm:px-4">
      <IconButton label="Open the menu" className="-ml-1 md:hidden" tooltip={false} onClick={() => setShell({ drawer: true })}>
        <Menu className="size-4" aria-hidden="true" />
      </IconButton>
      <IconButton label="Show or hide the sidebar" className="-ml-1 max-md:hidden" onClick={() => setPreferences({ sidebar: !preferences.get().sidebar })}>
        <PanelLeft className="size-4" aria-hidden="true" />
      </IconButton>
      <h1 className="min-w-0 truncate text-sm font-semibold">{title}</h1>
      <span className="flex-1" />
      {children}
    </header>
  );
}
