// @vitest-environment jsdom
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Route, Routes } from 'react-router';
import { beforeEach, describe, expect, it } from 'vitest';
import SettingsPage from '../features/settings/SettingsPage';
import { Patience, stubBrowser, visit } from '../testing/app';
import { FakeServer, WS } from '../testing/fakeServer';
import { AppRoutes } from './routes';
import { Sidebar } from './Sidebar';

describe('the sidebar', () => {
  const user = userEvent.setup();
  let server: FakeServer;

  beforeEach(() => {
    server = new FakeServer();
    stubBrowser(server);
  });

  const current = (name: string) => within(screen.getByRole('navigation', { name })).queryAllByRole('link', { current: 'page' }).map((link) => link.textContent);

  it.each([
    ['board', 'All tasks'],
    ['list?assignee=me', 'My tasks'],
    ['board?project=WEB', 'WebWEB'],
    ['inbox', 'Inbox'],
    ['settings/notifications', 'Settings'],
    ['settings/members', 'Members'],
  ])('at %s says that one is at %s and nowhere else', async (path, place) => {
    await visit(server, <Sidebar />, { path: `/w/${WS}/${path}` });
    await screen.findByRole('link', { name: /^Web/ }, Patience);
    expect(current('Places')).toEqual([place]);
  });

  it('takes the focus as a drawer, alone, and gives it back', async () => {
    await visit(server, <AppRoutes />, { path: `/w/${WS}/projects` });
    const menu = await screen.findByRole('button', { name: 'Open the menu' }, Patience);
    expect(menu.getAttribute('aria-expanded')).toBe('false');
    const drawer = screen.getByRole('complementary', { name: 'Workspace' });
    await user.click(menu);
    expect(menu.getAttribute('aria-expanded')).toBe('true');
    expect(drawer.contains(document.activeElement)).toBe(true);
    expect(document.querySelector('main')!.hasAttribute('inert')).toBe(true);
    await user.keyboard('{Escape}');
    expect(document.querySelector('main')!.hasAttribute('inert')).toBe(false);
    expect(document.activeElement).toBe(menu);

    await user.click(menu);
    await user.click(screen.getByRole('link', { name: 'Settings' }));
    await screen.findByRole('heading', { level: 1, name: 'Settings' }, Patience);
    expect(document.querySelector('main')!.hasAttribute('inert')).toBe(false);
    expect(document.querySelector('main')!.contains(document.activeElement)).toBe(true);
  });

  it('leaves Esc to the task behind it only when it is closed', async () => {
    server.addTask('One');
    await visit(server, <AppRoutes />, { path: `/w/${WS}/t/WEB-1` });
    await user.click(await screen.findByRole('button', { name: 'Open the menu' }, Patience));
    await user.keyboard('{Escape}');
    expect(screen.getByRole('region', { name: 'Task WEB-1' })).toBeDefined();
  });

  it('leads to settings that begin with a page', async () => {
    await visit(server, <Routes><Route path="/w/:workspaceId/settings/:tab?" element={<SettingsPage />} /></Routes>, { path: `/w/${WS}/settings` });
    expect(current('Settings')).toEqual(['Preferences']);
  });
});
