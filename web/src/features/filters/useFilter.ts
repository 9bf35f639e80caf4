import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { useSession, useWorkspace, type TaskFilter } from '../../data';
import { activeCount, parseFilter, toTaskFilter, writeFilter, type UrlFilter } from './url';

/** The filter in the address: shareable, and undone by the browser's own Back. */
export function useFilter(): { url: UrlFilter; filter: TaskFilter; active: number; change(change: Partial<UrlFilter>, replace?: boolean): void; clear(): void } {
  const [params, setParams] = useSearchParams();
  const { user } = useSession();
  const workspace = useWorkspace();
  const projects = workspace.data?.projects;
  const text = params.toString();
  const url = useMemo(() => parseFilter(new URLSearchParams(text)), [text]);
  const filter = useMemo(() => toTaskFilter(url, projects ?? [], user?.id ?? null), [url, projects, user?.id]);
  const change = useCallback(
    (next: Partial<UrlFilter>, replace = false) => setParams((current) => writeFilter(current, next), { replace, preventScrollReset: true }),
    [setParams],
  );
  const clear = useCallback(() => change({ status: [], priority: [], assignee: [], label: [], due: null, q: '' }), [change]);
  return { url, filter, active: activeCount(url), change, clear };
}
