import { ArrowDownToLine, ArrowUpToLine, CalendarDays, CalendarX2, UserX } from 'lucide-react';
import { useMemo, useReducer, useRef, type ReactNode, type RefObject } from 'react';
import { PRIORITIES, STATUSES, useSession, useTaskGetter, useWorkspace, type TaskStatus } from '../../data';
import { Avatar } from '../../ui/Avatar';
import { PickerList, type PickerOption } from '../../ui/Picker';
import { Popover, PopoverAnchor, PopoverContent } from '../../ui/Popover';
import { announce } from '../../ui/announcer';
import { cut } from '../../ui/cut';
import { useStore } from '../../ui/store';
import { dueLabel, toDateOnly } from '../../ui/time';
import { requestFocus } from '../board/focus';
import { useTaskActions } from './actions';
import { LabelDot, PriorityIcon, PriorityNames, StatusIcon, StatusNames } from './names';
import { openPicker, type OpenPicker } from './pickers';

/** The one picker of the page, at whatever it was opened beside. */
export function TaskPickers() {
  const open = useStore(openPicker);
  const anchor = useRef<Element | null>(null);
  const last = useRef<OpenPicker | null>(null);
  if (open) {
    anchor.current = open.anchor;
    last.current = open;
  }
  const close = () => openPicker.set(null);
  return (
    <Popover open={open !== null} onOpenChange={(next) => !next && close()}>
      <PopoverAnchor virtualRef={anchor as RefObject<Element>} />
      {open && (
        <PopoverContent
          label={Titles[open.kind]}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            restoreFocus(last.current);
          }}
        >
          <PickerBody key={`${open.kind}:${open.taskIds.join()}`} open={open} close={close} />
        </PopoverContent>
      )}
    </Popover>
  );
}

const Titles = { status: 'Status', priority: 'Priority', assignee: 'Assignee', labels: 'Labels', due: 'Due date', move: 'Move to' } as const;
const Shortcuts = { status: 's', priority: 'p', assignee: 'a', labels: 'l', due: 'shift+d', move: 'm' } as const;

/** Back to what opened the picker; its card may have moved to another column meanwhile. */
function restoreFocus(open: OpenPicker | null): void {
  if (!open) return;
  if (open.anchor.isConnected) {
    const target = open.anchor instanceof HTMLElement && open.anchor.matches('button, a') ? open.anchor : open.anchor.querySelector<HTMLElement>('[data-card-link]');
    target?.focus({ preventScroll: true });
  } else if (open.taskIds[0]) requestFocus(open.taskIds[0]);
}

function PickerBody({ open: { kind, taskIds }, close }: { open: OpenPicker; close(): void }) {
  const getTask = useTaskGetter();
  const actions = useTaskActions();
  const workspace = useWorkspace().data;
  const { user } = useSession();
  const tasks = taskIds.map(getTask).filter((task) => task !== undefined);
  const common = <T extends string>(value: (task: (typeof tasks)[number]) => T | null): string[] => {
    const first = tasks[0] && value(tasks[0]);
    return first !== undefined && tasks.every((task) => value(task) === first) ? [first ?? ''] : [];
  };

  const pick = (act: () => void, said: string) => {
    close();
    act();
    announce(said);
  };

  const people = useMemo<PickerOption[]>(() => {
    const members = (workspace?.members ?? []).filter((member) => member.role !== 'guest');
    const sorted = [...members].sort((a, b) => Number(b.userId === user?.id) - Number(a.userId === user?.id));
    return [
      { value: '', label: 'Nobody', icon: <UserX className="size-4 text-ink-3" /> },
      ...sorted.map((member) => ({
        value: member.userId,
        label: member.userId === user?.id ? `${member.name} (you)` : member.name,
        keywords: member.email,
        icon: <Avatar id={member.userId} name={member.name} size="xs" />,
      })),
    ];
  }, [workspace?.members, user?.id]);

  const shared = { label: Titles[kind], shortcut: Shortcuts[kind], onClose: close };
  switch (kind) {
    case 'status':
      return (
        <PickerList
          {...shared}
          options={STATUSES.map((status) => ({ value: status, label: StatusNames[status], icon: <StatusIcon status={status} /> }))}
          selected={common((task) => task.status)}
          onPick={(value) => pick(() => actions.move(taskIds, { status: value as TaskStatus, at: 'bottom' }), `Status: ${StatusNames[value as TaskStatus]}`)}
        />
      );
    case 'priority':
      return (
        <PickerList
          {...shared}
          options={[...PRIORITIES].reverse().map((priority) => ({ value: priority, label: PriorityNames[priority], icon: <PriorityIcon priority={priority} /> }))}
          selected={common((task) => task.priority)}
          onPick={(value) => {
            const priority = PRIORITIES.find((each) => each === value)!;
            pick(() => actions.setPriority(taskIds, priority), `Priority: ${PriorityNames[priority]}`);
          }}
        />
      );
    case 'assignee':
      return (
        <PickerList
          {...shared}
          options={people}
          selected={common((task) => task.assigneeId)}
          onPick={(value) => pick(() => actions.assign(taskIds, value || null), value ? `Assigned to ${people.find((each) => each.value === value)?.label}` : 'Unassigned')}
        />
      );
    case 'labels':
      return <LabelPicker shared={shared} taskIds={taskIds} known={workspace?.labels ?? []} />;
    case 'due':
      return <DuePicker shared={shared} current={common((task) => task.dueOn)[0] || null} onPick={(dueOn) => pick(() => actions.setDue(taskIds, dueOn), dueOn ? `Due ${dueLabel(dueOn, new Date()).text}` : 'No due date')} />;
    case 'move':
      return (
        <PickerList
          {...shared}
          options={STATUSES.flatMap((status) => [
            { value: `${status}:top`, label: `${StatusNames[status]}, top`, icon: <ArrowUpToLine className="size-3.5 text-ink-3" /> },
            { value: `${status}:bottom`, label: `${StatusNames[status]}, bottom`, icon: <ArrowDownToLine className="size-3.5 text-ink-3" /> },
          ])}
          selected={[]}
          onPick={(value) => {
            const [status, at] = value.split(':') as [TaskStatus, 'top' | 'bottom'];
            pick(() => {
              actions.move(taskIds, { status, at });
              if (taskIds[0]) requestFocus(taskIds[0]);
            }, `Moved to the ${at} of ${StatusNames[status]}`);
          }}
        />
      );
  }
}

