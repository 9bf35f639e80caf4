// @vitest-environment jsdom
import { act, cleanup, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Api } from '../api/client';
import { Http } from '../api/http';
import { SessionStore } from '../api/session';
import { FakeServer, ME, WS } from '../testing/fakeServer';
import { DataProvider, WorkspaceProvider } from './provider';
import { DataRuntime } from './runtime';
import { memoryStore } from './store';
import {
  useBoard, useComments, useCommentActions, useConflicts, useConnectionState, useCreateTask, useDataEvents, useDeleteTask, useMoveTask, usePermissions,
  useTask, useTogether, useUndo, useUpdateTask, useWorkspace, type DataEvent,
} from './index';

const renders = new Map<string, number>();

function Card({ id }: { id: string }) {
  const task = useTask(id);
  renders.set(id, (renders.get(id) ?? 0) + 1);
  return <li data-testid={`card-${id}`}>{task ? `${task.title}|${task.status}|v${task.version}${task.pending ? '|pending' : ''}` : 'gone'}</li>;
}

const hooks = {} as {
  create: ReturnType<typeof useCreateTask>;
  update: ReturnType<typeof useUpdateTask>;
  move: ReturnType<typeof useMoveTask>;
  remove: ReturnType<typeof useDeleteTask>;
  together: ReturnType<typeof useTogether>;
  undo: ReturnType<typeof useUndo>;
  conflicts: ReturnType<typeof useConflicts>;
  connection: ReturnType<typeof useConnectionState>;
  permissions: ReturnType<typeof usePermissions>;
};

function App({ events }: { events: DataEvent[] }) {
  Object.assign(hooks, {
    create: useCreateTask(), update: useUpdateTask(), move: useMoveTask(), remove: useDeleteTask(), together: useTogether(), undo: useUndo(),
    conflicts: useConflicts(), connection: useConnectionState(), permissions: usePermissions(),
  });
  const board = useBoard({});
  const workspace = useWorkspace();
  useDataEvents((event) => void events.push(event));
  return (
    <main>
      <p data-testid="status">{workspace.status}</p>
      <p data-testid="error">{workspace.error?.message}</p>
      {board.map((column) => (
        <ul key={column.status} data-testid={column.status}>
          {column.ids.map((id) => <Card key={id} id={id} />)}
        </ul>
      ))}
    </main>
  );
}

function Comments({ taskId }: { taskId: string }) {
  const comments = useComments(taskId);
  Object.assign(commentHooks, useCommentActions(taskId));
  return <p data-testid="comments">{comments.data?.map((each) => `${each.body}${each.pending ? '…' : ''}`).join(', ') ?? comments.status}</p>;
}
const commentHooks = {} as ReturnType<typeof useCommentActions>;

