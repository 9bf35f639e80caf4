import { useMemo, useSyncExternalStore } from 'react';
import { useRuntime } from '../context';
import type { Session, User } from '../types';

const SIGNED_OUT: Session = { status: 'signed-out', user: null };
const signedIn = new WeakMap<User, Session>();

export function useSession(): Session {
  const { session } = useRuntime();
  return useSyncExternalStore(session.subscribe, () => {
    const user = session.current?.user;
    if (!user) return SIGNED_OUT;
    const known = signedIn.get(user) ?? { status: 'signed-in', user };
    signedIn.set(user, known);
    return known;
  });
}

/** Each rejects with an ApiError: `code`, `message` for people, `fields` for a form. */
export function useAuth(): {
  login(input: { email: string; password: string }): Promise<User>;
  register(input: { email: string; password: string; name: string }): Promise<User>;
  /** Signs out in all tabs and forgets unsent changes: ask first when `useUndelivered() > 0`. */
  logout(): Promise<void>;
} {
  const runtime = useRuntime();
  return useMemo(
    () => ({
      login: (input) => runtime.api.login(input),
      register: (input) => runtime.api.register(input),
      logout: () => runtime.logout(),
    }),
    [runtime],
  );
}
