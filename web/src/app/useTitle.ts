import { useEffect } from 'react';

/** Names the page for the tab, the history and screen readers. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    if (title) document.title = `${title} · TaskFlow`;
  }, [title]);
}
