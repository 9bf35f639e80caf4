// @vitest-environment jsdom
import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer } from '../../testing/fakeServer';
import { Reactions } from '../connection/Reactions';
import TaskList from '../list/TaskList';
import { Board } from './Board';
import { clearSelection, currentCard, selection, toggleSelected } from './focus';

describe.each([
  ['board', <Board filter={{}} filtered={false} projectId={null} />],
  ['list', <TaskList filter={{}} filtered={false} />],
])('on the %s, Tab', (_, page) => {
  let server: FakeServer;

  beforeEach(async () => {
    server = new FakeServer();
    stubBrowser(server);
    currentCard.set(null);
    for (const title of ['One', 'Two', 'Three']) server.addTask(title);
    await visit(server, page);
    await screen.findByRole('link', { name: /Three/ }, Patience);
  });

  const reached = () => screen.getAllByRole('link').filter((link) => link.tabIndex === 0).map((link) => link.textContent!.split(' ').at(-1));

  it('reaches the first card until another one has been the current one', async () => {
    await waitFor(() => expect(reached()).toEqual(['One']), Patience);
    screen.getByRole('link', { name: /Two/ }).focus();
    await waitFor(() => expect(reached()).toEqual(['Two']), Patience);
    expect(currentCard.get()).toBe('t2');
  });

  it('reaches the first card when the current one is gone', async () => {
    act(() => currentCard.set('t2'));
    await waitFor(() => expect(reached()).toEqual(['Two']), Patience);
    act(() => server.remove('t2'));
    await waitFor(() => expect(reached()).toEqual(['One']), Patience);
  });
});

describe('a card that was made here', () => {
  const user = userEvent.setup();

  it('keeps the focus and its place in the selection when it gets its number', async () => {
    const server = new FakeServer();
    stubBrowser(server);
    clearSelection();
    server.addTask('One');
    const { runtime } = await visit(server, <><Board filter={{}} filtered={false} projectId={null} /><Reactions /></>);
    server.isDown = true;
    await user.click(screen.getAllByRole('button', { name: 'Add task' })[0]!);
    await user.keyboard('New{Enter}{Escape}');
    const focused = () => document.activeElement?.closest<HTMLElement>('[data-card]');
    await waitFor(() => expect(focused()?.textContent).toContain('New'), Patience);
    act(() => toggleSelected(focused()!.dataset.card!));
    // Longer than a request for the focus lives.
    await act(() => new Promise((resolve) => setTimeout(resolve, 900)));

    server.isDown = false;
    act(() => runtime.outbox.wake());
    await waitFor(() => expect(focused()?.dataset.card).toBe('t2'), Patience);
    expect(currentCard.get()).toBe('t2');
    expect(selection.get()).toEqual(['t2']);
  });
});
