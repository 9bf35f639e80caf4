import { createContext, useContext } from 'react';
import type { DataRuntime } from './runtime';
import type { TaskActions } from './taskActions';
import type { WorkspaceSession } from './workspaceSession';

export interface OpenWorkspace {
  session: WorkspaceSession;
  actions: TaskActions;
}

export const RuntimeContext = createContext<DataRuntime | null>(null);
export const WorkspaceContext = createContext<OpenWorkspace | null>(null);

export function useRuntime(): DataRuntime {
  const runtime = useContext(RuntimeContext);
  if (!runtime) throw new Error('This hook works inside <DataProvider> only.');
  return runtime;
}

export function useOpenWorkspace(): OpenWorkspace {
  const open = useContext(WorkspaceContext);
  if (!open) throw new Error('This hook works inside <WorkspaceProvider> only.');
  return open;
}
