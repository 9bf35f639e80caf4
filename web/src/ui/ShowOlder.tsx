import { useState } from 'react';
import { Button } from './Button';
import { toast } from './toast';

/** Fetches the next page of a list that goes back in time; when that fails it says why, and stays for another try. */
export function ShowOlder({ load, className }: { load(): Promise<void>; className?: string }) {
  const [busy, setBusy] = useState(false);
  const press = () => {
    setBusy(true);
    load()
      .catch((reason: Error) => toast(reason.message, { tone: 'error', key: 'older' }))
      .finally(() => setBusy(false));
  };
  return (
    <Button size="sm" variant="ghost" busy={busy} className={className} onClick={press}>
      Show older
    </Button>
  );
}
