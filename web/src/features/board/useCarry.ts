import type { DragEndEvent, DragStartEvent } from '@dnd-kit/core';
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import { useTaskGetter, type BoardColumn } from '../../data';
import { announce } from '../../ui/announcer';
import { useTaskActions } from '../tasks/actions';
import { StatusNames } from '../tasks/names';
import { describeTarget, dropTarget, isNoMove, setDropTarget, stepTarget, targetAt, toMove } from './drop';
import { clearSelection, requestFocus, selection } from './focus';

const Steps: Record<string, readonly [number, number]> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** Carrying cards: with the pointer through dnd-kit, with the keyboard by steps of our own, both to the same drop target. */
export function useCarry(root: RefObject<HTMLElement | null>, columns: RefObject<readonly BoardColumn[]>) {
  const getTask = useTaskGetter();
  const { move } = useTaskActions();
  const [dragged, setDragged] = useState<string | null>(null);
  const [lifted, setLifted] = useState<string | null>(null);
  const [group, setGroup] = useState<readonly string[]>([]);
  const pointer = useRef<{ x: number; y: number } | null>(null);
  const liftedNow = useRef<string | null>(null);
  liftedNow.current = lifted;

  // Positions come from the events themselves: they stay right while the page scrolls under the pointer.
  useEffect(() => {
    if (!dragged) return;
    const follow = (event: MouseEvent | TouchEvent) => {
      const point = 'touches' in event ? event.touches[0] : event;
      if (point) pointer.current = { x: point.clientX, y: point.clientY };
    };
    // The click that ends a drag would follow the card's link.
    const swallow = (event: MouseEvent) => event.preventDefault();
    addEventListener('mousemove', follow, true);
    addEventListener('touchmove', follow, true);
    addEventListener('click', swallow, true);
    return () => {
      removeEventListener('mousemove', follow, true);
      removeEventListener('touchmove', follow, true);
      setTimeout(() => removeEventListener('click', swallow, true), 0);
    };
  }, [dragged]);

  const land = useCallback(
    (ids: readonly string[]) => {
      const target = dropTarget.get();
      const board = columns.current;
      if (!target || isNoMove(board, ids, target)) return false;
      const inOrder = board.flatMap((column) => column.ids).filter((id) => ids.includes(id));
      move(inOrder, toMove(board, ids, target));
      announce(`${getTask(ids[0]!)?.key ?? 'Task'} moved. ${describeTarget(board, ids[0]!, target, StatusNames)}.`);
      return true;
    },
    [columns, move, getTask],
  );

  const stop = useCallback(() => {
    setDropTarget(null);
    setDragged(null);
    setLifted(null);
    setGroup([]);
  }, []);

  // Going elsewhere with a card in hand puts it back.
  useEffect(() => {
    if (!lifted) return;
    const leave = (event: Event) => {
      if ((event.target as Element).closest?.<HTMLElement>('[data-card]')?.dataset.card !== lifted) stop();
    };
    addEventListener('focusin', leave, true);
    addEventListener('pointerdown', leave, true);
    return () => {
      removeEventListener('focusin', leave, true);
      removeEventListener('pointerdown', leave, true);
    };
  }, [lifted, stop]);

  const drag = useMemo(
    () => ({
      onDragStart({ active, activatorEvent }: DragStartEvent) {
        const id = String(active.id);
        const chosen = selection.get();
        setGroup(chosen.includes(id) ? chosen : [id]);
        setDragged(id);
        const point = activatorEvent instanceof MouseEvent ? activatorEvent : (activatorEvent as TouchEvent).touches?.[0];
        pointer.current = point ? { x: point.clientX, y: point.clientY } : null;
        if (activatorEvent instanceof TouchEvent) navigator.vibrate?.(8);
        announce(`${getTask(id)?.key ?? 'Card'} picked up`);
      },
      onDragMove() {
        if (root.current && pointer.current) setDropTarget(targetAt(root.current, pointer.current.x, pointer.current.y, columns.current));
      },
    }),
    [root, columns, getTask],
  );

  const onDragEnd = useCallback(
    ({ active }: DragEndEvent) => {
      if (land(group) && group.length > 1) clearSelection();
      stop();
      requestFocus(String(active.id));
    },
    [land, group, stop],
  );
  const onDragCancel = useCallback(() => {
    stop();
    announce('Cancelled');
  }, [stop]);

  const onHandleKeyDown = useCallback(
    (taskId: string, event: KeyboardEvent) => {
      if (liftedNow.current !== taskId) {
        if (event.key !== ' ' || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
        event.preventDefault();
        const column = columns.current.find((each) => each.ids.includes(taskId));
        if (!column) return;
        setLifted(taskId);
        setGroup([taskId]);
        const target = { status: column.status, before: taskId };
        setDropTarget(target);
        const place = column.ids.indexOf(taskId) + 1;
        announce(`${getTask(taskId)?.key ?? 'Card'} picked up. Position ${place} of ${column.ids.length} in ${StatusNames[column.status]}. Arrow keys move it, Space puts it down, Escape cancels.`, 'assertive');
        return;
      }
      const step = Steps[event.key];
      const target = dropTarget.get();
      if (step && target) {
        const next = stepTarget(columns.current, taskId, target, step[0], step[1]);
        setDropTarget(next);
        announce(describeTarget(columns.current, taskId, next, StatusNames), 'assertive');
      } else if (event.key === ' ' || event.key === 'Enter') {
        if (!land([taskId])) announce('Put down where it was');
        stop();
        requestFocus(taskId);
      } else if (event.key === 'Escape' || event.key === 'Tab') {
        stop();
        announce('Cancelled. The card is where it was.', 'assertive');
        if (event.key === 'Tab') return;
      }
      event.preventDefault();
      event.stopPropagation();
    },
    [columns, getTask, land, stop],
  );

  return { dragged, lifted, carried: group, ...drag, onDragEnd, onDragCancel, onHandleKeyDown };
}
