import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useOpenWorkspace, useRuntime } from '../context';
import { newId } from '../ids';
import { keys } from '../keys';
import type { Invitation, Loaded, Member, Project, Role } from '../types';
import { loaded } from './loaded';

/** Need the server, and reject with an ApiError. What they change arrives by events, like everybody else's changes. */
export function useProjectActions(): {
  create(input: { name: string; key: string }): Promise<Project>;
  rename(projectId: string, name: string): Promise<Project>;
  remove(projectId: string): Promise<void>;
} {
  const { api } = useRuntime();
  const { session } = useOpenWorkspace();
  return useMemo(
    () => ({
      create: async (input) => session.putProject(await api.createProject(session.id, input, newId())),
      rename: async (projectId, name) => session.putProject(await api.renameProject(session.id, projectId, name, newId())),
      remove: (projectId) => api.deleteProject(session.id, projectId),
    }),
    [api, session],
  );
}

export function useMemberActions(): {
  add(input: { email: string; role: Role }): Promise<Member>;
  setRole(userId: string, role: Role): Promise<Member>;
  remove(userId: string): Promise<void>;
  leave(): Promise<void>;
} {
  const runtime = useRuntime();
  const { session } = useOpenWorkspace();
  return useMemo(() => {
    const { api } = runtime;
    return {
      add: async (input) => session.putMember(await api.addMember(session.id, input, newId())),
      setRole: async (userId, role) => session.putMember(await api.setRole(session.id, userId, role, newId())),
      remove: (userId) => api.removeMember(session.id, userId),
      async leave() {
        await api.removeMember(session.id, runtime.session.current?.user.id ?? '');
        await runtime.queries.invalidateQueries({ queryKey: keys.workspaces });
      },
    };
  }, [runtime, session]);
}

export function useInvitations(): Loaded<Invitation[]> {
  const { api } = useRuntime();
  const { id } = useOpenWorkspace().session;
  return loaded(useQuery({ queryKey: keys.invitations(id), queryFn: ({ signal }) => api.invitations(id, signal) }));
}

export function useInvitationActions(): {
  /** `url` is what to send to the invited person; it is shown this once. */
  create(input: { role: Role }): Promise<Invitation>;
  revoke(invitationId: string): Promise<void>;
} {
  const { api, queries } = useRuntime();
  const { id } = useOpenWorkspace().session;
  return useMemo(() => {
    const refresh = () => void queries.invalidateQueries({ queryKey: keys.invitations(id) });
    return {
      create: ({ role }) => api.invite(id, role, newId()).finally(refresh),
      revoke: (invitationId) => api.revokeInvitation(id, invitationId).finally(refresh),
    };
  }, [api, queries, id]);
}
