// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useLocation } from 'react-router';
import { beforeEach, describe, expect, it } from 'vitest';
import { Patience, stubBrowser, visit, type Visit } from '../../testing/app';
import { FakeServer, ME, WS } from '../../testing/fakeServer';
import { useFilter } from '../filters/useFilter';
import { Board } from './Board';

function Page() {
  const { pathname } = useLocation();
  const { filter, active } = useFilter();
  return (
    <>
      <p data-testid="path">{pathname}</p>
      <Board filter={filter} filtered={active > 0} projectId={null} />
    </>
  );
}

describe('adding a task at the foot of a column', () => {
  const user = userEvent.setup();
  let server: FakeServer;
  let open: Visit;

  beforeEach(() => {
    server = new FakeServer();
    stubBrowser(server);
  });

  const board = async (search: string) => void (open = await visit(server, <Page />, { path: `/w/${WS}/board?${search}` }));
  async function add(title: string): Promise<void> {
    await user.click(screen.getAllByRole('button', { name: 'Add task' })[0]!);
    await user.keyboard(`${title}{Enter}`);
  }
  const todo = () => screen.getByRole('region', { name: /^To do/ }).getAttribute('aria-label');

  it('gives the focus back where nothing was added, and to the card that was added last', async () => {
    await board('');
    const opener = () => screen.getAllByRole('button', { name: 'Add task' })[0];
    await user.click(opener()!);
    await user.keyboard('{Escape}');
    expect(document.activeElement).toBe(opener());
    await add('New');
    await waitFor(() => expect(open.runtime.outbox.shown).toEqual([]), Patience);
    await user.keyboard('{Escape}');
    await waitFor(() => expect(document.activeElement?.closest('[data-card]')?.textContent).toContain('New'), Patience);
  });

  it('goes on in the field when the button was pressed', async () => {
    await board('');
    await user.click(screen.getAllByRole('button', { name: 'Add task' })[0]!);
    await user.keyboard('First');
    await user.click(screen.getByRole('button', { name: 'Add' }));
    await user.keyboard('Second{Enter}');
    await waitFor(() => expect([...server.tasks.values()].map((task) => task.title)).toEqual(['First', 'Second']), Patience);
  });

  it('takes what the filter leaves no choice about, so that the task shows', async () => {
    await board('priority=urgent&assignee=me&label=bug');
    await add('Fire');
    expect(todo()).toBe('To do, 1 task');
    await waitFor(() => expect([...server.tasks.values()]).toMatchObject([{ title: 'Fire', priority: 'urgent', assigneeId: ME.id, labels: ['bug'] }]), Patience);
  });

  it('says where the task went when the filter hides it', async () => {
    await board('priority=urgent,high');
    await add('Calm');
    expect(todo()).toBe('To do, 0 tasks');
    expect((await screen.findByText(/hidden by the filter/)).textContent).toBe('“Calm” was added, hidden by the filter');
    await waitFor(() => expect(server.tasks.size).toBe(1), Patience);
    await waitFor(() => expect(open.runtime.outbox.shown).toEqual([]), Patience);
    await user.click(screen.getByRole('button', { name: 'Open' }));
    expect(screen.getByTestId('path').textContent).toBe(`/w/${WS}/t/WEB-1`);
  });
});
