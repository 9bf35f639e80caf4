import { Suspense, useState, type ReactNode } from 'react';
import { useAuth, useSession, useUndelivered } from '../data';
import { forgetDrafts, hasDrafts } from '../ui/useDraft';
import { lazyPart } from './lazy';

const ConfirmDialog = lazyPart(() => import('../ui/ConfirmDialog'));

/** Signs out and leaves nothing the person wrote in this browser; asks first where something would be lost. `question` has to be drawn. */
export function useSignOut(): { signOut(): void; question: ReactNode } {
  const userId = useSession().user?.id ?? '';
  const { logout } = useAuth();
  const undelivered = useUndelivered();
  const [asking, setAsking] = useState(false);
  const leave = () => logout().finally(() => forgetDrafts(userId));

  const changes = undelivered === 0 ? null : undelivered === 1 ? 'One change has not been sent yet' : `${undelivered} changes have not been sent yet`;
  const losses = [changes, hasDrafts(userId) ? 'There are drafts of yours' : null].filter((each) => each !== null);
  return {
    signOut: () => (undelivered > 0 || hasDrafts(userId) ? setAsking(true) : void leave()),
    question: asking && (
      <Suspense fallback={null}>
        <ConfirmDialog open onOpenChange={setAsking} title="Sign out?" action="Sign out and lose them" onConfirm={leave}>
          {losses.join('. ')}. Signing out here drops {undelivered === 1 && losses.length === 1 ? 'it' : 'them'}.
        </ConfirmDialog>
      </Suspense>
    ),
  };
}
