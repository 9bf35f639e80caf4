import { CloudUpload, MoreHorizontal, Pencil, Trash2 } from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useCommentActions, useComments, usePermissions, useSession, useWorkspace, type CommentView } from '../../data';
import { announce } from '../../ui/announcer';
import { Avatar } from '../../ui/Avatar';
import { Button, IconButton } from '../../ui/Button';
import ConfirmDialog from '../../ui/ConfirmDialog';
import { Markdown } from '../../ui/Markdown';
import { Menu, MenuContent, MenuItem, MenuTrigger } from '../../ui/Menu';
import { RelativeTime } from '../../ui/RelativeTime';
import { Delayed, ErrorState, Skeleton } from '../../ui/states';
import { useDraft, useEditDraft } from '../../ui/useDraft';
import { TypingLine } from '../presence/Viewers';
import { MentionTextarea } from './MentionTextarea';

const MaxLength = 10_000;

export function Comments({ taskId, setTyping }: { taskId: string; setTyping(typing: boolean): void }) {
  const { status, data, error, retry } = useComments(taskId);
  const { write } = usePermissions();
  const members = useWorkspace().data?.members;
  const names = useMemo(() => (members ?? []).map((member) => member.name), [members]);
  return (
    <div className="grid gap-4">
      {status === 'error' && !data && <ErrorState title="The comments did not load" error={error} onRetry={retry} />}
      {status === 'loading' && !data && (
        <Delayed>
          <div className="grid gap-2">
            <Skeleton className="h-4 w-40" />
            <Skeleton className="h-10 w-full" />
          </div>
        </Delayed>
      )}
      {data && data.length > 0 && (
        <ol aria-label="Comments" className="grid gap-4">
          {data.map((comment) => (
            <Comment key={comment.id} comment={comment} taskId={taskId} names={names} />
          ))}
        </ol>
      )}
      {data?.length === 0 && <p className="text-ink-3">{write ? 'No comments yet. Start with a question, or what you found out.' : 'No comments yet.'}</p>}
      {write && <Composer taskId={taskId} setTyping={setTyping} />}
      <TypingLine taskId={taskId} />
    </div>
  );
}

function Comment({ comment, taskId, names }: { comment: CommentView; taskId: string; names: readonly string[] }) {
  const { user } = useSession();
  const { write, manageMembers } = usePermissions();
  const { update, remove } = useCommentActions(taskId);
  const [editing, setEditing] = useState(false);
  const [asking, setAsking] = useState(false);
  const [draft, setDraft, clearDraft] = useEditDraft(`comment.edit.${comment.id}`);
  const more = useRef<HTMLButtonElement>(null);
  const mine = comment.authorId === user?.id;
  const canEdit = write && mine;
  const canDelete = write && (mine || manageMembers);

  const edit = draft ?? { text: comment.body, before: comment.body };

  const save = () => {
    const body = edit.text.trim();
    if (!body) return;
    if (body !== edit.before) update(comment.id, body);
    clearDraft();
    setEditing(false);
    requestAnimationFrame(() => more.current?.focus());
  };
  const cancel = () => {
    setEditing(false);
    requestAnimationFrame(() => more.current?.focus());
  };
  const onBoxes = useCallback((body: string) => update(comment.id, body), [update, comment.id]);

  return (
    <li className="group/comment flex gap-2.5" id={`comment-${comment.id}`}>
      <Avatar id={comment.authorId} name={comment.authorName} size="md" />
      <div className="min-w-0 flex-1">
        <div className="flex h-7 items-center gap-1.5">
          <span className="truncate font-semibold">{comment.authorName}</span>
          <RelativeTime iso={comment.createdAt} className="shrink-0 text-xs text-ink-3" />
          {comment.edited && <span className="text-xs text-ink-3">· edited</span>}
          {comment.pending && (
            <span title="Not sent yet">
              <CloudUpload className="size-3.5 text-ink-3" aria-label="Not sent yet" />
            </span>
          )}
          <span className="flex-1" />
          {(canEdit || canDelete) && !editing && (
            <Menu>
              <MenuTrigger asChild>
                <IconButton
                  ref={more}
                  label={`More about the comment of ${comment.authorName}`}
                  tooltip={false}
                  className="pointer-fine:opacity-0 group-hover/comment:opacity-100 focus-visible:opacity-100 data-[state=open]:opacity-100"
                >
                  <MoreHorizontal className="size-4" aria-hidden="true" />
                </IconButton>
              </MenuTrigger>
              <MenuContent label="More" align="end">
                {canEdit && (
                  <MenuItem icon={<Pencil className="size-3.5" />} onSelect={() => setEditing(true)}>
                    Edit
                  </MenuItem>
                )}
                {canDelete && (
                  <MenuItem
                    danger
                    icon={<Trash2 className="size-3.5" />}
                    onSelect={() => setAsking(true)}
                  >
                    Delete
                  </MenuItem>
                )}
              </MenuContent>
            </Menu>
          )}
        </div>
        {editing ? (
          <div className="mt-1 rounded-lg border border-line-strong bg-surface focus-within:border-accent">
            <MentionTextarea label="Edit the comment" value={edit.text} onChange={(text) => setDraft({ ...edit, text })} onSubmit={save} onCancel={cancel} autoFocus maxLength={MaxLength} draftKey={`comment.edit.${comment.id}`} className="px-3 py-2" />
            <div className="flex justify-end gap-2 p-2 pt-0">
              <Button size="sm" variant="ghost" onClick={() => { clearDraft(); cancel(); }}>Discard</Button>
              <Button size="sm" variant="primary" onClick={save} disabled={!edit.text.trim()}>Save</Button>
            </div>
          </div>
        ) : (
          <Markdown source={comment.body} names={names} onChange={canEdit ? onBoxes : undefined} />
        )}
        <ConfirmDialog
          open={asking}
          onOpenChange={setAsking}
          title="Delete this comment?"
          action="Delete"
          onConfirm={() => {
            remove(comment.id);
            announce('Comment deleted');
          }}
        >
          It is gone for everybody, and cannot be brought back.
        </ConfirmDialog>
      </div>
    </li>
  );
}

function Composer({ taskId, setTyping }: { taskId: string; setTyping(typing: boolean): void }) {
  const { user } = useSession();
  const { create } = useCommentActions(taskId);
  const [body, setBody, clear] = useDraft(`comment.${taskId}`);
  const field = useRef<HTMLTextAreaElement>(null);
  const send = () => {
    const text = body.trim();
    if (!text) return;
    create(text);
    clear();
    setTyping(false);
    announce('Comment added');
    // The button has nothing to send any more and lets the focus go.
    field.current?.focus();
  };
  return (
    <form
      className="flex gap-2.5"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {user && <Avatar id={user.id} name={user.name} size="md" />}
      <div className="min-w-0 flex-1 rounded-lg border border-line-strong bg-surface shadow-card focus-within:border-accent">
        <MentionTextarea
          ref={field}
          label="Write a comment"
          placeholder="Write a comment… @ names somebody"
          value={body}
          onChange={setBody}
          onSubmit={send}
          onTyping={() => setTyping(true)}
          maxLength={MaxLength}
          draftKey={`comment.${taskId}`}
          className="px-3 pt-2"
        />
        <div className="flex items-center justify-end gap-2 p-1.5">
          {body.length > MaxLength - 500 && <span className="text-xs text-ink-3 tabular-nums">{MaxLength - body.length} left</span>}
          <Button size="sm" variant={body.trim() ? 'primary' : 'secondary'} type="submit" disabled={!body.trim()}>
            Comment
          </Button>
        </div>
      </div>
    </form>
  );
}
