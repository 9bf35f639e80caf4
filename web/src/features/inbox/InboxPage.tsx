import { Bell, Check, CheckCheck, SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { useNotifications, useWorkspaceId, type Notification } from '../../data';
import { PageHeader } from '../../app/PageHeader';
import { useTitle } from '../../app/useTitle';
import { Avatar } from '../../ui/Avatar';
import { Button, IconButton } from '../../ui/Button';
import { cx } from '../../ui/cx';
import { RelativeTime } from '../../ui/RelativeTime';
import { ShowOlder } from '../../ui/ShowOlder';
import { Delayed, EmptyState, ErrorState, Skeleton } from '../../ui/states';
import { toast } from '../../ui/toast';
import { Kinds } from './kinds';

/** What concerns me, newest first; the same in every tab. */
export default function InboxPage() {
  const { status, data, error, retry, unread, hasMore, loadMore, markAllRead } = useNotifications();
  const workspaceId = useWorkspaceId();
  const navigate = useNavigate();
  const [only, setOnly] = useState(false);
  useTitle(unread > 0 ? `(${unread}) Inbox` : 'Inbox');
  const shown = only ? data?.filter((each) => !each.read) : data;

  return (
    <>
      <PageHeader title="Inbox">
        <Button size="sm" variant="ghost" disabled={unread === 0} onClick={() => void markAllRead().catch((reason: Error) => toast(reason.message, { tone: 'error' }))}>
          <CheckCheck className="size-3.5" aria-hidden="true" />
          Mark all read
        </Button>
        <IconButton label="Choose what comes here" onClick={() => navigate(`/w/${workspaceId}/settings/notifications`)}>
          <SlidersHorizontal className="size-4" aria-hidden="true" />
        </IconButton>
      </PageHeader>
      <div className="flex gap-1 px-3 pb-2 sm:px-4" role="group" aria-label="Show">
        {[false, true].map((value) => (
          <button
            key={String(value)}
            type="button"
            aria-pressed={only === value}
            onClick={() => setOnly(value)}
            className="h-7 rounded-md px-2.5 text-xs text-ink-3 hover:bg-hover aria-pressed:bg-active aria-pressed:font-medium aria-pressed:text-ink"
          >
            {value ? `Unread${unread > 0 ? ` (${unread})` : ''}` : 'All'}
          </button>
        ))}
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {status === 'error' && !data ? (
          <ErrorState title="The inbox did not load" error={error} onRetry={retry} />
        ) : !shown ? (
          <div className="grid max-w-3xl gap-2 p-4">
            <Delayed>
              {[0, 1, 2].map((index) => <Skeleton key={index} className="h-14" />)}
            </Delayed>
          </div>
        ) : shown.length === 0 ? (
          <EmptyState icon={<Bell className="size-5" aria-hidden="true" />} title={only ? 'Nothing unread' : 'All quiet'}>
            Mentions, assignments and changes to your tasks come here. Everything else does not.
          </EmptyState>
        ) : (
          <ul aria-label="Notifications" className="mx-auto max-w-4xl px-2 sm:px-3">
            {shown.map((each) => (
              <Row key={each.id} notification={each} />
            ))}
          </ul>
        )}
        {hasMore && (
          <div className="flex justify-center p-3">
            <ShowOlder load={loadMore} />
          </div>
        )}
      </div>
    </>
  );
}

function Row({ notification }: { notification: Notification }) {
  const location = useLocation();
  const workspaceId = useWorkspaceId();
  const { markRead } = useNotifications();
  const read = notification.read === true;
  const kind = Kinds[notification.kind];
  const here = notification.workspaceId === workspaceId;
  const mark = () => {
    if (!read) void markRead([notification.id]).catch(() => undefined);
  };
  const text = (
    <>
      <span dir="auto" className={cx('line-clamp-2 wrap-anywhere', !read && 'font-medium')}>{notification.text}</span>
      <span className="mt-0.5 flex items-center gap-1.5 text-xs text-ink-3 [&_svg]:size-3">
        {kind?.icon}
        {kind?.label} · <RelativeTime iso={notification.createdAt} className="relative z-1" />
      </span>
    </>
  );
  return (
    <li className="group/note relative flex items-start gap-3 rounded-lg px-2 py-2.5 hover:bg-hover">
      <Avatar id={notification.by.id} name={notification.by.name} size="md" />
      {notification.taskId ? (
        <Link
          to={`/w/${notification.workspaceId}/t/${notification.taskId}`}
          state={here ? { background: location } : null}
          onClick={mark}
          className="min-w-0 flex-1 outline-none after:absolute after:inset-0 after:rounded-lg focus-visible:after:outline-2 focus-visible:after:outline-ring"
        >
          {text}
        </Link>
      ) : (
        <div className="min-w-0 flex-1">{text}</div>
      )}
      {!read && (
        <span className="relative z-1 flex items-center gap-1">
          <IconButton
            label="Mark as read"
            className="pointer-fine:opacity-0 group-hover/note:opacity-100 focus-visible:opacity-100"
            onClick={(event) => {
              // The button goes; the focus stays in the row.
              event.currentTarget.closest('li')?.querySelector('a')?.focus();
              mark();
            }}
          >
            <Check className="size-4" aria-hidden="true" />
          </IconButton>
          <span className="size-2 rounded-full bg-accent" role="img" aria-label="Unread" />
        </span>
      )}
    </li>
  );
}
