// @vitest-environment jsdom
import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useLocation } from 'react-router';
import { beforeEach, describe, expect, it } from 'vitest';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer, WS } from '../../testing/fakeServer';
import { Card } from './Card';
import { clearSelection, selection, toggleSelected } from './focus';

const Path = () => <p data-testid="path">{useLocation().pathname}</p>;

describe('a card', () => {
  let server: FakeServer;

  beforeEach(() => {
    server = new FakeServer();
    stubBrowser(server);
    clearSelection();
  });

  it('is opened by Enter whatever is selected, and selected by a click once others are', async () => {
    server.addTask('One');
    await visit(server, <><Card taskId="t1" /><Path /></>);
    const link = await screen.findByRole('link', { name: /One/ }, Patience);
    act(() => toggleSelected('t2'));
    const user = userEvent.setup();
    await user.click(link);
    expect(selection.get()).toEqual(['t2', 't1']);
    expect(screen.getByTestId('path').textContent).toBe(`/w/${WS}/board`);
    await user.keyboard('{Enter}');
    expect(selection.get()).toEqual(['t2', 't1']);
    expect(screen.getByTestId('path').textContent).toBe(`/w/${WS}/t/WEB-1`);
  });

  it('runs in the direction of its title, whatever its key is written in', async () => {
    server.addTask('مرحبا بالعالم!');
    await visit(server, <Card taskId="t1" />);
    const link = await screen.findByRole('link', { name: 'WEB-1 مرحبا بالعالم!' }, Patience);
    expect(link.dir).toBe('auto');
    // Text of elements that have a direction of their own does not count for the title's.
    const counted = [...link.childNodes].filter((node) => !(node instanceof HTMLElement && node.dir));
    expect(counted.map((node) => node.textContent).join('')).toBe('مرحبا بالعالم!');
  });
});
