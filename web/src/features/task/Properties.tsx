import { CalendarDays, Tag, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMember, useProject, useToday, type TaskView } from '../../data';
import { Avatar } from '../../ui/Avatar';
import { cx } from '../../ui/cx';
import { dueLabel, localDay } from '../../ui/time';
import { LabelDot, PriorityIcon, PriorityNames, StatusIcon, StatusNames } from '../tasks/names';
import { showPicker, type PickerKind } from '../tasks/pickers';

/** Status, priority and the rest, each a button that opens its picker in place. */
export function Properties({ task, write }: { task: TaskView; write: boolean }) {
  const assignee = useMember(task.assigneeId);
  const project = useProject(task.projectId);
  const today = useToday();
  const due = task.dueOn ? dueLabel(task.dueOn, localDay(today)) : null;
  const tone = due && task.status !== 'done' ? due.tone : 'later';
  const row = (kind: PickerKind, name: string) => ({ kind, name, taskId: task.id, write });
  return (
    <dl className="flex flex-wrap gap-1 @3xl:grid @3xl:gap-0.5">
      <Property {...row('status', 'Status')}>
        <StatusIcon status={task.status} />
        {StatusNames[task.status]}
      </Property>
      <Property {...row('priority', 'Priority')}>
        <PriorityIcon priority={task.priority} />
        {PriorityNames[task.priority]}
      </Property>
      <Property {...row('assignee', 'Assignee')} faint={!task.assigneeId}>
        {assignee ? <Avatar id={assignee.userId} name={assignee.name} size="xs" /> : <UserRound className="size-3.5" aria-hidden="true" />}
        <span className="truncate">{assignee?.name ?? (task.assigneeId ? 'A former member' : 'Assign')}</span>
      </Property>
      <Property {...row('labels', 'Labels')} faint={task.labels.length === 0} wrap>
        {task.labels.length === 0 ? (
          <>
            <Tag className="size-3.5" aria-hidden="true" />
            Labels
          </>
        ) : (
          task.labels.map((label) => (
            <span key={label} className="inline-flex min-w-0 items-center gap-1">
              <LabelDot label={label} />
              <span className="truncate">{label}</span>
            </span>
          ))
        )}
      </Property>
      <Property {...row('due', 'Due date')} faint={!due} tone={tone}>
        <CalendarDays className="size-3.5" aria-hidden="true" />
        {due ? `${due.text}${tone === 'overdue' ? ' (overdue)' : ''}` : 'Due date'}
      </Property>
      {project && (
        <div className="flex min-h-7 items-center gap-1.5 px-2 text-ink-3 @3xl:grid @3xl:grid-cols-[4.5rem_1fr]">
          <dt className="sr-only text-xs @3xl:not-sr-only">Project</dt>
          <dd className="truncate @3xl:px-2 @3xl:text-ink">{project.name}</dd>
        </div>
      )}
    </dl>
  );
}

interface PropertyProps {
  kind: PickerKind;
  name: string;
  taskId: string;
  write: boolean;
  faint?: boolean;
  wrap?: boolean;
  tone?: 'overdue' | 'soon' | 'later';
  children: ReactNode;
}

function Property({ kind, name, taskId, write, faint, wrap, tone = 'later', children }: PropertyProps) {
  const className = cx(
    'flex min-h-7 max-w-full min-w-0 items-center gap-1.5 rounded-md px-2 py-0.5 text-left',
    wrap && 'flex-wrap',
    write ? 'border border-line hover:bg-hover @3xl:w-full @3xl:border-transparent' : 'border border-transparent',
    faint && 'text-ink-3',
    tone === 'overdue' && 'text-danger',
    tone === 'soon' && 'text-warn',
  );
  return (
    <div className="min-w-0 @3xl:grid @3xl:grid-cols-[4.5rem_1fr] @3xl:items-start @3xl:px-2">
      <dt className="sr-only text-xs text-ink-3 @3xl:not-sr-only @3xl:py-1.5!">{name}</dt>
      <dd className="min-w-0">
        {write ? (
          <button type="button" data-property={kind} aria-haspopup="dialog" onClick={(event) => showPicker(kind, [taskId], event.currentTarget)} className={className}>
            {!faint && <span className="sr-only">{name}: </span>}
            {children}
          </button>
        ) : (
          <span className={className}>{children}</span>
        )}
      </dd>
    </div>
  );
}
