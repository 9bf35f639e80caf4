// @vitest-environment jsdom
import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { useConflicts, useTask } from '../../data';
import { Patience, stubBrowser, visit, type Visit } from '../../testing/app';
import { FakeServer } from '../../testing/fakeServer';
import { Description } from './Description';
import { Title } from './Title';

let conflicts: ReturnType<typeof useConflicts>;

function Detail({ taskId }: { taskId: string }) {
  const task = useTask(taskId);
  conflicts = useConflicts();
  if (!task) return null;
  return (
    <>
      <Title task={task} write setTyping={() => {}} />
      <Description task={task} write setTyping={() => {}} />
    </>
  );
}

describe('writing a text of a task', () => {
  const user = userEvent.setup();
  let server: FakeServer;
  let open: Visit;
  let taskId: string;

  beforeEach(async () => {
    server = new FakeServer();
    stubBrowser(server);
    taskId = server.addTask('One', { description: 'old' }).id;
    open = await visit(server, <Detail taskId={taskId} />);
  });

  const button = (name: string) => screen.getByRole('button', { name });
  const editor = () => screen.findByRole<HTMLTextAreaElement>('textbox', { name: /Description/ });
  const title = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Title' });
  const changes = () => server.requests.filter((each) => each.method === 'PATCH');
  const theirs = async (fields: { title?: string; description?: string }) => {
    act(() => void server.change(taskId, fields));
    await waitFor(() => expect(open.runtime.workspace('w1').state!.tasks[taskId]).toMatchObject(fields), Patience);
  };

  it('leaves nothing behind where an editor was merely opened', async () => {
    await user.click(button('Edit description'));
    await editor();
    await user.keyboard('{Escape}');
    await theirs({ description: 'new' });
    await user.click(button('Edit description'));
    expect((await editor()).value).toBe('new');
    await user.click(button('Save'));
    expect(changes()).toEqual([]);
  });

  it('keeps with a draft what it began with, and says when that was changed', async () => {
    await user.click(button('Edit description'));
    await user.type(await editor(), ' and mine');
    await user.keyboard('{Escape}');
    await theirs({ description: 'theirs' });
    await user.click(button('Go on writing'));
    expect((await editor()).value).toBe('old and mine');
    expect(screen.getByRole('status').textContent).toContain('was changed while you write');
    await user.click(button('Save'));
    await waitFor(() => expect(changes()).toHaveLength(1), Patience);
    expect(changes()[0]!.body).toEqual({ description: 'old and mine', version: 1 });
  });

  it('stays where the keyboard is while it goes through the tabs, and is written in after a click', async () => {
    await user.click(button('Edit description'));
    await user.type(await editor(), ' and mine');
    await user.tab({ shift: true });
    await user.keyboard('{ArrowRight}');
    expect(screen.getByRole('tabpanel', { name: 'Preview' }).textContent).toContain('old and mine');
    await user.keyboard('{ArrowLeft}');
    expect((await editor()).value).toBe('old and mine');
    expect(document.activeElement).toBe(screen.getByRole('tab', { name: 'Write' }));
    await user.tab();
    expect(document.activeElement).toBe(await editor());

    await user.click(screen.getByRole('tab', { name: 'Preview' }));
    await user.click(screen.getByRole('tab', { name: 'Write' }));
    expect(document.activeElement).toBe(await editor());
  });

  it.each([
    ['{Escape}', 0],
    ['{Control>}{Enter}{/Control}', 1],
  ])('ends with %s from the preview too', async (keys, saved) => {
    await user.click(button('Edit description'));
    await user.type(await editor(), ' and mine');
    await user.click(screen.getByRole('tab', { name: 'Preview' }));
    const beyond = vi.fn((event: KeyboardEvent) => event.defaultPrevented);
    addEventListener('keydown', beyond);
    await user.keyboard(keys);
    removeEventListener('keydown', beyond);
    expect(beyond).toHaveLastReturnedWith(true);
    await waitFor(() => expect(document.activeElement).toBe(button('Edit description')), Patience);
    await waitFor(() => expect(changes()).toHaveLength(saved), Patience);
  });

  it('bases a title on what was there when its first letter was written, and says when that was changed', async () => {
    await theirs({ title: 'Two' });
    await user.type(title(), '!');
    await theirs({ title: 'Three' });
    expect(screen.getByRole('status').textContent).toContain('“Three”');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(changes()).toHaveLength(1), Patience);
    expect(changes()[0]!.body).toEqual({ title: 'Two!', version: 2 });
  });

  it('writes nothing over a newer title when what was typed was taken back', async () => {
    await user.type(title(), '!');
    await theirs({ title: 'Two' });
    await user.type(title(), '{Backspace}');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(title().value).toBe('Two'));
    expect(changes()).toEqual([]);
  });

  it('asks about a change that was made while an offline edit was being written', async () => {
    await user.type(title(), '!');
    await theirs({ title: 'Two' });
    server.isDown = true;
    act(() => server.disconnect());
    await user.keyboard('{Enter}');
    await waitFor(() => expect(open.runtime.outbox.unsent).toBe(1), Patience);
    server.isDown = false;
    await waitFor(() => expect(conflicts.conflicts).toHaveLength(1), Patience);
    expect(conflicts.conflicts[0]!.fields).toEqual([{ field: 'title', mine: 'One!', theirs: 'Two', before: 'One' }]);
  });

  it('undoes to what was there when it was saved', async () => {
    await user.type(title(), '!');
    await theirs({ title: 'Two' });
    await user.keyboard('{Enter}');
    await waitFor(() => expect(server.tasks.get(taskId)!.title).toBe('One!'), Patience);
    await waitFor(() => expect(open.runtime.outbox.shown).toEqual([]), Patience);
    act(() => open.runtime.workspace('w1').undo.view.undo());
    await waitFor(() => expect(server.tasks.get(taskId)!.title).toBe('Two'), Patience);
  });
});
