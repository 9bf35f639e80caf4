import type { QueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type {
  ActivityEntry, BoardColumn, Change, CommentView, Conflict, ConnectionView, DataEvent, Invitation, Loaded, Member, NewTask, Notification,
  NotificationPreferences, Permissions, Project, Role, Session, TaskFilter, TaskPatch, TaskSort, TaskStatus, TaskView, UndoView, User, Viewer, Workspace,
  WorkspaceView,
} from './types';

export * from './types';
export { PRIORITIES, ROLES, STATUSES } from '../api/models';

/** Once, around everything. Makes its own QueryClient unless given one. */
export declare function DataProvider(props: { children: ReactNode; queryClient?: QueryClient }): ReactNode;
/** Around everything that shows one workspace: loads it, holds its one real-time connection, sends its queue. Change `workspaceId` freely. */
export declare function WorkspaceProvider(props: { workspaceId: string; children: ReactNode }): ReactNode;

// -- the person ------------------------------------------------------------------------------------------------------------------
export declare function useSession(): Session;
/** Each rejects with an ApiError: `error.code`, `error.message` for people, `error.fields` (field → messages) for a form. */
export declare function useAuth(): {
  login(input: { email: string; password: string }): Promise<User>;
  register(input: { email: string; password: string; name: string }): Promise<User>;
  /** Signs out in all tabs; unsent changes of this browser are dropped (ask first when `useUnsent() > 0`). */
  logout(): Promise<void>;
};

// -- workspaces (anywhere) ------------------------------------------------------------------------------------------------------
export declare function useWorkspaces(): Loaded<Workspace[]>;
/** All reject with an ApiError. */
export declare function useWorkspaceActions(): {
  create(input: { name: string }): Promise<Workspace>;
  rename(workspaceId: string, name: string): Promise<Workspace>;
  remove(workspaceId: string): Promise<void>;
  acceptInvitation(token: string): Promise<Workspace>;
};

// -- the current workspace (inside WorkspaceProvider) ---------------------------------------------------------------------------
export declare function useWorkspaceId(): string;
/** Members, projects, labels and what I may do. An error with code `not_found` or `forbidden`: not (or no longer) mine. */
export declare function useWorkspace(): Loaded<WorkspaceView>;
export declare function usePermissions(): Permissions;
/** Former members stay findable by name through events only: undefined for them. */
export declare function useMember(userId: string | null | undefined): Member | undefined;
export declare function useProject(projectId: string | null | undefined): Project | undefined;
/** The four columns in board order. Rerenders only when membership or order of a column changes. */
export declare function useBoard(filter: TaskFilter): readonly BoardColumn[];
/** Ids of all matching tasks in order; the list view and search. */
export declare function useTasks(filter: TaskFilter, sort?: TaskSort): readonly string[];
/** Rerenders only when this task changes. Undefined: deleted, never there, or not loaded yet (see useWorkspace). */
export declare function useTask(taskId: string | null | undefined): TaskView | undefined;
/** Reads without subscribing, for event handlers. */
export declare function useTaskGetter(): (taskId: string) => TaskView | undefined;
/** By key, such as `WEB-42`, for links. */
export declare function useTaskIdByKey(key: string | null | undefined): string | undefined;
/** Oldest first, with unsent ones at the end. */
export declare function useComments(taskId: string): Loaded<CommentView[]>;
/** Newest first; kept up to date by events. */
export declare function useActivity(taskId: string): Loaded<ActivityEntry[]> & { hasMore: boolean; loadMore(): void };

// -- changes: shown at once, kept over a reload, sent in order ---------------------------------------------------------------------
export declare function useCreateTask(): (task: NewTask) => Change<TaskView>;
/** Only the fields that differ from what is shown are sent. */
export declare function useUpdateTask(): (taskId: string, patch: TaskPatch) => Change<TaskView>;
/** The same patch on several tasks: one undo. */
export declare function useUpdateTasks(): (taskIds: readonly string[], patch: TaskPatch) => Change<TaskView>[];
/** Puts a task into a column before or after another one (by id), or at an end. */
export declare function useMoveTask(): (
  taskId: string,
  to: { status: TaskStatus; before?: string | null; after?: string | null; at?: 'top' | 'bottom' },
) => Change<TaskView>;
/** Undo makes the task anew under another number, without its comments: ask first when there are any. */
export declare function useDeleteTask(): (taskId: string) => Change<void>;
export declare function useDeleteTasks(): (taskIds: readonly string[]) => Change<void>[];
export declare function useCommentActions(taskId: string): {
  create(body: string): Change<CommentView>;
  update(commentId: string, body: string): Change<CommentView>;
  remove(commentId: string): Change<void>;
};
export declare function useUndo(): UndoView;
export declare function useConflicts(): { conflicts: readonly Conflict[]; resolve(conflictId: string, keep: 'mine' | 'theirs'): void };
/** Changes waiting to be sent. */
export declare function useUnsent(): number;

// -- projects, members, invitations: need the server; reject with an ApiError -------------------------------------------------------
export declare function useProjectActions(): {
  create(input: { name: string; key: string }): Promise<Project>;
  rename(projectId: string, name: string): Promise<Project>;
  remove(projectId: string): Promise<void>;
};
export declare function useMemberActions(): {
  add(input: { email: string; role: Role }): Promise<Member>;
  setRole(userId: string, role: Role): Promise<Member>;
  remove(userId: string): Promise<void>;
  leave(): Promise<void>;
};
export declare function useInvitations(): Loaded<Invitation[]>;
export declare function useInvitationActions(): {
  /** `url` is what to send to the invited person; it is shown this once. */
  create(input: { role: Role }): Promise<Invitation>;
  revoke(invitationId: string): Promise<void>;
};

// -- notifications (anywhere) ----------------------------------------------------------------------------------------------------
export declare function useNotifications(): Loaded<Notification[]> & {
  unread: number;
  hasMore: boolean;
  loadMore(): void;
  markRead(ids: readonly string[]): Promise<void>;
  markAllRead(): Promise<void>;
};
export declare function useNotificationPreferences(): Loaded<NotificationPreferences> & { save(preferences: NotificationPreferences): Promise<void> };

// -- presence ----------------------------------------------------------------------------------------------------------------------
/** Who is on a task now, without myself. Rerenders only when that changes. */
export declare function usePresence(taskId: string): readonly Viewer[];
/** Shows others that I am on this task while the component is mounted. `setTyping(true)` on each key press is fine: it is throttled and ends by itself. */
export declare function useViewing(taskId: string | null): { setTyping(typing: boolean): void };

// -- the connection ----------------------------------------------------------------------------------------------------------------
export declare function useConnectionState(): ConnectionView;
/** Calls the latest handler for each event. */
export declare function useDataEvents(handler: (event: DataEvent) => void): void;
/** Milliseconds from the change being made to it being on the screen, for the last one that arrived; null before the first. */
export declare function useLatency(): number | null;
