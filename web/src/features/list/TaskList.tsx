import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDownUp, CalendarDays, CheckSquare, ListTodo } from 'lucide-react';
import { memo, useEffect, useMemo, useRef, type MouseEvent } from 'react';
import { Link, useSearchParams } from 'react-router';
import { STATUSES, useBoard, useMember, usePermissions, usePresence, useTask, useTasks, useToday, type TaskFilter, type TaskSort, type TaskStatus } from '../../data';
import { walker } from '../../app/shell';
import { Avatar, AvatarStack } from '../../ui/Avatar';
import { cx } from '../../ui/cx';
import { RelativeTime } from '../../ui/RelativeTime';
import { EmptyState } from '../../ui/states';
import { useStore } from '../../ui/store';
import { dueLabel, localDay } from '../../ui/time';
import { claimFocus, currentCard, flashing, focusCard, focusRequest, hoveredCard, requestFocus, selectRange, selection, toggleSelected, useTabStop, useVisibleOrder, visibleOrder } from '../board/focus';
import { parseSort, Sorts } from '../filters/url';
import { LabelDot, PriorityIcon, PriorityNames, StatusIcon, StatusNames } from '../tasks/names';
import { showPicker, type PickerKind } from '../tasks/pickers';
import { taskPath } from '../task/links';
import { useOpenTask } from '../task/useOpenTask';

type Row = { kind: 'head'; status: TaskStatus; count: number } | { kind: 'task'; id: string };

/** All matching tasks as rows: by column in board order, else in one sorted list. */
export default function TaskList({ filter, filtered }: { filter: TaskFilter; filtered: boolean }) {
  const [params, setParams] = useSearchParams();
  const sort = parseSort(params);
  const columns = useBoard(filter);
  const sorted = useTasks(filter, sort);
  const rows = useMemo<Row[]>(() => {
    if (sort !== 'position') return sorted.map((id) => ({ kind: 'task', id }));
    return STATUSES.flatMap((status): Row[] => {
      const ids = columns.find((column) => column.status === status)?.ids ?? [];
      return ids.length === 0 ? [] : [{ kind: 'head', status, count: ids.length }, ...ids.map((id): Row => ({ kind: 'task', id }))];
    });
  }, [sort, sorted, columns]);
  const order = useMemo(() => rows.flatMap((row) => (row.kind === 'task' ? [row.id] : [])), [rows]);

  useVisibleOrder(order);
  useEffect(() => {
    walker.set({
      walk(_, step) {
        const current = currentCard.get();
        const next = current === null ? 0 : order.indexOf(current) + step;
        const id = order[Math.max(0, next)];
        if (id && step !== 0) requestFocus(id);
      },
    });
    return () => walker.set(null);
  }, [order]);

  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (rows[index]?.kind === 'head' ? 36 : 40),
    getItemKey: (index) => {
      const row = rows[index]!;
      return row.kind === 'head' ? row.status : row.id;
    },
    overscan: 12,
    // A guess, as on the board: rows in the first frame.
    initialRect: { width: 0, height: innerHeight },
  });

  const request = useStore(focusRequest);
  useEffect(() => {
    if (!claimFocus(request, (id) => order.includes(id))) return;
    virtualizer.scrollToIndex(rows.findIndex((row) => row.kind === 'task' && row.id === request.taskId), { align: 'auto' });
    focusCard(scroller.current, request.taskId);
  }, [request, order, rows, virtualizer]);

  return (
    <div className="flex h-full flex-col">
      <div className="flex h-9 shrink-0 items-center gap-2 border-y border-line px-3 text-xs text-ink-3 sm:px-4">
        <span className="tabular-nums">{order.length} {order.length === 1 ? 'task' : 'tasks'}</span>
        <span className="flex-1" />
        <label className="flex items-center gap-1.5">
          <ArrowDownUp className="size-3.5" aria-hidden="true" />
          <span className="sr-only">Sort by</span>
          <select
            className="h-7 rounded-md bg-transparent text-xs text-ink-2 hover:bg-hover"
            value={sort}
            onChange={(event) => {
              const next = new URLSearchParams(params);
              if ((event.target.value as TaskSort) === 'position') next.delete('sort');
              else next.set('sort', event.target.value);
              setParams(next, { replace: true });
            }}
          >
            {Sorts.map((each) => (
              <option key={each.value} value={each.value}>
                {each.label}
              </option>
            ))}
          </select>
        </label>
      </div>
      {rows.length === 0 ? (
        <EmptyState icon={<ListTodo className="size-5" aria-hidden="true" />} title={filtered ? 'No task matches' : 'No tasks yet'}>
          {filtered ? 'Try another word, or take a filter away.' : 'What is to be done shows here.'}
        </EmptyState>
      ) : (
        <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
          <ul aria-label="Tasks" className="relative" style={{ height: virtualizer.getTotalSize() }}>
            {virtualizer.getVirtualItems().map((item) => {
              const row = rows[item.index]!;
              return (
                <li key={item.key} className="absolute inset-x-0 top-0" style={{ height: item.size, transform: `translateY(${item.start}px)` }}>
                  {row.kind === 'head' ? (
                    <h2 className="flex h-full items-center gap-2 border-b border-line bg-sunken px-4 text-xs font-semibold">
                      <StatusIcon status={row.status} />
                      {StatusNames[row.status]}
                      <span className="font-normal text-ink-3 tabular-nums">{row.count}</span>
                    </h2>
                  ) : (
                    <TaskRow taskId={row.id} />
                  )}
                </li>
              );
            })}
          </ul>
        </div>
      )}
    </div>
  );
}

