// @vitest-environment jsdom
import { fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { beforeEach, describe, expect, it } from 'vitest';
import { stubBrowser, visit } from '../../testing/app';
import { FakeServer } from '../../testing/fakeServer';
import { Dialog } from '../../ui/Dialog';
import { MentionTextarea } from './MentionTextarea';

function App() {
  const [open, setOpen] = useState(true);
  const [text, setText] = useState('');
  return (
    <Dialog open={open} onOpenChange={setOpen} title="New task">
      <MentionTextarea label="Text" value={text} onChange={setText} />
    </Dialog>
  );
}

describe('a text with mentions, in a dialog', () => {
  const user = userEvent.setup();

  beforeEach(async () => {
    const server = new FakeServer();
    stubBrowser(server);
    await visit(server, <App />);
  });

  it('closes its list of people with Esc, then the dialog', async () => {
    await user.type(screen.getByLabelText('Text'), 'ask @ot');
    expect(screen.getByRole('option', { name: /Otto/ })).toBeDefined();
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('option')).toBeNull();
    expect(screen.getByRole('dialog')).toBeDefined();
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('leaves Esc to the letters that are being composed', () => {
    fireEvent.keyDown(screen.getByLabelText('Text'), { key: 'Escape', isComposing: true });
    expect(screen.getByRole('dialog')).toBeDefined();
  });
});
