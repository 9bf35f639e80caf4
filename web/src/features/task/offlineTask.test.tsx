// @vitest-environment jsdom
import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useLocation, useNavigate } from 'react-router';
import { beforeEach, describe, expect, it } from 'vitest';
import { useCreateTask } from '../../data';
import { PageLocation, type LocationState } from '../../app/pageLocation';
import { Patience, stubBrowser, visit, type Visit } from '../../testing/app';
import { FakeServer, ME, WS } from '../../testing/fakeServer';
import { DraftScope, draftScope } from '../../ui/useDraft';
import { Reactions } from '../connection/Reactions';
import TaskPanel from './TaskPanel';

let create: ReturnType<typeof useCreateTask>;
let navigate: ReturnType<typeof useNavigate>;

function Page() {
  const location = useLocation();
  create = useCreateTask();
  navigate = useNavigate();
  return (
    <DraftScope value={draftScope(ME.id, WS)}>
      <PageLocation value={location}>
        <p data-testid="path">{location.pathname}</p>
        {(location.state as LocationState | null)?.background && <TaskPanel />}
        <Reactions />
      </PageLocation>
    </DraftScope>
  );
}

describe('a task that was made offline', () => {
  const user = userEvent.setup();
  let server: FakeServer;
  let open: Visit;

  beforeEach(async () => {
    server = new FakeServer();
    stubBrowser(server);
    open = await visit(server, <Page />);
  });

  it('goes on being written in while it gets its number', async () => {
    server.isDown = true;
    let localId = '';
    act(() => void (localId = create({ projectId: 'p1', title: 'New' }).subjectId));
    const background = { pathname: `/w/${WS}/board`, search: '', hash: '', state: null, key: 'b' } as LocationState['background'];
    act(() => void navigate(`/w/${WS}/t/${localId}`, { state: { background } satisfies LocationState }));
    await user.type(await screen.findByLabelText('Write a comment', {}, Patience), 'said');
    await user.click(await screen.findByRole('button', { name: 'Add a description…' }, Patience));
    const editor = await screen.findByRole<HTMLTextAreaElement>('textbox', { name: /Description/ });
    await user.type(editor, 'half a sen');

    server.isDown = false;
    act(() => open.runtime.outbox.wake());
    await waitFor(() => expect(screen.getByTestId('path').textContent).toBe(`/w/${WS}/t/WEB-1`), Patience);
    expect(document.activeElement).toBe(editor);
    await user.keyboard('tence');
    expect(Object.keys(localStorage).filter((key) => key.startsWith('taskflow.draft.')).sort()).toEqual(
      ['comment', 'description'].map((kind) => `taskflow.draft.${draftScope(ME.id, WS)}${kind}.t1`),
    );
    expect(screen.getByLabelText<HTMLTextAreaElement>('Write a comment').value).toBe('said');
    await user.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(server.tasks.get('t1')!.description).toBe('half a sentence'), Patience);
  });
});
