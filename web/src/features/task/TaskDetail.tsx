import { ChevronDown, ChevronUp, Link2, Maximize2, MoreHorizontal, MoveRight, Trash2, X } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { useComments, useDataEvents, useMayHaveComments, usePermissions, useTask, useViewing, type TaskView } from '../../data';
import { DrawerButton } from '../../app/PageHeader';
import { usePageLocation, type LocationState } from '../../app/pageLocation';
import { openTask } from '../../app/shell';
import { useTitle } from '../../app/useTitle';
import { IconButton } from '../../ui/Button';
import ConfirmDialog from '../../ui/ConfirmDialog';
import { cx } from '../../ui/cx';
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from '../../ui/Menu';
import { RelativeTime } from '../../ui/RelativeTime';
import { ignoreSecondClick } from '../../ui/secondClick';
import { EmptyState } from '../../ui/states';
import { useStore } from '../../ui/store';
import { TabList, TabPanel } from '../../ui/Tabs';
import { toast } from '../../ui/toast';
import { selection, visibleOrder } from '../board/focus';
import { isEditable, isInOverlay } from '../shortcuts/keys';
import { Comments } from '../comments/Comments';
import { Viewers } from '../presence/Viewers';
import { useTaskActions } from '../tasks/actions';
import { showPicker } from '../tasks/pickers';
import { Activity } from './Activity';
import { Description } from './Description';
import { taskPath } from './links';
import { Properties } from './Properties';
import { Title } from './Title';

const Tabs = [
  { value: 'comments', label: 'Comments' },
  { value: 'activity', label: 'Activity' },
] as const;

interface TaskDetailProps {
  taskId: string;
  mode: 'panel' | 'page';
  onClose(): void;
}

/** One task with all that belongs to it; needs a key for each task. */
export function TaskDetail({ taskId, mode, onClose }: TaskDetailProps) {
  const task = useTask(taskId);
  const { write } = usePermissions();
  const navigate = useNavigate();
  const location = usePageLocation();
  const { setTyping } = useViewing(taskId);
  const [tab, setTab] = useState<(typeof Tabs)[number]['value']>('comments');
  const tabs = useId();
  const root = useRef<HTMLElement>(null);
  useTitle(task && `${task.key} ${task.title}`);

  useEffect(() => {
    openTask.set(taskId);
    return () => {
      if (openTask.get() === taskId) openTask.set(null);
    };
  }, [taskId]);

  // Wherever the focus is, unless what has it means something else by Esc.
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || isEditable(event.target) || isInOverlay(event.target) || selection.get().length > 0) return;
      event.preventDefault();
      close.current();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);

  useDataEvents((event) => {
    if (event.kind !== 'task-deleted' || event.task.id !== taskId || event.mine) return;
    toast(`${event.task.key} was deleted by ${event.by.name}.`, { tone: 'warn' });
    onClose();
  });

  // A task that was only local has got its number: the address follows.
  const path = task && taskPath(task);
  useEffect(() => {
    if (path && location.pathname !== path && /\/t\/[0-9a-f-]{30,}$|\/t\/local/i.test(location.pathname)) navigate(path, { replace: true, state: location.state as LocationState });
  }, [path, location, navigate]);

  const edit = (location.state as LocationState | null)?.edit;
  useEffect(() => {
    if (edit && task) requestAnimationFrame(() => document.dispatchEvent(new CustomEvent('taskflow:edit', { detail: edit })));
    else root.current?.focus({ preventScroll: true });
    // Once for each task that is opened, not for each change of it.
  }, [edit]);

  if (!task) {
    return (
      <EmptyState title="This task is gone" action={{ label: 'Back to the board', onClick: onClose }}>
        It was deleted.
      </EmptyState>
    );
  }
  return (
    <section
      ref={root}
      tabIndex={-1}
      data-detail={taskId}
      aria-label={`Task ${task.key}`}
      className="@container flex h-full min-h-0 flex-col bg-surface outline-none"
    >
      <DetailHeader task={task} mode={mode} onClose={onClose} />
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className={cx('mx-auto grid max-w-5xl gap-x-8 gap-y-5 px-4 pt-4 pb-16 sm:px-6', '@3xl:grid-cols-[minmax(0,1fr)_15rem]')}>
          <div className="min-w-0 @3xl:col-start-1">
            <Title task={task} write={write} setTyping={setTyping} />
          </div>
          <div className="min-w-0 @3xl:col-start-2 @3xl:row-span-3 @3xl:row-start-1 @3xl:pt-1">
            <Properties task={task} write={write} />
            <p className="mt-3 hidden px-4 text-xs text-ink-3 @3xl:block">
              Created <RelativeTime iso={task.createdAt} />, updated <RelativeTime iso={task.updatedAt} />
            </p>
          </div>
          <div className="min-w-0 @3xl:col-start-1">
            <Description task={task} write={write} setTyping={setTyping} />
          </div>
          <div className="min-w-0 @3xl:col-start-1">
            <TabList id={tabs} label="Discussion" tabs={Tabs} value={tab} onChange={setTab} className="mb-4 gap-4" tabClassName="h-8" />
            <TabPanel id={tabs} value={tab}>
              {tab === 'comments' ? <Comments taskId={taskId} setTyping={setTyping} /> : <Activity taskId={taskId} />}
            </TabPanel>
          </div>
        </div>
      </div>
    </section>
  );
}

