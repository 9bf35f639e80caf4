// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { Patience, stubBrowser, visit } from '../../testing/app';
import { FakeServer } from '../../testing/fakeServer';
import Palette from './Palette';

describe('the palette', () => {
  const user = userEvent.setup();

  beforeEach(async () => {
    const server = new FakeServer();
    stubBrowser(server);
    await visit(server, <Palette onClose={() => {}} />);
  });

  it('says that nothing was found, in a region that was there before, and not as one of the results', async () => {
    const region = screen.getByRole('status');
    expect(region.textContent).toBe('');
    await user.type(screen.getByRole('combobox'), 'qqq');
    await waitFor(() => expect(region.textContent).toBe('Nothing found for “qqq”'), Patience);
    expect(within(screen.getByRole('listbox')).queryByText(/Nothing/)).toBeNull();
  });
});
