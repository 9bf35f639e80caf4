// @vitest-environment jsdom
import { act, screen, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { useUpdateTask } from '../../data';
import { Patience, stubBrowser, visit, type Visit } from '../../testing/app';
import { FakeServer } from '../../testing/fakeServer';
import { ConnectionBanner } from './ConnectionBanner';

let update: ReturnType<typeof useUpdateTask>;

function App() {
  update = useUpdateTask();
  return <ConnectionBanner />;
}

describe('the line about the connection', () => {
  let server: FakeServer;
  let open: Visit;

  beforeEach(async () => {
    server = new FakeServer();
    stubBrowser(server);
    server.addTask('One');
    open = await visit(server, <App />);
  });

  it('says that changes wait though events still come', async () => {
    server.isDown = true;
    act(() => void update('t1', { title: 'Mine' }));
    await screen.findByText('1 change waits to be sent.', {}, Patience);
    expect(open.runtime.workspace('w1').connection.status).toBe('live');
    server.isDown = false;
    act(() => open.runtime.outbox.wake());
    await waitFor(() => expect(screen.queryByText(/waits to be sent/)).toBeNull(), Patience);
  });
});
