import type { TaskStatus } from '../data';
import { createStore } from '../ui/store';

export interface NewTaskSeed {
  status?: TaskStatus;
  projectId?: string | null;
  assigneeId?: string | null;
}

/** Which of the things that lie over the page are open. */
export const shell = createStore<{ palette: boolean; help: boolean; newTask: NewTaskSeed | null; drawer: boolean; newProject: boolean }>({
  palette: false,
  help: false,
  newTask: null,
  drawer: false,
  newProject: false,
});

export function setShell(change: Partial<ReturnType<typeof shell.get>>): void {
  shell.set((current) => ({ ...current, ...change }));
}

/** The task whose detail is on the page. */
export const openTask = createStore<string | null>(null);

/** What the keys that walk through cards move in: kept by the board or list that is shown. */
export const walker = createStore<{ walk(columns: number, rows: number): void; shift?(taskId: string, columns: number, rows: number): void } | null>(null);
