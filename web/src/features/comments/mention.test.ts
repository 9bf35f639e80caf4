import { describe, expect, it } from 'vitest';
import type { Member } from '../../data';
import { findPeople, insertMention, mentionAt } from './mention';

const person = (name: string, email: string): Member => ({ userId: name, name, email, role: 'member', joinedAt: '2026-01-01T00:00:00Z' });
const people = [person('Ada Lovelace', 'ada@example.com'), person('Alan Turing', 'turing@example.com'), person('Zoë Ängström', 'z@example.com')];

describe('a mention', () => {
  it('begins at an @ that starts a word', () => {
    expect(mentionAt('hello @ad', 9)).toEqual({ start: 6, text: 'ad' });
    expect(mentionAt('@', 1)).toEqual({ start: 0, text: '' });
    expect(mentionAt('(@ada', 5)).toEqual({ start: 1, text: 'ada' });
    expect(mentionAt('mail me at x@ad', 15)).toBeNull();
  });

  it('may hold one space, for the last name', () => {
    expect(mentionAt('@Ada Lov', 8)).toEqual({ start: 0, text: 'Ada Lov' });
    expect(mentionAt('@Ada Lovelace did it', 20)).toBeNull();
  });

  it('finds people by any word of their name or by e-mail', () => {
    expect(findPeople(people, 'lov').map((each) => each.name)).toEqual(['Ada Lovelace']);
    expect(findPeople(people, 'a').map((each) => each.name)).toEqual(['Ada Lovelace', 'Alan Turing', 'Zoë Ängström']);
    expect(findPeople(people, 'turing@').map((each) => each.name)).toEqual(['Alan Turing']);
    expect(findPeople(people, 'äng').map((each) => each.name)).toEqual(['Zoë Ängström']);
    expect(findPeople(people, 'Ada T')).toEqual([]);
  });

  it('finds people by names with accents, however they are typed, and by names of scripts with vowel signs', () => {
    for (const query of ['zoe', 'Zoë'.normalize('NFD'), 'angst']) {
      const text = `ask @${query}`;
      expect(findPeople(people, mentionAt(text, text.length)!.text).map((each) => each.name)).toEqual(['Zoë Ängström']);
    }
    expect(mentionAt('@हिन्दी', 7)).toEqual({ start: 0, text: 'हिन्दी' });
  });

  it('is put in with one space behind it', () => {
    expect(insertMention('hi @ad there', 6, { start: 3, text: 'ad' }, 'Ada Lovelace')).toEqual({ text: 'hi @Ada Lovelace there', caret: 17 });
  });
});
