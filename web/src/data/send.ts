import type { Api } from '../api/client';
import type { Operation } from './operations';

/** The request that an operation stands for. Its body is the same each time it is sent: the server takes a key with another body for a mistake. */
export function sendOperation(api: Api, operation: Operation): Promise<unknown> {
  const { id: key, workspaceId, taskId } = operation;
  switch (operation.kind) {
    case 'task.create':
      return api.createTask(workspaceId, operation.task, key);
    case 'task.update': {
      const { patch, version } = operation;
      const body = version === undefined ? patch : { ...patch, version };
      const isConditional = operation.deferred && !operation.overwrite && version !== undefined;
      return api.updateTask(workspaceId, taskId, body, { key, ifMatch: isConditional ? version : undefined });
    }
    case 'task.delete':
      return api.deleteTask(workspaceId, taskId);
    case 'comment.create':
      return api.createComment(workspaceId, taskId, operation.body, key);
    case 'comment.update':
      return api.updateComment(workspaceId, taskId, operation.commentId, operation.body, key);
    case 'comment.delete':
      return api.deleteComment(workspaceId, taskId, operation.commentId);
  }
}
