import { CornerDownLeft, Search } from 'lucide-react';
import { useDeferredValue, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { useTaskGetter, useTasks, useWorkspace, useWorkspaceId } from '../../data';
import { cx } from '../../ui/cx';
import { Dialog } from '../../ui/Dialog';
import { Kbd } from '../../ui/Kbd';
import { matches } from '../../ui/match';
import { targets, useCommands } from '../shortcuts/commands';
import { useViews } from '../filters/views';
import { StatusIcon } from '../tasks/names';
import { taskPath } from '../task/links';
import { useOpenTask } from '../task/useOpenTask';

interface Entry {
  id: string;
  title: string;
  hint?: ReactNode;
  icon?: ReactNode;
  group: string;
  run(): void;
}

const TaskLimit = 12;

/** Everything the app can do, and every task, by a few letters. */
export default function Palette({ onClose }: { onClose(): void }) {
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const deferred = useDeferredValue(query.trim());
  const commands = useCommands();
  const navigate = useNavigate();
  const openTask = useOpenTask();
  const workspaceId = useWorkspaceId();
  const projects = useWorkspace().data?.projects;
  const views = useViews(workspaceId);
  const getTask = useTaskGetter();
  const found = useTasks(useMemo(() => ({ q: deferred }), [deferred]), 'updated');
  // What the palette was opened over: its own field has the focus by now.
  const [over] = useState(targets);
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);

  const entries = useMemo<Entry[]>(() => {
    const result: Entry[] = [];
    const onTask = over.length > 0 ? (over.length === 1 ? (getTask(over[0]!)?.key ?? 'Task') : `${over.length} tasks`) : null;
    for (const command of commands) {
      if (command.keyboardOnly || (command.onTask && !onTask)) continue;
      const group = command.onTask ? onTask! : command.group;
      if (!matches(`${command.title} ${group}`, deferred)) continue;
      result.push({ id: command.id, title: command.title, group, hint: command.keys[0] && <Kbd keys={command.keys[0]} />, run: () => command.run() });
    }
    result.sort((a, b) => Number(b.group === onTask) - Number(a.group === onTask));
    for (const project of projects ?? []) {
      if (!deferred || !matches(`${project.name} ${project.key}`, deferred)) continue;
      result.push({ id: project.id, title: project.name, group: 'Projects', hint: project.key, run: () => navigate(`/w/${workspaceId}/board?project=${project.key}`) });
    }
    for (const view of views) {
      if (!deferred || !matches(view.name, deferred)) continue;
      result.push({ id: view.name, title: view.name, group: 'Views', run: () => navigate(`/w/${workspaceId}/${view.page}?${view.search}`) });
    }
    if (deferred) {
      for (const id of found.slice(0, TaskLimit)) {
        const task = getTask(id);
        if (!task) continue;
        result.push({ id, title: task.title, group: 'Tasks', icon: <StatusIcon status={task.status} />, hint: task.key, run: () => openTask(taskPath(task)) });
      }
    }
    // A task's own key is meant first.
    const exact = result.findIndex((entry) => typeof entry.hint === 'string' && entry.hint.toLowerCase() === deferred.toLowerCase());
    if (exact > 0) result.unshift(...result.splice(exact, 1));
    return result;
  }, [commands, deferred, found, getTask, navigate, openTask, over, projects, views, workspaceId]);

  const current = Math.min(active, Math.max(0, entries.length - 1));
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [current, entries]);

  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    // After the dialog has given the focus back to the card that the command is about.
    setTimeout(entry.run, 30);
  };
  // The results follow a moment after the typing: Enter waits for those of what is typed.
  const behind = deferred !== query.trim();
  const wanted = useRef(false);
  useEffect(() => {
    if (behind || !wanted.current) return;
    wanted.current = false;
    run(entries[current]);
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') setActive(entries.length ? (current + 1) % entries.length : 0);
    else if (event.key === 'ArrowUp') setActive(entries.length ? (current - 1 + entries.length) % entries.length : 0);
    else if (event.key === 'Enter') {
      if (behind) wanted.current = true;
      else run(entries[current]);
    } else return;
    event.preventDefault();
  };

  return (
    <Dialog open onOpenChange={onClose} title="Search and commands" hideTitle size="lg">
      <div className="flex min-h-0 flex-col" onKeyDown={onKeyDown}>
        <div className="flex items-center gap-2.5 border-b border-line px-4">
          <Search className="size-4 text-ink-3" aria-hidden="true" />
          <input
            autoFocus
            role="combobox"
            aria-expanded="true"
            aria-controls={listId}
            aria-activedescendant={entries.length ? `${listId}-${current}` : undefined}
            aria-label="Search tasks and commands"
            placeholder="Search tasks, or type a command…"
            className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none"
            value={query}
            onChange={(event) => {
              wanted.current = false;
              setQuery(event.target.value);
              setActive(0);
            }}
            autoComplete="off"
            spellCheck={false}
          />
          <span className="text-ink-3"><Kbd keys="esc" /></span>
        </div>
        <div ref={list} id={listId} role="listbox" aria-label="Results" className="max-h-[min(24rem,60dvh)] overflow-y-auto p-1.5">
          {entries.map((entry, index) => (
            <div key={`${entry.group}:${entry.id}`} role="presentation">
              {entry.group !== entries[index - 1]?.group && <div role="presentation" className="px-2.5 pt-2 pb-1 text-2xs font-medium text-ink-3">{entry.group}</div>}
              <div
                id={`${listId}-${index}`}
                role="option"
                aria-selected={index === current}
                onPointerMove={() => setActive(index)}
                onClick={() => run(entry)}
                className={cx('flex min-h-9 items-center gap-2.5 rounded-md px-2.5', index === current && 'bg-hover')}
              >
                {entry.icon}
                <span className="min-w-0 flex-1 truncate">{entry.title}</span>
                {entry.hint && <span className="text-2xs text-ink-3 tabular-nums">{entry.hint}</span>}
                {index === current && <CornerDownLeft className="size-3.5 text-ink-3" aria-hidden="true" />}
              </div>
            </div>
          ))}
        </div>
        <div role="status">{entries.length === 0 && <p className="pt-6 pb-9 text-center text-ink-3">Nothing found for “{query}”</p>}</div>
      </div>
    </Dialog>
  );
}
