import { beforeEach, describe, expect, it } from 'vitest';
import { preferences, setPreferences } from '../../app/preferences';
import { findView, removeView, saveView } from './views';

const names = () => (preferences.get().views.w ?? []).map((view) => view.name);

describe('saved views', () => {
  beforeEach(() => setPreferences({ views: {} }));

  it('are found by what they filter, in whatever order that was chosen', () => {
    saveView('w', { name: 'Urgent bugs', page: 'board', search: '?priority=urgent,high&label=bug' });
    const views = preferences.get().views.w!;
    expect(findView(views, '?label=bug&priority=high,urgent')?.name).toBe('Urgent bugs');
    expect(findView(views, '?label=bug')).toBeUndefined();
  });

  it('have one name and one filter each, and belong to their workspace', () => {
    saveView('w', { name: 'B', page: 'board', search: '?label=b' });
    saveView('w', { name: 'A', page: 'list', search: '?label=a' });
    saveView('v', { name: 'Other', page: 'list', search: '?label=a' });
    expect(names()).toEqual(['A', 'B']);
    saveView('w', { name: 'A', page: 'list', search: '?label=c' });
    saveView('w', { name: 'C', page: 'list', search: '?label=b' });
    expect(names()).toEqual(['A', 'C']);
    removeView('w', 'A');
    expect(names()).toEqual(['C']);
  });
});
