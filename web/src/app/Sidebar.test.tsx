// @vitest-environment jsdom
import { screen, within } from '@testing-library/react';
import { Route, Routes } from 'react-router';
import { beforeEach, describe, expect, it } from 'vitest';
import SettingsPage from '../features/settings/SettingsPage';
import { Patience, stubBrowser, visit } from '../testing/app';
import { FakeServer, WS } from '../testing/fakeServer';
import { Sidebar } from './Sidebar';

describe('the sidebar', () => {
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

  it('leads to settings that begin with a page', async () => {
    await visit(server, <Routes><Route path="/w/:workspaceId/settings/:tab?" element={<SettingsPage />} /></Routes>, { path: `/w/${WS}/settings` });
    expect(current('Settings')).toEqual(['Preferences']);
  });
});
