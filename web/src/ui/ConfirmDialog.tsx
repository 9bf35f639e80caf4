import { useState, type ReactNode } from 'react';
import { Button } from './Button';
import { Dialog } from './Dialog';

interface ConfirmProps {
  open: boolean;
  onOpenChange(open: boolean): void;
  title: string;
  children: ReactNode;
  action: string;
  /** Text that has to be typed first: for what cannot be brought back. */
  typeToConfirm?: string;
  onConfirm(): void | Promise<unknown>;
}

export default function ConfirmDialog({ open, onOpenChange, title, children, action, typeToConfirm, onConfirm }: ConfirmProps) {
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
      onOpenChange(false);
    } catch {
      // The caller has said what went wrong; the dialog stays for another try.
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title} size="sm">
      <form
        className="grid gap-4 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}
      >
        <div className="text-ink-2">{children}</div>
        {typeToConfirm && (
          <label className="grid gap-1.5 text-xs text-ink-2">
            <span>
              Type <strong className="text-ink">{typeToConfirm}</strong> to confirm
            </span>
            <input autoFocus className="field" value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" />
          </label>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button variant="danger" type="submit" busy={busy} disabled={typeToConfirm !== undefined && typed.trim() !== typeToConfirm.trim()}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
