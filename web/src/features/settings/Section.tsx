import type { ReactNode } from 'react';

export function Section({ title, description, children }: { title: string; description?: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="text-base font-semibold">{title}</h2>
      {description && <p className="text-ink-3">{description}</p>}
      <div className="mt-3 rounded-xl border border-line bg-surface px-4 py-2 shadow-card">{children}</div>
    </section>
  );
}
