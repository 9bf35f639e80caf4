// @vitest-environment jsdom
import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { BrowserRouter, Route, Routes, useLocation, useNavigate } from 'react-router';
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
import TaskPage from './TaskPage';
import TaskPanel from './TaskPanel';

const beneath = vi.fn();
let navigate: ReturnType<typeof useNavigate>;

function Page() {
  const location = useLocation();
  const background = (location.state as LocationState | null)?.background;
  navigate = useNavigate();
  return (
    <PageLocation value={location}>
      <p data-testid="path">{location.pathname}</p>
      <button type="button" onClick={beneath}>Beneath</button>
      {!background && location.pathname.includes('/t/') && (
        <Routes>
          <Route path="/w/:workspaceId/t/:taskKey" element={<TaskPage />} />
        </Routes>
      )}
      {background && <TaskPanel />}
    </PageLocation>
  );
}

describe('closing a task', () => {
  beforeEach(() => {
    beneath.mockClear();
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

  it('is all that a double click does, whatever lies beneath', async () => {
    act(() => void navigate(`/w/${WS}/board`));
    await open();
    fireEvent.click(screen.getByRole('button', { name: 'Close' }), { detail: 1, clientX: 1240, clientY: 24 });
    await waitFor(() => expect(shown()).toBeNull(), Patience);
    const under = screen.getByRole('button', { name: 'Beneath' });
    const press = { detail: 2, clientX: 1241, clientY: 25 };
    expect(fireEvent.mouseDown(under, press)).toBe(false);
    fireEvent.click(under, press);
    expect(beneath).not.toHaveBeenCalled();

    fireEvent.click(under, { detail: 1, clientX: 1140, clientY: 24 });
    expect(beneath).toHaveBeenCalledTimes(1);
    fireEvent.click(under, { detail: 0, clientX: 1241, clientY: 25 });
    expect(beneath).toHaveBeenCalledTimes(2);
    await new Promise((resolve) => setTimeout(resolve, 600));
    fireEvent.click(under, press);
    expect(beneath).toHaveBeenCalledTimes(3);
  });

  it('adds nothing to the history where the task is the page, however often', async () => {
    act(() => void navigate(`/w/${WS}/t/WEB-1`));
    await waitFor(() => expect(shown()).not.toBeNull(), Patience);
    const before = history.length;
    act(() => {
      fireEvent.keyDown(document.body, { key: 'Escape' });
      fireEvent.keyDown(document.body, { key: 'Escape' });
    });
    await waitFor(() => expect(path()).toBe(`/w/${WS}/board`), Patience);
    expect(history.length).toBe(before);
  });
});
