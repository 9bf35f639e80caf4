import { CalendarDays, CheckSquare, CloudUpload, GripVertical, MoreHorizontal } from 'lucide-react';
import { memo, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import { Link } from 'react-router';
import { useMember, usePermissions, usePresence, useTask, useToday, type TaskView } from '../../data';
import { Avatar, AvatarStack } from '../../ui/Avatar';
import { cx } from '../../ui/cx';
import { useStore } from '../../ui/store';
import { dueLabel, localDay } from '../../ui/time';
import { LabelDot, PriorityIcon, PriorityNames } from '../tasks/names';
import { showPicker } from '../tasks/pickers';
import { taskPath } from '../task/links';
import { useOpenTask } from '../task/useOpenTask';
import { currentCard, flashing, hoveredCard, selectRange, selection, toggleSelected, useTabStop, visibleOrder } from './focus';

interface CardProps {
  taskId: string;
  /** Set while the card is carried: it shows where it came from. */
  dimmed?: boolean;
  lifted?: boolean;
  onHandleKeyDown?(event: KeyboardEvent): void;
}

/** One task on the board. The whole card is its link; what can be changed in place lies above it. */
export const Card = memo(function Card({ taskId, dimmed, lifted, onHandleKeyDown }: CardProps) {
  const task = useTask(taskId);
  const openTask = useOpenTask();
  const { write } = usePermissions();
  const reachable = useTabStop(taskId);
  const selected = useStore(selection, (ids) => ids.includes(taskId));
  const landed = useStore(flashing, (ids) => ids.has(taskId));
  if (!task) return null;

  const onClick = (event: MouseEvent) => {
    // Another tab or window: the browser's own business.
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    if (event.shiftKey) {
      selectRange(visibleOrder.get(), taskId);
    } else if (selection.get().length > 0 && event.detail > 0) {
      // Enter, which is a click without a count, opens all the same.
      toggleSelected(taskId);
    } else openTask(taskPath(task));
  };

  return (
    <article
      data-card={taskId}
      data-selected={selected || undefined}
      onPointerEnter={() => hoveredCard.set(taskId)}
      onPointerLeave={() => hoveredCard.get() === taskId && hoveredCard.set(null)}
      onFocus={() => currentCard.set(taskId)}
      className={cx(
        'group/card relative grid gap-1.5 rounded-lg border bg-surface px-3 py-2.5 shadow-card transition-[border-color,opacity] duration-100 select-none',
        'has-[[data-card-link]:focus-visible]:outline-2 has-[[data-card-link]:focus-visible]:outline-ring',
        selected ? 'border-accent bg-accent-soft!' : 'border-line hover:border-line-strong',
        dimmed && 'opacity-40',
        lifted && 'border-accent! ring-2 ring-accent/40',
        landed && 'landed',
      )}
    >
      <div className="flex h-4.5 items-center gap-1.5">
        <span className="text-2xs text-ink-3 tabular-nums">{task.key}</span>
        {task.pending && (
          <span title="Not sent yet" className="text-ink-3">
            <CloudUpload className="size-3" aria-label="Not sent yet" />
          </span>
        )}
        <span className="flex-1" />
        <CardPresence taskId={taskId} />
      </div>
      <Link
        to={taskPath(task)}
        draggable={false}
        data-card-link
        dir="auto"
        tabIndex={reachable ? 0 : -1}
        onClick={onClick}
        onKeyDown={write ? onHandleKeyDown : undefined}
        aria-describedby={write ? 'card-help' : undefined}
        className="line-clamp-3 text-sm leading-[1.35] font-[450] wrap-anywhere outline-none after:absolute after:inset-0 after:rounded-lg"
      >
        <span dir="ltr" className="sr-only">{task.key} </span>
        {task.title}
      </Link>
      <CardProperties task={task} write={write} reachable={reachable} />
      {write && <CardTools task={task} reachable={reachable} onHandleKeyDown={onHandleKeyDown} />}
    </article>
  );
});

/** Handle and menu, shown when the card is pointed at or has the focus. */
function CardTools({ task, reachable, onHandleKeyDown }: { task: TaskView; reachable: boolean; onHandleKeyDown?(event: KeyboardEvent): void }) {
  const tool = 'flex size-6 items-center justify-center rounded-md text-ink-3 hover:bg-hover hover:text-ink';
  return (
    <div className="absolute top-1.5 right-1.5 hidden items-center rounded-md bg-surface/90 group-hover/card:pointer-fine:flex group-has-[:focus-visible]/card:flex group-data-selected/card:bg-accent-soft">
      <button
        type="button"
        aria-label={`Move ${task.key}`}
        aria-describedby="card-help"
        tabIndex={reachable ? 0 : -1}
        onKeyDown={onHandleKeyDown}
        className={cx(tool, 'cursor-grab!')}
      >
        <GripVertical className="size-3.5" aria-hidden="true" />
      </button>
      <button
        type="button"
        aria-label={`Move ${task.key} to…`}
        aria-haspopup="dialog"
        tabIndex={reachable ? 0 : -1}
        data-no-drag
        onClick={(event) => showPicker('move', selection.get().includes(task.id) ? selection.get() : [task.id], event.currentTarget)}
        className={tool}
      >
        <MoreHorizontal className="size-3.5" aria-hidden="true" />
      </button>
    </div>
  );
}

function CardPresence({ taskId }: { taskId: string }) {
  const viewers = usePresence(taskId);
  return (
    <span className="relative z-1 group-hover/card:pointer-fine:mr-12">
      <AvatarStack people={viewers} max={3} label="Here now" />
    </span>
  );
}

function CardProperties({ task, write, reachable }: { task: TaskView; write: boolean; reachable: boolean }) {
  const assignee = useMember(task.assigneeId);
  const today = useToday();
  const due = task.dueOn ? dueLabel(task.dueOn, localDay(today)) : null;
  const late = due && task.status !== 'done' ? due.tone : 'later';
  const open = (kind: 'priority' | 'labels' | 'due' | 'assignee') => ({
    write,
    reachable,
    onClick: (event: MouseEvent<HTMLElement>) => showPicker(kind, [task.id], event.currentTarget),
  });
  return (
    <div className="flex min-h-6 items-end gap-1">
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-1">
        <Chip {...open('priority')} label={`Priority: ${PriorityNames[task.priority]}`} bare>
          <PriorityIcon priority={task.priority} />
        </Chip>
        {task.labels.slice(0, 3).map((label) => (
          <Chip key={label} {...open('labels')} label={`Label: ${label}`}>
            <LabelDot label={label} />
            <span className="max-w-24 truncate">{label}</span>
          </Chip>
        ))}
        {task.labels.length > 3 && (
          <Chip {...open('labels')} label={`+${task.labels.length - 3} labels: ${task.labels.slice(3).join(', ')}`}>
            +{task.labels.length - 3}
          </Chip>
        )}
        {due && (
          <Chip {...open('due')} label={`Due ${due.text}${late === 'overdue' ? ', overdue' : ''}`} tone={late}>
            <CalendarDays className="size-3" aria-hidden="true" />
            {due.text}
          </Chip>
        )}
        {task.checklist && (
          <span
            role="img"
            aria-label={`Checklist: ${task.checklist.done} of ${task.checklist.total} done`}
            className={cx('inline-flex h-6 items-center gap-1 px-1 text-2xs tabular-nums', task.checklist.done === task.checklist.total ? 'text-ok' : 'text-ink-3')}
          >
            <CheckSquare className="size-3" aria-hidden="true" />
            {task.checklist.done}/{task.checklist.total}
          </span>
        )}
      </div>
      {(assignee || write) && (
        <Chip {...open('assignee')} label={assignee ? `Assignee: ${assignee.name}` : 'Assign'} bare faint={!assignee}>
          {assignee ? <Avatar id={assignee.userId} name={assignee.name} size="xs" /> : <span className="size-4.5 rounded-full border border-dashed border-line-strong" />}
        </Chip>
      )}
    </div>
  );
}

interface ChipProps {
  label: string;
  write: boolean;
  reachable: boolean;
  bare?: boolean;
  faint?: boolean;
  tone?: 'overdue' | 'soon' | 'later';
  onClick(event: MouseEvent<HTMLElement>): void;
  children: ReactNode;
}

/** A property of the card: a button for those who may change it, plain text for guests. */
function Chip({ label, write, reachable, bare, faint, tone = 'later', onClick, children }: ChipProps) {
  const className = cx(
    'relative z-1 inline-flex h-6 min-w-6 items-center justify-center gap-1 rounded-md text-2xs',
    bare ? 'border-transparent' : 'border border-line px-1.5',
    tone === 'overdue' ? 'text-danger' : tone === 'soon' ? 'text-warn' : 'text-ink-2',
    write && 'hover:bg-hover',
    faint && 'opacity-70',
  );
  if (!write) return <span className={className} title={label}>{children}<span className="sr-only">{label}</span></span>;
  return (
    <button type="button" aria-label={label} title={label} aria-haspopup="dialog" tabIndex={reachable ? 0 : -1} data-no-drag onClick={onClick} className={className}>
      {children}
    </button>
  );
}
