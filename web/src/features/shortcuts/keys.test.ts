import { describe, expect, it } from 'vitest';
import { chordMatches, createMatcher, isSingleKey, parseChord, type Binding } from './keys';

const press = (key: string, modifiers: Partial<Record<'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey', boolean>> = {}) => ({
  key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...modifiers,
});
const bind = (...keys: string[]): Binding[] => keys.map((each) => ({ keys: each, run: () => {} }));

describe('chords', () => {
  it('take Control and Command for the same', () => {
    expect(chordMatches(parseChord('mod+k'), press('k', { ctrlKey: true }))).toBe(true);
    expect(chordMatches(parseChord('mod+k'), press('k', { metaKey: true }))).toBe(true);
    expect(chordMatches(parseChord('mod+k'), press('k'))).toBe(false);
  });

  it('tell D from Shift-D, with Caps Lock too', () => {
    expect(chordMatches(parseChord('shift+d'), press('D', { shiftKey: true }))).toBe(true);
    expect(chordMatches(parseChord('d'), press('D', { shiftKey: true }))).toBe(false);
    expect(chordMatches(parseChord('d'), press('D'))).toBe(true);
  });

  it('accept signs however the keyboard makes them', () => {
    expect(chordMatches(parseChord('?'), press('?', { shiftKey: true }))).toBe(true);
    expect(chordMatches(parseChord('/'), press('/', { shiftKey: true }))).toBe(true);
    expect(chordMatches(parseChord('/'), press('/'))).toBe(true);
  });

  it('are found by the place of the key on a keyboard of another script', () => {
    const onRussian = { ...press('с'), code: 'KeyC' };
    expect(chordMatches(parseChord('c'), onRussian)).toBe(true);
    expect(chordMatches(parseChord('shift+d'), { ...press('В', { shiftKey: true }), code: 'KeyD' })).toBe(true);
    // On a French keyboard the letter counts, wherever it stands.
    expect(chordMatches(parseChord('a'), { ...press('q'), code: 'KeyA' })).toBe(false);
    expect(chordMatches(parseChord('e'), { ...press('é'), code: 'Digit2' })).toBe(false);
  });

  it('do not fire on letters with a modifier that was not asked for', () => {
    expect(chordMatches(parseChord('c'), press('c', { ctrlKey: true }))).toBe(false);
    expect(chordMatches(parseChord('c'), press('c', { altKey: true }))).toBe(false);
  });
});

describe('sequences', () => {
  it('wait for their second key', () => {
    const match = createMatcher(() => 0);
    const bindings = bind('g i', 'i');
    expect(match(press('g'), bindings)).toBeNull();
    expect(match(press('i'), bindings)?.keys).toBe('g i');
    expect(match(press('i'), bindings)?.keys).toBe('i');
  });

  it('are forgotten after a second', () => {
    let time = 0;
    const match = createMatcher(() => time);
    const bindings = bind('g i', 'i');
    match(press('g'), bindings);
    time = 1500;
    expect(match(press('i'), bindings)?.keys).toBe('i');
  });

  it('let the key that broke them act by itself', () => {
    const match = createMatcher(() => 0);
    const bindings = bind('g i', 'c');
    match(press('g'), bindings);
    expect(match(press('c'), bindings)?.keys).toBe('c');
  });

  it('are not broken by a modifier going down', () => {
    const match = createMatcher(() => 0);
    const bindings = bind('g ?');
    match(press('g'), bindings);
    match(press('Shift'), bindings);
    expect(match(press('?', { shiftKey: true }), bindings)?.keys).toBe('g ?');
  });
});

it('knows which shortcuts are single keys', () => {
  expect(isSingleKey('c')).toBe(true);
  expect(isSingleKey('g i')).toBe(true);
  expect(isSingleKey('shift+d')).toBe(true);
  expect(isSingleKey('mod+k')).toBe(false);
  expect(isSingleKey('alt+arrowup')).toBe(false);
  expect(isSingleKey('enter')).toBe(false);
});
