import { createStore } from '../../ui/store';

/** Conflicts the person has put off: they are asked about again when the person says so, or with the next visit. */
export const postponed = createStore<readonly string[]>([]);
