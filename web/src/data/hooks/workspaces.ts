import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useRuntime } from '../context';
import { newId } from '../ids';
import { keys } from '../keys';
import type { Loaded, Workspace } from '../types';
import { loaded } from './loaded';

export function useWorkspaces(): Loaded<Workspace[]> {
  const runtime = useRuntime();
  return loaded(useQuery({ queryKey: keys.workspaces, queryFn: ({ signal }) => runtime.api.workspaces(signal) }));
}

/** All reject with an ApiError. */
export function useWorkspaceActions(): {
  create(input: { name: string }): Promise<Workspace>;
  rename(workspaceId: string, name: string): Promise<Workspace>;
  remove(workspaceId: string): Promise<void>;
  acceptInvitation(token: string): Promise<Workspace>;
} {
  const runtime = useRuntime();
  return useMemo(() => {
    const { api, queries } = runtime;
    const put = (workspace: Workspace): Workspace => {
      queries.setQueryData<Workspace[]>(keys.workspaces, (list) => list && [...list.filter((each) => each.id !== workspace.id), workspace]);
      return workspace;
    };
    return {
      create: async ({ name }) => put(await api.createWorkspace(name, newId())),
      rename: async (workspaceId, name) => put(await api.renameWorkspace(workspaceId, name, newId())),
      async remove(workspaceId) {
        await api.deleteWorkspace(workspaceId);
        queries.setQueryData<Workspace[]>(keys.workspaces, (list) => list?.filter((each) => each.id !== workspaceId));
      },
      acceptInvitation: async (token) => put(await api.acceptInvitation(token, newId())),
    };
  }, [runtime]);
}
