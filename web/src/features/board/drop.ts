import type { BoardColumn, TaskStatus } from '../../data';
import { createStore } from '../../ui/store';

/** Where a carried card would land: in front of `before`, or at the end of the column when that is null. */
export interface DropTarget {
  status: TaskStatus;
  before: string | null;
}

export const dropTarget = createStore<DropTarget | null>(null);

export function setDropTarget(next: DropTarget | null): void {
  dropTarget.set((current) => (current?.status === next?.status && current?.before === next?.before ? current : next));
}

/** Whether landing there would change anything. */
export function isNoMove(columns: readonly BoardColumn[], moving: readonly string[], target: DropTarget): boolean {
  if (moving.length !== 1) return false;
  const id = moving[0]!;
  const column = columns.find((each) => each.ids.includes(id));
  if (!column || column.status !== target.status) return false;
  const next = column.ids[column.ids.indexOf(id) + 1] ?? null;
  return target.before === id || target.before === next;
}

/**
 * What to tell the data layer: the next card below that is not itself on the move, else the nearest above. `isThere` says whether a card
 * still is in the column: the board holds still under a carried card while others work.
 */
export function toMove(columns: readonly BoardColumn[], moving: readonly string[], target: DropTarget, isThere: (id: string) => boolean = () => true): { status: TaskStatus; before?: string; after?: string; at?: 'bottom' } {
  const ids = columns.find((each) => each.status === target.status)?.ids ?? [];
  const start = target.before ? ids.indexOf(target.before) : ids.length;
  const stays = (id: string) => !moving.includes(id) && isThere(id);
  const before = ids.slice(Math.max(0, start)).find(stays);
  if (before) return { status: target.status, before };
  const after = [...ids].reverse().find(stays);
  return after ? { status: target.status, after } : { status: target.status, at: 'bottom' };
}

/** The target one step further, for a card that is carried by the keyboard. Sideways it keeps its height in the column. */
export function stepTarget(columns: readonly BoardColumn[], moving: string, target: DropTarget, columnStep: number, rowStep: number): DropTarget {
  const at = columns.findIndex((each) => each.status === target.status);
  const rest = (column: BoardColumn) => column.ids.filter((id) => id !== moving);
  const here = rest(columns[at]!);
  const index = target.before && target.before !== moving ? here.indexOf(target.before) : target.before === moving ? columns[at]!.ids.indexOf(moving) : here.length;
  const nextColumn = columns[Math.min(columns.length - 1, Math.max(0, at + columnStep))]!;
  const ids = rest(nextColumn);
  const next = Math.min(ids.length, Math.max(0, index + rowStep));
  return { status: nextColumn.status, before: ids[next] ?? null };
}

/** "Position 2 of 5 in In review". */
export function describeTarget(columns: readonly BoardColumn[], moving: string, target: DropTarget, names: Record<TaskStatus, string>): string {
  const ids = (columns.find((each) => each.status === target.status)?.ids ?? []).filter((id) => id !== moving);
  const index = target.before ? ids.indexOf(target.before) : ids.length;
  return `Position ${index + 1} of ${ids.length + 1} in ${names[target.status]}`;
}

/** Finds the place under a point of the screen from the cards that are drawn. */
export function targetAt(board: HTMLElement, x: number, y: number, columns: readonly BoardColumn[]): DropTarget | null {
  let nearest: HTMLElement | null = null;
  let distance = Infinity;
  for (const element of board.querySelectorAll<HTMLElement>('[data-column]')) {
    const box = element.getBoundingClientRect();
    const away = x < box.left ? box.left - x : x > box.right ? x - box.right : 0;
    if (away < distance) {
      distance = away;
      nearest = element;
    }
  }
  if (!nearest) return null;
  const status = nearest.dataset.column as TaskStatus;
  const ids = columns.find((each) => each.status === status)?.ids ?? [];
  const cards = [...nearest.querySelectorAll<HTMLElement>('[data-card]')]
    .map((element) => ({ id: element.dataset.card!, box: element.getBoundingClientRect() }))
    .sort((a, b) => a.box.top - b.box.top);
  const below = cards.find(({ box }) => y < box.top + box.height / 2);
  if (below) return { status, before: below.id };
  const last = cards[cards.length - 1];
  return { status, before: last ? (ids[ids.indexOf(last.id) + 1] ?? null) : null };
}
