import { PRIORITIES, STATUSES, type Member, type NewTask, type Priority, type Project, type TaskFilter, type TaskSort, type TaskStatus } from '../../data';

/** What the address says: projects by key, "me" for oneself, "none" for nobody. */
export interface UrlFilter {
  project: string | null;
  status: TaskStatus[];
  priority: Priority[];
  assignee: string[];
  label: string[];
  due: NonNullable<TaskFilter['due']> | null;
  q: string;
}

export const Sorts: { value: TaskSort; label: string }[] = [
  { value: 'position', label: 'Board order' },
  { value: 'updated', label: 'Last updated' },
  { value: 'created', label: 'Newest' },
  { value: 'due', label: 'Due date' },
  { value: 'priority', label: 'Priority' },
  { value: 'title', label: 'Title' },
];

const Dues = ['overdue', 'today', 'week', 'none'] as const;
export const DueNames: Record<NonNullable<TaskFilter['due']>, string> = { overdue: 'Overdue', today: 'Due today', week: 'Due within a week', none: 'No due date' };

/** Labels may hold commas: each value is escaped by itself. */
const list = (params: URLSearchParams, name: string) => (params.get(name) ?? '').split(',').filter(Boolean).map(safeDecode);

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function parseFilter(params: URLSearchParams): UrlFilter {
  const due = params.get('due');
  return {
    project: params.get('project'),
    status: list(params, 'status').filter((value): value is TaskStatus => (STATUSES as readonly string[]).includes(value)),
    priority: list(params, 'priority').filter((value): value is Priority => (PRIORITIES as readonly string[]).includes(value)),
    assignee: list(params, 'assignee'),
    label: list(params, 'label'),
    due: Dues.find((value) => value === due) ?? null,
    q: params.get('q') ?? '',
  };
}

export function writeFilter(params: URLSearchParams, change: Partial<UrlFilter>): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(change)) {
    const text = Array.isArray(value) ? value.map((each) => encodeURIComponent(each)).join(',') : value;
    if (text) next.set(name, text);
    else next.delete(name);
  }
  return next;
}

export function parseSort(params: URLSearchParams): TaskSort {
  const sort = params.get('sort');
  return Sorts.find((each) => each.value === sort)?.value ?? 'position';
}

/** How many kinds of filter are set, besides the project. */
export function activeCount(filter: UrlFilter): number {
  return [filter.status, filter.priority, filter.assignee, filter.label].filter((values) => values.length > 0).length + (filter.due ? 1 : 0) + (filter.q ? 1 : 0);
}

export function toTaskFilter(filter: UrlFilter, projects: readonly Project[], me: string | null): TaskFilter {
  return {
    projectId: filter.project ? (projects.find((project) => project.key === filter.project)?.id ?? null) : null,
    statuses: filter.status,
    priorities: filter.priority,
    assignees: filter.assignee.map((value) => (value === 'me' ? me : value === 'none' ? null : value)),
    labels: filter.label,
    q: filter.q,
    due: filter.due ?? undefined,
  };
}

/** What a new task takes from the filter, so that it shows where it was made: every kind that leaves one choice. */
export function newTaskUnder(filter: TaskFilter, members: readonly Member[]): Pick<NewTask, 'priority' | 'assigneeId' | 'labels'> {
  const only = <T>(values: readonly T[] | undefined) => (values?.length === 1 ? values[0] : undefined);
  const [priority, assigneeId, label] = [only(filter.priorities), only(filter.assignees), only(filter.labels)];
  const canBeAssigned = members.some((member) => member.userId === assigneeId && member.role !== 'guest');
  return { ...(priority && { priority }), ...(canBeAssigned && { assigneeId }), ...(label && { labels: [label] }) };
}
