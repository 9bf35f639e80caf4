import { CalendarDays, CircleDot, Flag, Tag, Trash2, UserRound, X } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { usePermissions } from '../../data';
import { announce } from '../../ui/announcer';
import { IconButton } from '../../ui/Button';
import { rove } from '../../ui/roving';
import { ignoreSecondClick } from '../../ui/secondClick';
import { useStore } from '../../ui/store';
import { Tooltip } from '../../ui/Tooltip';
import { useTaskActions } from '../tasks/actions';
import { showPicker, type PickerKind } from '../tasks/pickers';
import { clearSelection, requestFocus, selection } from './focus';
import { isEditable, isInOverlay } from '../shortcuts/keys';

const Pickers: { kind: PickerKind; label: string; shortcut: string; icon: ReactNode }[] = [
  { kind: 'status', label: 'Status', shortcut: 's', icon: <CircleDot className="size-4" aria-hidden="true" /> },
  { kind: 'priority', label: 'Priority', shortcut: 'p', icon: <Flag className="size-4" aria-hidden="true" /> },
  { kind: 'assignee', label: 'Assignee', shortcut: 'a', icon: <UserRound className="size-4" aria-hidden="true" /> },
  { kind: 'labels', label: 'Labels', shortcut: 'l', icon: <Tag className="size-4" aria-hidden="true" /> },
  { kind: 'due', label: 'Due date', shortcut: 'shift+d', icon: <CalendarDays className="size-4" aria-hidden="true" /> },
];

const Delete = 'Delete';
const Clear = 'Clear the selection';

/** What can be done with the chosen cards, at the foot of the page while there are any. */
export function ActionBar() {
  const chosen = useStore(selection);
  const { write } = usePermissions();
  const actions = useTaskActions();
  const bar = useRef<HTMLDivElement>(null);
  const [stop, setStop] = useState<string | null>(null);

  const clear = () => {
    const last = chosen[chosen.length - 1];
    // The bar goes, and with it what has the focus.
    if (last && bar.current?.contains(document.activeElement)) requestFocus(last);
    clearSelection();
    announce('Nothing selected');
  };
  const latest = useRef(clear);
  latest.current = clear;
  useEffect(() => {
    if (chosen.length === 0) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || isEditable(event.target) || isInOverlay(event.target)) return;
      event.preventDefault();
      latest.current();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [chosen.length]);

  if (chosen.length === 0) return null;
  const reached = write ? (stop ?? Pickers[0]!.label) : Clear;
  const tabIndex = (label: string) => (label === reached ? 0 : -1);
  return (
    <div
      ref={bar}
      role="toolbar"
      aria-label="Selected tasks"
      onKeyDown={(event) => {
        const buttons = [...event.currentTarget.querySelectorAll('button')];
        const next = rove(event, buttons.findIndex((button) => button === document.activeElement), buttons.length);
        if (next === undefined) return;
        event.preventDefault();
        buttons[next]?.focus();
      }}
      onFocus={(event) => setStop(event.target.getAttribute('aria-label'))}
      className="fixed bottom-4 left-1/2 z-30 flex max-w-[calc(100vw-1rem)] -translate-x-1/2 animate-pop items-center gap-1 rounded-xl bg-raised p-1.5 shadow-pop"
    >
      <span className="px-2 text-sm font-medium whitespace-nowrap tabular-nums">{chosen.length} selected</span>
      {write &&
        Pickers.map(({ kind, label, shortcut, icon }) => (
          <Tooltip key={kind} label={label} shortcut={shortcut} side="top">
            <button
              type="button"
              aria-label={label}
              tabIndex={tabIndex(label)}
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
        <IconButton label={Delete} tabIndex={tabIndex(Delete)} shortcut="mod+backspace" className="hover:text-danger" onClick={() => actions.askToRemove(chosen)}>
          <Trash2 className="size-4" aria-hidden="true" />
        </IconButton>
      )}
      <IconButton
        label={Clear}
        tabIndex={tabIndex(Clear)}
        shortcut="esc"
        onClick={(event) => {
          ignoreSecondClick(event);
          clear();
        }}
      >
        <X className="size-4" aria-hidden="true" />
      </IconButton>
    </div>
  );
}
