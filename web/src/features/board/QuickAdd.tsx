import { Plus } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { isShown, useTaskGetter, useWorkspace, type TaskFilter, type TaskStatus } from '../../data';
import { setPreferences, usePreference } from '../../app/preferences';
import { setShell } from '../../app/shell';
import { announce } from '../../ui/announcer';
import { cut } from '../../ui/cut';
import { toast } from '../../ui/toast';
import { useDraft } from '../../ui/useDraft';
import { newTaskUnder } from '../filters/url';
import { taskPath } from '../task/links';
import { useOpenTask } from '../task/useOpenTask';
import { useTaskActions } from '../tasks/actions';
import { StatusNames } from '../tasks/names';
import { flash, requestFocus } from './focus';

interface QuickAddProps {
  status: TaskStatus;
  projectId: string | null;
  filter: TaskFilter;
  open: boolean;
  onOpenChange(open: boolean): void;
  onAdded(): void;
}

/** Titles, one after the other: Enter adds and stays, Esc leaves and keeps what was typed. */
export function QuickAdd({ status, projectId, filter, open, onOpenChange, onAdded }: QuickAddProps) {
  const { projects = [], members = [] } = useWorkspace().data ?? {};
  const lastProject = usePreference('lastProject');
  const actions = useTaskActions();
  const getTask = useTaskGetter();
  const openTask = useOpenTask();
  const [title, setTitle, clear] = useDraft(`quick.${status}`);
  const field = useRef<HTMLTextAreaElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const added = useRef<string | null>(null);
  const leaving = useRef(false);
  const target = projects.find((project) => project.id === projectId) ?? projects.find((project) => project.id === lastProject) ?? projects[0];

  useEffect(() => {
    if (open) field.current?.focus();
    else {
      added.current = null;
      if (leaving.current) opener.current?.focus();
      leaving.current = false;
    }
  }, [open]);

  const add = () => {
    const text = cut(title.trim().replace(/\s+/g, ' '), 500);
    if (!text || !target) return;
    const { subjectId } = actions.create({ ...newTaskUnder(filter, members), projectId: target.id, title: text, status });
    clear();
    // The button has nothing to add any more and lets the focus go.
    field.current?.focus();
    announce(`Added ${text} to ${StatusNames[status]}`);
    const task = getTask(subjectId);
    if (task && !isShown(task, filter)) {
      const open = () => openTask(taskPath(getTask(subjectId) ?? task));
      toast(`“${text}” was added, hidden by the filter`, { key: 'created', action: { label: 'Open', onClick: open } });
      return;
    }
    added.current = subjectId;
    flash(subjectId);
    onAdded();
  };

  if (!open) {
    return (
      <button
        ref={opener}
        type="button"
        data-focus-inset
        onClick={() => (projects.length === 0 ? setShell({ newProject: true }) : onOpenChange(true))}
        className="flex h-9 shrink-0 items-center gap-2 rounded-b-xl px-3 text-left text-ink-3 transition-colors duration-100 hover:bg-hover hover:text-ink"
      >
        <Plus className="size-3.5" aria-hidden="true" />
        Add task
      </button>
    );
  }
  return (
    <div
      className="m-1.5 rounded-lg border border-accent bg-surface shadow-card"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget) && !title.trim()) onOpenChange(false);
      }}
    >
      <textarea
        ref={field}
        rows={2}
        dir="auto"
        maxLength={500}
        aria-label={`Title of the new task in ${StatusNames[status]}`}
        placeholder="What needs doing?"
        className="block w-full resize-none bg-transparent px-3 pt-2 text-sm outline-none"
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            add();
          } else if (event.key === 'Escape') {
            event.preventDefault();
            const id = added.current;
            // By now it may have the server's id.
            const task = id ? getTask(id) : undefined;
            onOpenChange(false);
            if (task) requestFocus(task.id);
            else leaving.current = true;
          }
        }}
      />
      <div className="flex items-center gap-2 px-2 pb-1.5 text-2xs text-ink-3">
        {projects.length > 1 && !projectId ? (
          <select
            aria-label="Project of the new task"
            className="h-6 max-w-28 rounded-sm bg-transparent text-2xs text-ink-2"
            value={target?.id}
            onChange={(event) => setPreferences({ lastProject: event.target.value })}
          >
            {projects.map((project) => (
              <option key={project.id} value={project.id}>
                {project.key}
              </option>
            ))}
          </select>
        ) : (
          <span className="px-1">{target?.key}</span>
        )}
        <span className="ml-auto hidden sm:inline">↵ add · Esc close</span>
        <button type="button" className="ml-auto h-6 rounded-md px-2 font-medium text-accent-text hover:bg-hover sm:ml-0" onClick={add} disabled={!title.trim()}>
          Add
        </button>
      </div>
    </div>
  );
}
