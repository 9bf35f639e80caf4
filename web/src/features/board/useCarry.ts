import { useCallback, useEffect, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import { useTaskGetter, type BoardColumn } from '../../data';
import { announce } from '../../ui/announcer';
import { useTaskActions } from '../tasks/actions';
import { StatusNames } from '../tasks/names';
import { describeTarget, dropTarget, isNoMove, setDropTarget, stepTarget, targetAt, toMove } from './drop';
import { clearSelection, requestFocus, selection } from './focus';
import { usePointerDrag, type Point } from './usePointerDrag';

const Steps: Record<string, readonly [number, number]> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** Carrying cards: with the pointer freely, with the keyboard in steps, both to the same drop target. */
export function useCarry(root: RefObject<HTMLElement | null>, columns: RefObject<readonly BoardColumn[]>, enabled: boolean) {
  const getTask = useTaskGetter();
  const { move } = useTaskActions();
  const [dragged, setDragged] = useState<{ taskId: string; width: number } | null>(null);
  const [lifted, setLifted] = useState<string | null>(null);
  const [group, setGroup] = useState<readonly string[]>([]);
  const preview = useRef<HTMLDivElement>(null);
  const grip = useRef<Point>({ x: 0, y: 0 });
  // What is drawn follows a moment later: a quick release must not find the state of before.
  const inHand = useRef<{ taskId: string; ids: readonly string[] } | null>(null);
  const liftedNow = useRef<string | null>(null);
  liftedNow.current = lifted;

  const land = useCallback(
    (ids: readonly string[]) => {
      const target = dropTarget.get();
      const board = columns.current;
      if (!target || isNoMove(board, ids, target)) return false;
      const inOrder = board.flatMap((column) => column.ids).filter((id) => ids.includes(id));
      move(inOrder, toMove(board, ids, target, (id) => getTask(id)?.status === target.status));
      announce(`${getTask(ids[0]!)?.key ?? 'Task'} moved. ${describeTarget(board, ids[0]!, target, StatusNames)}.`);
      return true;
    },
    [columns, move, getTask],
  );

  const stop = useCallback(() => {
    inHand.current = null;
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

  usePointerDrag(root, enabled, {
    onStart(taskId, point) {
      const box = root.current?.querySelector(`[data-card="${taskId}"]`)?.getBoundingClientRect();
      if (!box) return;
      grip.current = { x: point.x - box.left, y: point.y - box.top };
      const chosen = selection.get();
      const ids = chosen.includes(taskId) ? chosen : [taskId];
      inHand.current = { taskId, ids };
      setGroup(ids);
      setDragged({ taskId, width: box.width });
      announce(`${getTask(taskId)?.key ?? 'Card'} picked up`);
    },
    onMove(point) {
      if (preview.current) preview.current.style.transform = `translate(${point.x - grip.current.x}px, ${point.y - grip.current.y}px)`;
      if (root.current) setDropTarget(targetAt(root.current, point.x, point.y, columns.current));
    },
    onEnd() {
      const hand = inHand.current;
      if (!hand) return;
      if (land(hand.ids) && hand.ids.length > 1) clearSelection();
      stop();
      requestFocus(hand.taskId);
    },
    onCancel() {
      stop();
      announce('Cancelled');
    },
  });

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

  return { dragged, lifted, carried: group, preview, onHandleKeyDown };
}
