import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useMemberActions, usePermissions, useWorkspace, useWorkspaceActions, useWorkspaceId } from '../../data';
import { setPreferences } from '../../app/preferences';
import { Button } from '../../ui/Button';
import ConfirmDialog from '../../ui/ConfirmDialog';
import { Field } from '../../ui/Field';
import { toast } from '../../ui/toast';
import { useSubmit } from '../../ui/useSubmit';
import { FormError } from '../auth/AuthFrame';
import { Section } from './Section';

export function WorkspaceSettings() {
  const { data } = useWorkspace();
  return data ? <Loaded key={data.workspace.name} name={data.workspace.name} /> : null;
}

function Loaded({ name: current }: { name: string }) {
  const workspaceId = useWorkspaceId();
  const { manageMembers, own } = usePermissions();
  const { rename, remove } = useWorkspaceActions();
  const { leave } = useMemberActions();
  const navigate = useNavigate();
  const [name, setName] = useState(current);
  const [asking, setAsking] = useState<'leave' | 'delete' | null>(null);
  const form = useSubmit(async () => {
    await rename(workspaceId, name.trim());
    toast('Workspace renamed');
  });
  const go = (action: () => Promise<unknown>) => () =>
    action().then(
      () => {
        setPreferences({ lastWorkspace: null });
        navigate('/workspaces', { replace: true });
      },
      (reason: Error) => {
        toast(reason.message, { tone: 'error' });
        throw reason;
      },
    );
  return (
    <>
      {manageMembers && (
        <Section title="Name">
          <form className="grid gap-3 py-2" onSubmit={form.onSubmit}>
            <FormError>{form.error}</FormError>
            <Field label="Name of the workspace" maxLength={100} value={name} onChange={(event) => setName(event.target.value)} error={form.fields.name} />
            <Button variant="primary" type="submit" busy={form.busy} disabled={!name.trim() || name.trim() === current} className="justify-self-start">
              Save
            </Button>
          </form>
        </Section>
      )}
      <Section title="Leave">
        <div className="flex flex-wrap items-center justify-between gap-3 py-2">
          <p className="text-ink-3">You no longer see its tasks, and get no more of its changes.</p>
          <Button onClick={() => setAsking('leave')}>Leave workspace</Button>
        </div>
      </Section>
      {own && (
        <Section title="Delete">
          <div className="flex flex-wrap items-center justify-between gap-3 py-2">
            <p className="text-ink-3">Every project, task and comment is deleted, for everybody.</p>
            <Button variant="danger" onClick={() => setAsking('delete')}>Delete workspace</Button>
          </div>
        </Section>
      )}
      <ConfirmDialog open={asking === 'leave'} onOpenChange={() => setAsking(null)} title={`Leave ${current}?`} action="Leave" onConfirm={go(leave)}>
        You need a new invitation to come back.
      </ConfirmDialog>
      <ConfirmDialog open={asking === 'delete'} onOpenChange={() => setAsking(null)} title={`Delete ${current}?`} action="Delete workspace" typeToConfirm={current} onConfirm={go(() => remove(workspaceId))}>
        This cannot be undone.
      </ConfirmDialog>
    </>
  );
}
