import { useMemo } from 'react';
import {
  useCreateTask, useDeleteTask, useMayHaveComments, useMoveTask, useTaskGetter, useTogether, useUpdateTask,
  type Change, type NewTask, type Priority, type TaskPatch, type TaskStatus, type TaskView,
} from '../../data';
import { toast } from '../../ui/toast';
import { flash, requestFocus, selection, visibleOrder } from '../board/focus';
import { StatusNames } from './names';
import { askedToDelete } from './pickers';

export interface MoveTarget {
  status: TaskStatus;
  before?: string | null;
  after?: string | null;
  at?: 'top' | 'bottom';
}

export interface TaskActions {
  update(taskIds: readonly string[], patch: TaskPatch): void;
  setPriority(taskIds: readonly string[], priority: Priority): void;
  assign(taskIds: readonly string[], userId: string | null): void;
  setDue(taskIds: readonly string[], dueOn: string | null): void;
  toggleLabel(taskIds: readonly string[], label: string): void;
  move(taskIds: readonly string[], to: MoveTarget): void;
  remove(taskIds: readonly string[]): void;
  /** Asks first where undo could not bring everything back. */
  askToRemove(taskIds: readonly string[]): void;
  create(task: NewTask): Change<TaskView>;
}

const name = (tasks: readonly (TaskView | undefined)[]): string => (tasks.length === 1 ? (tasks[0]?.key ?? 'Task') : `${tasks.length} tasks`);

function undoToast(text: string, undo: (() => void) | null): void {
  if (undo) toast(text, { key: 'undo', action: { label: 'Undo', onClick: undo } });
}

/** What people do to tasks from cards, rows, the detail, shortcuts and the palette: the same words and the same undo everywhere. */
export function useTaskActions(): TaskActions {
  const getTask = useTaskGetter();
  const createTask = useCreateTask();
  const updateTask = useUpdateTask();
  const moveTask = useMoveTask();
  const deleteTask = useDeleteTask();
  const together = useTogether();
  const mayHaveComments = useMayHaveComments();

  return useMemo<TaskActions>(() => {
    const update: TaskActions['update'] = (taskIds, patch) => {
      const first = taskIds[0];
      if (taskIds.length === 1 && first) updateTask(first, patch);
      else if (taskIds.length > 1) undoToast(`${taskIds.length} tasks updated`, together(`Edit ${taskIds.length} tasks`, () => taskIds.forEach((id) => updateTask(id, patch))));
    };
    const remove: TaskActions['remove'] = (taskIds) => {
      const tasks = taskIds.map(getTask).filter((task) => task !== undefined);
      const ids = tasks.map((task) => task.id);
      const first = ids[0];
      if (!first) return;
      const order = visibleOrder.get();
      const index = order.indexOf(first);
      const neighbour = order.slice(index + 1).find((id) => !ids.includes(id)) ?? order.slice(0, Math.max(0, index)).reverse().find((id) => !ids.includes(id));
      undoToast(`${name(tasks)} deleted`, together(`Delete ${name(tasks)}`, () => ids.forEach((id) => deleteTask(id))));
      selection.set((current) => current.filter((id) => !ids.includes(id)));
      if (neighbour && index >= 0) requestFocus(neighbour);
    };
    return {
      update,
      setPriority: (taskIds, priority) => update(taskIds, { priority }),
      assign: (taskIds, assigneeId) => update(taskIds, { assigneeId }),
      setDue: (taskIds, dueOn) => update(taskIds, { dueOn }),
      toggleLabel(taskIds, label) {
        // With several tasks the label ends up on all or on none of them.
        const onAll = taskIds.every((id) => getTask(id)?.labels.includes(label));
        const toggle = () => {
          for (const id of taskIds) {
            const labels = getTask(id)?.labels;
            if (!labels) continue;
            if (onAll) updateTask(id, { labels: labels.filter((each) => each !== label) });
            else if (!labels.includes(label)) updateTask(id, { labels: [...labels, label] });
          }
        };
        if (taskIds.length === 1) toggle();
        else undoToast(`Label ${label} ${onAll ? 'taken from' : 'put on'} ${taskIds.length} tasks`, together(`Label ${taskIds.length} tasks`, toggle));
      },
      move(taskIds, to) {
        const before = taskIds.map(getTask);
        const ids = taskIds.filter((_, index) => before[index]);
        if (ids.length === 0) return;
        // Behind a given card the tasks follow one another; in front of one each goes directly before it; at the top the last comes first.
        let after = to.after;
        const undo = together(`Move ${name(before)}`, () => {
          for (const id of to.at === 'top' ? [...ids].reverse() : ids) {
            moveTask(id, after ? { status: to.status, after } : to);
            if (after) after = id;
          }
        });
        ids.forEach(flash);
        if (before.some((task) => task && task.status !== to.status)) undoToast(`${name(before)} moved to ${StatusNames[to.status]}`, undo);
      },
      remove,
      askToRemove(taskIds) {
        const ids = taskIds.filter(getTask);
        if (ids.length > 0) void mayHaveComments(ids).then((may) => (may ? askedToDelete.set(ids) : remove(ids)));
      },
      create: (task) => createTask(task),
    };
  }, [getTask, createTask, updateTask, moveTask, deleteTask, together, mayHaveComments]);
}
