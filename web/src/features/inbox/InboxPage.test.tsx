// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer, OTHER, WS } from '../../testing/fakeServer';
import type { Notification } from '../../data';
import InboxPage from './InboxPage';

describe('the inbox', () => {
  const user = userEvent.setup();
  let server: FakeServer;

  beforeEach(() => {
    server = new FakeServer();
    stubBrowser(server);
  });

  it('says why nothing older came, and tries again', async () => {
    const note = (id: string): Notification => ({ id, kind: 'mention', workspaceId: WS, taskId: 't1', text: `Note ${id}`, by: OTHER, createdAt: '2026-01-01T00:00:00Z', read: true });
    const rest = server.fetch;
    let older = () => Response.json({ title: 'The database is away', code: 'internal' }, { status: 500 });
    server.fetch = async (input, init) => {
      const { pathname, searchParams } = new URL(String(input), 'http://app');
      if (pathname !== '/api/notifications') return rest(input, init);
      return searchParams.has('cursor') ? older() : Response.json({ data: [note('n1')], nextCursor: 'c1' });
    };
    await visit(server, <InboxPage />, { path: `/w/${WS}/inbox` });
    const button = await screen.findByRole('button', { name: 'Show older' }, Patience);
    await user.click(button);
    await waitFor(() => expect(screen.getByRole('region', { name: 'Messages' }).textContent).not.toBe(''), Patience);
    older = () => Response.json({ data: [note('n0')], nextCursor: null });
    await user.click(button);
    await screen.findByRole('link', { name: /Note n0/ }, Patience);
    expect(screen.queryByRole('button', { name: 'Show older' })).toBeNull();
  });

  it('keeps the focus in the row that is marked as read', async () => {
    server.notifications = [{ id: 'n1', kind: 'mention', workspaceId: WS, taskId: 't1', text: 'Otto named you', by: OTHER, createdAt: '2026-01-01T00:00:00Z', read: false }];
    await visit(server, <InboxPage />, { path: `/w/${WS}/inbox` });
    (await screen.findByRole('button', { name: 'Mark as read' }, Patience)).focus();
    server.next = { path: /notifications\/read$/, answer: { status: 204 } };
    await user.keyboard('{Enter}');
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Mark as read' })).toBeNull(), Patience);
    expect(document.activeElement).toBe(screen.getByRole('link', { name: /Otto named you/ }));
  });
});