interface Shared {
  label: string;
  shortcut: string;
  onClose(): void;
}

function LabelPicker({ shared, taskIds, known }: { shared: Shared; taskIds: readonly string[]; known: readonly string[] }) {
  const getTask = useTaskGetter();
  const { toggleLabel } = useTaskActions();
  // The tasks are read without subscribing: after a toggle they are read again.
  const [, rerender] = useReducer((turn: number) => turn + 1, 0);
  const tasks = taskIds.map(getTask).filter((task) => task !== undefined);
  const own = tasks.flatMap((task) => task.labels);
  const all = [...new Set([...known, ...own])].sort((a, b) => a.localeCompare(b));
  const toggle = (label: string) => {
    toggleLabel(taskIds, label);
    announce(`Label ${label} changed`);
    rerender();
  };
  return (
    <PickerList
      {...shared}
      multiple
      placeholder="Find or create a label…"
      options={all.map((label) => ({ value: label, label, icon: <LabelDot label={label} /> }))}
      selected={all.filter((label) => tasks.length > 0 && tasks.every((task) => task.labels.includes(label)))}
      onPick={toggle}
      onCreate={(text) => toggle(cut(text, 100))}
      createLabel={(text) => `Create label “${cut(text, 100)}”`}
    />
  );
}

function DuePicker({ shared, current, onPick }: { shared: Shared; current: string | null; onPick(dueOn: string | null): void }) {
  const today = new Date();
  const inDays = (days: number) => toDateOnly(new Date(today.getFullYear(), today.getMonth(), today.getDate() + days));
  const weekday = (date: string) => new Date(`${date}T12:00`).toLocaleDateString(undefined, { weekday: 'short', month: 'short', day: 'numeric' });
  const toMonday = ((8 - today.getDay()) % 7) || 7;
  const toFriday = (5 - today.getDay() + 7) % 7;
  const choices: [string, string][] = [['Today', inDays(0)], ['Tomorrow', inDays(1)]];
  if (toFriday > 1) choices.push(['Friday', inDays(toFriday)]);
  choices.push(['Next Monday', inDays(toMonday)], ['In two weeks', inDays(14)]);
  const icon: ReactNode = <CalendarDays className="size-3.5 text-ink-3" />;
  return (
    <PickerList
      {...shared}
      options={[
        ...choices.map(([label, date]) => ({ value: date, label, hint: weekday(date), icon })),
        { value: '', label: 'No due date', icon: <CalendarX2 className="size-3.5 text-ink-3" />, hint: ' ' },
      ]}
      selected={current ? [current] : ['']}
      onPick={(value) => onPick(value || null)}
      footer={
        <label className="flex items-center justify-between gap-2 border-t border-line px-3 py-2 text-xs text-ink-3">
          Other date
          <input
            type="date"
            className="field w-36"
            defaultValue={current ?? undefined}
            onKeyDown={(event) => {
              event.stopPropagation();
              if (event.key === 'Enter' && event.currentTarget.value) onPick(event.currentTarget.value);
              if (event.key === 'Escape') shared.onClose();
            }}
            onBlur={(event) => {
              if (event.currentTarget.value && event.currentTarget.value !== (current ?? '')) onPick(event.currentTarget.value);
            }}
          />
        </label>
      }
    />
  );
}
