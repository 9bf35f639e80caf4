/** Everything the components know of the server: a provider and hooks. */
export { DataProvider, WorkspaceProvider } from './provider';
export * from './hooks/session';
export * from './hooks/workspaces';
export {
  useBoard, useMember, usePermissions, useProject, useTask, useTaskGetter, useTaskIdByKey, useTasks, useWorkspace, useWorkspaceId,
} from './hooks/workspace';
export * from './hooks/details';
export * from './hooks/changes';
export * from './hooks/people';
export * from './hooks/notifications';
export * from './hooks/realtime';
export * from './hooks/today';
export * from './types';
export { isShown } from './filter';
export { ApiError } from '../api/errors';
export { PRIORITIES, ROLES, STATUSES } from '../api/models';
