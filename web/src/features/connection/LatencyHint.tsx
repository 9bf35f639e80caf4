import { Zap } from 'lucide-react';
import { useConnectionState, useLatency } from '../../data';
import { usePreference } from '../../app/preferences';

/** How long the last change of somebody took from commit to this screen; off unless asked for in the settings. */
export function LatencyHint() {
  return usePreference('latencyHint') ? <Hint /> : null;
}

function Hint() {
  const latency = useLatency();
  const { transport, status } = useConnectionState();
  return (
    <div
      aria-hidden="true"
      title="From the change being made to it being on this screen"
      className="fixed bottom-2 left-2 z-20 flex items-center gap-1 rounded-md border border-line bg-raised px-2 py-1 text-2xs text-ink-2 tabular-nums shadow-card"
    >
      <Zap className="size-3 text-accent-text" />
      {latency === null ? 'waiting for a change' : `${Math.round(latency)} ms`}
      <span className="text-ink-3">· {status === 'live' ? (transport ?? 'live') : status}</span>
    </div>
  );
}