describe('the data layer', () => {
  let server: FakeServer;
  let store = memoryStore();
  const sessions: SessionStore[] = [];

  beforeEach(() => {
    server = new FakeServer();
    store = memoryStore();
    renders.clear();
    localStorage.clear();
    sessionStorage.clear();
    vi.stubGlobal('WebSocket', server.WebSocket);
    // Reconnecting at once keeps the tests short; that it waits is tested where it is done.
    vi.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => {
    // Signing out closes connections at once; a page that goes keeps them for some seconds, by when its test may be over.
    act(() => sessions.splice(0).forEach((session) => session.end()));
    cleanup();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  function start(extra?: React.ReactNode) {
    const session = new SessionStore();
    sessions.push(session);
    session.begin({ accessToken: 'a', expiresIn: 900, refreshToken: 'r' }, ME);
    const runtime = new DataRuntime({ session, store, api: new Api(session, new Http(session, '', server.fetch)) });
    const events: DataEvent[] = [];
    const view = render(
      <DataProvider runtime={runtime}>
        <WorkspaceProvider workspaceId={WS}>
          <App events={events} />
          {extra}
        </WorkspaceProvider>
      </DataProvider>,
    );
    return { runtime, events, ...view };
  }

  const live = () => waitFor(() => expect(hooks.connection.status).toBe('live'), { timeout: 10_000 });
  const text = (id: string) => screen.queryByTestId(`card-${id}`)?.textContent;
  const shows = (id: string, what: string | RegExp | undefined) =>
    waitFor(() => (what === undefined ? expect(text(id)).toBeUndefined() : expect(text(id)).toMatch(what)), { timeout: 10_000 });

  it('shows the snapshot, then what others change, rendering only the card that changed', async () => {
    const [one, two] = [server.addTask('One'), server.addTask('Two')];
    start();
    await live();
    await shows(one.id, 'One|todo|v1');
    const before = renders.get(two.id);
    server.change(one.id, { title: 'Eins' });
    await shows(one.id, 'Eins|todo|v2');
    expect(renders.get(two.id)).toBe(before);
    server.change(one.id, { status: 'done' });
    await waitFor(() => expect(screen.getByTestId('done').textContent).toContain('Eins'));
  });

  it('shows a change at once, and takes the server’s word when it comes', async () => {
    const task = server.addTask('One');
    start();
    await live();
    let open = () => {};
    server.gate = { path: /tasks\/t1$/, open: new Promise((resolve) => (open = resolve)) };
    act(() => void hooks.update(task.id, { title: 'Mine' }));
    await shows(task.id, /^Mine\|todo\|v/);
    open();
    await shows(task.id, 'Mine|todo|v2');
    await waitFor(() => expect(text(task.id)).not.toContain('pending'));
    expect(server.requests.filter((each) => each.method === 'PATCH')).toHaveLength(1);
    expect(server.requests.find((each) => each.method === 'PATCH')!.body).toEqual({ title: 'Mine', version: 1 });
  });

  it('takes back what was refused and says why', async () => {
    const task = server.addTask('One');
    const { events } = start();
    await live();
    server.next = { path: /tasks\/t1$/, method: 'PATCH', answer: { status: 400, body: { code: 'validation_failed', errors: { title: ['Too long.'] } } } };
    let outcome = '';
    act(() => void hooks.update(task.id, { title: 'Mine' }).settled.then((each) => (outcome = each.status)));
    await waitFor(() => expect(outcome).toBe('refused'));
    await shows(task.id, 'One|todo|v1');
    expect(events).toContainEqual(expect.objectContaining({ kind: 'refused', message: 'Edit WEB-1: Too long.' }));
  });

  it('shows a new task at once and as one card when event and answer have come', async () => {
    start();
    await live();
    let made = '';
    act(() => void (made = hooks.create({ projectId: 'p1', title: 'New' }).subjectId));
    await waitFor(() => expect(screen.getByTestId('todo').children).toHaveLength(1));
    await waitFor(() => expect(server.tasks.size).toBe(1));
    await shows('t1', /^New\|todo\|v1$/);
    expect(screen.getByTestId('todo').children).toHaveLength(1);
    act(() => void hooks.update(made, { title: 'Newer' }));
    await shows('t1', 'Newer|todo|v2');
  });

  it('leaves a new task at the foot of its column, below those of other projects', async () => {
    server.addTask('Elsewhere', { projectId: 'p2', position: 'zz' });
    start();
    await live();
    act(() => void hooks.create({ projectId: 'p1', title: 'New' }));
    await waitFor(() => expect(server.tasks.get('t2')?.version).toBe(2));
    expect(server.tasks.get('t2')!.position > 'zz').toBe(true);
    expect([...screen.getByTestId('todo').children].map((each) => each.textContent![0]).join('')).toBe('EN');
    act(() => hooks.undo.undo());
    await waitFor(() => expect(server.tasks.size).toBe(1));
  });

  it('keeps changes made offline over a reload and sends them in order on return', async () => {
    const task = server.addTask('One');
    const first = start();
    await live();
    server.isDown = true;
    act(() => server.disconnect());
    await waitFor(() => expect(hooks.connection.status).not.toBe('live'));
    act(() => void hooks.update(task.id, { title: 'Offline' }));
    act(() => void hooks.create({ projectId: 'p1', title: 'Made offline' }));
    await waitFor(() => expect(hooks.connection.unsent).toBe(2), { timeout: 10_000 });
    await act(() => new Promise((resolve) => setTimeout(resolve, 3_200)));
    first.unmount();
    first.runtime.workspace(WS).stop();
    first.runtime.outbox.close();

    start();
    await shows(task.id, /^Offline/);
    server.isDown = false;
    await waitFor(() => expect(server.tasks.size).toBe(2), { timeout: 15_000 });
    expect(server.tasks.get(task.id)!.title).toBe('Offline');
    await live();
    await waitFor(() => expect(hooks.connection.unsent).toBe(0));
    expect(screen.getByTestId('todo').children).toHaveLength(2);
  });

  it('shows a conflict instead of writing over what somebody else changed meanwhile', async () => {
    const task = server.addTask('One');
    const { events } = start();
    await live();
    server.isDown = true;
    act(() => server.disconnect());
    act(() => void hooks.update(task.id, { title: 'Mine' }));
    await waitFor(() => expect(hooks.connection.unsent).toBe(1), { timeout: 10_000 });
    server.isDown = false;
    server.change(task.id, { title: 'Theirs' });
    await waitFor(() => expect(hooks.conflicts.conflicts).toHaveLength(1), { timeout: 15_000 });
    expect(server.tasks.get(task.id)!.title).toBe('Theirs');
    await shows(task.id, 'Theirs|todo|v2');
    expect(events.some((event) => event.kind === 'conflict')).toBe(true);
    act(() => hooks.conflicts.resolve(hooks.conflicts.conflicts[0]!.id, 'mine'));
    await waitFor(() => expect(server.tasks.get(task.id)!.title).toBe('Mine'));
    await shows(task.id, 'Mine|todo|v3');
  });

  it('makes a change once though its answer was lost', async () => {
    start();
    await live();
    server.loseNextAnswer = true;
    act(() => void hooks.create({ projectId: 'p1', title: 'Once' }));
    await waitFor(() => expect(server.requests.filter((each) => each.method === 'POST' && each.path.endsWith('/tasks'))).toHaveLength(2), { timeout: 10_000 });
    await waitFor(() => expect(hooks.connection.unsent).toBe(0));
    expect(server.tasks.size).toBe(1);
    expect(screen.getByTestId('todo').children).toHaveLength(1);
  });

  it('tells who deleted a task, and does not let a late answer bring it back', async () => {
    const task = server.addTask('One');
    const { events } = start();
    await live();
    let open = () => {};
    server.gate = { path: /tasks\/t1$/, open: new Promise((resolve) => (open = resolve)) };
    act(() => void hooks.update(task.id, { title: 'Mine' }));
    await waitFor(() => expect(server.tasks.get(task.id)!.title).toBe('Mine'));
    act(() => server.remove(task.id));
    await shows(task.id, undefined);
    open();
    await act(() => new Promise((resolve) => setTimeout(resolve, 50)));
    expect(text(task.id)).toBeUndefined();
    expect(events).toContainEqual(expect.objectContaining({ kind: 'task-deleted', by: { id: 'u-other', name: 'Otto' }, mine: false }));
  });

  it('moves a card between its new neighbours and back on undo', async () => {
    const tasks = ['A', 'B', 'C'].map((title) => server.addTask(title));
    start();
    await live();
    act(() => void hooks.move(tasks[2]!.id, { status: 'todo', before: tasks[1]!.id }));
    const order = () => [...screen.getByTestId('todo').children].map((each) => each.textContent![0]).join('');
    await waitFor(() => expect(order()).toBe('ACB'));
    await waitFor(() => expect(server.tasks.get(tasks[2]!.id)!.version).toBe(2));
    expect(hooks.undo.label).toBe('Move WEB-3');
    act(() => hooks.undo.undo());
    await waitFor(() => expect(order()).toBe('ABC'));
    await waitFor(() => expect(server.tasks.get(tasks[2]!.id)!.version).toBe(3));
    expect(hooks.undo.label).toBeNull();
  });

  it('takes several changes back as one', async () => {
    const tasks = ['A', 'B', 'C'].map((title) => server.addTask(title));
    start();
    await live();
    act(() => void hooks.together('Move 2 tasks', () => [0, 1].forEach((index) => hooks.move(tasks[index]!.id, { status: 'done' }))));
    await waitFor(() => expect([...server.tasks.values()].filter((task) => task.status === 'done')).toHaveLength(2));
    expect(hooks.undo.label).toBe('Move 2 tasks');
    act(() => hooks.undo.undo());
    await waitFor(() => expect([...server.tasks.values()].filter((task) => task.status === 'done')).toHaveLength(0));
    expect(hooks.undo.label).toBeNull();
    expect([...screen.getByTestId('todo').children].map((each) => each.textContent![0]).join('')).toBe('ABC');
  });

  it('makes a deleted task anew on undo', async () => {
    const task = server.addTask('One', { labels: ['x'], priority: 'high' });
    start();
    await live();
    act(() => void hooks.remove(task.id));
    await waitFor(() => expect(server.tasks.size).toBe(0));
    act(() => hooks.undo.undo());
    await waitFor(() => expect([...server.tasks.values()]).toMatchObject([{ title: 'One', labels: ['x'], priority: 'high' }]));
  });

  it('loads everything anew when history is another one', async () => {
    server.addTask('One');
    const { events } = start();
    await live();
    server.epoch = 'e2';
    server.log = [];
    server.tasks.clear();
    server.addTask('After the restore', { id: 't9' });
    act(() => server.disconnect());
    await shows('t9', /^After the restore/);
    await shows('t1', undefined);
    expect(events).toContainEqual({ kind: 'reloaded' });
  });

  it('loses no comment that arrives while the list is being fetched, and shows mine at once', async () => {
    const task = server.addTask('One');
    server.comment(task.id, 'first');
    let open = () => {};
    server.gate = { path: /comments$/, open: new Promise((resolve) => (open = resolve)) };
    start(<Comments taskId={task.id} />);
    await live();
    await waitFor(() => expect(server.requests.some((each) => each.path.endsWith('/comments'))).toBe(true));
    act(() => void server.comment(task.id, 'second'));
    open();
    server.gate = null;
    await waitFor(() => expect(screen.getByTestId('comments').textContent).toBe('first, second'));
    act(() => void commentHooks.create('mine'));
    await waitFor(() => expect(screen.getByTestId('comments').textContent).toMatch(/^first, second, mine/));
    await waitFor(() => expect(screen.getByTestId('comments').textContent).toBe('first, second, mine'));
  });

  it('gives a guest nothing to write with, from the moment the role changes', async () => {
    start();
    await live();
    expect(hooks.permissions.write).toBe(true);
    const by = { userId: 'u-other', userName: 'Otto', mutationId: null, timestamp: '' };
    act(() => server.send({ type: 'member.updated', workspaceId: WS, seq: server.log.length + 1, memberId: ME.id, payload: { role: 'guest' }, ...by }));
    await waitFor(() => expect(hooks.permissions).toMatchObject({ role: 'guest', write: false }));
  });

  it('says why a workspace cannot be shown, and recovers', async () => {
    server.next = { path: /snapshot/, answer: { status: 404, body: { code: 'not_found', detail: 'No such workspace.' } } };
    start();
    await waitFor(() => expect(screen.getByTestId('status').textContent).toBe('error'));
    expect(screen.getByTestId('error').textContent).toBe('No such workspace.');
    act(() => hooks.connection.retry());
    await live();
    expect(screen.getByTestId('status').textContent).toBe('ready');
  });
});
