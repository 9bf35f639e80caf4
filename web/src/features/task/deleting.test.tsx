// @vitest-environment jsdom
import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useEffect } from 'react';
import { beforeEach, describe, expect, it } from 'vitest';
import { Route, Routes, useLocation } from 'react-router';
import { useBoard } from '../../data';
import { PageLocation, type LocationState } from '../../app/pageLocation';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer, WS } from '../../testing/fakeServer';
import { currentCard, visibleOrder } from '../board/focus';
import TaskPanel from './TaskPanel';

/** The board's order, and a task beside it while the address says so. */
function Page() {
  const location = useLocation();
  const columns = useBoard({});
  useEffect(() => visibleOrder.set(columns.flatMap((column) => column.ids)), [columns]);
  const background = (location.state as LocationState | null)?.background;
  return <PageLocation value={location}>{background && <TaskPanel />}</PageLocation>;
}

describe('deleting a task that is open', () => {
  const user = userEvent.setup();
  let server: FakeServer;

  beforeEach(() => {
    server = new FakeServer();
    stubBrowser(server);
    for (const title of ['One', 'Two']) server.addTask(title);
  });

  async function openTask(): Promise<void> {
    const state: LocationState = { background: { pathname: `/w/${WS}/board`, search: '', hash: '', state: null, key: 'b' } as LocationState['background'] };
    await visit(server, <Routes><Route path="*" element={<Page />} /></Routes>, { path: { pathname: `/w/${WS}/t/WEB-1`, state } });
    await screen.findByRole('region', { name: 'Task WEB-1' }, Patience);
  }
  const remove = () => act(() => void document.dispatchEvent(new CustomEvent('taskflow:delete')));
  const isGone = () => waitFor(() => expect(server.tasks.has('t1')).toBe(false), Patience);

  it('asks first while its comments are being loaded', async () => {
    server.comment('t1', 'Keep this');
    let letThrough = () => {};
    server.gate = { path: /comments$/, open: new Promise((resolve) => (letThrough = resolve)) };
    await openTask();
    remove();
    letThrough();
    expect((await screen.findByRole('dialog', {}, Patience)).textContent).toContain('with it');
    expect(server.tasks.has('t1')).toBe(true);
  });

  it('asks first where its comments did not load', async () => {
    server.next = { path: /comments$/, answer: { status: 400, body: { code: 'validation_failed' } } };
    await openTask();
    await screen.findByText('The comments did not load', {}, Patience);
    server.next = { path: /comments$/, answer: { status: 400, body: { code: 'validation_failed' } } };
    remove();
    await user.click(await screen.findByRole('button', { name: 'Delete' }, Patience));
    await isGone();
  });

  it('asks nothing where there are no comments, and leaves the focus on its neighbour', async () => {
    await openTask();
    await screen.findByText(/^No comments yet/, {}, Patience);
    remove();
    await isGone();
    await waitFor(() => expect(screen.queryByRole('region', { name: /Task/ })).toBeNull(), Patience);
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(currentCard.get()).toBe('t2');
  });
});
