import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/errors';
import type { Task } from '../api/models';
import { newId } from './ids';
import { localIdOf, type Operation } from './operations';
import { Outbox } from './outbox';
import { memoryStore } from './store';
import type { Outcome } from './types';

const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const offline = () => new ApiError({ code: 'network' });

function update(taskId: string, patch: Record<string, unknown>, more: Partial<Operation> = {}): Operation {
  const common = { id: newId(), userId: 'me', workspaceId: 'w', taskId, madeAt: Date.now(), deferred: false };
  return { ...common, kind: 'task.update', patch, before: {}, version: 1, taskKey: 'WEB-1', ...more } as Operation;
}

function setUp(store = memoryStore()) {
  const sent: Operation[] = [];
  const settled: [string, string][] = [];
  const told: string[] = [];
  const conflicts: Operation[] = [];
  let answer: (operation: Operation) => unknown = (operation) => ({ id: operation.taskId });
  const outbox = new Outbox({
    store,
    async send(operation) {
      sent.push(operation);
      return answer(operation);
    },
    onSettled(operation, outcome, mine) {
      settled.push([operation.id, outcome.status]);
      if (mine) told.push(operation.taskId);
    },
    onConflict: (operation) => conflicts.push(operation),
    onChange: () => {},
    random: () => 0.5,
  });
  return { outbox, sent, settled, told, conflicts, store, respond: (how: typeof answer) => (answer = how) };
}

