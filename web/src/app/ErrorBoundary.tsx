import { Component, type ReactNode } from 'react';
import { Button } from '../ui/Button';

/** The last net: says that the page broke, keeps what was written, offers to load it anew. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    // A deploy took away the code this page still asks for.
    const outdated = /dynamically imported module|module script/i.test(error.message);
    return (
      <main role="alert" className="mx-auto flex min-h-dvh max-w-md flex-col items-center justify-center gap-3 px-6 text-center">
        <h1 className="text-lg font-semibold">{outdated ? 'TaskFlow has a new version' : 'This page broke'}</h1>
        <p className="text-ink-3">{outdated ? 'Load the page anew to go on. Drafts and unsent changes are kept.' : `${error.message} Drafts and unsent changes are kept.`}</p>
        <Button variant="primary" onClick={() => location.reload()}>
          Load anew
        </Button>
      </main>
    );
  }
}
