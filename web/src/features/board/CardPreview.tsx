import type { Ref } from 'react';
import { useTask } from '../../data';

/** What is carried under the pointer; its place is written by the drag itself, without drawing anew. */
export function CardPreview({ taskId, width, count, ref }: { taskId: string; width: number; count: number; ref: Ref<HTMLDivElement> }) {
  const task = useTask(taskId);
  if (!task) return null;
  return (
    <div ref={ref} aria-hidden="true" className="pointer-events-none fixed top-0 left-0 z-50" style={{ width, transform: 'translate(-200vw, 0)' }}>
      {count > 1 && <div className="absolute inset-0 translate-x-1.5 translate-y-1.5 rounded-lg border border-line-strong bg-surface shadow-card" />}
      <div className="relative grid rotate-1 gap-1.5 rounded-lg border border-accent bg-surface px-3 py-2.5 shadow-pop">
        <span className="text-2xs text-ink-3 tabular-nums">{task.key}</span>
        <span dir="auto" className="line-clamp-3 text-sm leading-[1.35] font-[450] wrap-anywhere">{task.title}</span>
        {count > 1 && (
          <span className="absolute -top-2 -right-2 flex h-5.5 min-w-5.5 items-center justify-center rounded-full bg-accent px-1.5 text-2xs font-semibold text-accent-ink">{count}</span>
        )}
      </div>
    </div>
  );
}
