// @vitest-environment jsdom
import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { Announcer } from '../../ui/announcer';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer, WS } from '../../testing/fakeServer';
import { currentCard } from '../board/focus';
import { TasksPage } from '../board/TasksPage';

describe('the filter bar', () => {
  const user = userEvent.setup();
  let server: FakeServer;

  beforeEach(() => {
    server = new FakeServer();
    stubBrowser(server);
    currentCard.set(null);
    server.addTask('One');
  });

  const show = (search: string, view: 'board' | 'list' = 'board') => visit(server, <><TasksPage view={view} /><Announcer /></>, { path: `/w/${WS}/${view}?${search}` });
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

  it.each(['board', 'list'] as const)('goes with Enter to the first card that what was typed finds, on the %s', async (view) => {
    server.addTask('Two');
    server.addTask('Two more');
    await show('', view);
    await screen.findByRole('link', { name: /One/ }, Patience);
    await user.type(screen.getByRole('searchbox'), 'two{Enter}');
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('link', { name: /Two$/ })), Patience);
    expect(screen.queryByRole('link', { name: /One/ })).toBeNull();
  });

  it('stays in the field with Enter where nothing is found, or where the writing goes on', async () => {
    server.addTask('Two');
    await show('');
    await screen.findByRole('link', { name: /One/ }, Patience);
    const field = screen.getByRole('searchbox');
    await user.type(field, 'zebra{Enter}');
    await waitFor(() => expect(screen.queryByRole('link', { name: /One/ })).toBeNull(), Patience);
    expect(document.activeElement).toBe(field);
    act(() => {
      fireEvent.change(field, { target: { value: 't' } });
      fireEvent.keyDown(field, { key: 'Enter' });
      fireEvent.change(field, { target: { value: 'two' } });
    });
    await waitFor(() => expect(screen.queryByRole('link', { name: /One/ })).toBeNull(), Patience);
    await screen.findByRole('link', { name: /Two/ }, Patience);
    expect(document.activeElement).toBe(field);
    expect(field).toHaveProperty('value', 'two');
  });

  it('says how many tasks are left', async () => {
    server.addTask('Two');
    await show('');
    await screen.findByRole('link', { name: /One/ }, Patience);
    const spoken = () => document.querySelector('[aria-live="polite"]')!.textContent;
    await user.type(screen.getByRole('searchbox'), 'two');
    await waitFor(() => expect(spoken()).toMatch(/1 task shown$/), Patience);
    await user.keyboard('x');
    await waitFor(() => expect(spoken()).toMatch(/1 task shownNo tasks shown$/), Patience);
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
