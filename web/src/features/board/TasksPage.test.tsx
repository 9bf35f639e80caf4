// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer, WS } from '../../testing/fakeServer';
import { TasksPage } from './TasksPage';

describe('the page of tasks', () => {
  const user = userEvent.setup();
  let server: FakeServer;

  beforeEach(() => {
    server = new FakeServer();
    stubBrowser(server);
  });

  const show = (view: 'board' | 'list', search: string) => visit(server, <TasksPage view={view} />, { path: `/w/${WS}/${view}?${search}` });

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
