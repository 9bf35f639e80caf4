import { Copy, Link2, Trash2, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { ROLES, useInvitationActions, useInvitations, useMemberActions, usePermissions, useSession, useWorkspace, type Member, type Role } from '../../data';
import { Avatar } from '../../ui/Avatar';
import { Button, IconButton } from '../../ui/Button';
import ConfirmDialog from '../../ui/ConfirmDialog';
import { Field } from '../../ui/Field';
import { RelativeTime } from '../../ui/RelativeTime';
import { toast } from '../../ui/toast';
import { useSubmit } from '../../ui/useSubmit';
import { FormError } from '../auth/AuthFrame';
import { RoleHints, RoleNames } from './roles';
import { Section } from './Section';

const failed = (reason: Error) => {
  toast(reason.message, { tone: 'error' });
};

export function MembersSettings() {
  const { data } = useWorkspace();
  const { manageMembers } = usePermissions();
  if (!data) return null;
  return (
    <>
      {manageMembers && <Invite />}
      <Section title={`${data.members.length} ${data.members.length === 1 ? 'person' : 'people'}`}>
        <ul>
          {data.members.map((member) => (
            <MemberRow key={member.userId} member={member} />
          ))}
        </ul>
      </Section>
    </>
  );
}

/** The roles that somebody may give: none above their own. */
function grantable(own: boolean): readonly Role[] {
  return own ? ROLES : ROLES.filter((role) => role !== 'owner');
}

function MemberRow({ member }: { member: Member }) {
  const { user } = useSession();
  const { manageMembers, own } = usePermissions();
  const { setRole, remove } = useMemberActions();
  const [asking, setAsking] = useState(false);
  const me = member.userId === user?.id;
  const canTouch = manageMembers && (own || member.role !== 'owner');
  return (
    <li className="flex items-center gap-3 border-b border-line py-2.5 last:border-0">
      <Avatar id={member.userId} name={member.name} size="md" />
      <div className="min-w-0 flex-1">
        <div className="truncate font-medium">
          {member.name} {me && <span className="font-normal text-ink-3">(you)</span>}
        </div>
        <div className="truncate text-xs text-ink-3">{member.email}</div>
      </div>
      {canTouch ? (
        <RoleSelect label={`Role of ${member.name}`} value={member.role} roles={grantable(own)} onChange={(role) => void setRole(member.userId, role).catch(failed)} />
      ) : (
        <span className="text-xs text-ink-3">{RoleNames[member.role]}</span>
      )}
      {canTouch && !me && (
        <IconButton label={`Remove ${member.name}`} onClick={() => setAsking(true)}>
          <Trash2 className="size-4" aria-hidden="true" />
        </IconButton>
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Remove ${member.name}?`}
        action="Remove"
        onConfirm={() =>
          remove(member.userId).catch((reason: Error) => {
            failed(reason);
            throw reason;
          })
        }
      >
        They lose access within seconds. Their tasks and comments stay.
      </ConfirmDialog>
    </li>
  );
}

function RoleSelect({ label, value, roles, onChange }: { label: string; value: Role; roles: readonly Role[]; onChange(role: Role): void }) {
  return (
    <select aria-label={label} className="field w-auto text-xs" value={value} onChange={(event) => onChange(event.target.value as Role)}>
      {roles.map((role) => (
        <option key={role} value={role} title={RoleHints[role]}>
          {RoleNames[role]}
        </option>
      ))}
    </select>
  );
}

function Invite() {
  const { own } = usePermissions();
  const { add } = useMemberActions();
  const invitations = useInvitations();
  const { create, revoke } = useInvitationActions();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('member');
  const [link, setLink] = useState<string | null>(null);
  const [making, setMaking] = useState(false);
  const form = useSubmit(async () => {
    const member = await add({ email: email.trim(), role });
    setEmail('');
    toast(`${member.name} is in`);
  });
  const invite = async () => {
    setMaking(true);
    try {
      const invitation = await create({ role });
      setLink(invitation.url ?? null);
    } catch (reason) {
      failed(reason as Error);
    } finally {
      setMaking(false);
    }
  };
  const copy = async (text: string) => {
    try {
      await navigator.clipboard.writeText(text);
      toast('Link copied', { key: 'copied' });
    } catch {
      toast('The browser does not allow copying here: select the link and copy it.', { tone: 'warn' });
    }
  };
  return (
    <Section title="Invite people" description={`${RoleNames[role]}: ${RoleHints[role]}.`}>
      <div className="grid gap-3 py-2">
        <form className="grid gap-3" onSubmit={form.onSubmit}>
          <FormError>{form.error}</FormError>
          <div className="flex flex-wrap items-end gap-2">
            <div className="min-w-40 flex-1">
              <Field label="E-mail" type="email" value={email} onChange={(event) => setEmail(event.target.value)} error={form.fields.email} placeholder="ada@example.com" />
            </div>
            <div className="flex gap-2 self-start pt-5.5">
              <RoleSelect label="Role" value={role} roles={grantable(own)} onChange={setRole} />
              <Button type="submit" variant="primary" busy={form.busy} disabled={!email.trim()}>
                <UserPlus className="size-3.5" aria-hidden="true" />
                Add
              </Button>
            </div>
          </div>
        </form>
        <div className="flex flex-wrap items-center gap-2 border-t border-line pt-3">
          <Button busy={making} onClick={() => void invite()}>
            <Link2 className="size-3.5" aria-hidden="true" />
            Create invitation link
          </Button>
          <span className="text-xs text-ink-3">For somebody without an account: works once, for anybody who has it.</span>
        </div>
        {link && (
          <div className="flex gap-2">
            <input readOnly aria-label="Invitation link" className="field font-mono text-xs" value={link} onFocus={(event) => event.target.select()} />
            <Button onClick={() => void copy(link)}>
              <Copy className="size-3.5" aria-hidden="true" />
              Copy
            </Button>
          </div>
        )}
        {invitations.data && invitations.data.length > 0 && (
          <ul aria-label="Open invitations" className="border-t border-line">
            {invitations.data.map((invitation) => (
              <li key={invitation.id} className="flex items-center gap-3 border-b border-line py-2 last:border-0">
                <Link2 className="size-3.5 text-ink-3" aria-hidden="true" />
                <span className="flex-1">
                  {RoleNames[invitation.role]}
                  <span className="ml-2 text-xs text-ink-3">
                    {invitation.createdAt ? <>created <RelativeTime iso={invitation.createdAt} /></> : `until ${new Date(invitation.expiresAt).toLocaleDateString()}`}
                  </span>
                </span>
                <Button size="sm" variant="ghost" onClick={() => void revoke(invitation.id).catch(failed)}>
                  Revoke
                </Button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Section>
  );
}
