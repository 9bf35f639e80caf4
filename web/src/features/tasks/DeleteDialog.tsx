import { useTaskGetter } from '../../data';
import ConfirmDialog from '../../ui/ConfirmDialog';
import { requestFocus } from '../board/focus';
import { useTaskActions } from './actions';
import { askedToDelete } from './pickers';

/** Asks before tasks go that undo cannot bring back whole. */
export default function DeleteDialog({ taskIds }: { taskIds: readonly string[] }) {
  const getTask = useTaskGetter();
  const { remove } = useTaskActions();
  const one = taskIds.length === 1;
  const close = () => {
    askedToDelete.set(null);
    if (taskIds[0] && getTask(taskIds[0])) requestFocus(taskIds[0]);
  };
  return (
    <ConfirmDialog open onOpenChange={close} title={`Delete ${one ? (getTask(taskIds[0]!)?.key ?? 'the task') : `${taskIds.length} tasks`}?`} action="Delete" onConfirm={() => remove(taskIds)}>
      {one ? 'Its comments go with it. Undo brings the task back under a new number, without comments.' : 'Their comments go with them. Undo brings the tasks back under new numbers, without comments.'}
    </ConfirmDialog>
  );
}
