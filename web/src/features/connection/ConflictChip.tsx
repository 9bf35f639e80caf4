import { GitMerge } from 'lucide-react';
import { useConflicts } from '../../data';
import { useStore } from '../../ui/store';
import { postponed } from './conflicts';

/** Nothing of a task is sent while the person has to decide about a change of it: who puts the question off can come back to it here. */
export function ConflictChip() {
  const { conflicts } = useConflicts();
  const later = useStore(postponed, (ids) => conflicts.filter((each) => ids.includes(each.id)).length);
  if (later === 0) return null;
  return (
    <button
      type="button"
      onClick={() => postponed.set([])}
      className="pointer-events-auto flex h-8 animate-pop items-center gap-2 rounded-lg bg-warn-soft px-3 text-xs font-medium text-warn shadow-pop hover:underline"
    >
      <GitMerge className="size-3.5" aria-hidden="true" />
      {later} {later === 1 ? 'conflict' : 'conflicts'} to resolve
    </button>
  );
}
