import type { Task, TaskView } from '../../data';

/** A task's own link: by key, or by id while it has no number yet. */
export function taskPath(task: Pick<Task, 'workspaceId' | 'key' | 'id'> & Partial<Pick<TaskView, 'local'>>): string {
  return `/w/${task.workspaceId}/t/${task.local ? task.id : task.key}`;
}
