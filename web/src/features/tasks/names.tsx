import type { Priority, TaskStatus } from '../../data';

export const StatusNames: Record<TaskStatus, string> = { todo: 'To do', in_progress: 'In progress', in_review: 'In review', done: 'Done' };
export const PriorityNames: Record<Priority, string> = { none: 'No priority', low: 'Low', medium: 'Medium', high: 'High', urgent: 'Urgent' };

/** How a field is called in a sentence. */
export const FieldNames: Record<string, string> = {
  title: 'title',
  description: 'description',
  status: 'status',
  priority: 'priority',
  assigneeId: 'assignee',
  labels: 'labels',
  dueOn: 'due date',
  position: 'position',
};

/** "title", "title and status", "title, status and labels". */
export function fieldList(fields: readonly string[]): string {
  return nameList(fields.map((field) => FieldNames[field] ?? field));
}

/** The same with names that are ready to be shown. */
export function nameList(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}

const StatusColors: Record<TaskStatus, string> = { todo: 'text-todo', in_progress: 'text-progress', in_review: 'text-review', done: 'text-done' };

/** A ring that fills as the work goes on; told apart by its shape, not by its colour alone. */
export function StatusIcon({ status, className = 'size-3.5' }: { status: TaskStatus; className?: string }) {
  return (
    <svg viewBox="0 0 14 14" className={`${className} shrink-0 ${StatusColors[status]}`} aria-hidden="true">
      {status === 'done' ? (
        <>
          <circle cx="7" cy="7" r="6.5" fill="currentColor" />
          <path d="m4.3 7.2 1.9 1.9 3.6-3.9" fill="none" stroke="var(--surface)" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" />
        </>
      ) : (
        <>
          <circle cx="7" cy="7" r="5.75" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray={status === 'todo' ? '2.4 1.2' : undefined} />
          {status === 'in_progress' && <path d="M7 3.6a3.4 3.4 0 0 1 0 6.8Z" fill="currentColor" />}
          {status === 'in_review' && <path d="M7 3.6A3.4 3.4 0 1 1 3.6 7H7Z" fill="currentColor" />}
        </>
      )}
    </svg>
  );
}

export function PriorityIcon({ priority, className = 'size-3.5' }: { priority: Priority; className?: string }) {
  const bars = { none: 0, low: 1, medium: 2, high: 3, urgent: 3 }[priority];
  return (
    <svg viewBox="0 0 14 14" className={`${className} shrink-0 ${priority === 'urgent' ? 'text-urgent' : 'text-ink-3'}`} aria-hidden="true">
      {priority === 'urgent' ? (
        <>
          <rect x="1" y="1" width="12" height="12" rx="3" fill="currentColor" />
          <path d="M7 3.8v3.9M7 10.050v.1" stroke="var(--surface)" strokeWidth="1.7" strokeLinecap="round" />
        </>
      ) : priority === 'none' ? (
        <path d="M2 7h1.6M6.2 7h1.6M10.4 7H12" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
      ) : (
        [0, 1, 2].map((bar) => (
          <rect key={bar} x={1.5 + bar * 4} y={8.5 - bar * 3} width="2.8" height={4 + bar * 3} rx="1" fill="currentColor" opacity={bar < bars ? 1 : 0.28} />
        ))
      )}
    </svg>
  );
}

const LabelHues = [176, 28, 262, 340, 210, 95, 300, 50];

/** A label keeps its colour everywhere, since it comes from its name. */
export function labelColor(label: string): string {
  let value = 0;
  for (let index = 0; index < label.length; index++) value = (value * 33 + label.charCodeAt(index)) | 0;
  return `oklch(0.64 0.13 ${LabelHues[Math.abs(value) % LabelHues.length]})`;
}

export function LabelDot({ label }: { label: string }) {
  return <span aria-hidden="true" className="size-2 shrink-0 rounded-full" style={{ backgroundColor: labelColor(label) }} />;
}
