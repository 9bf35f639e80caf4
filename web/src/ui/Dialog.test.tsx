// @vitest-environment jsdom
import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useEffect, useState } from 'react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Patience, stubBrowser } from '../testing/app';
import { FakeServer } from '../testing/fakeServer';
import ConfirmDialog from './ConfirmDialog';
import { Dialog } from './Dialog';
import { Menu, MenuContent, MenuItem, MenuTrigger } from './Menu';
import { toast, ToastHost } from './toast';

function App() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => event.key === '?' && setOpen(true);
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <>
      <button type="button">Card</button>
      <button type="button">Other</button>
      <Menu>
        <MenuTrigger>More</MenuTrigger>
        <MenuContent label="More">
          <MenuItem onSelect={() => setOpen(true)}>Rename</MenuItem>
        </MenuContent>
      </Menu>
      {open && (
        <Dialog open onOpenChange={setOpen} title="Help">
          <input autoFocus aria-label="Name" />
          <button type="button" onClick={() => { setOpen(false); setTimeout(() => screen.getByRole('button', { name: 'Other' }).focus()); }}>Done</button>
        </Dialog>
      )}
    </>
  );
}

describe('a dialog that closes', () => {
  const user = userEvent.setup();
  const closed = () => waitFor(() => expect(screen.queryByRole('dialog')).toBeNull(), Patience);
  const focused = (name: string) => waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name })), Patience);

  beforeEach(() => {
    stubBrowser(new FakeServer());
    render(<App />);
  });

  it('gives the focus back to where a key opened it', async () => {
    screen.getByRole('button', { name: 'Card' }).focus();
    await user.keyboard('?');
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Name')), Patience);
    await user.keyboard('{Escape}');
    await closed();
    await focused('Card');
  });

  it('gives it back to the button of the menu that opened it', async () => {
    await user.click(screen.getByRole('button', { name: 'More' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Rename' }, Patience));
    await screen.findByRole('dialog', { name: 'Help' }, Patience);
    // The menu closes a moment later, and must not take the focus out of the dialog.
    await act(() => new Promise((resolve) => setTimeout(resolve, 50)));
    expect(document.activeElement).toBe(screen.getByLabelText('Name'));
    await user.keyboard('{Escape}');
    await closed();
    await focused('More');
  });

  it('leaves it where the person was led on', async () => {
    screen.getByRole('button', { name: 'Card' }).focus();
    await user.keyboard('?');
    await user.click(await screen.findByRole('button', { name: 'Done' }, Patience));
    await closed();
    await focused('Other');
  });
});

describe('a dialog that is open', () => {
  // The message takes the pointer by its class, which has no meaning here.
  const user = userEvent.setup({ pointerEventsCheck: 0 });

  beforeEach(() => stubBrowser(new FakeServer()));

  it('stays when a message beside it is used, and goes when the page behind it is pressed', async () => {
    const undo = vi.fn();
    const close = vi.fn();
    render(<><Dialog open onOpenChange={close} title="New task"><input aria-label="Title" /></Dialog><ToastHost /></>);
    act(() => void toast('Moved', { action: { label: 'Undo', onClick: undo } }));
    await act(() => new Promise((resolve) => setTimeout(resolve, 50)));
    await user.click(screen.getByText('Undo'));
    expect(undo).toHaveBeenCalledTimes(1);
    expect(close).not.toHaveBeenCalled();
    fireEvent.pointerDown(document.body);
    await waitFor(() => expect(close).toHaveBeenCalledTimes(1), Patience);
  });

  it('begins with the words that have to be typed', async () => {
    render(<ConfirmDialog open onOpenChange={() => {}} title="Delete?" action="Delete" typeToConfirm="WEB" onConfirm={() => {}}>All of it.</ConfirmDialog>);
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('textbox')), Patience);
  });
});
