/** Keys in the query cache. Workspace states, comments and activity are kept right by events and never refetched in breadth. */
export const keys = {
  workspaces: ['workspaces'] as const,
  notifications: ['notifications'] as const,
  preferences: ['preferences'] as const,
  invitations: (workspaceId: string) => ['invitations', workspaceId] as const,
  states: ['state'] as const,
  state: (workspaceId: string) => ['state', workspaceId] as const,
  allComments: ['comments'] as const,
  commentsOf: (workspaceId: string) => ['comments', workspaceId] as const,
  comments: (workspaceId: string, taskId: string) => ['comments', workspaceId, taskId] as const,
  allActivity: ['activity'] as const,
  activityOf: (workspaceId: string) => ['activity', workspaceId] as const,
  activity: (workspaceId: string, taskId: string) => ['activity', workspaceId, taskId] as const,
};
