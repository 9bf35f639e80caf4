import { describe, expect, it } from 'vitest';
import { matcher } from './filter';
import type { TaskView } from './types';

const task = (title: string, fields: Partial<TaskView> = {}) => ({ key: 'WEB-1', title, labels: [], description: '', ...fields }) as unknown as TaskView;
const found = (q: string, among: TaskView) => matcher({ q }, '2026-01-31')(among);

describe('a search', () => {
  it('finds text with accents however it was typed', () => {
    const composed = 'Übergröße für José'.normalize('NFC');
    for (const title of [composed, composed.normalize('NFD')]) {
      for (const q of ['übergröße', 'ubergroße', 'jose', 'JOSÉ', 'für'.normalize('NFD')]) expect(found(q, task(title))).toBe(true);
      expect(found('joseph', task(title))).toBe(false);
    }
  });

  it('looks for each word in key, title, labels and description', () => {
    const all = task('Fix the login', { labels: ['Bug'], description: 'Заголовок 🚀' });
    for (const q of ['web-1 login', 'bug fix', 'заголовок', '🚀']) expect(found(q, all)).toBe(true);
    expect(found('login logout', all)).toBe(false);
  });
});