function DetailHeader({ task, mode, onClose }: Omit<TaskDetailProps, 'taskId'> & { task: TaskView }) {
  const taskId = task.id;
  const { write } = usePermissions();
  const actions = useTaskActions();
  const comments = useComments(taskId).data;
  const navigate = useNavigate();
  const location = usePageLocation();
  const order = useStore(visibleOrder);
  const [asking, setAsking] = useState(false);
  const more = useRef<HTMLButtonElement>(null);
  const index = order.indexOf(taskId);
  const previous = order[index - 1];
  const next = index >= 0 ? order[index + 1] : undefined;

  const go = (id: string | undefined) => {
    if (id) navigate(`/w/${task.workspaceId}/t/${id}`, { replace: true, state: location.state as LocationState });
  };
  const remove = () => {
    onClose();
    actions.remove([taskId]);
  };
  const mayHaveComments = useMayHaveComments();
  const ask = async () => {
    const may = await mayHaveComments([taskId]);
    // The person may have gone on to something else while the server was asked.
    if (!more.current?.isConnected) return;
    if (may) setAsking(true);
    else latest.current.remove();
  };
  const latest = useRef({ go, remove, ask, previous, next });
  latest.current = { go, remove, ask, previous, next };
  useEffect(() => {
    const step = (event: Event) => latest.current.go((event as CustomEvent<number>).detail > 0 ? latest.current.next : latest.current.previous);
    const onDelete = () => void latest.current.ask();
    document.addEventListener('taskflow:step', step);
    document.addEventListener('taskflow:delete', onDelete);
    return () => {
      document.removeEventListener('taskflow:step', step);
      document.removeEventListener('taskflow:delete', onDelete);
    };
  }, []);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(new URL(taskPath(task), window.location.href).href);
      toast('Link copied', { key: 'copied' });
    } catch {
      toast('The browser does not allow copying here. The link is in the address bar.', { tone: 'warn' });
    }
  };
  const count = comments?.length ?? 0;

  return (
    <header className="flex h-12 shrink-0 items-center gap-1 border-b border-line px-3 sm:px-4">
      {mode === 'page' && <DrawerButton />}
      <span className="mr-1 text-sm font-medium text-ink-2 tabular-nums">{task.key}</span>
      {index >= 0 && (
        <>
          <IconButton label="Previous task" shortcut="k" disabled={!previous} onClick={() => go(previous)}>
            <ChevronUp className="size-4" aria-hidden="true" />
          </IconButton>
          <IconButton label="Next task" shortcut="j" disabled={!next} onClick={() => go(next)}>
            <ChevronDown className="size-4" aria-hidden="true" />
          </IconButton>
        </>
      )}
      <span className="flex-1" />
      <Viewers taskId={taskId} />
      <IconButton label="Copy the link" disabled={task.local} onClick={() => void copy()}>
        <Link2 className="size-4" aria-hidden="true" />
      </IconButton>
      {mode === 'panel' && (
        <Link to={taskPath(task)} aria-label="Open as a page" title="Open as a page" className="hidden size-7 items-center justify-center rounded-md text-ink-3 hover:bg-hover hover:text-ink sm:inline-flex">
          <Maximize2 className="size-3.5" aria-hidden="true" />
        </Link>
      )}
      {write && (
        <Menu>
          <MenuTrigger asChild>
            <IconButton ref={more} label="More actions" tooltip={false}>
              <MoreHorizontal className="size-4" aria-hidden="true" />
            </IconButton>
          </MenuTrigger>
          <MenuContent label="More" align="end">
            <MenuItem icon={<MoveRight className="size-4" />} shortcut="m" onSelect={() => setTimeout(() => more.current && showPicker('move', [taskId], more.current))}>
              Move to…
            </MenuItem>
            <MenuSeparator />
            <MenuItem danger icon={<Trash2 className="size-4" />} shortcut="mod+backspace" onSelect={() => void ask()}>
              Delete
            </MenuItem>
          </MenuContent>
        </Menu>
      )}
      <IconButton
        label={mode === 'panel' ? 'Close' : 'Back to the board'}
        shortcut="esc"
        onClick={(event) => {
          ignoreSecondClick(event);
          onClose();
        }}
      >
        <X className="size-4" aria-hidden="true" />
      </IconButton>
      <ConfirmDialog open={asking} onOpenChange={setAsking} title={`Delete ${task.key}?`} action="Delete" onConfirm={remove}>
        {count === 0 ? 'Its comments go' : count === 1 ? 'Its comment goes' : `Its ${count} comments go`} with it. Undo brings the task back under a new number, without comments.
      </ConfirmDialog>
    </header>
  );
}
