// @vitest-environment jsdom
import { act, screen, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { Route, Routes, useLocation } from 'react-router';
import { PageLocation } from '../../app/pageLocation';
import { keptKey } from '../../data/keptStates';
import { memoryStore } from '../../data/store';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer, ME, WS } from '../../testing/fakeServer';
import TaskPage from './TaskPage';

function Page() {
  const location = useLocation();
  return (
    <PageLocation value={location}>
      <Routes>
        <Route path="/w/:workspaceId/t/:taskKey" element={<TaskPage />} />
      </Routes>
    </PageLocation>
  );
}

describe('a link to a task', () => {
  let server: FakeServer;

  beforeEach(() => {
    server = new FakeServer();
    stubBrowser(server);
  });

  it('that is younger than what this browser kept is not called dead before the server has been asked', async () => {
    const store = memoryStore();
    const { members, projects, epoch } = server;
    const workspace = { id: WS, name: 'Acme', role: 'owner', head: 0, createdAt: '2026-01-01T00:00:00Z' };
    await store.set(keptKey(ME.id), { [WS]: { savedAt: Date.now(), state: { workspace, members, projects, tasks: [], head: 0, epoch } } });
    server.addTask('One');
    let letThrough = () => {};
    server.gate = { path: /realtime-token$/, open: new Promise((resolve) => (letThrough = resolve)) };
    const shown = visit(server, <Page />, { path: `/w/${WS}/t/WEB-1`, store });
    await screen.findByRole('status', {}, Patience);
    await act(() => new Promise((resolve) => setTimeout(resolve, 50)));
    expect(screen.queryByText(/is not here/)).toBeNull();
    letThrough();
    await shown;
    await screen.findByRole('region', { name: 'Task WEB-1' }, Patience);
  });

  it('is called dead when the server does not know the task either', async () => {
    await visit(server, <Page />, { path: `/w/${WS}/t/WEB-7` });
    await waitFor(() => expect(screen.getByText('WEB-7 is not here')).toBeDefined(), Patience);
  });
});
