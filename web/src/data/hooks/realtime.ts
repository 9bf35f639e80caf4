import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { useOpenWorkspace, useRuntime } from '../context';
import type { ConnectionView, DataEvent, Viewer } from '../types';
import { useUnsent } from './changes';

/** Who is on a task now, without myself. Rerenders only when that changes. */
export function usePresence(taskId: string): readonly Viewer[] {
  const { presence } = useOpenWorkspace().session;
  const subscribe = useCallback((listener: () => void) => presence.subscribe(taskId, listener), [presence, taskId]);
  return useSyncExternalStore(subscribe, () => presence.get(taskId));
}

/** Shows others that I am on this task while the component is mounted. `setTyping(true)` on each key press is fine: it is throttled and ends by itself. */
export function useViewing(taskId: string | null): { setTyping(typing: boolean): void } {
  const { session } = useOpenWorkspace();
  const client = useSyncExternalStore(session.subscribe, () => session.client);
  useEffect(() => {
    if (!client || !taskId) return;
    client.join(taskId);
    return () => client.leave(taskId);
  }, [client, taskId]);
  return useMemo(() => ({ setTyping: (typing) => taskId && client?.typing(taskId, typing) }), [client, taskId]);
}

export function useConnectionState(): ConnectionView {
  const { session } = useOpenWorkspace();
  const connection = useSyncExternalStore(session.subscribe, () => session.connection);
  const unsent = useUnsent();
  return useMemo(() => ({ ...connection, unsent, retry: session.retry, refresh: session.refresh }), [connection, unsent, session]);
}

/** Calls the latest handler for each event. */
export function useDataEvents(handler: (event: DataEvent) => void): void {
  const runtime = useRuntime();
  const latest = useRef(handler);
  useEffect(() => void (latest.current = handler));
  useEffect(() => runtime.onEvent((event) => latest.current(event)), [runtime]);
}

/** Milliseconds from the change being made to it being on the screen, for the last one that arrived; null before the first. */
export function useLatency(): number | null {
  const { session } = useOpenWorkspace();
  return useSyncExternalStore(session.subscribe, () => session.latency);
}
