// @vitest-environment jsdom
import { act, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { useBoard } from '../../data';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer } from '../../testing/fakeServer';
import { useTaskActions, type TaskActions } from './actions';

let actions: TaskActions;
let todo: readonly string[];

function App() {
  actions = useTaskActions();
  todo = useBoard({})[0]!.ids;
  return null;
}

describe('several tasks', () => {
  let server: FakeServer;

  beforeEach(async () => {
    server = new FakeServer();
    stubBrowser(server);
    for (const title of ['One', 'Two', 'Three', 'Four']) server.addTask(title);
    await visit(server, <App />);
  });

  it.each([
    ['the top', { at: 'top' } as const, ['t3', 't4', 't1', 't2']],
    ['the bottom', { at: 'bottom' } as const, ['t1', 't2', 't3', 't4']],
    ['before another', { before: 't2' } as const, ['t1', 't3', 't4', 't2']],
    ['behind another', { after: 't1' } as const, ['t1', 't3', 't4', 't2']],
  ])('keep their order when they are moved to %s', async (_, to, order) => {
    act(() => actions.move(['t3', 't4'], { status: 'todo', ...to }));
    await waitFor(() => expect(todo).toEqual(order), Patience);
  });
});
