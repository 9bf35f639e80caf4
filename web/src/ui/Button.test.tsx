// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Button } from './Button';

describe('a busy button', () => {
  const user = userEvent.setup();
  afterEach(cleanup);

  it('keeps the focus, says that it is busy, and does nothing more', async () => {
    const press = vi.fn();
    function Page() {
      const [busy, setBusy] = useState(false);
      return (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            press();
            setBusy(true);
          }}
        >
          <input aria-label="Name" />
          <Button type="submit" busy={busy} onClick={press}>Save</Button>
        </form>
      );
    }
    render(<Page />);
    const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Save' });
    await user.click(button);
    expect(press).toHaveBeenCalledTimes(2);
    // What is disabled loses the focus in browsers.
    expect(button.disabled).toBe(false);
    expect(button.getAttribute('aria-disabled')).toBe('true');
    expect(document.activeElement).toBe(button);
    await user.keyboard('{Enter}');
    await user.type(screen.getByLabelText('Name'), 'x{Enter}');
    expect(press).toHaveBeenCalledTimes(2);
  });
});
