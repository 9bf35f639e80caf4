/** What the HTTP API sends, as documented in its OpenAPI description. */

export type Role = 'owner' | 'admin' | 'member' | 'guest';
export type TaskStatus = 'todo' | 'in_progress' | 'in_review' | 'done';
export type Priority = 'none' | 'low' | 'medium' | 'high' | 'urgent';

export const STATUSES: readonly TaskStatus[] = ['todo', 'in_progress', 'in_review', 'done'];
export const PRIORITIES: readonly Priority[] = ['none', 'low', 'medium', 'high', 'urgent'];
export const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'guest'];

export interface User {
  id: string;
  email: string;
  name: string;
}

export interface Workspace {
  id: string;
  name: string;
  role: Role;
  head: number;
  createdAt: string;
}

export interface Member {
  userId: string;
  name: string;
  email: string;
  role: Role;
  joinedAt: string;
}

export interface Project {
  id: string;
  workspaceId: string;
  name: string;
  key: string;
  createdAt: string;
}

export interface Task {
  id: string;
  /** `WEB-42`; `WEB-…` while the task has not reached the server. */
  key: string;
  number: number;
  workspaceId: string;
  projectId: string;
  title: string;
  description: string;
  status: TaskStatus;
  priority: Priority;
  assigneeId: string | null;
  labels: string[];
  /** A date, `2026-01-31`. */
  dueOn: string | null;
  /** Sorts tasks in a column, compared character by character. */
  position: string;
  version: number;
  createdBy: string;
  createdAt: string;
  updatedAt: string;
}

export interface Comment {
  id: string;
  taskId: string;
  body: string;
  authorId: string;
  authorName: string;
  createdAt: string;
  updatedAt: string;
}

export interface Invitation {
  id: string;
  role: Role;
  token?: string;
  url?: string;
  expiresAt: string;
  createdAt?: string;
}

export type NotificationKind = 'mention' | 'assigned' | 'status' | 'overwritten';

export interface Notification {
  id: string;
  kind: NotificationKind;
  workspaceId: string;
  taskId: string | null;
  commentId?: string;
  text: string;
  by: { id: string; name: string };
  fields?: string[];
  createdAt: string;
  read?: boolean;
}

export type NotificationPreferences = Record<NotificationKind, boolean>;

export interface Page<T> {
  data: T[];
  nextCursor: string | null;
}

export interface Snapshot {
  workspace: Workspace;
  members: Member[];
  projects: Project[];
  tasks: Task[];
  head: number;
  epoch: string;
}

/** The fields of a task that a person writes. */
export interface TaskPatch {
  title?: string;
  description?: string;
  status?: TaskStatus;
  priority?: Priority;
  assigneeId?: string | null;
  labels?: string[];
  dueOn?: string | null;
  position?: string;
  projectId?: never;
}

export interface NewTask extends Omit<TaskPatch, 'position' | 'projectId'> {
  projectId: string;
  title: string;
}
