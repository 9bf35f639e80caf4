import { setPreferences, usePreference, preferences } from '../../app/preferences';

/** A filter worth coming back to, under a name; its address is what is shared with others. */
export interface SavedView {
  name: string;
  page: 'board' | 'list';
  search: string;
}

const NONE: readonly SavedView[] = [];
const MaxViews = 30;

/** The same choice is the same text, in whatever order it was made. */
export function canonicalSearch(search: string | URLSearchParams): string {
  const params = new URLSearchParams(search);
  for (const [name, value] of [...params]) {
    if (name !== 'q') params.set(name, value.split(',').sort().join(','));
  }
  params.sort();
  return params.toString();
}

export function findView(views: readonly SavedView[], search: string | URLSearchParams): SavedView | undefined {
  const wanted = canonicalSearch(search);
  return views.find((view) => canonicalSearch(view.search) === wanted);
}

/** This browser's views of a workspace, by name. */
export function useViews(workspaceId: string): readonly SavedView[] {
  return usePreference('views')[workspaceId] ?? NONE;
}

/** Takes the place of a view with the same name or the same filter. */
export function saveView(workspaceId: string, view: SavedView): void {
  const search = canonicalSearch(view.search);
  const others = removed(workspaceId, (each) => each.name === view.name || canonicalSearch(each.search) === search);
  const views = [...others, { ...view, search }].sort((a, b) => a.name.localeCompare(b.name)).slice(0, MaxViews);
  setPreferences({ views: { ...preferences.get().views, [workspaceId]: views } });
}

export function removeView(workspaceId: string, name: string): void {
  setPreferences({ views: { ...preferences.get().views, [workspaceId]: removed(workspaceId, (each) => each.name === name) } });
}

function removed(workspaceId: string, isMeant: (view: SavedView) => boolean): readonly SavedView[] {
  return (preferences.get().views[workspaceId] ?? NONE).filter((each) => !isMeant(each));
}
