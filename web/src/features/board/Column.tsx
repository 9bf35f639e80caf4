import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { Plus } from 'lucide-react';
import { memo, useCallback, useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import type { TaskFilter, TaskStatus } from '../../data';
import { IconButton } from '../../ui/Button';
import { useStore } from '../../ui/store';
import { StatusIcon, StatusNames } from '../tasks/names';
import { Card } from './Card';
import { dropTarget } from './drop';
import { claimFocus, focusCard, focusRequest } from './focus';
import { QuickAdd } from './QuickAdd';

const Gap = 6;
const Padding = 8;
/** What a page shows above and below the cards of a column, in pixels, about. */
const AroundCards = 170;

interface ColumnProps {
  status: TaskStatus;
  ids: readonly string[];
  /** Cards that are carried right now, by pointer or keyboard. */
  carried: readonly string[];
  lifted: string | null;
  write: boolean;
  projectId: string | null;
  filter: TaskFilter;
  filtered: boolean;
  onHandleKeyDown(taskId: string, event: KeyboardEvent): void;
}

/** A column draws only the cards in view: thousands of them cost as much as twenty. */
export const Column = memo(function Column({ status, ids, carried, lifted, write, projectId, filter, filtered, onHandleKeyDown }: ColumnProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [adding, setAdding] = useState(false);
  const keep = carried.length > 0 ? ids.findIndex((id) => carried.includes(id)) : -1;

  const virtualizer = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 92,
    getItemKey: (index) => ids[index]!,
    gap: Gap,
    paddingStart: 2,
    paddingEnd: Padding,
    overscan: 6,
    // Its height is known when it has been drawn; without a guess the first frame has no cards and all is drawn twice.
    initialRect: { width: 0, height: innerHeight - AroundCards },
    // The carried card stays drawn while its place scrolls away: the browser would end the drag with it.
    rangeExtractor: useCallback(
      (range: Range) => {
        const indexes = defaultRangeExtractor(range);
        return keep < 0 || indexes.includes(keep) ? indexes : [...indexes, keep].sort((a, b) => a - b);
      },
      [keep],
    ),
  });

  const request = useStore(focusRequest);
  useEffect(() => {
    if (!claimFocus(request, (id) => ids.includes(id))) return;
    virtualizer.scrollToIndex(ids.indexOf(request.taskId), { align: 'auto' });
    scroller.current?.closest('section')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    focusCard(scroller.current, request.taskId);
  }, [request, ids, virtualizer]);

  const before = useStore(dropTarget, (target) => (target?.status === status ? target.before : undefined));
  const beforeIndex = before == null ? -1 : ids.indexOf(before);
  useEffect(() => {
    if (lifted && beforeIndex >= 0) virtualizer.scrollToIndex(beforeIndex, { align: 'auto' });
    if (lifted && before !== undefined) scroller.current?.closest('section')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [lifted, before, beforeIndex, virtualizer]);

  const items = virtualizer.getVirtualItems();
  useSlide(scroller, ids, items, carried.length > 0);
  const lineAt = before === undefined ? null : beforeIndex >= 0 ? (virtualizer.measurementsCache[beforeIndex]?.start ?? 0) - Gap / 2 - 1 : virtualizer.getTotalSize() - Padding + (ids.length > 0 ? Gap / 2 - 1 : 0);

  return (
    <section
      aria-label={`${StatusNames[status]}, ${ids.length} ${ids.length === 1 ? 'task' : 'tasks'}`}
      data-column={status}
      data-over={before !== undefined || undefined}
      className="flex h-full w-[84vw] max-w-80 shrink-0 snap-center flex-col rounded-xl border border-transparent bg-sunken/70 transition-colors duration-100 data-over:border-line-strong sm:w-auto sm:max-w-none sm:min-w-60 sm:flex-1 sm:basis-60 xl:max-w-96"
    >
      <header className="flex h-10 shrink-0 items-center gap-2 pr-1.5 pl-3">
        <StatusIcon status={status} />
        <h2 className="text-sm font-semibold">{StatusNames[status]}</h2>
        <span className="text-xs text-ink-3 tabular-nums" aria-hidden="true">{ids.length}</span>
        <span className="flex-1" />
        {write && (
          <IconButton label={`New task in ${StatusNames[status]}`} onClick={() => setAdding(true)}>
            <Plus className="size-4" aria-hidden="true" />
          </IconButton>
        )}
      </header>
      <div
        ref={scroller}
        data-scroller
        className="min-h-0 flex-1 overflow-x-hidden overflow-y-auto overscroll-y-contain px-1.5"
      >
        <ul aria-label={StatusNames[status]} className="relative" style={{ height: Math.max(virtualizer.getTotalSize(), 24) }}>
          {items.map((item) => {
            const id = ids[item.index]!;
            return (
              <li
                key={id}
                data-index={item.index}
                data-item={id}
                ref={virtualizer.measureElement}
                aria-setsize={ids.length}
                aria-posinset={item.index + 1}
                className="absolute inset-x-0 top-0"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <BoardItem taskId={id} carried={carried.includes(id)} lifted={lifted === id} onHandleKeyDown={onHandleKeyDown} />
              </li>
            );
          })}
          {lineAt !== null && (
            <li aria-hidden="true" className="pointer-events-none absolute inset-x-0 top-0 z-2 h-0.5 rounded-full bg-accent" style={{ transform: `translateY(${Math.max(0, lineAt)}px)` }} />
          )}
        </ul>
        {ids.length === 0 && !adding && (
          <p className="px-2 py-3 text-center text-xs text-ink-3">{filtered ? 'No task matches the filter' : 'Nothing here yet'}</p>
        )}
      </div>
      {write && <QuickAdd status={status} projectId={projectId} filter={filter} open={adding} onOpenChange={setAdding} onAdded={() => requestAnimationFrame(() => scroller.current?.scrollTo({ top: scroller.current.scrollHeight }))} />}
    </section>
  );
});

interface BoardItemProps {
  taskId: string;
  carried: boolean;
  lifted: boolean;
  onHandleKeyDown(taskId: string, event: KeyboardEvent): void;
}

const BoardItem = memo(function BoardItem({ taskId, carried, lifted, onHandleKeyDown }: BoardItemProps) {
  const onKeyDown = useCallback((event: KeyboardEvent) => onHandleKeyDown(taskId, event), [onHandleKeyDown, taskId]);
  return (
    <div className="touch-manipulation [-webkit-touch-callout:none]">
      <Card taskId={taskId} dimmed={carried && !lifted} lifted={lifted} onHandleKeyDown={onKeyDown} />
    </div>
  );
});

/** Cards that others moved slide to their new place instead of jumping; scrolling and one's own carrying are left alone. */
function useSlide(scroller: RefObject<HTMLElement | null>, ids: readonly string[], items: readonly { index: number; start: number }[], busy: boolean): void {
  const last = useRef<{ ids: readonly string[]; starts: Map<string, number> }>({ ids, starts: new Map() });
  useLayoutEffect(() => {
    const starts = new Map(items.map((item) => [ids[item.index]!, item.start]));
    const previous = last.current;
    last.current = { ids, starts };
    if (previous.ids === ids || busy || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    for (const [id, start] of starts) {
      const was = previous.starts.get(id);
      if (was === undefined || Math.abs(was - start) < 1) continue;
      scroller.current
        ?.querySelector(`[data-item="${id}"] > *`)
        ?.animate([{ transform: `translateY(${was - start}px)` }, { transform: 'none' }], { duration: 150, easing: 'cubic-bezier(0.2, 0.8, 0.3, 1)' });
    }
  });
}
