// @vitest-environment jsdom
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useLocation } from 'react-router';
import { beforeEach, describe, expect, it } from 'vitest';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer, WS } from '../../testing/fakeServer';
import Palette from './Palette';

const Path = () => <p data-testid="path">{useLocation().pathname}</p>;

describe('the palette', () => {
  const user = userEvent.setup();

  beforeEach(async () => {
    const server = new FakeServer();
    stubBrowser(server);
    await visit(server, <><Palette onClose={() => {}} /><Path /></>);
  });

  it('lets Enter act on what is typed, though the results are those of before still', async () => {
    const field = screen.getByRole('combobox');
    act(() => {
      fireEvent.change(field, { target: { value: 'inbox' } });
      fireEvent.keyDown(field, { key: 'Enter' });
    });
    await waitFor(() => expect(screen.getByTestId('path').textContent).toBe(`/w/${WS}/inbox`), Patience);
  });

  it('says that nothing was found, in a region that was there before, and not as one of the results', async () => {
    const region = screen.getByRole('status');
    expect(region.textContent).toBe('');
    await user.type(screen.getByRole('combobox'), 'qqq');
    await waitFor(() => expect(region.textContent).toBe('Nothing found for “qqq”'), Patience);
    expect(within(screen.getByRole('listbox')).queryByText(/Nothing/)).toBeNull();
  });
});
