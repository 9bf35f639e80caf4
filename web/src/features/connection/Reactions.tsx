import { useContext, useRef } from 'react';
import { useNavigate } from 'react-router';
import { useDataEvents, useWorkspaceId, type DataEvent } from '../../data';
import { setPreferences } from '../../app/preferences';
import { announce } from '../../ui/announcer';
import { toast } from '../../ui/toast';
import { DraftScope, renameDrafts } from '../../ui/useDraft';
import { flash, renameCard, selection } from '../board/focus';
import { fieldList, StatusNames } from '../tasks/names';
import { taskPath } from '../task/links';
import { useOpenTask } from '../task/useOpenTask';
import { openTask } from '../../app/shell';

/** What happens on the page when something happens in the workspace: a toast, a flash, a spoken line. Draws nothing. */
export function Reactions() {
  const navigate = useNavigate();
  const openBeside = useOpenTask();
  const workspaceId = useWorkspaceId();
  const drafts = useContext(DraftScope);
  const spoken = useRef<{ text: string; more: number; timer: ReturnType<typeof setTimeout> | null }>({ text: '', more: 0, timer: null });

  /** Changes come in bursts; a screen reader gets one line for each burst. */
  const say = (text: string) => {
    const queue = spoken.current;
    if (queue.timer) queue.more++;
    else {
      queue.text = text;
      queue.timer = setTimeout(() => {
        announce(queue.more > 0 ? `${queue.text}, and ${queue.more} more ${queue.more === 1 ? 'change' : 'changes'}` : queue.text);
        spoken.current = { text: '', more: 0, timer: null };
      }, 1200);
    }
  };

  useDataEvents((event: DataEvent) => {
    switch (event.kind) {
      case 'overwritten': {
        const { by, fields = [] } = event.notification;
        const task = event.task;
        toast(`${task ? `${task.key} was updated` : 'Updated'} by ${by.name}: your change to the ${fieldList(fields) || 'task'} was overwritten.`, {
          tone: 'warn',
          duration: 15_000,
          action: task && openTask.get() !== task.id ? { label: 'Open', onClick: () => openBeside(taskPath(task)) } : undefined,
        });
        return;
      }
      case 'notification': {
        const { notification } = event;
        // The task is on the page already: the bell is enough.
        if (notification.taskId && notification.taskId === openTask.get()) return;
        toast(notification.text, {
          key: notification.id,
          action: notification.taskId ? { label: 'Open', onClick: () => (notification.workspaceId === workspaceId ? openBeside : navigate)(`/w/${notification.workspaceId}/t/${notification.taskId}`) } : undefined,
        });
        return;
      }
      case 'task-created':
        if (event.mine) return;
        flash(event.task.id);
        say(`${event.by.name} created ${event.task.key}: ${event.task.title}`);
        return;
      case 'task-updated':
        if (event.mine) return;
        flash(event.task.id);
        say(event.fields.includes('status') ? `${event.by.name} moved ${event.task.key} to ${StatusNames[event.task.status]}` : `${event.by.name} changed the ${fieldList(event.fields)} of ${event.task.key}`);
        return;
      case 'task-named':
        renameDrafts(drafts, event.localId, event.taskId);
        renameCard(event.localId, event.taskId);
        return;
      case 'task-deleted':
        selection.set((ids) => (ids.includes(event.task.id) ? ids.filter((id) => id !== event.task.id) : ids));
        if (!event.mine) say(`${event.by.name} deleted ${event.task.key}`);
        return;
      case 'member':
        if (!event.mine && event.change === 'added') say(`${event.member.name} joined`);
        return;
      case 'refused':
        toast(event.message, { tone: 'error' });
        return;
      case 'conflict':
        announce('One of your offline changes is in conflict with a newer one', 'assertive');
        return;
      case 'removed':
        setPreferences({ lastWorkspace: null });
        toast('You are no longer a member of that workspace, or it was deleted.', { tone: 'warn' });
        navigate('/workspaces', { replace: true });
        return;
      case 'reloaded':
        say('The workspace was loaded anew');
    }
  });
  return null;
}
