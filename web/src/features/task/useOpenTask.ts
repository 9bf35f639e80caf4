import { useCallback } from 'react';
import { useLocation, useNavigate } from 'react-router';
import type { LocationState } from '../../app/pageLocation';

/** Opens a task beside the page. From one open task to the next takes its place in the history: Back, and closing, lead to the page. */
export function useOpenTask(): (path: string, edit?: LocationState['edit']) => void {
  const navigate = useNavigate();
  const background = useLocation();
  return useCallback(
    (path, edit) => {
      const open = (window.history.state as { usr?: LocationState } | null)?.usr?.background !== undefined;
      navigate(path, { replace: open, state: { background, edit } satisfies LocationState });
    },
    [navigate, background],
  );
}
