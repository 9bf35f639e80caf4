import { useState } from 'react';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { useSubmit } from '../../ui/useSubmit';

interface PromptProps {
  title: string;
  label: string;
  initial: string;
  /** Whether what was suggested is sent too, or needs no request. */
  unchanged?: 'submit' | 'skip';
  onClose(): void;
  onSubmit(value: string): Promise<unknown>;
}

/** Asks for one line of text. */
export function PromptDialog({ title, label, initial, unchanged = 'skip', onClose, onSubmit }: PromptProps) {
  const [value, setValue] = useState(initial);
  const form = useSubmit(async () => {
    if (unchanged === 'submit' || value.trim() !== initial) await onSubmit(value.trim());
    onClose();
  });
  return (
    <Dialog open onOpenChange={onClose} title={title} size="sm">
      <form className="grid gap-4 p-4" onSubmit={form.onSubmit}>
        <Field label={label} autoFocus maxLength={100} value={value} onChange={(event) => setValue(event.target.value)} error={form.fields.name ?? form.error ?? undefined} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" busy={form.busy} disabled={!value.trim()}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
