import { useEffect, useRef } from 'react';
import { matchPath, useNavigate } from 'react-router';
import { useTaskGetter, useWorkspace } from '../../data';
import { usePageLocation, type LocationState } from '../../app/pageLocation';
import { EmptyState } from '../../ui/states';
import { requestFocus } from '../board/focus';
import { TaskDetail } from './TaskDetail';
import { useTaskOfRoute } from './useTaskOfRoute';

/** The task beside the board, or over it where there is no room. */
export default function TaskPanel() {
  const location = usePageLocation();
  const navigate = useNavigate();
  const key = matchPath('/w/:workspaceId/t/:taskKey', location.pathname)?.params.taskKey;
  const { taskId, identity, gone } = useTaskOfRoute(key);
  const workspace = useWorkspace().data;
  // What this browser kept is older than a link that somebody sends: the server has to say that a task is not there.
  const loaded = workspace !== undefined && !workspace.stale;
  const background = (location.state as LocationState | null)?.background;
  // The page stays for a moment while the browser goes back: a second Esc or click must not lead one page further.
  const closing = useRef(false);
  useEffect(() => {
    closing.current = false;
  }, [location.key]);
  const close = () => {
    if (closing.current) return;
    closing.current = true;
    // Back, where this app made the entry, so that the history does not fill with open and close.
    if ((window.history.state as { idx?: number } | null)?.idx) navigate(-1);
    else navigate(background ?? '..', { replace: true });
  };

  // The focus comes back to the card that was open last, unless it is gone.
  const getTask = useTaskGetter();
  const last = useRef(taskId);
  last.current = taskId ?? last.current;
  useEffect(
    () => () => {
      const task = last.current && getTask(last.current);
      if (task) requestFocus(task.id);
    },
    [getTask],
  );

  return (
    <aside className="fixed inset-0 z-30 animate-slide-in border-line bg-surface shadow-pop sm:left-auto sm:w-[min(44rem,92vw)] sm:border-l xl:static xl:w-[36rem] 2xl:w-[42rem] xl:shrink-0 xl:shadow-none">
      {taskId && !(gone && !loaded) ? (
        <TaskDetail key={identity} taskId={taskId} mode="panel" onClose={close} />
      ) : (
        loaded && (
          <EmptyState title={`${key ?? 'The task'} is not here`} action={{ label: 'Close', onClick: close }}>
            It was deleted, or the link is mistyped.
          </EmptyState>
        )
      )}
    </aside>
  );
}
