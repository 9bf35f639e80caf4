import { expect, it } from 'vitest';
import { suggestKey } from './key';

it('suggests a key that the server takes', () => {
  expect(suggestKey('Web app')).toBe('WA');
  expect(suggestKey('Billing')).toBe('BILL');
  expect(suggestKey('Übersicht')).toBe('UBER');
  expect(suggestKey('2nd line support')).toBe('LS');
  expect(suggestKey('  ')).toBe('');
});
