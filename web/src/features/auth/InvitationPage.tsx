import { useState } from 'react';
import { Link, useLocation, useNavigate, useParams } from 'react-router';
import { useSession, useWorkspaceActions } from '../../data';
import { SplashScreen } from '../../app/loading';
import { useSignOut } from '../../app/signOut';
import { useTitle } from '../../app/useTitle';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { AuthFrame, FormError } from './AuthFrame';

const Reasons: Record<string, string> = {
  not_found: 'This invitation does not exist. Ask for a new link.',
  gone: 'This invitation was used already, withdrawn, or has expired. Ask for a new link.',
  conflict: 'You are a member of that workspace already.',
};

/** Accepting an invitation: who is signed in says so first, who is not signs in or up and comes back. */
export default function InvitationPage() {
  const { token = '' } = useParams();
  const { status, user } = useSession();
  const { signOut, question } = useSignOut();
  const { acceptInvitation } = useWorkspaceActions();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<{ code?: string; message: string } | null>(null);
  useTitle('Invitation');

  if (status === 'loading') return <SplashScreen />;
  const next = `?next=${encodeURIComponent(pathname)}`;
  if (status === 'signed-out' || !user) {
    return (
      <AuthFrame title="You are invited" lead="Sign in or create an account to join the workspace.">
        <div className="grid gap-2">
          <Link to={`/register${next}`} className="flex h-8 items-center justify-center rounded-md bg-accent font-medium text-accent-ink hover:bg-accent-hover">Create an account</Link>
          <Link to={`/login${next}`} className="flex h-8 items-center justify-center rounded-md border border-line-strong hover:bg-hover">Sign in</Link>
        </div>
      </AuthFrame>
    );
  }

  const accept = async () => {
    setBusy(true);
    setError(null);
    try {
      const workspace = await acceptInvitation(token);
      navigate(`/w/${workspace.id}`, { replace: true });
    } catch (reason) {
      setError(reason as Error);
      setBusy(false);
    }
  };
  const final = error?.code !== undefined && error.code in Reasons;
  return (
    <AuthFrame title="You are invited" lead="Join the workspace and see its board live.">
      <div className="grid gap-4">
        <FormError>{error && (Reasons[error.code ?? ''] ?? error.message)}</FormError>
        <div className="flex items-center gap-3">
          <Avatar id={user.id} name={user.name} size="lg" />
          <div className="min-w-0">
            <div className="truncate font-medium">{user.name}</div>
            <div className="truncate text-xs text-ink-3">{user.email}</div>
          </div>
        </div>
        {final ? (
          <Link to="/workspaces" className="flex h-8 items-center justify-center rounded-md border border-line-strong hover:bg-hover">Your workspaces</Link>
        ) : (
          <Button variant="primary" busy={busy} onClick={() => void accept()}>Join the workspace</Button>
        )}
        <Button variant="ghost" size="sm" onClick={signOut}>Not you? Sign out</Button>
        {question}
      </div>
    </AuthFrame>
  );
}
