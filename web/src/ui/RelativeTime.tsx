import { useSyncExternalStore } from 'react';
import { absoluteTime, relativeTime } from './time';
import { Tooltip } from './Tooltip';

// One clock for all relative times on the page.
let minute = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    minute = Date.now();
    for (const each of [...listeners]) each();
  }, 30_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

export function RelativeTime({ iso, className }: { iso: string; className?: string }) {
  const ticked = useSyncExternalStore(subscribe, () => minute);
  return (
    <Tooltip label={absoluteTime(iso)}>
      <time dateTime={iso} className={className} tabIndex={-1}>
        {relativeTime(iso, Math.max(ticked, Date.parse(iso)))}
      </time>
    </Tooltip>
  );
}
