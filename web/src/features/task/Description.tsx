import { useCallback, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useUpdateTask, useWorkspace, type TaskView } from '../../data';
import { Button } from '../../ui/Button';
import { cx } from '../../ui/cx';
import { Markdown } from '../../ui/Markdown';
import { TabList, TabPanel } from '../../ui/Tabs';
import { useEditDraft, type TextEdit } from '../../ui/useDraft';
import { MentionTextarea } from '../comments/MentionTextarea';

// The server takes 32 KB; most letters are one byte each.
const MaxBytes = 32 * 1024;
const size = (text: string) => new TextEncoder().encode(text).length;

const Tabs = [
  { value: 'write', label: 'Write' },
  { value: 'preview', label: 'Preview' },
] as const;

interface DescriptionEdit extends TextEdit {
  version: number;
}

/** The description as Markdown; a click edits it, a click on a checkbox ticks it. */
export function Description({ task, write, setTyping }: { task: TaskView; write: boolean; setTyping(typing: boolean): void }) {
  const updateTask = useUpdateTask();
  const members = useWorkspace().data?.members;
  const names = useMemo(() => (members ?? []).map((member) => member.name), [members]);
  const key = `description.${task.id}`;
  const [draft, setDraft, clearDraft] = useEditDraft<DescriptionEdit>(key);
  const [editing, setEditing] = useState(false);
  const [tab, setTab] = useState<(typeof Tabs)[number]['value']>('write');
  // Who goes through the tabs by key stays in them; everybody else means to write.
  const [reaching, setReaching] = useState(true);
  const tabs = useId();
  const opener = useRef<HTMLButtonElement>(null);
  // Until something is written the editor follows what others write.
  const edit = draft ?? { text: task.description, before: task.description, version: task.version };

  const start = useCallback(() => {
    setTab('write');
    setReaching(true);
    setEditing(true);
  }, []);

  useEffect(() => {
    const onEdit = (event: Event) => {
      if ((event as CustomEvent).detail === 'description' && write) start();
    };
    document.addEventListener('taskflow:edit', onEdit);
    return () => document.removeEventListener('taskflow:edit', onEdit);
  }, [start, write]);

  const close = () => {
    setEditing(false);
    setTyping(false);
    requestAnimationFrame(() => opener.current?.focus());
  };
  const tooLong = editing && size(edit.text) > MaxBytes;
  const save = () => {
    if (tooLong) return;
    if (edit.text.trim() !== edit.before.trim()) {
      updateTask(task.id, { description: edit.text.trimEnd() }, { version: edit.version, before: { description: edit.before } });
    }
    clearDraft();
    close();
  };
  // In the preview and on the buttons the same keys hold as in the text.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') close();
    else if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) save();
    else return;
    event.preventDefault();
  };
  const onBoxes = useCallback((description: string) => updateTask(task.id, { description }), [updateTask, task.id]);
  const kept = !editing && draft !== null && draft.text !== task.description;

  if (editing) {
    return (
      <section aria-label="Description" onKeyDown={onKeyDown} className="rounded-lg border border-line-strong bg-surface focus-within:border-accent">
        <TabList
          id={tabs}
          label="Description"
          tabs={Tabs}
          value={tab}
          onChange={(next, byKey) => {
            setTab(next);
            setReaching(!byKey);
          }}
          className="gap-1 px-2 pt-1.5"
          tabClassName="h-7 px-2 text-xs"
        />
        <div role="status">
          {edit.before !== task.description && (
            <p className="bg-warn-soft px-3 py-1.5 text-xs text-warn">The description was changed while you write. Saving puts yours in its place.</p>
          )}
        </div>
        <TabPanel id={tabs} value={tab} hasStop={tab === 'write'}>
          {tab === 'preview' ? (
            <div className="min-h-32 px-3 py-2.5">{edit.text.trim() ? <Markdown source={edit.text} names={names} /> : <p className="text-ink-3">Nothing to preview</p>}</div>
          ) : (
            <MentionTextarea
              label="Description, in Markdown"
              placeholder={'What is it about? Markdown works:\n- [ ] a checklist item\n**bold**, `code`, @name'}
              value={edit.text}
              onChange={(text) => setDraft({ ...edit, text })}
              onSubmit={save}
              onCancel={close}
              onTyping={() => setTyping(true)}
              autoFocus={reaching}
              minRows={6}
              draftKey={key}
              className="px-3 py-2.5"
            />
          )}
        </TabPanel>
        <div className="flex flex-wrap items-center justify-end gap-2 p-2">
          {tooLong && <span role="alert" className="mr-auto text-xs text-danger">Too long: 32 KB at most.</span>}
          <Button size="sm" variant="ghost" onClick={() => { clearDraft(); close(); }}>Discard</Button>
          <Button size="sm" variant="primary" onClick={save} disabled={tooLong}>Save</Button>
        </div>
      </section>
    );
  }

  return (
    <section aria-label="Description" className="group/description relative">
      {task.description.trim() ? (
        // A click into the text edits; links, boxes and a selection keep their own meaning. The keyboard has the button below, or E.
        <div
          onClick={(event) => {
            if (!write || (event.target as Element).closest('a, input') || !getSelection()?.isCollapsed) return;
            start();
          }}
          className={cx('-mx-2 rounded-md px-2 py-1', write && 'cursor-text hover:bg-hover/50')}
        >
          <Markdown source={task.description} names={names} onChange={write ? onBoxes : undefined} />
        </div>
      ) : (
        !write && <p className="text-ink-3">No description</p>
      )}
      {write && (
        <button
          ref={opener}
          type="button"
          onClick={start}
          className={cx(
            'rounded-md text-ink-3 hover:text-ink',
            task.description.trim() ? 'mt-1 h-6 text-xs pointer-fine:opacity-0 group-hover/description:opacity-100 focus-visible:opacity-100' : '-mx-2 block h-8 w-[calc(100%+1rem)] px-2 text-left text-base hover:bg-hover/60',
          )}
        >
          {task.description.trim() ? 'Edit description' : 'Add a description…'}
        </button>
      )}
      {kept && write && (
        <p className="mt-1 flex items-center gap-2 text-xs text-warn">
          You have an unsaved draft.
          <button type="button" className="h-6 font-medium underline" onClick={start}>Go on writing</button>
          <button type="button" className="h-6 underline" onClick={clearDraft}>Discard</button>
        </p>
      )}
    </section>
  );
}
