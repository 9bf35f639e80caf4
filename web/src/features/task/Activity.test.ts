import { describe, expect, it } from 'vitest';
import type { ActivityEntry, Member } from '../../data';
import { describeActivity } from './Activity';

const members: Member[] = [{ userId: 'u1', name: 'Ada', email: 'ada@example.com', role: 'member', joinedAt: '2026-01-01T00:00:00Z' }];
const entry = (payload: Record<string, unknown>, type = 'task.updated'): ActivityEntry => ({ seq: 1, type, userId: 'u2', userName: 'Alan', timestamp: '2026-01-01T00:00:00Z', payload });

describe('an entry of the history', () => {
  it('says what changed, in words', () => {
    expect(describeActivity(entry({ status: 'in_review' }), members)).toBe('moved it to In review');
    expect(describeActivity(entry({ priority: 'urgent', assigneeId: 'u1' }), members)).toBe('set the priority to Urgent, assigned Ada');
    expect(describeActivity(entry({ assigneeId: null, labels: [], dueOn: null }), members)).toBe('removed the assignee, removed the labels, removed the due date');
  });

  it('does not speak of the position beside a move to another column', () => {
    expect(describeActivity(entry({ position: 'a', status: 'done' }), members)).toBe('moved it to Done');
    expect(describeActivity(entry({ position: 'a' }), members)).toBe('reordered it');
  });

  it('has a sentence for fields it does not know', () => {
    expect(describeActivity(entry({ colour: 'red' }), members)).toBe('changed the task');
  });
});
