// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { draftScope, dropUnscopedDrafts } from './useDraft';

describe('drafts of an older format', () => {
  beforeEach(() => localStorage.clear());

  it('are removed, and nothing else is', () => {
    const scope = draftScope('01975b3a-5f10-7c63-9f8e-2f1f4a1b2c3d', '01975b3a-5f10-7c63-9f8e-2f1f4a1b2c3e');
    const kept = [
      ...['quick.todo', 'new.title', 'new.description', 'comment.t1', 'comment.edit.c1', 'description.t1'].map((name) => `taskflow.draft.${scope}${name}`),
      'taskflow.draft.later-format',
      'taskflow.session',
      'quick.todo',
    ];
    const old = ['quick.todo', 'quick.in_progress', 'new.title', 'new.description', 'comment.t1', 'comment.edit.c1', 'description.t1'].map((name) => `taskflow.draft.${name}`);
    for (const key of [...old, ...kept]) localStorage.setItem(key, 'x');
    dropUnscopedDrafts();
    expect(Object.keys(localStorage).sort()).toEqual([...kept].sort());
  });

  it('stay where the browser refuses its storage, without a failure', () => {
    const refuse = vi.spyOn(Storage.prototype, 'removeItem').mockImplementation(() => {
      throw new DOMException('', 'SecurityError');
    });
    localStorage.setItem('taskflow.draft.new.title', 'x');
    expect(dropUnscopedDrafts).not.toThrow();
    refuse.mockRestore();
  });
});
