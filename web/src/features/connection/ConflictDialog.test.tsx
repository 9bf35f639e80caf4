// @vitest-environment jsdom
import { act, cleanup, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Api } from '../../api/client';
import { Http } from '../../api/http';
import { SessionStore } from '../../api/session';
import { useConnectionState, useUpdateTask, type TaskPatch } from '../../data';
import { DataProvider, WorkspaceProvider } from '../../data/provider';
import { DataRuntime } from '../../data/runtime';
import { memoryStore } from '../../data/store';
import { FakeServer, ME, WS } from '../../testing/fakeServer';
import { ConflictChip } from './ConflictChip';
import ConflictDialog from './ConflictDialog';

const hooks = {} as { update: ReturnType<typeof useUpdateTask>; connection: ReturnType<typeof useConnectionState> };

function App() {
  Object.assign(hooks, { update: useUpdateTask(), connection: useConnectionState() });
  return (
    <>
      <ConflictChip />
      <ConflictDialog />
    </>
  );
}

describe('the question about a change that met another one', () => {
  const Patience = { timeout: 15_000 };
  let server: FakeServer;
  let session: SessionStore;

  beforeEach(() => {
    server = new FakeServer();
    session = new SessionStore();
    localStorage.clear();
    sessionStorage.clear();
    vi.stubGlobal('WebSocket', server.WebSocket);
    vi.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => {
    act(() => session.end());
    cleanup();
    vi.unstubAllGlobals();
  });

  /** The person changes something offline, others change the task meanwhile, and the connection comes back. */
  async function meet(mine: TaskPatch, meanwhile: (taskId: string) => void, also?: () => void): Promise<HTMLElement> {
    const task = server.addTask('One');
    session.begin({ accessToken: 'a', expiresIn: 900, refreshToken: 'r' }, ME);
    const runtime = new DataRuntime({ session, store: memoryStore(), api: new Api(session, new Http(session, '', server.fetch)) });
    render(
      <DataProvider runtime={runtime}>
        <WorkspaceProvider workspaceId={WS}>
          <App />
        </WorkspaceProvider>
      </DataProvider>,
    );
    await waitFor(() => expect(hooks.connection.status).toBe('live'), Patience);
    server.isDown = true;
    act(() => server.disconnect());
    act(() => void hooks.update(task.id, mine));
    await waitFor(() => expect(hooks.connection.unsent).toBe(1), Patience);
    act(() => also?.());
    act(() => meanwhile(task.id));
    server.isDown = false;
    return screen.findByRole('dialog', {}, Patience);
  }

  const side = (dialog: HTMLElement, field: string) => within(within(dialog).getByRole('region', { name: field }));

  it('says who made the other change, and when', async () => {
    const dialog = await meet({ title: 'Mine' }, (id) => server.change(id, { title: 'Theirs' }));
    await waitFor(() => expect(dialog.textContent).toContain('Otto changed the same.'), Patience);
    const title = side(dialog, 'title');
    expect(title.getByText('Otto')).toBeDefined();
    const time = title.getByText('just now');
    expect(time.getAttribute('datetime')).toBe(server.log.at(-1)!.timestamp);
  });

  it('names the one who set what is shown, not whoever changed the task last or set the same field before', async () => {
    const [kim, lea] = ['Kim', 'Lea'].map((name) => ({ id: `u-${name}`, email: `${name}@example.com`, name }));
    const dialog = await meet({ title: 'Mine', status: 'done' }, (id) => {
      server.change(id, { title: 'Not theirs any more' }, lea);
      server.change(id, { title: 'Theirs' });
      server.change(id, { status: 'in_review' }, kim);
      server.change(id, { priority: 'high' }, lea);
    });
    await waitFor(() => expect(dialog.textContent).toContain('Otto and Kim changed the same.'), Patience);
    expect(side(dialog, 'title').getByText('Otto')).toBeDefined();
    expect(side(dialog, 'status').getByText('Kim')).toBeDefined();
    expect(dialog.textContent).not.toContain('Lea');
  });

  it('tells the person’s own change from those of others', async () => {
    const dialog = await meet({ title: 'Mine', status: 'done' }, (id) => {
      server.change(id, { title: 'Also mine' }, ME);
      server.change(id, { status: 'in_review' });
    });
    await waitFor(() => expect(dialog.textContent).toContain('Otto and you yourself changed the same.'), Patience);
  });

  it('does not take the person for somebody else who changed the same on another device', async () => {
    const dialog = await meet({ title: 'Mine' }, (id) => server.change(id, { title: 'Also mine' }, ME));
    await waitFor(() => expect(dialog.textContent).toContain('You changed the same somewhere else.'), Patience);
    expect(side(dialog, 'title').getByText('You, somewhere else')).toBeDefined();
  });

  it('can be put off one by one, and stays in sight until each is decided', async () => {
    const other = server.addTask('Another');
    const chip = () => screen.queryByRole('button', { name: /to resolve/ });
    const user = userEvent.setup();
    const dialog = await meet({ title: 'Mine' }, (id) => {
      server.change(id, { title: 'Theirs' });
      server.change(other.id, { title: 'Theirs too' });
    }, () => hooks.update(other.id, { title: 'Mine too' }));
    const first = within(dialog).getByRole('heading', { level: 2 }).textContent;
    expect(chip()).toBeNull();
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.getByRole('dialog').textContent).not.toContain(first), Patience);
    await user.keyboard('{Escape}');
    await waitFor(() => expect(chip()?.textContent).toBe('2 conflicts to resolve'), Patience);
    await user.click(chip()!);
    await user.click(await screen.findByRole('button', { name: 'Keep mine' }));
    await user.click(await screen.findByRole('button', { name: 'Keep mine' }));
    await waitFor(() => expect([...server.tasks.values()].map((task) => task.title).sort()).toEqual(['Mine', 'Mine too']), Patience);
    expect(chip()).toBeNull();
  });

  it('asks all the same where the history does not tell who it was', async () => {
    server.next = { path: /activity$/, answer: { status: 400, body: { code: 'validation_failed' } } };
    const dialog = await meet({ title: 'Mine' }, (id) => server.change(id, { title: 'Theirs' }));
    await waitFor(() => expect(server.requests.some((each) => each.path.endsWith('/activity'))).toBe(true), Patience);
    expect(dialog.textContent).toContain('The same was changed meanwhile. Which one should stay?');
    expect(side(dialog, 'title').getByText('The other change')).toBeDefined();
    expect(within(dialog).getByRole('button', { name: 'Keep the other' })).toBeDefined();
  });
});
