// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TabList, TabPanel } from './Tabs';

const Names = [
  { value: 'one', label: 'One' },
  { value: 'two', label: 'Two' },
  { value: 'three', label: 'Three' },
] as const;

function Page() {
  const [value, setValue] = useState<'one' | 'two' | 'three'>('one');
  return (
    <>
      <TabList id="t" label="Numbers" tabs={Names} value={value} onChange={setValue} />
      <TabPanel id="t" value={value}>This is {value}</TabPanel>
    </>
  );
}

describe('tabs', () => {
  const user = userEvent.setup();
  beforeEach(() => void render(<Page />));
  afterEach(cleanup);

  const chosen = () => screen.getByRole('tab', { selected: true });

  it.each([
    ['{ArrowRight}', 'Two'],
    ['{ArrowRight}{ArrowRight}{ArrowRight}', 'One'],
    ['{ArrowLeft}', 'Three'],
    ['{End}', 'Three'],
    ['{End}{ArrowLeft}', 'Two'],
    ['{End}{Home}', 'One'],
    ['{ArrowDown}', 'One'],
    ['{Control>}{ArrowRight}{/Control}', 'One'],
  ])('are gone through by %s', async (keys, name) => {
    await user.tab();
    await user.keyboard(keys);
    expect(chosen().textContent).toBe(name);
    expect(document.activeElement).toBe(chosen());
    expect(screen.getByRole('tabpanel', { name }).textContent).toBe(`This is ${name.toLowerCase()}`);
  });

  it('are one stop for Tab, the panel is the next', async () => {
    await user.click(screen.getByRole('tab', { name: 'Two' }));
    expect(screen.getAllByRole('tab').map((tab) => tab.tabIndex)).toEqual([-1, 0, -1]);
    await user.tab();
    expect(document.activeElement).toBe(screen.getByRole('tabpanel'));
    await user.tab({ shift: true });
    expect(document.activeElement).toBe(chosen());
  });

  it('name the panel they control', () => {
    for (const tab of screen.getAllByRole('tab')) expect(tab.getAttribute('aria-controls')).toBe(screen.getByRole('tabpanel').id);
  });
});
