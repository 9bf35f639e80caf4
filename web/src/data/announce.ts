import type { WorkspaceEvent } from '@taskflow/realtime';
import type { WorkspaceState } from './state';
import type { DataEvent } from './types';

/** More at once than this is catching up: only what concerns the task somebody may be looking at is worth saying. */
const MANY = 20;

/** What of the events is worth telling a person. */
export function announce(before: WorkspaceState, after: WorkspaceState, events: readonly WorkspaceEvent[], myId: string): DataEvent[] {
  const told: DataEvent[] = [];
  for (const event of events) {
    const by = { id: event.userId, name: event.userName };
    const mine = event.userId === myId;
    switch (event.type) {
      case 'task.deleted': {
        const task = before.base[event.taskId!];
        if (task) told.push({ kind: 'task-deleted', task, by, mine });
        break;
      }
      case 'task.created':
      case 'task.updated': {
        const task = after.tasks[event.taskId!];
        if (!task || events.length > MANY) break;
        if (event.type === 'task.created') told.push({ kind: 'task-created', task, by, mine });
        else told.push({ kind: 'task-updated', task, fields: Object.keys(event.payload), by, mine });
        break;
      }
      case 'member.added':
      case 'member.updated':
      case 'member.removed': {
        const member = after.members[event.memberId!] ?? before.members[event.memberId!];
        const change = event.type.slice('member.'.length) as 'added' | 'updated' | 'removed';
        if (member) told.push({ kind: 'member', change, member, by, mine });
        break;
      }
    }
  }
  return told;
}
