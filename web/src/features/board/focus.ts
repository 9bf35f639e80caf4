import { useEffect } from 'react';
import { useTaskGetter } from '../../data';
import { announce } from '../../ui/announcer';
import { createStore, useStore } from '../../ui/store';

/** The card that shortcuts act on. */
export const currentCard = createStore<string | null>(null);

/** The card under the pointer: shortcuts act on it when no card has the focus. */
export const hoveredCard = createStore<string | null>(null);

interface FocusRequest {
  taskId: string;
  at: number;
  answered: boolean;
}

/** Asks the board or list to bring a card into view and give it the focus. */
export const focusRequest = createStore<FocusRequest | null>(null);

export function requestFocus(taskId: string): void {
  currentCard.set(taskId);
  focusRequest.set({ taskId, at: performance.now(), answered: false });
}

/** How long a request follows its card: a moved card is drawn anew elsewhere a moment later. */
const RequestLife = 800;

/** Whether a list that holds the card should focus it now; never takes the focus from where the person went meanwhile. */
export function claimFocus(request: FocusRequest | null, holds: (taskId: string) => boolean): request is FocusRequest {
  if (!request || performance.now() - request.at > RequestLife || !holds(request.taskId)) return false;
  const active = document.activeElement;
  const free = !active || active === document.body || active.closest<HTMLElement>('[data-card]')?.dataset.card === request.taskId;
  if (request.answered && !free) return false;
  request.answered = true;
  return true;
}

/** The card may not be drawn yet, when it was far away: looks for it over a few frames. */
export function focusCard(root: HTMLElement | null, taskId: string, frames = 20): void {
  const link = root?.querySelector<HTMLElement>(`[data-card="${taskId}"] [data-card-link]`);
  if (link) link.focus({ preventScroll: true });
  else if (frames > 0) requestAnimationFrame(() => focusCard(root, taskId, frames - 1));
}

/** Cards chosen for a bulk action, in the order in which they were chosen; only such as the board or list shows. */
export const selection = createStore<readonly string[]>([]);
let anchor: string | null = null;

export function toggleSelected(taskId: string): void {
  anchor = taskId;
  selection.set((current) => (current.includes(taskId) ? current.filter((id) => id !== taskId) : [...current, taskId]));
  announce(selectedCount());
}

/** Chooses everything between the last chosen card and this one. */
export function selectRange(order: readonly string[], taskId: string): void {
  const from = anchor ? order.indexOf(anchor) : -1;
  const to = order.indexOf(taskId);
  if (from < 0 || to < 0) {
    toggleSelected(taskId);
    return;
  }
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  selection.set((current) => [...current, ...range.filter((id) => !current.includes(id))]);
  announce(selectedCount());
}

const selectedCount = (): string => `${selection.get().length || 'Nothing'} selected`;

export function clearSelection(): void {
  anchor = null;
  selection.set([]);
}

/** A task that was made here has got its id from the server: its card is drawn anew under it, and is to keep the focus and its place in a selection. */
export function renameCard(localId: string, taskId: string): void {
  const hadFocus = document.activeElement?.closest<HTMLElement>('[data-card]')?.dataset.card === localId;
  selection.set((ids) => (ids.includes(localId) ? ids.map((id) => (id === localId ? taskId : id)) : ids));
  if (anchor === localId) anchor = taskId;
  if (hadFocus || focusRequest.get()?.taskId === localId) requestFocus(taskId);
  else if (currentCard.get() === localId) currentCard.set(taskId);
}

/** Cards that flash for a moment: where something landed or was changed by somebody else. */
export const flashing = createStore<ReadonlySet<string>>(new Set());

export function flash(taskId: string): void {
  flashing.set((current) => new Set(current).add(taskId));
  setTimeout(() => {
    flashing.set((current) => {
      const next = new Set(current);
      next.delete(taskId);
      return next;
    });
  }, 900);
}

/** Every card on the page in reading order, kept by the board or list that is shown. */
export const visibleOrder = createStore<readonly string[]>([]);

/** Tells which cards the page shows. What a filter or somebody's change hides is no longer selected: nobody is to change what they do not see. */
export function useVisibleOrder(order: readonly string[]): void {
  const getTask = useTaskGetter();
  useEffect(() => {
    visibleOrder.set(order);
    const chosen = selection.get();
    if (chosen.length === 0) return;
    const shown = new Set(order);
    // One that has just got its number may be chosen by its old id still.
    const kept = chosen.filter((id) => shown.has(getTask(id)?.id ?? id));
    if (kept.length === chosen.length) return;
    selection.set(kept);
    announce(`${selectedCount()}, ${chosen.length - kept.length} no longer shown`);
  }, [order, getTask]);
  useEffect(
    () => () => {
      visibleOrder.set([]);
      clearSelection();
    },
    [],
  );
}

/** The card that Tab reaches: the current one if it is drawn, else the first that is. */
const tabStop = createStore<string | null>(null);
const drawn = new Set<string>();
let finding = false;

function findTabStop(): void {
  if (finding) return;
  finding = true;
  // Many cards come and go at once.
  queueMicrotask(() => {
    finding = false;
    const current = currentCard.get();
    tabStop.set(current !== null && drawn.has(current) ? current : (visibleOrder.get().find((id) => drawn.has(id)) ?? null));
  });
}
currentCard.subscribe(findTabStop);
visibleOrder.subscribe(findTabStop);

/** Whether Tab reaches this card, which is drawn while the component is mounted. */
export function useTabStop(taskId: string): boolean {
  useEffect(() => {
    drawn.add(taskId);
    findTabStop();
    return () => {
      drawn.delete(taskId);
      findTabStop();
    };
  }, [taskId]);
  return useStore(tabStop, (id) => id === taskId);
}
