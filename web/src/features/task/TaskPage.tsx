import { useNavigate, useParams } from 'react-router';
import { useWorkspace, useWorkspaceId } from '../../data';
import { PageLoading } from '../../app/loading';
import { PageHeader } from '../../app/PageHeader';
import { preferences } from '../../app/preferences';
import { EmptyState } from '../../ui/states';
import { TaskDetail } from './TaskDetail';
import { useTaskOfRoute } from './useTaskOfRoute';

/** A task by its own link. */
export default function TaskPage() {
  const { taskKey } = useParams();
  const navigate = useNavigate();
  const workspaceId = useWorkspaceId();
  const { data } = useWorkspace();
  const { taskId, identity } = useTaskOfRoute(taskKey);
  // In its place in the history, so that neither this nor a second Esc adds to it.
  const close = () => navigate(`/w/${workspaceId}/${preferences.get().lastView}`, { replace: true });
  if (taskId) return <TaskDetail key={identity} taskId={taskId} mode="page" onClose={close} />;
  // What this browser kept is older than a link that somebody sends: the server has to say that a task is not there.
  if (!data || data.stale) return <PageLoading />;
  return (
    <>
      <PageHeader title={taskKey} />
      <EmptyState title={`${taskKey} is not here`} action={{ label: 'Go to the board', onClick: close }}>
        It was deleted, or the link is mistyped.
      </EmptyState>
    </>
  );
}
