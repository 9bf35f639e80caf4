// @vitest-environment jsdom
import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer } from '../../testing/fakeServer';
import { showPicker, type PickerKind } from './pickers';
import { TaskPickers } from './TaskPickers';

describe('a picker, by keyboard', () => {
  const user = userEvent.setup();
  let server: FakeServer;

  beforeEach(async () => {
    server = new FakeServer();
    stubBrowser(server);
    server.addTask('One');
    await visit(server, <><button type="button">Here</button><TaskPickers /></>);
  });

  async function show(kind: PickerKind): Promise<void> {
    act(() => showPicker(kind, ['t1'], screen.getByRole('button', { name: 'Here' })));
    await waitFor(() => expect(document.activeElement?.getAttribute('role')).toBe('combobox'), Patience);
  }

  it('reaches the field for any other date', async () => {
    await show('due');
    await user.tab();
    expect(document.activeElement).toBe(screen.getByLabelText('Other date'));
    await user.type(document.activeElement!, '2031-03-09{Enter}');
    await waitFor(() => expect(server.tasks.get('t1')!.dueOn).toBe('2031-03-09'), Patience);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull(), Patience);
  });

  it('says that nothing was found, in a region that was there before', async () => {
    await show('priority');
    const region = screen.getByRole('status');
    await user.keyboard('qqq');
    expect(region.textContent).toBe('Nothing found');
    expect(screen.getByRole('listbox').textContent).toBe('');
  });

  it('closes with Tab where there is nothing more to reach', async () => {
    await show('priority');
    await user.tab();
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull(), Patience);
  });
});
