import { describe, expect, it } from 'vitest';
import { setChecked } from './checklist';

describe('a click on a checkbox', () => {
  const text = 'Plan\n\n- [ ] first\n- [x] second\n  - [ ] nested\n1. [X] numbered\n';

  it('ticks its own line and no other', () => {
    expect(setChecked(text, text.indexOf('- [ ] first'), true)).toBe(text.replace('[ ] first', '[x] first'));
    expect(setChecked(text, text.indexOf('- [ ] nested'), true)).toBe(text.replace('[ ] nested', '[x] nested'));
  });

  it('clears, whatever the letter was', () => {
    expect(setChecked(text, text.indexOf('1. [X]'), false)).toBe(text.replace('[X] numbered', '[ ] numbered'));
    expect(setChecked(text, text.indexOf('- [x] second'), false)).toBe(text.replace('[x] second', '[ ] second'));
  });

  it('finds items in quotes and behind another bullet', () => {
    expect(setChecked('> - [ ] quoted', 2, true)).toBe('> - [x] quoted');
    expect(setChecked('- - [ ] twice', 2, true)).toBe('- - [x] twice');
  });

  it('leaves text alone that is no item any more', () => {
    expect(setChecked('changed meanwhile', 3, true)).toBe('changed meanwhile');
  });
});
