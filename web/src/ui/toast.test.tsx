// @vitest-environment jsdom
import { act, cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { announce, Announcer } from './announcer';
import { toast, ToastHost } from './toast';

describe('a toast', () => {
  beforeEach(() => void render(<><ToastHost /><Announcer /></>));
  afterEach(cleanup);

  const live = () => [...document.querySelectorAll<HTMLElement>('[aria-live], [role="status"], [role="alert"], [role="log"]')];
  const region = (urgency: string) => document.querySelector<HTMLElement>(`[aria-live="${urgency}"]`)!;

  it('is read by a region that was there before it, an error at once', () => {
    const before = live();
    act(() => {
      toast('Link copied');
      toast('That was refused', { tone: 'error' });
    });
    expect(live()).toEqual(before);
    expect(within(region('polite')).getByText('Link copied')).toBeDefined();
    expect(within(region('assertive')).getByText('That was refused')).toBeDefined();
    expect(within(screen.getByRole('region', { name: 'Messages' })).getByText('Link copied')).toBeDefined();
  });

  it('says what can be done about it', () => {
    act(() => void toast('2 tasks deleted', { action: { label: 'Undo', onClick() {} } }));
    expect(within(region('polite')).getByText('2 tasks deleted. Undo')).toBeDefined();
  });

  it('gives the focus back to where it came from', async () => {
    const user = userEvent.setup();
    const here = document.body.appendChild(document.createElement('button'));
    here.focus();
    act(() => void toast('Saved', { action: { label: 'Open', onClick() {} } }));
    await user.click(screen.getByRole('button', { name: 'Open' }));
    expect(screen.queryByText('Saved', { selector: 'span' })).toBeNull();
    expect(document.activeElement).toBe(here);

    act(() => void toast('Saved again'));
    act(() => within(screen.getByRole('region')).getByText('Saved again').parentElement!.querySelector('button')!.focus());
    await user.keyboard('{Escape}');
    expect(document.activeElement).toBe(here);
    here.remove();
  });

  it('takes the word from nobody', () => {
    act(() => {
      announce('Status: Done');
      toast('2 tasks moved to Done');
      announce('Status: Done');
    });
    expect(region('polite').textContent).toMatch(/Status: Done.*2 tasks moved to Done.*Status: Done$/);
  });
});
