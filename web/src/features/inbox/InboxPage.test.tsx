// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer, OTHER, WS } from '../../testing/fakeServer';
import InboxPage from './InboxPage';

describe('the inbox', () => {
  const user = userEvent.setup();
  let server: FakeServer;

  beforeEach(() => {
    server = new FakeServer();
    stubBrowser(server);
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
