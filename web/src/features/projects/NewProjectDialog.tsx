import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useProjectActions, useWorkspaceId } from '../../data';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { Field } from '../../ui/Field';
import { useSubmit } from '../../ui/useSubmit';
import { FormError } from '../auth/AuthFrame';
import { suggestKey } from './key';

export default function NewProjectDialog({ onClose }: { onClose(): void }) {
  const { create } = useProjectActions();
  const navigate = useNavigate();
  const workspaceId = useWorkspaceId();
  const [name, setName] = useState('');
  const [ownKey, setOwnKey] = useState<string | null>(null);
  const key = ownKey ?? suggestKey(name);
  const form = useSubmit(async () => {
    const project = await create({ name: name.trim(), key });
    onClose();
    navigate(`/w/${workspaceId}/board?project=${project.key}`);
  });
  const keyError = form.fields.key ?? (ownKey && !/^[A-Z][A-Z0-9]{1,9}$/.test(ownKey) ? 'Two to ten letters or digits, a letter first' : undefined);
  return (
    <Dialog open onOpenChange={onClose} title="New project" size="sm">
      <form className="grid gap-4 p-4" onSubmit={form.onSubmit}>
        <FormError>{form.error}</FormError>
        <Field label="Name" autoFocus maxLength={100} placeholder="Web app" value={name} onChange={(event) => setName(event.target.value)} error={form.fields.name} />
        <Field
          label="Key"
          maxLength={10}
          placeholder="WEB"
          value={key}
          onChange={(event) => setOwnKey(event.target.value.toUpperCase().replace(/[^A-Z0-9]/g, ''))}
          error={keyError}
          hint={`Tasks are called ${key || 'WEB'}-1, ${key || 'WEB'}-2 … A key never changes.`}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" busy={form.busy} disabled={!name.trim() || !/^[A-Z][A-Z0-9]{1,9}$/.test(key)}>
            Create project
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
