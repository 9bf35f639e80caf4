// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer } from '../../testing/fakeServer';
import { Comments } from './Comments';

describe('writing a comment', () => {
  const user = userEvent.setup();
  let server: FakeServer;

  beforeEach(async () => {
    server = new FakeServer();
    stubBrowser(server);
    server.addTask('One');
    await visit(server, <Comments taskId="t1" setTyping={() => {}} />);
  });

  it('leaves the focus where the next one is written', async () => {
    const field = screen.getByLabelText('Write a comment');
    await user.type(field, 'Hello');
    await user.tab();
    await user.keyboard('{Enter}');
    await waitFor(() => expect(server.comments.get('t1')).toHaveLength(1), Patience);
    expect(document.activeElement).toBe(field);
  });
});
