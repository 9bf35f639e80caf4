import { PRIORITIES, STATUSES } from '../api/models';
import { fold } from './fold';
import { comparePositions } from './position';
import type { BoardColumn, TaskFilter, TaskSort, TaskView } from './types';

type Tasks = Readonly<Record<string, TaskView>>;

/** Tells whether a task matches; `today` is a date such as `2026-01-31`. */
export function matcher(filter: TaskFilter, today: string): (task: TaskView) => boolean {
  const words = fold(filter.q ?? '').split(/\s+/).filter(Boolean);
  const some = <T>(values: readonly T[] | undefined) => (values && values.length > 0 ? new Set(values) : null);
  const statuses = some(filter.statuses);
  const priorities = some(filter.priorities);
  const assignees = some(filter.assignees);
  const labels = some(filter.labels);
  return (task) => {
    if (filter.projectId && task.projectId !== filter.projectId) return false;
    if (statuses && !statuses.has(task.status)) return false;
    if (priorities && !priorities.has(task.priority)) return false;
    if (assignees && !assignees.has(task.assigneeId)) return false;
    if (labels && !task.labels.some((label) => labels.has(label))) return false;
    if (filter.due && !isDue(task, filter.due, today)) return false;
    if (words.length === 0) return true;
    const text = searchText(task);
    return words.every((word) => text.includes(word));
  };
}

const searchTexts = new WeakMap<TaskView, string>();

/** What a search looks in. A task that did not change is not folded again at the next letter. */
function searchText(task: TaskView): string {
  const known = searchTexts.get(task);
  if (known !== undefined) return known;
  const text = fold(`${task.key} ${task.title} ${task.labels.join(' ')} ${task.description}`);
  searchTexts.set(task, text);
  return text;
}

function isDue(task: TaskView, due: NonNullable<TaskFilter['due']>, today: string): boolean {
  if (due === 'none') return task.dueOn === null;
  if (task.dueOn === null) return false;
  if (due === 'overdue') return task.dueOn < today && task.status !== 'done';
  if (due === 'today') return task.dueOn === today;
  return task.dueOn >= today && task.dueOn <= addDays(today, 7);
}

/** Whether a task shows under a filter today. */
export function isShown(task: TaskView, filter: TaskFilter): boolean {
  return matcher(filter, todayHere())(task);
}

/** The person's own date, not the one in Greenwich. */
export function todayHere(now = new Date()): string {
  return addDays(new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10), 0);
}

function addDays(date: string, days: number): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}

export function byPosition(a: TaskView, b: TaskView): number {
  return comparePositions(a.position, b.position) || comparePositions(a.id, b.id);
}

/** Columns keep their identity from `previous` where nothing in them moved. */
export function boardOf(tasks: Tasks, filter: TaskFilter, today: string, previous?: readonly BoardColumn[]): readonly BoardColumn[] {
  const matches = matcher(filter, today);
  const shown = Object.values(tasks).filter(matches).sort(byPosition);
  const columns = STATUSES.map((status, index) => {
    const ids = shown.filter((task) => task.status === status).map((task) => task.id);
    const known = previous?.[index];
    return known && sameIds(known.ids, ids) ? known : { status, ids };
  });
  return previous && columns.every((column, index) => column === previous[index]) ? previous : columns;
}

export function listOf(tasks: Tasks, filter: TaskFilter, sort: TaskSort, today: string, previous?: readonly string[]): readonly string[] {
  const ids = Object.values(tasks).filter(matcher(filter, today)).sort(comparers[sort]).map((task) => task.id);
  return previous && sameIds(previous, ids) ? previous : ids;
}

const newestFirst = (a: string, b: string) => (a < b ? 1 : a > b ? -1 : 0);

const comparers: Record<TaskSort, (a: TaskView, b: TaskView) => number> = {
  position: (a, b) => STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) || byPosition(a, b),
  updated: (a, b) => newestFirst(a.updatedAt, b.updatedAt) || byPosition(a, b),
  created: (a, b) => newestFirst(a.createdAt, b.createdAt) || byPosition(a, b),
  due: (a, b) => comparePositions(a.dueOn ?? '9', b.dueOn ?? '9') || byPosition(a, b),
  priority: (a, b) => PRIORITIES.indexOf(b.priority) - PRIORITIES.indexOf(a.priority) || byPosition(a, b),
  key: (a, b) => comparePositions(a.key.split('-')[0]!, b.key.split('-')[0]!) || a.number - b.number || byPosition(a, b),
  title: (a, b) => a.title.localeCompare(b.title) || byPosition(a, b),
};

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
