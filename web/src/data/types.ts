import type { Comment, Member, Notification, Priority, Project, Task, TaskStatus, User, Workspace } from '../api/models';

export type {
  Comment, Invitation, Member, NewTask, Notification, NotificationKind, NotificationPreferences, Priority, Project, Role, Task, TaskPatch, TaskStatus, User,
  Workspace,
} from '../api/models';

/** How a hook that loads something says where it is. `data` stays the last good answer while it reloads. */
export interface Loaded<T> {
  status: 'loading' | 'error' | 'ready';
  data: T | undefined;
  /** Set when `status` is `error`; `error.message` is a sentence for people. */
  error: Error | null;
  retry(): void;
}

export interface Session {
  /** `loading` only on the first paint, while a kept session is looked up. */
  status: 'loading' | 'signed-out' | 'signed-in';
  user: User | null;
}

/** What the caller may do in the current workspace; the server decides again. */
export interface Permissions {
  role: Workspace['role'] | null;
  /** Create, change, move and delete tasks; write comments. */
  write: boolean;
  /** Create, rename and delete projects. */
  manageProjects: boolean;
  /** Rename the workspace, invite, add, change and remove members (not owners). */
  manageMembers: boolean;
  /** Delete the workspace, make and change owners. */
  own: boolean;
}

export interface WorkspaceView {
  workspace: Workspace;
  /** By name. */
  members: readonly Member[];
  /** By name. */
  projects: readonly Project[];
  taskCount: number;
  /** Every label in use, sorted. */
  labels: readonly string[];
  me: Permissions;
  /** True while what is shown comes from this browser's store and the server has not confirmed it yet. */
  stale: boolean;
}

/** Absent or empty means: any. */
export interface TaskFilter {
  projectId?: string | null;
  statuses?: readonly TaskStatus[];
  priorities?: readonly Priority[];
  /** User ids; `null` stands for unassigned. */
  assignees?: readonly (string | null)[];
  labels?: readonly string[];
  /** Looks in key, title, labels and description. */
  q?: string;
  due?: 'overdue' | 'today' | 'week' | 'none';
}

export type TaskSort = 'position' | 'updated' | 'created' | 'due' | 'priority' | 'key' | 'title';

export interface BoardColumn {
  status: TaskStatus;
  /** In order. The array keeps its identity while nothing in the column moves. */
  ids: readonly string[];
}

/** A task as shown: what the server said, with the person's unsent and unconfirmed changes on top. */
export interface TaskView extends Task {
  /** Changes of this browser that the server has not confirmed. */
  pending: boolean;
  /** Not created on the server yet: no number, no link to share. */
  local: boolean;
  /** Checked and all checklist items in the description. */
  checklist: { done: number; total: number } | null;
}

export interface CommentView extends Comment {
  pending: boolean;
  edited: boolean;
}

/** One entry of a task's history, newest first. */
export interface ActivityEntry {
  seq: number;
  type: string;
  userId: string;
  userName: string;
  timestamp: string;
  /** For created: the whole object; for updated: the changed fields. */
  payload: Record<string, unknown>;
  commentId?: string;
}

export interface Viewer {
  userId: string;
  name: string;
  typing: boolean;
}

export type ConnectionStatus = 'connecting' | 'live' | 'reconnecting' | 'lost' | 'closed';

export interface ConnectionView {
  /** `lost` after three failed attempts; `closed` when it will not come back by itself (`reason`). */
  status: ConnectionStatus;
  reason: 'signed-out' | 'forbidden' | null;
  transport: 'ws' | 'sse' | 'poll' | null;
  failedAttempts: number;
  /** When the status last changed (ms since the epoch): a banner may wait for two seconds. */
  since: number;
  /** Changes waiting to be sent, of all tabs of this browser. */
  unsent: number;
  /** Tries to connect now instead of waiting. */
  retry(): void;
  /** Loads everything anew over plain HTTP (works without a real-time connection) and retries. */
  refresh(): Promise<void>;
}

export type Outcome<T> =
  | { status: 'done'; value: T }
  /** The server said no; the change is rolled back and a `refused` event was emitted. */
  | { status: 'refused'; error: Error }
  /** Somebody changed the same field meanwhile; see `useConflicts`. */
  | { status: 'conflict' }
  /** Taken back before it was sent. */
  | { status: 'cancelled' };

/** A change that is shown already. It resolves when the server has answered, however long that takes. */
export interface Change<T> {
  id: string;
  /** The id to show meanwhile (for a new task: a local one, which `useTask` follows to the real one). */
  subjectId: string;
  settled: Promise<Outcome<T>>;
  undo(): void;
}

/** What a text that took a while to write began with. It is compared with what is there when it is saved. */
export interface EditBase {
  /** The task's version at the time; 0 where the server did not know it yet. */
  version: number;
  /** What the edited fields showed. */
  before: Partial<Task>;
}

/** An edit made offline of a field that somebody else changed meanwhile. Nothing is written until it is resolved. */
export interface Conflict {
  id: string;
  taskId: string;
  taskKey: string;
  fields: { field: string; mine: unknown; theirs: unknown; before: unknown }[];
}

/** Things worth a toast, a flash or a spoken line. */
export type DataEvent =
  /** The person's earlier change was written over. */
  | { kind: 'overwritten'; notification: Notification; task: TaskView | undefined }
  /** Any other kind of notification. */
  | { kind: 'notification'; notification: Notification }
  /** `task` is its last known state. */
  | { kind: 'task-deleted'; task: Task; by: { id: string; name: string }; mine: boolean }
  | { kind: 'task-created'; task: TaskView; by: { id: string; name: string }; mine: boolean }
  | { kind: 'task-updated'; task: TaskView; fields: string[]; by: { id: string; name: string }; mine: boolean }
  | { kind: 'member'; change: 'added' | 'updated' | 'removed'; member: Member; by: { id: string; name: string }; mine: boolean }
  /** A task that was made here has got its id from the server. */
  | { kind: 'task-named'; localId: string; taskId: string }
  /** A change was refused and rolled back; `message` says why, for people. */
  | { kind: 'refused'; what: string; taskId: string | null; message: string; error: Error }
  | { kind: 'conflict'; conflict: Conflict }
  /** The person is no longer a member, or the workspace is gone. */
  | { kind: 'removed' }
  /** Everything was loaded anew because too much was missed. */
  | { kind: 'reloaded' };

export interface UndoView {
  /** What `undo` would take back, such as “Move WEB-12”; null when there is nothing. */
  label: string | null;
  undo(): void;
}
