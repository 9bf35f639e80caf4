// @vitest-environment jsdom
import { act, screen, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer } from '../../testing/fakeServer';
import TaskList from '../list/TaskList';
import { Board } from './Board';
import { currentCard } from './focus';

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
