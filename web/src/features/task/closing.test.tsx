// @vitest-environment jsdom
import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { BrowserRouter, useLocation, useNavigate } from 'react-router';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { PageLocation, type LocationState } from '../../app/pageLocation';
import { Api } from '../../api/client';
import { Http } from '../../api/http';
import { SessionStore } from '../../api/session';
import { DataProvider, WorkspaceProvider } from '../../data/provider';
import { DataRuntime } from '../../data/runtime';
import { memoryStore } from '../../data/store';
import { Patience, stubBrowser } from '../../testing/app';
import { FakeServer, ME, WS } from '../../testing/fakeServer';
import TaskPanel from './TaskPanel';

let navigate: ReturnType<typeof useNavigate>;

function Page() {
  const location = useLocation();
  navigate = useNavigate();
  return (
    <PageLocation value={location}>
      <p data-testid="path">{location.pathname}</p>
      {(location.state as LocationState | null)?.background && <TaskPanel />}
    </PageLocation>
  );
}

describe('closing a task', () => {
  beforeEach(() => {
    const server = new FakeServer();
    stubBrowser(server);
    server.addTask('One');
    const session = new SessionStore();
    session.begin({ accessToken: 'a', expiresIn: 900, refreshToken: 'r' }, ME);
    const runtime = new DataRuntime({ session, store: memoryStore(), api: new Api(session, new Http(session, '', server.fetch)) });
    history.replaceState(null, '', `/w/${WS}/inbox`);
    render(
      <DataProvider runtime={runtime}>
        <BrowserRouter>
          <WorkspaceProvider workspaceId={WS}><Page /></WorkspaceProvider>
        </BrowserRouter>
      </DataProvider>,
    );
    return () => act(() => session.end());
  });

  const path = () => screen.getByTestId('path').textContent;
  const shown = () => screen.queryByRole('region', { name: 'Task WEB-1' });
  async function open(): Promise<void> {
    const background = { pathname: `/w/${WS}/board`, search: '', hash: '', state: null, key: 'b' } as LocationState['background'];
    act(() => void navigate(`/w/${WS}/t/WEB-1`, { state: { background } satisfies LocationState }));
    await waitFor(() => expect(shown()).not.toBeNull(), Patience);
  }

  it.each([
    ['Esc', () => fireEvent.keyDown(document.body, { key: 'Escape' })],
    ['its button', () => fireEvent.click(screen.getByRole('button', { name: 'Close' }))],
  ])('leads to the page behind it and no further, though %s is pressed twice', async (_, press) => {
    act(() => void navigate(`/w/${WS}/board`));
    const back = vi.spyOn(history, 'go');
    for (let turn = 1; turn <= 2; turn++) {
      await open();
      press();
      press();
      await waitFor(() => expect(shown()).toBeNull(), Patience);
      expect(path()).toBe(`/w/${WS}/board`);
      expect(back).toHaveBeenCalledTimes(turn);
    }
    back.mockRestore();
  });
});
