import { useEffect, useRef, type RefObject } from 'react';
import type { BoardColumn } from '../../data';
import { walker } from '../../app/shell';
import { announce } from '../../ui/announcer';
import { useTaskActions } from '../tasks/actions';
import { StatusNames } from '../tasks/names';
import { describeTarget, stepTarget, toMove, isNoMove } from './drop';
import { currentCard, requestFocus } from './focus';

/** Moves the focus through the cards (J, K, arrows) and cards through the board (Alt with arrows). */
export function useWalker(root: RefObject<HTMLElement | null>, columns: readonly BoardColumn[], write: boolean): void {
  const { move } = useTaskActions();
  const latest = useRef(columns);
  latest.current = columns;
  useEffect(() => {
    walker.set({
      walk(columnStep, rowStep) {
        const board = latest.current;
        const current = currentCard.get();
        const at = board.findIndex((column) => current !== null && column.ids.includes(current));
        if (at < 0) {
          const first = board.find((column) => column.ids.length > 0)?.ids[0];
          if (first) requestFocus(first);
          return;
        }
        const row = board[at]!.ids.indexOf(current!);
        if (columnStep === 0) {
          const next = board[at]!.ids[row + rowStep];
          if (next) requestFocus(next);
          return;
        }
        // Empty columns have nothing to stand on: over them.
        for (let index = at + columnStep; index >= 0 && index < board.length; index += columnStep) {
          const ids = board[index]!.ids;
          if (ids.length > 0) {
            requestFocus(nearest(root.current, current!, ids) ?? ids[Math.min(row, ids.length - 1)]!);
            return;
          }
        }
      },
      shift: write
        ? (taskId, columnStep, rowStep) => {
            const board = latest.current;
            const column = board.find((each) => each.ids.includes(taskId));
            if (!column) return;
            const target = stepTarget(board, taskId, { status: column.status, before: taskId }, columnStep, rowStep);
            if (isNoMove(board, [taskId], target)) return;
            move([taskId], toMove(board, [taskId], target));
            announce(describeTarget(board, taskId, target, StatusNames));
            requestFocus(taskId);
          }
        : undefined,
    });
    return () => walker.set(null);
  }, [root, move, write]);
}

/** The card in another column that is at about the same height on the screen. */
function nearest(root: HTMLElement | null, from: string, ids: readonly string[]): string | null {
  const start = root?.querySelector(`[data-card="${from}"]`)?.getBoundingClientRect();
  if (!root || !start) return null;
  let best: string | null = null;
  let distance = Infinity;
  for (const element of root.querySelectorAll<HTMLElement>('[data-card]')) {
    const id = element.dataset.card!;
    if (!ids.includes(id)) continue;
    const away = Math.abs(element.getBoundingClientRect().top - start.top);
    if (away < distance) {
      distance = away;
      best = id;
    }
  }
  return best;
}
