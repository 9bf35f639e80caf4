import { createStore } from '../../ui/store';

export type PickerKind = 'status' | 'priority' | 'assignee' | 'labels' | 'due' | 'move';

export interface OpenPicker {
  kind: PickerKind;
  taskIds: readonly string[];
  /** What the picker opens beside, and what gets the focus back. */
  anchor: Element;
}

/** There is one picker for the whole page: cards, rows, the detail and shortcuts all open it at the place they mean. */
export const openPicker = createStore<OpenPicker | null>(null);

export function showPicker(kind: PickerKind, taskIds: readonly string[], anchor: Element): void {
  if (taskIds.length > 0) openPicker.set({ kind, taskIds, anchor });
}

/** Tasks that are deleted once the person says so. */
export const askedToDelete = createStore<readonly string[] | null>(null);
