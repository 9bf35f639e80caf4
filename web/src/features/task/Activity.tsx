import { useActivity, useTask, useWorkspace, type ActivityEntry, type Member, type Priority, type TaskStatus } from '../../data';
import { Avatar } from '../../ui/Avatar';
import { RelativeTime } from '../../ui/RelativeTime';
import { ShowOlder } from '../../ui/ShowOlder';
import { Delayed, ErrorState, Skeleton } from '../../ui/states';
import { dueLabel } from '../../ui/time';
import { PriorityNames, StatusNames } from '../tasks/names';

/** Everything that happened to the task, newest first. */
export function Activity({ taskId }: { taskId: string }) {
  const { status, data, error, retry, hasMore, loadMore } = useActivity(taskId);
  const members = useWorkspace().data?.members ?? [];
  const task = useTask(taskId);
  if (task?.local) return <p className="text-ink-3">The history begins when the task has reached the server.</p>;
  if (status === 'error' && !data) return <ErrorState title="The history did not load" error={error} onRetry={retry} />;
  if (!data) {
    return (
      <Delayed>
        <Skeleton className="h-16 w-full" />
      </Delayed>
    );
  }
  return (
    <div className="grid gap-3">
      <ol aria-label="Activity" className="grid gap-2.5">
        {data.map((entry) => (
          <li key={entry.seq} className="flex items-start gap-2.5 text-ink-2">
            <span className="flex w-7 justify-center pt-px">
              <Avatar id={entry.userId} name={entry.userName} size="xs" />
            </span>
            <p className="min-w-0 flex-1 wrap-anywhere">
              <span className="font-medium text-ink">{entry.userName}</span> {describeActivity(entry, members)}{' '}
              <RelativeTime iso={entry.timestamp} className="text-xs whitespace-nowrap text-ink-3" />
            </p>
          </li>
        ))}
      </ol>
      {hasMore && <ShowOlder load={loadMore} className="justify-self-start" />}
    </div>
  );
}

/** One entry as a sentence without its subject. */
export function describeActivity(entry: ActivityEntry, members: readonly Member[]): string {
  if (entry.type === 'task.created') return 'created the task';
  if (entry.type === 'task.deleted') return 'deleted the task';
  if (entry.type === 'comment.created') return 'commented';
  if (entry.type === 'comment.updated') return 'edited a comment';
  if (entry.type === 'comment.deleted') return 'deleted a comment';
  const parts: string[] = [];
  for (const [field, value] of Object.entries(entry.payload)) {
    const part = describeField(field, value, members);
    if (part && !(field === 'position' && 'status' in entry.payload)) parts.push(part);
  }
  return parts.join(', ') || 'changed the task';
}

function describeField(field: string, value: unknown, members: readonly Member[]): string | null {
  switch (field) {
    case 'status':
      return `moved it to ${StatusNames[value as TaskStatus] ?? String(value)}`;
    case 'priority':
      return value === 'none' ? 'removed the priority' : `set the priority to ${PriorityNames[value as Priority] ?? String(value)}`;
    case 'assigneeId':
      return value ? `assigned ${members.find((member) => member.userId === value)?.name ?? 'a former member'}` : 'removed the assignee';
    case 'labels':
      return Array.isArray(value) && value.length > 0 ? `set the labels to ${value.join(', ')}` : 'removed the labels';
    case 'dueOn':
      return typeof value === 'string' ? `set the due date to ${dueLabel(value, new Date()).text}` : 'removed the due date';
    case 'title':
      return `renamed it to “${String(value)}”`;
    case 'description':
      return 'changed the description';
    case 'position':
      return 'reordered it';
    default:
      return null;
  }
}