const TaskRow = memo(function TaskRow({ taskId }: { taskId: string }) {
  const task = useTask(taskId);
  const openTask = useOpenTask();
  const { write } = usePermissions();
  const assignee = useMember(task?.assigneeId);
  const viewers = usePresence(taskId);
  const today = useToday();
  const reachable = useTabStop(taskId);
  const selected = useStore(selection, (ids) => ids.includes(taskId));
  const landed = useStore(flashing, (ids) => ids.has(taskId));
  if (!task) return null;
  const due = task.dueOn ? dueLabel(task.dueOn, localDay(today)) : null;
  const tone = due && task.status !== 'done' ? due.tone : 'later';
  const cell = (kind: PickerKind, label: string) => ({
    type: 'button' as const,
    disabled: !write,
    'aria-label': label,
    'aria-haspopup': 'dialog' as const,
    title: label,
    tabIndex: reachable ? 0 : -1,
    className: 'relative z-1 flex size-6 shrink-0 items-center justify-center rounded-md enabled:hover:bg-active',
    onClick: (event: MouseEvent<HTMLButtonElement>) => showPicker(kind, [taskId], event.currentTarget),
  });
  return (
    <div
      data-card={taskId}
      onPointerEnter={() => hoveredCard.set(taskId)}
      onPointerLeave={() => hoveredCard.get() === taskId && hoveredCard.set(null)}
      onFocus={() => currentCard.set(taskId)}
      className={cx(
        'group/row relative flex h-full items-center gap-1.5 border-b border-line px-3 sm:px-4',
        'has-[[data-card-link]:focus-visible]:outline-2 has-[[data-card-link]:focus-visible]:-outline-offset-2 has-[[data-card-link]:focus-visible]:outline-ring',
        selected ? 'bg-accent-soft' : 'hover:bg-hover',
        landed && 'landed',
      )}
    >
      <input
        type="checkbox"
        aria-label={`Select ${task.key}`}
        tabIndex={-1}
        checked={selected}
        onChange={() => toggleSelected(taskId)}
        onClick={(event) => {
          if (event.shiftKey) {
            event.preventDefault();
            selectRange(visibleOrder.get(), taskId);
          }
        }}
        className={cx('relative z-1 size-4 shrink-0 accent-(--accent) max-sm:hidden', !selected && 'opacity-0 group-hover/row:opacity-100 focus-visible:opacity-100')}
      />
      <button {...cell('priority', `Priority: ${PriorityNames[task.priority]}`)}>
        <PriorityIcon priority={task.priority} />
      </button>
      <span className="w-16 shrink-0 truncate text-xs text-ink-3 tabular-nums max-sm:hidden">{task.key}</span>
      <button {...cell('status', `Status: ${StatusNames[task.status]}`)}>
        <StatusIcon status={task.status} />
      </button>
      <Link
        to={taskPath(task)}
        data-card-link
        dir="auto"
        tabIndex={reachable ? 0 : -1}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey) return;
          event.preventDefault();
          if (event.shiftKey) selectRange(visibleOrder.get(), taskId);
          else openTask(taskPath(task));
        }}
        className="min-w-0 flex-1 truncate font-[450] outline-none after:absolute after:inset-0"
      >
        <span dir="ltr" className="sr-only">{task.key} </span>
        {task.title}
      </Link>
      <span className="relative z-1"><AvatarStack people={viewers} max={2} label="Here now" /></span>
      {task.checklist && (
        <span className="hidden items-center gap-1 text-2xs text-ink-3 tabular-nums lg:flex">
          <CheckSquare className="size-3" aria-hidden="true" />
          {task.checklist.done}/{task.checklist.total}
        </span>
      )}
      <span className="hidden items-center gap-1 lg:flex">
        {task.labels.slice(0, 2).map((label) => (
          <span key={label} className="inline-flex h-5.5 max-w-32 items-center gap-1 rounded-md border border-line px-1.5 text-2xs text-ink-2">
            <LabelDot label={label} />
            <span className="truncate">{label}</span>
          </span>
        ))}
        {task.labels.length > 2 && <span className="text-2xs text-ink-3">+{task.labels.length - 2}</span>}
      </span>
      {due && (
        <span className={cx('flex items-center gap-1 text-2xs', tone === 'overdue' ? 'text-danger' : tone === 'soon' ? 'text-warn' : 'text-ink-3')}>
          <CalendarDays className="size-3" aria-hidden="true" />
          {due.text}
          {tone === 'overdue' && <span className="sr-only">, overdue</span>}
        </span>
      )}
      <RelativeTime iso={task.updatedAt} className="relative z-1 hidden w-20 shrink-0 text-right text-2xs text-ink-3 xl:block" />
      <button {...cell('assignee', assignee ? `Assignee: ${assignee.name}` : 'Assign')}>
        {assignee ? <Avatar id={assignee.userId} name={assignee.name} size="xs" /> : <span className="size-4.5 rounded-full border border-dashed border-line-strong" />}
      </button>
    </div>
  );
});
