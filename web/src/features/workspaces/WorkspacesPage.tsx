import { ChevronRight, LogOut } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { useSession, useWorkspaceActions, useWorkspaces } from '../../data';
import { useSignOut } from '../../app/signOut';
import { useTitle } from '../../app/useTitle';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { Logo } from '../../ui/Logo';
import { Delayed, ErrorState, Skeleton } from '../../ui/states';
import { useSubmit } from '../../ui/useSubmit';
import { FormError } from '../auth/AuthFrame';
import { RoleNames } from '../settings/roles';

/** The person's workspaces, and a new one. */
export default function WorkspacesPage() {
  const { user } = useSession();
  const { signOut, question } = useSignOut();
  const { status, data, error, retry } = useWorkspaces();
  const { create } = useWorkspaceActions();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [name, setName] = useState('');
  const form = useSubmit(async () => {
    const workspace = await create({ name: name.trim() });
    navigate(`/w/${workspace.id}`);
  });
  useTitle('Workspaces');
  const first = data?.length === 0;

  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-md flex-col px-4 py-10 sm:py-16">
      <header className="mb-8 flex items-center gap-3">
        <Logo className="size-8" />
        <h1 className="flex-1 text-lg font-semibold">{first ? `Welcome, ${user?.name ?? ''}` : 'Your workspaces'}</h1>
        <Button variant="ghost" size="sm" onClick={signOut}>
          <LogOut className="size-3.5" aria-hidden="true" />
          Sign out
        </Button>
        {question}
      </header>
      {status === 'error' && !data ? (
        <ErrorState title="Your workspaces did not load" error={error} onRetry={retry} />
      ) : !data ? (
        <Delayed>
          <Skeleton className="h-14 w-full" />
        </Delayed>
      ) : (
        data.length > 0 && (
          <ul className="mb-8 overflow-hidden rounded-xl border border-line bg-surface shadow-card">
            {data.map((workspace) => (
              <li key={workspace.id} className="border-b border-line last:border-0">
                <Link to={`/w/${workspace.id}`} data-focus-inset className="flex items-center gap-3 px-4 py-3 hover:bg-hover">
                  <Avatar id={workspace.id} name={workspace.name} size="md" />
                  <span className="min-w-0 flex-1">
                    <span className="block truncate font-medium">{workspace.name}</span>
                    <span className="block text-xs text-ink-3">{RoleNames[workspace.role]}</span>
                  </span>
                  <ChevronRight className="size-4 text-ink-3" aria-hidden="true" />
                </Link>
              </li>
            ))}
          </ul>
        )
      )}
      {data && (
        <form className="grid gap-4 rounded-xl border border-line bg-surface p-5 shadow-card" onSubmit={form.onSubmit}>
          <div>
            <h2 className="text-base font-semibold">{first ? 'Create your first workspace' : 'New workspace'}</h2>
            <p className="text-ink-3">{first ? 'A workspace holds a team’s projects and people. Or open the invitation link somebody sent you.' : 'For another team, with people and projects of its own.'}</p>
          </div>
          <FormError>{form.error}</FormError>
          <Field label="Name" value={name} maxLength={100} autoFocus={first || params.has('new')} placeholder="Acme" onChange={(event) => setName(event.target.value)} error={form.fields.name} />
          <Button variant="primary" type="submit" busy={form.busy} disabled={!name.trim()} className="justify-self-start">
            Create workspace
          </Button>
        </form>
      )}
    </main>
  );
}