describe('Outbox', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('sends changes one after the other in the order they were made', async () => {
    const { outbox, sent, respond } = setUp();
    await outbox.open('me');
    let running = 0;
    respond(async (operation) => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 10));
      running--;
      return { id: operation.taskId };
    });
    const made = ['a', 'b', 'c'].map((id) => update(id, {}));
    for (const operation of made) void outbox.add(operation);
    expect(outbox.shown).toHaveLength(3);
    expect(outbox.unsent).toBe(0);
    await tick(100);
    expect(sent.map((each) => each.taskId)).toEqual(['a', 'b', 'c']);
    expect(outbox.shown).toHaveLength(0);
  });

  it('keeps trying under the same key with the same body while there is no network, and counts what waits', async () => {
    const { outbox, sent, respond } = setUp();
    await outbox.open('me');
    respond(() => Promise.reject(offline()));
    const first = outbox.add(update('a', { title: 'x' }));
    await tick();
    void outbox.add(update('b', { title: 'y' }));
    await tick(10_000);
    expect(outbox.unsent).toBe(2);
    expect(new Set(sent.map((each) => each.id)).size).toBe(1);
    expect(sent[0]!.deferred).toBe(false);
    expect(sent.at(-1)!.deferred).toBe(true);
    respond((operation) => ({ id: operation.taskId }));
    outbox.wake();
    await tick();
    expect(await first).toMatchObject({ status: 'done' });
    expect(outbox.unsent).toBe(0);
    expect(sent.at(-1)!.taskId).toBe('b');
  });

  it('sends on condition what was made without a connection, however soon there is one again', async () => {
    const { outbox, sent, respond } = setUp();
    await outbox.open('me');
    let fail = () => {};
    respond(() => new Promise((_, reject) => (fail = () => reject(offline()))));
    void outbox.add(update('a', { title: 'x' }));
    await tick();
    // Nobody knows yet that the first one will not arrive.
    void outbox.add(update('b', { title: 'y' }));
    await tick(500);
    respond((operation) => ({ id: operation.taskId }));
    fail();
    await tick(2_000);
    expect(sent.map((each) => [each.taskId, each.deferred])).toEqual([['a', false], ['a', true], ['b', true]]);
  });

  it('sends what an earlier visit left behind, as deferred', async () => {
    const store = memoryStore();
    const before = setUp(store);
    await before.outbox.open('me');
    before.respond(() => Promise.reject(offline()));
    void before.outbox.add(update('a', { title: 'x' }));
    await tick();
    before.outbox.close();
    await tick(60_000);

    const after = setUp(store);
    await after.outbox.open('me');
    await tick();
    expect(after.sent).toHaveLength(1);
    expect(after.sent[0]).toMatchObject({ taskId: 'a', deferred: true });
    expect(await store.get('outbox.me')).toEqual([]);
  });

  it('tells of the refusal of what an earlier visit left behind, in the one tab that sent it', async () => {
    const store = memoryStore();
    const before = setUp(store);
    await before.outbox.open('me');
    before.respond(() => Promise.reject(offline()));
    void before.outbox.add(update('a', { title: 'x' }));
    await tick();

    const after = setUp(store);
    after.respond(() => Promise.reject(new ApiError({ code: 'forbidden', status: 403 })));
    before.outbox.close();
    await after.outbox.open('me');
    await tick();
    expect(after.settled).toMatchObject([[expect.anything(), 'refused']]);
    expect(after.told).toEqual(['a']);
  });

  it('never sends one change from two tabs', async () => {
    const store = memoryStore();
    const [one, two] = [setUp(store), setUp(store)];
    one.respond(() => Promise.reject(offline()));
    two.respond(() => Promise.reject(offline()));
    await one.outbox.open('me');
    await two.outbox.open('me');
    for (const id of ['a', 'b', 'c']) void one.outbox.add(update(id, {}));
    for (const id of ['d', 'e', 'f']) void two.outbox.add(update(id, {}));
    await tick();
    const before = one.sent.length + two.sent.length;
    one.respond((operation) => ({ id: operation.taskId }));
    two.respond((operation) => ({ id: operation.taskId }));
    one.outbox.wake();
    two.outbox.wake();
    await tick(60_000);
    const sent = [...one.sent, ...two.sent].slice(0);
    expect(one.sent.length + two.sent.length - before).toBe(6);
    expect(new Set(sent.map((each) => each.taskId)).size).toBe(6);
  });

  it('rolls back what is refused, with all that was built on it', async () => {
    const { outbox, respond, settled } = setUp();
    await outbox.open('me');
    respond(() => Promise.reject(new ApiError({ code: 'forbidden', status: 403 })));
    const create = { ...update('', {}), kind: 'task.create', task: { projectId: 'p', title: 't' }, position: 'a0' } as Operation;
    const localId = localIdOf(create.id);
    const outcomes: Promise<Outcome<unknown>>[] = [outbox.add({ ...create, taskId: localId }), outbox.add(update(localId, { title: 'y' }))];
    await tick();
    expect((await Promise.all(outcomes)).map((each) => each.status)).toEqual(['refused', 'refused']);
    expect(settled.map(([, status]) => status)).toEqual(['refused', 'refused']);
    expect(outbox.shown).toEqual([]);
  });

  it('follows a new task to the id the server gave it', async () => {
    const { outbox, respond, sent } = setUp();
    await outbox.open('me');
    respond((operation) => ({ id: operation.kind === 'task.create' ? 'real' : operation.taskId }));
    const create = { ...update('', {}), kind: 'task.create', task: { projectId: 'p', title: 't' }, position: 'a0' } as Operation;
    const localId = localIdOf(create.id);
    void outbox.add({ ...create, taskId: localId });
    void outbox.add(update(localId, { title: 'y' }));
    await tick();
    expect(sent.map((each) => each.taskId)).toEqual([localId, 'real']);
  });

  it('merges with changes of other fields, and asks about the same field', async () => {
    const { outbox, respond, sent, conflicts } = setUp();
    await outbox.open('me');
    const current = { title: 'theirs', status: 'todo', version: 5 } as Task;
    respond((operation) => {
      if (operation.kind === 'task.update' && operation.overwrite) return { id: operation.taskId };
      return Promise.reject(new ApiError({ code: 'version_mismatch', status: 412, current }));
    });
    const merging = outbox.add(update('a', { status: 'done' }, { before: { status: 'todo' }, deferred: true } as Partial<Operation>));
    await tick();
    expect(await merging).toMatchObject({ status: 'done' });

    void outbox.add(update('a', { title: 'mine' }, { before: { title: 'old' }, deferred: true } as Partial<Operation>));
    void outbox.add(update('b', { title: 'other task' }, { deferred: true, before: { title: 'theirs' } } as Partial<Operation>));
    await tick();
    expect(conflicts).toMatchObject([{ taskId: 'a', conflict: [{ field: 'title', mine: 'mine', theirs: 'theirs', before: 'old' }] }]);
    expect(outbox.shown).toHaveLength(1);
    expect(outbox.unsent).toBe(0);
    outbox.resolve(outbox.shown[0]!.id, true);
    await tick();
    expect(sent.at(-1)).toMatchObject({ taskId: 'a', overwrite: true });
    expect(outbox.shown).toHaveLength(0);
  });

  it('holds back what was done to a task in conflict, counts it, and sends the rest as ever', async () => {
    const { outbox, respond, sent } = setUp();
    await outbox.open('me');
    respond((operation) => {
      if (operation.kind !== 'task.update' || !operation.deferred || operation.overwrite) return { id: operation.taskId };
      return Promise.reject(new ApiError({ code: 'version_mismatch', status: 412, current: { title: 'theirs', status: 'done' } as Task }));
    });
    void outbox.add(update('a', { title: 'mine' }, { before: { title: 'old' }, deferred: true } as Partial<Operation>));
    await tick();
    void outbox.add(update('a', { status: 'todo' }, { before: { status: 'todo' } } as Partial<Operation>));
    void outbox.add(update('b', { title: 'other task' }));
    await tick();
    expect(sent.map((each) => [each.taskId, each.deferred])).toEqual([['a', true], ['b', false]]);
    expect([outbox.held, outbox.unsent]).toEqual([2, 0]);
    outbox.resolve(outbox.shown[0]!.id, true);
    await tick();
    // What waited is as old as what it waited for.
    expect(outbox.shown).toMatchObject([{ taskId: 'a', deferred: true, conflict: [{ field: 'status', theirs: 'done' }] }]);
    expect([outbox.held, outbox.unsent]).toEqual([1, 0]);
  });

  it('drops my side of a conflict when theirs is kept', async () => {
    const { outbox, respond, settled } = setUp();
    await outbox.open('me');
    respond(() => Promise.reject(new ApiError({ code: 'version_mismatch', status: 412, current: { title: 'theirs' } })));
    const outcome = outbox.add(update('a', { title: 'mine' }, { before: { title: 'old' }, deferred: true } as Partial<Operation>));
    await tick();
    outbox.resolve(outbox.shown[0]!.id, false);
    expect((await outcome).status).toBe('cancelled');
    expect(settled.at(-1)![1]).toBe('cancelled');
    expect(outbox.shown).toHaveLength(0);
  });

  it('takes back what was not tried yet, and nothing that may have arrived', async () => {
    const { outbox, respond, sent } = setUp();
    await outbox.open('me');
    respond(() => Promise.reject(offline()));
    const tried = update('a', {});
    const untried = update('b', {});
    void outbox.add(tried);
    await tick();
    void outbox.add(untried);
    await tick();
    expect(outbox.cancel(tried.id)).toBe(false);
    expect(outbox.cancel(untried.id)).toBe(true);
    respond((operation) => ({ id: operation.taskId }));
    outbox.wake();
    await tick();
    expect(sent.map((each) => each.taskId)).not.toContain('b');
  });

  it('does not let one change that the server always fails at block the others for ever', async () => {
    const { outbox, respond } = setUp();
    await outbox.open('me');
    respond((operation) => {
      if (operation.taskId === 'bad') return Promise.reject(new ApiError({ code: 'unavailable', status: 500 }));
      return { id: operation.taskId };
    });
    const bad = outbox.add(update('bad', {}));
    const good = outbox.add(update('good', {}));
    await tick(300_000);
    expect((await bad).status).toBe('refused');
    expect((await good).status).toBe('done');
  });
});
