import { useMemo } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { usePermissions, useSession, useTaskGetter, useUndo, useWorkspaceId } from '../../data';
import { openTask, setShell, walker } from '../../app/shell';
import { setPreferences } from '../../app/preferences';
import { announce } from '../../ui/announcer';
import { toast } from '../../ui/toast';
import { clearSelection, currentCard, hoveredCard, selectRange, selection, toggleSelected, visibleOrder } from '../board/focus';
import { useTaskActions } from '../tasks/actions';
import { showPicker, type PickerKind } from '../tasks/pickers';
import { taskPath } from '../task/links';
import { useOpenTask } from '../task/useOpenTask';

export interface Command {
  id: string;
  title: string;
  group: 'General' | 'Go to' | 'Tasks' | 'Selected task' | 'View';
  keys: readonly string[];
  /** Needs a task to act on. */
  onTask?: boolean;
  /** Listed in the `?` sheet alone: the palette cannot do it. */
  keyboardOnly?: boolean;
  run(event?: KeyboardEvent): void;
}

/** The card with the focus; with the detail open and the focus outside the board, its task; else the selection, else the card under the pointer. */
export function targets(): readonly string[] {
  const focused = document.activeElement?.closest<HTMLElement>('[data-card]')?.dataset.card;
  const selected = selection.get();
  if (focused && !selected.includes(focused) && selected.length === 0) return [focused];
  if (!focused && openTask.get()) return [openTask.get()!];
  if (selected.length > 0) return selected;
  if (focused) return [focused];
  const hovered = hoveredCard.get() ?? currentCard.get();
  return hovered && visibleOrder.get().includes(hovered) ? [hovered] : [];
}

function anchorOf(kind: PickerKind, taskId: string): Element {
  const property = document.querySelector(`[data-detail="${taskId}"] [data-property="${kind}"]`);
  const card = document.querySelector(`[data-card="${taskId}"]`);
  return (openTask.get() === taskId ? property : null) ?? card ?? property ?? document.body;
}

/** With the detail open the walk goes from task to task in it. */
function step(rows: 1 | -1): void {
  if (openTask.get() && !document.activeElement?.closest('[data-card]')) document.dispatchEvent(new CustomEvent('taskflow:step', { detail: rows }));
  else walker.get()?.walk(0, rows);
}

