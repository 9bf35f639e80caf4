// @vitest-environment jsdom
import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { Announcer } from '../../ui/announcer';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer, WS } from '../../testing/fakeServer';
import { ActionBar } from './ActionBar';
import { clearSelection, selection, toggleSelected } from './focus';
import { TasksPage } from './TasksPage';

describe.each(['board', 'list'] as const)('what is selected on the %s', (view) => {
  const user = userEvent.setup();
  let server: FakeServer;

  beforeEach(async () => {
    server = new FakeServer();
    stubBrowser(server);
    clearSelection();
    for (const title of ['Red one', 'Red two', 'Blue three']) server.addTask(title);
    await visit(server, <><TasksPage view={view} /><ActionBar /><Announcer /></>, { path: `/w/${WS}/${view}` });
    await screen.findByRole('link', { name: /three/ }, Patience);
    act(() => ['t1', 't2', 't3'].forEach(toggleSelected));
  });

  const bar = () => screen.queryByRole('toolbar', { name: 'Selected tasks' });
  const spoken = () => document.querySelector('[aria-live="polite"]')!.textContent;

  it('is what a search leaves on the page, and so is what is done to it', async () => {
    expect(bar()!.textContent).toContain('3 selected');
    await user.type(screen.getByRole('searchbox'), 'red');
    await waitFor(() => expect(bar()!.textContent).toContain('2 selected'), Patience);
    expect(spoken()).toMatch(/2 selected, 1 no longer shown/);
    await user.click(screen.getByRole('button', { name: 'Delete' }));
    await waitFor(() => expect([...server.tasks.keys()]).toEqual(['t3']), Patience);

    await user.clear(screen.getByRole('searchbox'));
    await screen.findByRole('link', { name: /three/ }, Patience);
    expect(selection.get()).toEqual([]);
  });

  it('goes with what others change', async () => {
    await user.type(screen.getByRole('searchbox'), 'red');
    await waitFor(() => expect(selection.get()).toEqual(['t1', 't2']), Patience);
    act(() => void server.change('t2', { title: 'Green two' }));
    await waitFor(() => expect(selection.get()).toEqual(['t1']), Patience);
    act(() => void server.change('t1', { title: 'Green one' }));
    await waitFor(() => expect(bar()).toBeNull(), Patience);
    expect(spoken()).toMatch(/Nothing selected, 1 no longer shown/);
  });

  it('is counted aloud', () => {
    expect(spoken()).toMatch(/1 selected2 selected3 selected$/);
  });
});
