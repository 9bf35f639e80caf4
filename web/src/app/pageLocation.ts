import { createContext, useContext } from 'react';
import type { Location } from 'react-router';

export interface LocationState {
  /** The page that stays behind a task's panel. */
  background?: Location;
  edit?: 'title' | 'description';
}

/** The address as it is. Below the routes `useLocation` gives the page in the background while a panel lies over it. */
export const PageLocation = createContext<Location | null>(null);

export function usePageLocation(): Location {
  const location = useContext(PageLocation);
  if (!location) throw new Error('usePageLocation needs the routes around it.');
  return location;
}