export function useCommands(): Command[] {
  const navigate = useNavigate();
  const location = useLocation();
  const openTaskAt = useOpenTask();
  const workspaceId = useWorkspaceId();
  const { user } = useSession();
  const { write } = usePermissions();
  const getTask = useTaskGetter();
  const actions = useTaskActions();
  const { undo, label: undoLabel } = useUndo();

  return useMemo(() => {
    const base = `/w/${workspaceId}`;
    const view = location.pathname.startsWith(`${base}/list`) ? 'list' : 'board';
    const withTasks = (run: (ids: readonly string[]) => void) => () => {
      const ids = targets();
      if (ids.length === 0) toast('Choose a task first: move to one with J and K, or point at it.', { key: 'no-target' });
      else run(ids);
    };
    const picker = (kind: PickerKind) => withTasks((ids) => showPicker(kind, ids, anchorOf(kind, ids[0]!)));
    const inDetail = (part: 'title' | 'description') =>
      withTasks((ids) => {
        const id = ids[0]!;
        const task = getTask(id);
        if (openTask.get() === id) document.dispatchEvent(new CustomEvent('taskflow:edit', { detail: part }));
        else if (task) openTaskAt(taskPath(task), part);
      });
    const commands: (Command | false)[] = [
      { id: 'palette', title: 'Search and run commands', group: 'General', keys: ['mod+k'], keyboardOnly: true, run: () => setShell({ palette: true }) },
      {
        id: 'search', title: 'Search tasks', group: 'General', keys: ['/'],
        run: () => {
          const field = document.querySelector<HTMLInputElement>('[data-search]');
          if (field) field.focus();
          else setShell({ palette: true });
        },
      },
      { id: 'help', title: 'Keyboard shortcuts', group: 'General', keys: ['?'], run: () => setShell({ help: true }) },
      {
        id: 'undo', title: undoLabel ? `Undo: ${undoLabel}` : 'Undo', group: 'General', keys: ['mod+z'],
        run: () => {
          if (undoLabel) announce(`Undone: ${undoLabel}`);
          undo();
        },
      },
      { id: 'inbox', title: 'Inbox', group: 'Go to', keys: ['g i'], run: () => navigate(`${base}/inbox`) },
      { id: 'mine', title: 'My tasks', group: 'Go to', keys: ['g a'], run: () => navigate(`${base}/${view}?assignee=me`) },
      { id: 'board', title: 'Board', group: 'Go to', keys: ['g d'], run: () => navigate(`${base}/board`) },
      { id: 'projects', title: 'Projects', group: 'Go to', keys: ['g p'], run: () => navigate(`${base}/projects`) },
      { id: 'settings', title: 'Settings', group: 'Go to', keys: ['g s'], run: () => navigate(`${base}/settings`) },
      { id: 'workspaces', title: 'Switch workspace', group: 'Go to', keys: [], run: () => navigate('/workspaces') },
      {
        id: 'toggle-view', title: view === 'board' ? 'Show as list' : 'Show as board', group: 'View', keys: ['mod+b'],
        run: () => {
          const next = view === 'board' ? 'list' : 'board';
          setPreferences({ lastView: next });
          navigate({ pathname: `${base}/${next}`, search: location.search });
        },
      },
      { id: 'filter', title: 'Filter', group: 'View', keys: ['f'], run: () => document.querySelector<HTMLElement>('[data-filter-button]')?.click() },
      { id: 'theme-light', title: 'Light theme', group: 'View', keys: [], run: () => setPreferences({ theme: 'light' }) },
      { id: 'theme-dark', title: 'Dark theme', group: 'View', keys: [], run: () => setPreferences({ theme: 'dark' }) },
      { id: 'theme-system', title: 'Theme of the system', group: 'View', keys: [], run: () => setPreferences({ theme: 'system' }) },
      { id: 'next', title: 'Next card', group: 'Tasks', keys: ['j', 'arrowdown'], keyboardOnly: true, run: () => step(1) },
      { id: 'previous', title: 'Previous card', group: 'Tasks', keys: ['k', 'arrowup'], keyboardOnly: true, run: () => step(-1) },
      { id: 'left', title: 'Column to the left', group: 'Tasks', keys: ['arrowleft'], keyboardOnly: true, run: () => walker.get()?.walk(-1, 0) },
      { id: 'right', title: 'Column to the right', group: 'Tasks', keys: ['arrowright'], keyboardOnly: true, run: () => walker.get()?.walk(1, 0) },
      write && { id: 'create', title: 'New task', group: 'Tasks', keys: ['c'], run: () => setShell({ newTask: {} }) },
      { id: 'select', title: 'Select', group: 'Selected task', keys: ['x'], onTask: true, run: withTasks((ids) => {
        const focused = document.activeElement?.closest<HTMLElement>('[data-card]')?.dataset.card ?? hoveredCard.get() ?? ids[0]!;
        toggleSelected(focused);
      }) },
      { id: 'select-range', title: 'Select up to here', group: 'Selected task', keys: ['shift+x'], onTask: true, run: withTasks((ids) => selectRange(visibleOrder.get(), ids[ids.length - 1]!)) },
      { id: 'clear-selection', title: 'Clear the selection', group: 'Selected task', keys: [], run: () => {
        clearSelection();
        announce('Nothing selected');
      } },
      write && { id: 'status', title: 'Change status…', group: 'Selected task', keys: ['s'], onTask: true, run: picker('status') },
      write && { id: 'priority', title: 'Change priority…', group: 'Selected task', keys: ['p'], onTask: true, run: picker('priority') },
      write && { id: 'assignee', title: 'Assign to…', group: 'Selected task', keys: ['a'], onTask: true, run: picker('assignee') },
      write && { id: 'assign-me', title: 'Assign to me', group: 'Selected task', keys: ['i'], onTask: true, run: withTasks((ids) => {
        const mine = ids.every((id) => getTask(id)?.assigneeId === user?.id);
        actions.assign(ids, mine ? null : (user?.id ?? null));
        announce(mine ? 'Unassigned' : 'Assigned to you');
      }) },
      write && { id: 'labels', title: 'Change labels…', group: 'Selected task', keys: ['l'], onTask: true, run: picker('labels') },
      write && { id: 'due', title: 'Change due date…', group: 'Selected task', keys: ['shift+d'], onTask: true, run: picker('due') },
      write && { id: 'move', title: 'Move to…', group: 'Selected task', keys: ['m'], onTask: true, run: picker('move') },
      write && { id: 'rename', title: 'Rename', group: 'Selected task', keys: ['r'], onTask: true, run: inDetail('title') },
      write && { id: 'edit', title: 'Edit the description', group: 'Selected task', keys: ['e'], onTask: true, run: inDetail('description') },
      write && { id: 'delete', title: 'Delete', group: 'Selected task', keys: ['mod+backspace'], onTask: true, run: withTasks((ids) => {
        if (openTask.get() === ids[0]) document.dispatchEvent(new CustomEvent('taskflow:delete'));
        else actions.askToRemove(ids);
      }) },
      ...(write
        ? ([['up', 0, -1], ['down', 0, 1], ['left', -1, 0], ['right', 1, 0]] as const).map(
          ([direction, columns, rows]): Command => ({
            id: `shift-${direction}`, title: `Move the card ${direction}`, group: 'Selected task', keys: [`alt+arrow${direction}`], onTask: true, keyboardOnly: true,
            run: () => {
              const id = document.activeElement?.closest<HTMLElement>('[data-card]')?.dataset.card ?? currentCard.get();
              if (id) walker.get()?.shift?.(id, columns, rows);
            },
          }),
        )
        : []),
    ];
    return commands.filter((command) => command !== false);
  }, [navigate, location, openTaskAt, workspaceId, user, write, getTask, actions, undo, undoLabel]);
}
