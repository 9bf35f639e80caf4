import { Menu, PanelLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '../ui/Button';
import { useStore } from '../ui/store';
import { preferences, setPreferences, usePreference } from './preferences';
import { setShell, shell } from './shell';

/** Opens the sidebar where there is no room for it beside the page. */
export function DrawerButton() {
  const open = useStore(shell, (state) => state.drawer);
  return (
    <IconButton label="Open the menu" aria-expanded={open} className="-ml-1 md:hidden" tooltip={false} onClick={() => setShell({ drawer: true })}>
      <Menu className="size-4" aria-hidden="true" />
    </IconButton>
  );
}

/** The first line of every page of a workspace. */
export function PageHeader({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 px-3 sm:px-4">
      <DrawerButton />
      <IconButton label="Show or hide the sidebar" aria-expanded={usePreference('sidebar')} className="-ml-1 max-md:hidden" onClick={() => setPreferences({ sidebar: !preferences.get().sidebar })}>
        <PanelLeft className="size-4" aria-hidden="true" />
      </IconButton>
      <h1 className="min-w-0 truncate text-sm font-semibold">{title}</h1>
      <span className="flex-1" />
      {children}
    </header>
  );
}
