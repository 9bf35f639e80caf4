import { QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useMemo, type ReactNode } from 'react';
import { RuntimeContext, useRuntime, WorkspaceContext } from './context';
import type { DataRuntime } from './runtime';
import { TaskActions } from './taskActions';

/** Once, around everything. */
export function DataProvider({ children, runtime }: { children: ReactNode; runtime: DataRuntime }): ReactNode {
  useEffect(() => runtime.start(), [runtime]);
  return (
    <RuntimeContext value={runtime}>
      <QueryClientProvider client={runtime.queries}>{children}</QueryClientProvider>
    </RuntimeContext>
  );
}

/** Around everything that shows one workspace: loads it, holds its one real-time connection, and lets go of it a little after it is gone. */
export function WorkspaceProvider({ workspaceId, children }: { workspaceId: string; children: ReactNode }): ReactNode {
  const runtime = useRuntime();
  const open = useMemo(() => {
    const session = runtime.workspace(workspaceId);
    return { session, actions: new TaskActions(runtime, session) };
  }, [runtime, workspaceId]);
  useEffect(() => runtime.open(workspaceId).release, [runtime, workspaceId]);
  return <WorkspaceContext value={open}>{children}</WorkspaceContext>;
}
