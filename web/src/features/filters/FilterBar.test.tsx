// @vitest-environment jsdom
import { fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer, WS } from '../../testing/fakeServer';
import { TasksPage } from '../board/TasksPage';

describe('the filter bar', () => {
  const user = userEvent.setup();
  let server: FakeServer;

  beforeEach(() => {
    server = new FakeServer();
    stubBrowser(server);
    server.addTask('One');
  });

  const show = (search: string) => visit(server, <TasksPage view="board" />, { path: `/w/${WS}/board?${search}` });
  const press = async (name: string) => {
    screen.getByRole('button', { name }).focus();
    await user.keyboard('{Enter}');
  };

  it('keeps the focus when the pressed button goes with what it took away', async () => {
    await show('q=one&label=bug&priority=high');
    await press('Clear the search');
    expect(document.activeElement).toBe(screen.getByRole('searchbox'));
    await press('Remove the filter Label');
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Filter' }));
    await press('Clear all');
    expect(screen.queryByRole('button', { name: 'Clear all' })).toBeNull();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Filter' }));
  });

  it('leaves Enter to the letters that are being composed', async () => {
    await show('');
    await screen.findByRole('link', { name: /One/ }, Patience);
    const field = screen.getByRole('searchbox');
    field.focus();
    fireEvent.keyDown(field, { key: 'Enter', isComposing: true });
    expect(document.activeElement).toBe(field);
    fireEvent.keyDown(field, { key: 'Enter' });
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('link', { name: /One/ })), Patience);
  });
});
