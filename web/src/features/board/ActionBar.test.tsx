// @vitest-environment jsdom
import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer } from '../../testing/fakeServer';
import { ActionBar } from './ActionBar';
import { Board } from './Board';
import { clearSelection, toggleSelected } from './focus';

describe('the bar of what can be done with the selected cards', () => {
  const user = userEvent.setup();

  beforeEach(async () => {
    const server = new FakeServer();
    stubBrowser(server);
    clearSelection();
    for (const title of ['One', 'Two']) server.addTask(title);
    await visit(server, <><Board filter={{}} filtered={false} projectId={null} /><ActionBar /></>);
    await screen.findByRole('link', { name: /Two/ }, Patience);
    act(() => ['t1', 't2'].forEach(toggleSelected));
  });

  const bar = () => screen.queryByRole('toolbar');
  const reached = () => [...bar()!.querySelectorAll('button')].filter((button) => button.tabIndex === 0).map((button) => button.getAttribute('aria-label'));
  const focused = () => document.activeElement?.getAttribute('aria-label');

  it('is one stop for Tab, gone through with arrows, Home and End', async () => {
    expect(reached()).toEqual(['Status']);
    act(() => bar()!.querySelector('button')!.focus());
    await user.keyboard('{ArrowRight}');
    expect(focused()).toBe('Priority');
    expect(reached()).toEqual(['Priority']);
    await user.keyboard('{End}');
    expect(focused()).toBe('Clear the selection');
    await user.keyboard('{ArrowRight}');
    expect(focused()).toBe('Status');
    await user.keyboard('{ArrowLeft}{ArrowLeft}');
    expect(focused()).toBe('Delete');
    await user.keyboard('{Home}');
    expect(focused()).toBe('Status');
  });

  it.each(['{Escape}', '{Enter}'])('gives the focus back to a card when %s takes it away', async (key) => {
    act(() => screen.getByRole('button', { name: 'Clear the selection' }).focus());
    await user.keyboard(key);
    expect(bar()).toBeNull();
    await waitFor(() => expect(document.activeElement?.closest<HTMLElement>('[data-card]')?.dataset.card).toBe('t2'), Patience);
  });
});
