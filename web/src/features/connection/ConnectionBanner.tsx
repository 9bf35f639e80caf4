import { CloudOff, CloudUpload, RefreshCw, Wifi, WifiOff } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useConnectionState } from '../../data';
import { Button } from '../../ui/Button';
import { cx } from '../../ui/cx';
import { Spinner } from '../../ui/Spinner';
import { ConflictChip } from './ConflictChip';

/** Whether the browser itself knows of no network. */
function useOnline(): boolean {
  const [online, setOnline] = useState(() => navigator.onLine);
  useEffect(() => {
    const follow = () => setOnline(navigator.onLine);
    addEventListener('online', follow);
    addEventListener('offline', follow);
    return () => {
      removeEventListener('online', follow);
      removeEventListener('offline', follow);
    };
  }, []);
  return online;
}

/** A short drop of the connection is nobody's business: the banner waits this long. */
const Patience = 2000;
const Relief = 2500;

/** Whether something has been so for longer than anybody should be told of. */
function useLasting(value: boolean): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!value) return;
    const timer = setTimeout(() => setLasting(true), Patience);
    return () => {
      clearTimeout(timer);
      setLasting(false);
    };
  }, [value]);
  return lasting;
}

/** Says that what is on the page may be old or has not been sent, lies over the page so that nothing jumps, and says when all is well again. */
export function ConnectionBanner() {
  const { status, unsent, refresh } = useConnectionState();
  const online = useOnline();
  const [refreshing, setRefreshing] = useState(false);
  const down = !online || status === 'reconnecting' || status === 'lost';
  const [shown, setShown] = useState(false);
  const [back, setBack] = useState(false);
  const wasShown = useRef(false);
  const late = useLasting(unsent > 0);

  useEffect(() => {
    if (down) {
      setBack(false);
      const timer = setTimeout(() => {
        wasShown.current = true;
        setShown(true);
      }, Patience);
      return () => clearTimeout(timer);
    }
    setShown(false);
    if (status !== 'live' || !wasShown.current) return;
    wasShown.current = false;
    setBack(true);
    const timer = setTimeout(() => setBack(false), Relief);
    return () => clearTimeout(timer);
  }, [down, status]);

  const waiting = unsent === 0 ? null : unsent === 1 ? '1 change waits to be sent.' : `${unsent} changes wait to be sent.`;
  let content: ReactNode = null;
  if (down && (shown || status === 'lost')) {
    if (status === 'lost') {
      content = (
        <Pill icon={<CloudOff className="size-3.5" aria-hidden="true" />} tone="warn">
          Connection lost. Changes may not appear in real time.{waiting && ` ${waiting}`}
          <Button
            size="sm"
            busy={refreshing}
            className="-my-1"
            onClick={() => {
              setRefreshing(true);
              void refresh().catch(() => undefined).finally(() => setRefreshing(false));
            }}
          >
            {!refreshing && <RefreshCw className="size-3.5" aria-hidden="true" />}
            Refresh
          </Button>
        </Pill>
      );
    } else {
      content = (
        <Pill icon={online ? <Spinner className="size-3.5" /> : <WifiOff className="size-3.5" aria-hidden="true" />}>
          Reconnecting…{!online && ' You are offline.'}
          {waiting ? ` ${waiting}` : !online && ' You can go on working.'}
        </Pill>
      );
    }
  } else if (late && waiting) {
    // Live or not: the Api may be away while events still come.
    content = <Pill icon={<CloudUpload className="size-3.5" aria-hidden="true" />}>{waiting}</Pill>;
  } else if (back) {
    content = (
      <Pill icon={<Wifi className="size-3.5" aria-hidden="true" />} tone="ok">
        Back online
      </Pill>
    );
  }

  // Over the task's panel, which is the whole page on a phone; under the drawer.
  return (
    <div className="pointer-events-none absolute inset-x-0 top-12 z-35 flex flex-col items-center gap-2 px-2">
      <div role="status" data-connection={status}>
        {content}
      </div>
      <ConflictChip />
    </div>
  );
}

function Pill({ icon, tone = 'plain', children }: { icon: ReactNode; tone?: 'plain' | 'warn' | 'ok'; children: ReactNode }) {
  return (
    <div
      className={cx(
        'pointer-events-auto flex min-h-8 animate-pop flex-wrap items-center gap-x-2 gap-y-1 rounded-lg px-3 py-1.5 text-xs font-medium shadow-pop',
        tone === 'warn' ? 'bg-warn-soft text-warn' : tone === 'ok' ? 'bg-accent-soft text-accent-text' : 'bg-raised text-ink-2',
      )}
    >
      {icon}
      {children}
    </div>
  );
}
