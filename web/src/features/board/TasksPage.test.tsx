// @vitest-environment jsdom
import { act, cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Patience, stubBrowser, visit, type Visit } from '../../testing/app';
import { FakeServer, WS } from '../../testing/fakeServer';
import { TasksPage } from './TasksPage';

describe('the page of tasks', () => {
  const user = userEvent.setup();
  let server: FakeServer;
  let open: Visit;

  beforeEach(() => {
    server = new FakeServer();
    stubBrowser(server);
  });
  afterEach(() => {
    act(() => open.session.end());
    cleanup();
    vi.unstubAllGlobals();
  });

  const show = async (view: 'board' | 'list', search: string) => void (open = await visit(server, <TasksPage view={view} />, { path: `/w/${WS}/${view}?${search}` }));

  it('says that a project is gone instead of showing the tasks of all', async () => {
    server.addTask('One');
    await show('board', 'project=OLD');
    await screen.findByText('Project OLD is gone', {}, Patience);
    expect(screen.queryByRole('link', { name: /One/ })).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Show all tasks' }));
    await screen.findByRole('link', { name: /One/ }, Patience);
  });

  it('speaks of a filter only where there is one', async () => {
    await show('list', 'project=WEB');
    await screen.findByText('No tasks yet', {}, Patience);
    await user.type(screen.getByRole('searchbox'), 'zebra');
    await waitFor(() => expect(screen.getByText('No task matches')).toBeDefined(), Patience);
  });
});
