import { useState, type FormEvent } from 'react';

interface FormState {
  busy: boolean;
  /** What is wrong with the whole, for people. */
  error: string | null;
  /** What is wrong with a field; its first message. */
  fields: Record<string, string>;
  onSubmit(event: FormEvent): void;
}

interface Refusal {
  message: string;
  fields?: Record<string, string[]>;
}

/** Sends a form once at a time, and sorts a refusal into what belongs to fields and what to the whole. */
export function useSubmit(send: () => Promise<unknown>): FormState {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [fields, setFields] = useState<Record<string, string>>({});
  const run = async (form: HTMLFormElement) => {
    setBusy(true);
    setError(null);
    setFields({});
    try {
      await send();
    } catch (reason) {
      const refusal = reason as Refusal;
      const byField = Object.fromEntries(Object.entries(refusal.fields ?? {}).flatMap(([name, messages]) => (messages[0] ? [[name, messages[0]]] : [])));
      setFields(byField);
      if (Object.keys(byField).length === 0) setError(refusal.message || 'That did not work. Try again.');
      requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    error,
    fields,
    onSubmit(event) {
      event.preventDefault();
      if (!busy) void run(event.currentTarget as HTMLFormElement);
    },
  };
}
