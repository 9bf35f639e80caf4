import { useConflicts, useMember, type Conflict } from '../../data';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { useState } from 'react';
import { FieldNames, PriorityNames, StatusNames } from '../tasks/names';
import type { Priority, TaskStatus } from '../../data';

/** An edit made offline met a newer one of somebody else: shows both, and lets the person choose. */
export default function ConflictDialog() {
  const { conflicts, resolve } = useConflicts();
  const [later, setLater] = useState<string | null>(null);
  const conflict = conflicts[0];
  if (!conflict || later === conflict.id) return null;
  return (
    <Dialog
      open
      onOpenChange={() => setLater(conflict.id)}
      title={`${conflict.taskKey} changed while you were away`}
      description="Somebody else changed the same as you did. Which one should stay?"
      size="lg"
    >
      <div className="grid min-h-0 gap-4 overflow-y-auto p-4">
        {conflict.fields.map(({ field, mine, theirs }) => (
          <section key={field} aria-label={FieldNames[field] ?? field} className="grid gap-2 sm:grid-cols-2">
            <h3 className="text-xs font-medium text-ink-3 first-letter:uppercase sm:col-span-2">{FieldNames[field] ?? field}</h3>
            <Side label="Yours" field={field} value={mine} />
            <Side label="Theirs" field={field} value={theirs} />
          </section>
        ))}
        <Choice conflict={conflict} resolve={resolve} />
      </div>
    </Dialog>
  );
}

function Choice({ conflict, resolve }: { conflict: Conflict; resolve(id: string, keep: 'mine' | 'theirs'): void }) {
  return (
    <div className="flex justify-end gap-2">
      <Button onClick={() => resolve(conflict.id, 'theirs')}>Keep theirs</Button>
      <Button variant="primary" onClick={() => resolve(conflict.id, 'mine')}>
        Keep mine
      </Button>
    </div>
  );
}

function Side({ label, field, value }: { label: string; field: string; value: unknown }) {
  const assignee = useMember(field === 'assigneeId' && typeof value === 'string' ? value : null);
  let text: string;
  if (field === 'status') text = StatusNames[value as TaskStatus] ?? String(value);
  else if (field === 'priority') text = PriorityNames[value as Priority] ?? String(value);
  else if (field === 'assigneeId') text = value ? (assignee?.name ?? 'A former member') : 'Nobody';
  else if (Array.isArray(value)) text = value.join(', ') || 'None';
  else text = value ? String(value) : 'Empty';
  return (
    <div className="rounded-lg border border-line bg-surface p-3">
      <div className="mb-1 text-2xs font-medium text-ink-3">{label}</div>
      <div className="max-h-60 overflow-y-auto whitespace-pre-wrap wrap-anywhere">{text}</div>
    </div>
  );
}
