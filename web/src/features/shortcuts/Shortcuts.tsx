import { useEffect, useRef } from 'react';
import { usePreference } from '../../app/preferences';
import { shell } from '../../app/shell';
import { currentCard } from '../board/focus';
import { openPicker } from '../tasks/pickers';
import { useCommands, type Command } from './commands';
import { createMatcher, isEditable, isInOverlay, isSingleKey, keyOf, type Binding } from './keys';

/** What was just opened may not have the focus yet: keys typed ahead are meant for it, not for a card. */
function isOverlayOpening(): boolean {
  const { palette, help, newTask, newProject } = shell.get();
  return palette || help || newProject || newTask !== null || openPicker.get() !== null;
}

/** Listens for the shortcuts of all commands; draws nothing. */
export function Shortcuts() {
  const commands = useCommands();
  const singleKeys = usePreference('singleKeys');
  const latest = useRef<{ commands: Command[]; singleKeys: boolean }>({ commands, singleKeys });
  latest.current = { commands, singleKeys };

  useEffect(() => {
    const match = createMatcher();
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.repeat && !event.key.startsWith('Arrow') && !['j', 'k'].includes(keyOf(event))) return;
      const editing = isEditable(event.target);
      const overlay = isInOverlay(event.target) || isOverlayOpening();
      const bindings: Binding[] = latest.current.commands.flatMap((command) =>
        command.keys
          .filter((keys) => {
            if (keys === 'mod+k') return true;
            if (editing || overlay) return false;
            // Arrows scroll the page unless a card has the focus.
            if (keys.startsWith('arrow') || keys.startsWith('alt+arrow')) return (event.target as Element).closest?.('[data-card]') != null || (document.activeElement === document.body && currentCard.get() !== null);
            return latest.current.singleKeys || !isSingleKey(keys);
          })
          .map((keys) => ({ keys, run: command.run })),
      );
      const found = match(event, bindings);
      if (!found) return;
      event.preventDefault();
      found.run(event);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  return null;
}
