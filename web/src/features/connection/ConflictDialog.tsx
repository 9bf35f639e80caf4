import type { ReactNode } from 'react';
import { useConflicts, useMember, useMetChanges, useSession, type ActivityEntry, type Conflict, type Priority, type TaskStatus } from '../../data';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { RelativeTime } from '../../ui/RelativeTime';
import { useStore } from '../../ui/store';
import { FieldNames, nameList, PriorityNames, StatusNames } from '../tasks/names';
import { postponed } from './conflicts';

/** An edit made offline met a newer one of somebody else: shows both, says whose it is, and lets the person choose. */
export default function ConflictDialog() {
  const { conflicts, resolve } = useConflicts();
  const later = useStore(postponed);
  const conflict = conflicts.find((each) => !later.includes(each.id));
  if (!conflict) return null;
  return <Question key={conflict.id} conflict={conflict} resolve={(keep) => resolve(conflict.id, keep)} onLater={() => postponed.set((ids) => [...ids, conflict.id])} />;
}

function Question({ conflict, resolve, onLater }: { conflict: Conflict; resolve(keep: 'mine' | 'theirs'): void; onLater(): void }) {
  const met = useMetChanges(conflict);
  const myId = useSession().user?.id;
  const isMine = (change: ActivityEntry | undefined) => change !== undefined && change.userId === myId;
  return (
    <Dialog
      open
      onOpenChange={onLater}
      title={`${conflict.taskKey} changed while you were away`}
      description={`${whoChanged(conflict.fields.map(({ field }) => met.get(field)), isMine)} Which one should stay?`}
      size="lg"
    >
      <div className="grid min-h-0 gap-4 overflow-y-auto p-4">
        {conflict.fields.map(({ field, mine, theirs }) => {
          const change = met.get(field);
          return (
            <section key={field} aria-label={FieldNames[field] ?? field} className="grid gap-2 sm:grid-cols-2">
              <h3 className="text-xs font-medium text-ink-3 first-letter:uppercase sm:col-span-2">{FieldNames[field] ?? field}</h3>
              <Side label="Yours" field={field} value={mine} />
              <Side
                label={
                  <>
                    <span>{isMine(change) ? 'You, somewhere else' : (change?.userName ?? 'The other change')}</span>
                    {change && <RelativeTime iso={change.timestamp} className="font-normal" />}
                  </>
                }
                field={field}
                value={theirs}
              />
            </section>
          );
        })}
        <div className="flex justify-end gap-2">
          <Button onClick={() => resolve('theirs')}>Keep the other</Button>
          <Button variant="primary" onClick={() => resolve('mine')}>
            Keep mine
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** Names nobody unless everybody is known: half an answer would put one person's change on another. */
function whoChanged(changes: readonly (ActivityEntry | undefined)[], isMine: (change: ActivityEntry) => boolean): string {
  const known = changes.filter((change) => change !== undefined);
  if (known.length < changes.length) return 'The same was changed meanwhile.';
  if (known.every(isMine)) return 'You changed the same somewhere else.';
  const names = new Set(known.filter((change) => !isMine(change)).map((change) => change.userName));
  return `${nameList([...names, ...(known.some(isMine) ? ['you yourself'] : [])])} changed the same.`;
}

function Side({ label, field, value }: { label: ReactNode; field: string; value: unknown }) {
  const assignee = useMember(field === 'assigneeId' && typeof value === 'string' ? value : null);
  let text: string;
  if (field === 'status') text = StatusNames[value as TaskStatus] ?? String(value);
  else if (field === 'priority') text = PriorityNames[value as Priority] ?? String(value);
  else if (field === 'assigneeId') text = value ? (assignee?.name ?? 'A former member') : 'Nobody';
  else if (Array.isArray(value)) text = value.join(', ') || 'None';
  else text = value ? String(value) : 'Empty';
  return (
    <div className="rounded-lg border border-line bg-surface p-3">
      <div className="mb-1 flex flex-wrap gap-x-1.5 text-2xs font-medium text-ink-3">{label}</div>
      <div className="max-h-60 overflow-y-auto whitespace-pre-wrap wrap-anywhere">{text}</div>
    </div>
  );
}
