// @vitest-environment jsdom
import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { useUpdateTask } from '../data';
import WorkspacesPage from '../features/workspaces/WorkspacesPage';
import { Patience, stubBrowser, visit, type Visit } from '../testing/app';
import { FakeServer, ME, WS } from '../testing/fakeServer';
import { DraftScope, draftScope, useDraft } from '../ui/useDraft';

let update: ReturnType<typeof useUpdateTask>;

function Writing() {
  const [text, setText] = useDraft('note');
  update = useUpdateTask();
  return <textarea aria-label="Note" value={text} onChange={(event) => setText(event.target.value)} />;
}

describe('signing out', () => {
  const user = userEvent.setup();
  let server: FakeServer;
  let open: Visit;

  beforeEach(async () => {
    server = new FakeServer();
    stubBrowser(server);
    server.addTask('One');
    open = await visit(
      server,
      <>
        <DraftScope value={draftScope(ME.id, WS)}><Writing /></DraftScope>
        <WorkspacesPage />
      </>,
    );
  });

  const signOut = () => user.click(screen.getByRole('button', { name: 'Sign out' }));
  const drafts = () => Object.keys(localStorage).filter((key) => key.startsWith('taskflow.draft.'));

  it('takes no questions where nothing would be lost', async () => {
    await signOut();
    await waitFor(() => expect(open.session.current).toBeNull(), Patience);
  });

  it('asks before drafts go, and leaves none of them to the next person', async () => {
    localStorage.setItem(`taskflow.draft.${draftScope('u-other', WS)}note`, 'another person’s');
    await user.type(screen.getByLabelText('Note'), 'secret');
    expect(drafts()).toHaveLength(2);
    await signOut();
    expect((await screen.findByRole('dialog', {}, Patience)).textContent).toContain('There are drafts of yours. Signing out here drops them.');
    expect(open.session.current).not.toBeNull();
    await user.click(screen.getByRole('button', { name: 'Sign out and lose them' }));
    await waitFor(() => expect(open.session.current).toBeNull(), Patience);
    await waitFor(() => expect(drafts()).toEqual([`taskflow.draft.${draftScope('u-other', WS)}note`]), Patience);
  });

  it('asks before changes go that were not sent', async () => {
    server.isDown = true;
    act(() => void update('t1', { title: 'Mine' }));
    await waitFor(() => expect(open.runtime.outbox.unsent).toBe(1), Patience);
    await signOut();
    expect((await screen.findByRole('dialog', {}, Patience)).textContent).toContain('One change has not been sent yet. Signing out here drops it.');
  });
});
