import { useEffect, useState, type ReactNode } from 'react';
import { Button } from './Button';
import { cx } from './cx';

/** True once `ms` have passed: what loads quickly shows no skeleton at all. */
export function useDelayed(ms = 150): boolean {
  const [passed, setPassed] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setPassed(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return passed;
}

export function Delayed({ children }: { children: ReactNode }) {
  return useDelayed() ? children : null;
}

export const Skeleton = ({ className }: { className?: string }) => <div aria-hidden="true" className={cx('animate-pulse-soft rounded-md bg-hover', className)} />;

interface StateProps {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: { label: string; onClick(): void };
  alert?: boolean;
  /** It is all there is on the page: its title is the page's. */
  whole?: boolean;
}

/** An empty or failed place: what it is, and the one thing to do about it. */
export function EmptyState({ icon, title, children, action, alert, whole }: StateProps) {
  const Title = whole ? 'h1' : 'h2';
  return (
    <div role={alert ? 'alert' : undefined} className="mx-auto flex max-w-sm flex-col items-center gap-2 px-6 py-14 text-center">
      {icon && <div className="mb-1 flex size-10 items-center justify-center rounded-xl bg-hover text-ink-3">{icon}</div>}
      <Title className="text-base font-semibold">{title}</Title>
      {children && <div className="text-ink-3">{children}</div>}
      {action && (
        <Button variant={alert ? 'secondary' : 'primary'} className="mt-2" onClick={action.onClick}>
          {action.label}
        </Button>
      )}
    </div>
  );
}

export function ErrorState({ title = 'That did not load', error, onRetry, whole }: { title?: string; error: unknown; onRetry(): void; whole?: boolean }) {
  return (
    <EmptyState alert whole={whole} title={title} action={{ label: 'Retry', onClick: onRetry }}>
      {error instanceof Error ? error.message : 'Something went wrong.'}
    </EmptyState>
  );
}
