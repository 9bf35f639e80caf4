import { CalendarDays, CircleDot, Flag, Tag, Trash2, UserRound, X } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { usePermissions } from '../../data';
import { IconButton } from '../../ui/Button';
import { useStore } from '../../ui/store';
import { Tooltip } from '../../ui/Tooltip';
import { useTaskActions } from '../tasks/actions';
import { showPicker, type PickerKind } from '../tasks/pickers';
import { clearSelection, selection } from './focus';
import { isEditable, isInOverlay } from '../shortcuts/keys';

const Pickers: { kind: PickerKind; label: string; shortcut: string; icon: ReactNode }[] = [
  { kind: 'status', label: 'Status', shortcut: 's', icon: <CircleDot className="size-4" aria-hidden="true" /> },
  { kind: 'priority', label: 'Priority', shortcut: 'p', icon: <Flag className="size-4" aria-hidden="true" /> },
  { kind: 'assignee', label: 'Assignee', shortcut: 'a', icon: <UserRound className="size-4" aria-hidden="true" /> },
  { kind: 'labels', label: 'Labels', shortcut: 'l', icon: <Tag className="size-4" aria-hidden="true" /> },
  { kind: 'due', label: 'Due date', shortcut: 'shift+d', icon: <CalendarDays className="size-4" aria-hidden="true" /> },
];

/** What can be done with the chosen cards, at the foot of the page while there are any. */
export function ActionBar() {
  const chosen = useStore(selection);
  const { write } = usePermissions();
  const actions = useTaskActions();

  useEffect(() => {
    if (chosen.length === 0) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || isEditable(event.target) || isInOverlay(event.target)) return;
      event.preventDefault();
      clearSelection();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [chosen.length]);

  if (chosen.length === 0) return null;
  return (
    <div role="toolbar" aria-label="Selected tasks" className="fixed bottom-4 left-1/2 z-30 flex max-w-[calc(100vw-1rem)] -translate-x-1/2 animate-pop items-center gap-1 rounded-xl bg-raised p-1.5 shadow-pop">
      <span className="px-2 text-sm font-medium whitespace-nowrap tabular-nums">{chosen.length} selected</span>
      {write &&
        Pickers.map(({ kind, label, shortcut, icon }) => (
          <Tooltip key={kind} label={label} shortcut={shortcut} side="top">
            <button
              type="button"
              aria-label={label}
              aria-haspopup="dialog"
              className="inline-flex h-8 items-center gap-1.5 rounded-md px-2 text-ink-2 hover:bg-hover hover:text-ink"
              onClick={(event) => showPicker(kind, chosen, event.currentTarget)}
            >
              {icon}
              <span className="hidden text-xs md:inline">{label}</span>
            </button>
          </Tooltip>
        ))}
      {write && (
        <IconButton label="Delete" shortcut="mod+backspace" className="hover:text-danger" onClick={() => actions.askToRemove(chosen)}>
          <Trash2 className="size-4" aria-hidden="true" />
        </IconButton>
      )}
      <IconButton label="Clear the selection" shortcut="esc" onClick={clearSelection}>
        <X className="size-4" aria-hidden="true" />
      </IconButton>
    </div>
  );
}
