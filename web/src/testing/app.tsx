import { act, cleanup, render, waitFor, type RenderResult } from '@testing-library/react';
import type { ReactNode } from 'react';
import { MemoryRouter, type InitialEntry } from 'react-router';
import { afterEach, expect, vi } from 'vitest';
import { Api } from '../api/client';
import { Http } from '../api/http';
import { SessionStore } from '../api/session';
import { DataProvider, WorkspaceProvider } from '../data/provider';
import { DataRuntime } from '../data/runtime';
import { memoryStore, type KeyValueStore } from '../data/store';
import { ToastHost } from '../ui/toast';
import { FakeServer, ME, WS } from './fakeServer';

/** Longer than the app ever takes on a busy machine. */
export const Patience = { timeout: 15_000 };

const signedIn: SessionStore[] = [];

// For every test file that imports this: what runs on in a page that is gone would meet the next test.
afterEach(() => {
  act(() => signedIn.splice(0).forEach((session) => session.end()));
  cleanup();
  vi.unstubAllGlobals();
});

/** What jsdom lacks and the components use. */
export function stubBrowser(server: FakeServer): void {
  localStorage.clear();
  sessionStorage.clear();
  vi.stubGlobal('WebSocket', server.WebSocket);
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
  // Lists that draw only what is in view have a view.
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(90);
  Element.prototype.scrollIntoView ??= () => {};
  Element.prototype.scrollTo ??= () => {};
  Element.prototype.animate ??= (() => ({})) as never;
  // Reconnecting at once keeps the tests short; that it waits is tested where it is done.
  vi.spyOn(Math, 'random').mockReturnValue(0);
}

export interface Visit extends RenderResult {
  runtime: DataRuntime;
  session: SessionStore;
}

/** Shows something of a workspace to a person who is signed in, when the first data and the connection are there. They are signed out when the test is over. */
export async function visit(server: FakeServer, children: ReactNode, { path = `/w/${WS}/board`, store = memoryStore() }: { path?: InitialEntry; store?: KeyValueStore } = {}): Promise<Visit> {
  const session = new SessionStore();
  signedIn.push(session);
  session.begin({ accessToken: 'a', expiresIn: 900, refreshToken: 'r' }, ME);
  const runtime = new DataRuntime({ session, store, api: new Api(session, new Http(session, '', server.fetch)) });
  const view = render(
    <DataProvider runtime={runtime}>
      <MemoryRouter initialEntries={[path]}>
        <WorkspaceProvider workspaceId={WS}>{children}</WorkspaceProvider>
        <ToastHost />
      </MemoryRouter>
    </DataProvider>,
  );
  await waitFor(() => expect(runtime.workspace(WS).connection.status).toBe('live'), Patience);
  return { ...view, runtime, session };
}
