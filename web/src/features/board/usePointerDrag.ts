import { useEffect, useRef, type RefObject } from 'react';

interface PointerDrag {
  onStart(taskId: string, point: Point): void;
  onMove(point: Point): void;
  onEnd(): void;
  onCancel(): void;
}

export interface Point {
  x: number;
  y: number;
}

/** A mouse means a drag after this many pixels; a finger after this long in one place, as it scrolls otherwise. */
const MouseDistance = 6;
const LongPress = 220;
const TouchTolerance = 8;

/** How near an edge the page begins to scroll, and how fast at most, in pixels per frame. */
const Edge = 56;
const Speed = { x: 9, y: 16 };

/**
 * Drags cards by mouse, pen or finger with one set of listeners on the board: nothing per card, nothing is drawn again while the pointer
 * moves. Written by hand since a general drag library costs more of the first load than the rest of the board.
 */
export function usePointerDrag(root: RefObject<HTMLElement | null>, enabled: boolean, handlers: PointerDrag): void {
  const latest = useRef(handlers);
  latest.current = handlers;

  useEffect(() => {
    const board = root.current;
    if (!board || !enabled) return;
    let pending: { taskId: string; start: Point; touch: boolean; pointerId: number } | null = null;
    let dragging = false;
    let point: Point = { x: 0, y: 0 };
    let timer: ReturnType<typeof setTimeout> | undefined;
    let frame = 0;

    const begin = () => {
      if (!pending) return;
      dragging = true;
      board.dataset.dragging = '';
      if (pending.touch) navigator.vibrate?.(8);
      latest.current.onStart(pending.taskId, point);
      frame = requestAnimationFrame(tick);
    };
    // One step for each frame: scrolls at the edges, then looks where the card would land now.
    const tick = () => {
      scrollAtEdge(board, point, 'x');
      const column = [...board.querySelectorAll<HTMLElement>('[data-scroller]')].find((each) => {
        const box = each.getBoundingClientRect();
        return point.x >= box.left && point.x <= box.right;
      });
      if (column) scrollAtEdge(column, point, 'y');
      latest.current.onMove(point);
      frame = requestAnimationFrame(tick);
    };
    const finish = (outcome: 'end' | 'cancel') => {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      const was = dragging;
      pending = null;
      dragging = false;
      delete board.dataset.dragging;
      if (!was) return;
      // The click that follows the release would open the card.
      const swallow = (event: MouseEvent) => {
        event.preventDefault();
        event.stopPropagation();
      };
      addEventListener('click', swallow, { capture: true, once: true });
      setTimeout(() => removeEventListener('click', swallow, { capture: true }), 50);
      if (outcome === 'end') {
        latest.current.onMove(point);
        latest.current.onEnd();
      } else latest.current.onCancel();
    };

    const down = (event: PointerEvent) => {
      if (pending || event.button !== 0 || !event.isPrimary || event.ctrlKey || event.metaKey) return;
      const target = event.target as Element;
      const taskId = target.closest<HTMLElement>('[data-card]')?.dataset.card;
      if (!taskId || target.closest('[data-no-drag], input, textarea, select')) return;
      point = { x: event.clientX, y: event.clientY };
      pending = { taskId, start: point, touch: event.pointerType === 'touch', pointerId: event.pointerId };
      if (pending.touch) timer = setTimeout(begin, LongPress);
    };
    const move = (event: PointerEvent) => {
      if (!pending || event.pointerId !== pending.pointerId) return;
      point = { x: event.clientX, y: event.clientY };
      if (dragging) return;
      const away = Math.hypot(point.x - pending.start.x, point.y - pending.start.y);
      if (pending.touch && away > TouchTolerance) finish('cancel');
      else if (!pending.touch && away > MouseDistance) begin();
    };
    const up = (event: PointerEvent) => {
      if (pending && event.pointerId === pending.pointerId) finish('end');
    };
    const cancel = (event: PointerEvent) => {
      if (pending && event.pointerId === pending.pointerId) finish('cancel');
    };
    const key = (event: KeyboardEvent) => {
      if (!dragging || event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      finish('cancel');
    };
    const away = () => pending && finish('cancel');
    // A finger that carries a card must not scroll the page as well; the listener has to be there before the touch begins.
    const holdPage = (event: TouchEvent) => dragging && event.cancelable && event.preventDefault();
    const noMenu = (event: Event) => pending?.touch && event.preventDefault();
    const noSelection = (event: Event) => dragging && event.preventDefault();

    board.addEventListener('pointerdown', down);
    board.addEventListener('touchmove', holdPage, { passive: false });
    board.addEventListener('contextmenu', noMenu);
    addEventListener('pointermove', move);
    addEventListener('pointerup', up);
    addEventListener('pointercancel', cancel);
    addEventListener('keydown', key, true);
    addEventListener('blur', away);
    addEventListener('selectstart', noSelection);
    return () => {
      finish('cancel');
      board.removeEventListener('pointerdown', down);
      board.removeEventListener('touchmove', holdPage);
      board.removeEventListener('contextmenu', noMenu);
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', up);
      removeEventListener('pointercancel', cancel);
      removeEventListener('keydown', key, true);
      removeEventListener('blur', away);
      removeEventListener('selectstart', noSelection);
    };
  }, [root, enabled]);
}

function scrollAtEdge(element: HTMLElement, point: Point, axis: 'x' | 'y'): void {
  const box = element.getBoundingClientRect();
  const [at, from, to] = axis === 'x' ? [point.x, box.left, box.right] : [point.y, box.top, box.bottom];
  const into = at < from + Edge ? -(from + Edge - at) : at > to - Edge ? at - (to - Edge) : 0;
  if (into === 0) return;
  const step = Math.max(-1, Math.min(1, into / Edge)) * Speed[axis];
  if (axis === 'x') element.scrollLeft += step;
  else element.scrollTop += step;
}
