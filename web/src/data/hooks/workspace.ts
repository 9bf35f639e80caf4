import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useOpenWorkspace } from '../context';
import { boardOf, listOf, todayHere } from '../filter';
import { keys } from '../keys';
import type { WorkspaceState } from '../state';
import type { BoardColumn, Loaded, Member, Permissions, Project, Role, TaskFilter, TaskSort, TaskView, WorkspaceView } from '../types';
import { loaded } from './loaded';
import { useToday } from './today';

/**
 * A part of the workspace's state. Every part of it keeps its identity while it does not change, so that a hook rerenders only for what
 * it selects. `select` must be the same function from render to render.
 */
function useSelected<T>(select: (state: WorkspaceState) => T) {
  const { session } = useOpenWorkspace();
  return useQuery<WorkspaceState, Error, T>({ queryKey: keys.state(session.id), queryFn: session.first, enabled: false, structuralSharing: false, select });
}

function usePart<T>(select: (state: WorkspaceState) => T): T | undefined {
  return useSelected(select).data;
}

export function useWorkspaceId(): string {
  return useOpenWorkspace().session.id;
}

/** Members, projects, labels and what I may do. An error with code `not_found` or `forbidden`: not (or no longer) mine. */
export function useWorkspace(): Loaded<WorkspaceView> {
  const { session } = useOpenWorkspace();
  const select = useMemo(workspaceViews, []);
  return loaded(useSelected(select), session.retry);
}

export function usePermissions(): Permissions {
  return permissionsOf(usePart(selectRole) ?? null);
}

/** Undefined for former members: their names are found in events and comments. */
export function useMember(userId: string | null | undefined): Member | undefined {
  return usePart(useMemo(() => (state: WorkspaceState) => (userId ? state.members[userId] : undefined) ?? null, [userId])) ?? undefined;
}

export function useProject(projectId: string | null | undefined): Project | undefined {
  return usePart(useMemo(() => (state: WorkspaceState) => (projectId ? state.projects[projectId] : undefined) ?? null, [projectId])) ?? undefined;
}

const NO_COLUMNS: readonly BoardColumn[] = boardOf({}, {}, todayHere());
const NO_IDS: readonly string[] = [];

/** The four columns in board order. Rerenders only when membership or order of a column changes. */
export function useBoard(filter: TaskFilter): readonly BoardColumn[] {
  const filterKey = JSON.stringify(filter);
  const today = useToday();
  const select = useMemo(() => {
    const fixed = JSON.parse(filterKey) as TaskFilter;
    return remembering<readonly BoardColumn[]>((state, previous) => boardOf(state.tasks, fixed, today, previous));
  }, [filterKey, today]);
  return usePart(select) ?? NO_COLUMNS;
}

/** Ids of all matching tasks in order. */
export function useTasks(filter: TaskFilter, sort: TaskSort = 'position'): readonly string[] {
  const filterKey = JSON.stringify(filter);
  const today = useToday();
  const select = useMemo(() => {
    const fixed = JSON.parse(filterKey) as TaskFilter;
    return remembering<readonly string[]>((state, previous) => listOf(state.tasks, fixed, sort, today, previous));
  }, [filterKey, sort, today]);
  return usePart(select) ?? NO_IDS;
}

/** Rerenders only when this task changes. Undefined: deleted, never there, or not loaded yet (see useWorkspace). */
export function useTask(taskId: string | null | undefined): TaskView | undefined {
  return usePart(useMemo(() => (state: WorkspaceState) => (taskId ? taskOf(state, taskId) : undefined) ?? null, [taskId])) ?? undefined;
}

/** Reads without subscribing, for event handlers. */
export function useTaskGetter(): (taskId: string) => TaskView | undefined {
  const { session } = useOpenWorkspace();
  return useMemo(() => (taskId) => session.state && taskOf(session.state, taskId), [session]);
}

/** By key, such as `WEB-42`, for links. */
export function useTaskIdByKey(key: string | null | undefined): string | undefined {
  const select = useMemo(() => {
    const wanted = key?.toUpperCase();
    return (state: WorkspaceState) => (wanted && Object.values(state.tasks).find((task) => task.key === wanted)?.id) || null;
  }, [key]);
  return usePart(select) ?? undefined;
}

function taskOf(state: WorkspaceState, id: string): TaskView | undefined {
  return state.tasks[state.aliases[id] ?? id];
}

const selectRole = (state: WorkspaceState): Role => state.workspace.role;

export function permissionsOf(role: Role | null): Permissions {
  const isAdmin = role === 'owner' || role === 'admin';
  return { role, write: role !== null && role !== 'guest', manageProjects: isAdmin, manageMembers: isAdmin, own: role === 'owner' };
}

/** Hands the last result to the next computation, which may return it to say that nothing changed. */
function remembering<T>(compute: (state: WorkspaceState, previous: T | undefined) => T): (state: WorkspaceState) => T {
  let last: T | undefined;
  return (state) => (last = compute(state, last));
}

function workspaceViews(): (state: WorkspaceState) => WorkspaceView {
  const byName = <T extends { name: string }>(items: Readonly<Record<string, T>>) => Object.values(items).sort((a, b) => a.name.localeCompare(b.name));
  let from: WorkspaceState | undefined;
  return remembering((state, previous) => {
    const known = from;
    from = state;
    const labels = known && previous && sameLabels(known.tasks, state.tasks) ? previous.labels : labelsOf(state, previous?.labels);
    const taskCount = Object.keys(state.tasks).length;
    const same = known && previous && known.workspace === state.workspace && known.members === state.members && known.projects === state.projects;
    if (same && labels === previous.labels && taskCount === previous.taskCount && state.stale === previous.stale) return previous;
    return {
      workspace: state.workspace,
      members: known && previous && known.members === state.members ? previous.members : byName(state.members),
      projects: known && previous && known.projects === state.projects ? previous.projects : byName(state.projects),
      taskCount,
      labels,
      me: permissionsOf(state.workspace.role),
      stale: state.stale,
    };
  });
}

/** Asked for every event, of which few are about labels: a task that kept its own keeps the array they stand in. */
function sameLabels(before: WorkspaceState['tasks'], after: WorkspaceState['tasks']): boolean {
  if (before === after) return true;
  let rest = Object.keys(before).length;
  for (const id in after) {
    if (before[id]?.labels !== after[id]!.labels) return false;
    rest--;
  }
  return rest === 0;
}

function labelsOf(state: WorkspaceState, previous: readonly string[] | undefined): readonly string[] {
  const labels = [...new Set(Object.values(state.tasks).flatMap((task) => task.labels))].sort((a, b) => a.localeCompare(b));
  return previous && labels.length === previous.length && labels.every((label, index) => label === previous[index]) ? previous : labels;
}
