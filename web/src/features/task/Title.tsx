import { useEffect, useRef, useState } from 'react';
import { useUpdateTask, type TaskView } from '../../data';
import { useAutosize } from '../../ui/useAutosize';

/** The title, edited in its place: Enter saves, Esc reverts, leaving saves. */
export function Title({ task, write, setTyping }: { task: TaskView; write: boolean; setTyping(typing: boolean): void }) {
  const updateTask = useUpdateTask();
  /** What is being written, and what it began with: until the first letter the field follows what others write. */
  const [draft, setDraft] = useState<{ text: string; before: string; version: number } | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const reverting = useRef(false);
  const shown = draft?.text ?? task.title;
  useAutosize(field, shown);

  useEffect(() => {
    const edit = (event: Event) => {
      if ((event as CustomEvent).detail !== 'title') return;
      field.current?.focus();
      field.current?.select();
    };
    document.addEventListener('taskflow:edit', edit);
    return () => document.removeEventListener('taskflow:edit', edit);
  }, []);

  if (!write) return <h1 dir="auto" className="text-xl font-semibold wrap-anywhere">{task.title}</h1>;

  const save = () => {
    const title = shown.trim().replace(/\s+/g, ' ');
    if (draft && !reverting.current && title && title !== draft.before) {
      updateTask(task.id, { title }, { version: draft.version, before: { title: draft.before } });
    }
    reverting.current = false;
    setDraft(null);
    setTyping(false);
  };
  return (
    <>
      <h1 className="sr-only">{task.title}</h1>
      <textarea
        ref={field}
        rows={1}
        dir="auto"
        aria-label="Title"
        maxLength={500}
        className="-mx-2 block w-[calc(100%+1rem)] resize-none rounded-md bg-transparent px-2 py-1 text-xl font-semibold hover:bg-hover/60 focus:bg-transparent"
        value={shown}
        onChange={(event) => {
          const text = event.target.value.replace(/\n/g, ' ');
          setDraft((current) => (current ? { ...current, text } : { text, before: task.title, version: task.version }));
          setTyping(true);
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Enter') {
            event.preventDefault();
            event.currentTarget.blur();
          } else if (event.key === 'Escape') {
            event.preventDefault();
            event.stopPropagation();
            reverting.current = true;
            event.currentTarget.blur();
          }
        }}
        onBlur={save}
      />
      {draft && (
        <div role="status">
          {draft.before !== task.title && (
            <p className="mt-1.5 rounded-md bg-warn-soft px-3 py-1.5 text-xs text-warn">
              The title was changed to “{task.title}” while you write. Enter puts yours in its place, Esc keeps that one.
            </p>
          )}
        </div>
      )}
    </>
  );
}
