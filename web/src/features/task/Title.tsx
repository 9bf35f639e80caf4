import { useEffect, useRef, useState } from 'react';
import { useUpdateTask, type TaskView } from '../../data';
import { useAutosize } from '../../ui/useAutosize';

/** The title, edited in its place: Enter saves, Esc reverts, leaving saves. */
export function Title({ task, write, setTyping }: { task: TaskView; write: boolean; setTyping(typing: boolean): void }) {
  const updateTask = useUpdateTask();
  const [draft, setDraft] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const reverting = useRef(false);
  const shown = draft ?? task.title;
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

  if (!write) return <h1 className="text-xl font-semibold wrap-anywhere">{task.title}</h1>;

  const save = () => {
    const title = shown.trim().replace(/\s+/g, ' ');
    if (!reverting.current && title && title !== task.title) updateTask(task.id, { title });
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
        aria-label="Title"
        maxLength={500}
        className="-mx-2 block w-[calc(100%+1rem)] resize-none rounded-md bg-transparent px-2 py-1 text-xl font-semibold hover:bg-hover/60 focus:bg-transparent"
        value={shown}
        onChange={(event) => {
          setDraft(event.target.value.replace(/\n/g, ' '));
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
    </>
  );
}
