import type { ReactNode } from 'react';
import { Logo } from '../../ui/Logo';

/** The page around signing in, signing up and accepting an invitation. */
export function AuthFrame({ title, lead, children, foot }: { title: string; lead?: ReactNode; children: ReactNode; foot?: ReactNode }) {
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center px-4 py-10">
      <div className="w-full max-w-88">
        <div className="mb-6 flex flex-col items-center gap-3 text-center">
          <Logo className="size-11" />
          <h1 className="text-xl font-semibold">{title}</h1>
          {lead && <p className="text-ink-3">{lead}</p>}
        </div>
        <div className="rounded-xl border border-line bg-surface p-5 shadow-card">{children}</div>
        {foot && <p className="mt-4 text-center text-ink-3">{foot}</p>}
      </div>
    </main>
  );
}

export const FormError = ({ children }: { children: ReactNode }) => (children ? <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-danger">{children}</p> : null);
