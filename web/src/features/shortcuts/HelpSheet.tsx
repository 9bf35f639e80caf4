import { usePreference, setPreferences } from '../../app/preferences';
import { Dialog } from '../../ui/Dialog';
import { Switch } from '../../ui/Field';
import { Kbd } from '../../ui/Kbd';
import { useCommands, type Command } from './commands';
import { isSingleKey } from './keys';

const Also: { title: string; keys: string }[] = [
  { title: 'Open the card', keys: 'enter' },
  { title: 'Back, close, clear', keys: 'esc' },
  { title: 'Pick the card up and put it down', keys: 'Space' },
  { title: 'Select a range', keys: 'shift+Click' },
  { title: 'Send what you wrote', keys: 'mod+enter' },
];

const Arrows: Record<string, string> = { arrowup: '↑', arrowdown: '↓', arrowleft: '←', arrowright: '→' };
const pretty = (keys: string) => keys.replace(/arrow\w+/g, (name) => Arrows[name] ?? name);

/** All shortcuts on one page, from the same list that runs them. */
export default function HelpSheet({ onClose }: { onClose(): void }) {
  const commands = useCommands().filter((command) => command.keys.length > 0);
  const singleKeys = usePreference('singleKeys');
  const groups = [...new Set(commands.map((command) => command.group))];
  return (
    <Dialog open onOpenChange={onClose} title="Keyboard shortcuts" size="lg">
      <div className="min-h-0 overflow-y-auto px-4 pb-4">
        <div className="grid gap-x-10 sm:grid-cols-2">
          {groups.map((group) => (
            <section key={group} className="py-3">
              <h3 className="mb-1 text-xs font-medium text-ink-3">{group}</h3>
              <dl>
                {commands
                  .filter((command) => command.group === group)
                  .map((command) => (
                    <Line key={command.id} title={command.id === 'undo' ? 'Undo, outside of text' : command.title} command={command} off={!singleKeys} />
                  ))}
              </dl>
            </section>
          ))}
          <section className="py-3">
            <h3 className="mb-1 text-xs font-medium text-ink-3">Everywhere</h3>
            <dl>
              {Also.map(({ title, keys }) => (
                <div key={title} className="flex min-h-7 items-center justify-between gap-3">
                  <dt>{title}</dt>
                  <dd className="text-ink-2"><Kbd keys={keys} /></dd>
                </div>
              ))}
            </dl>
          </section>
        </div>
        <div className="border-t border-line">
          <Switch label="Single-key shortcuts" description="Switch them off if speech input or a slip of the hand sets them off." checked={singleKeys} onChange={(checked) => setPreferences({ singleKeys: checked })} />
        </div>
      </div>
    </Dialog>
  );
}

function Line({ title, command, off }: { title: string; command: Command; off: boolean }) {
  return (
    <div className="flex min-h-7 items-center justify-between gap-3">
      <dt>{title}</dt>
      <dd className="flex items-center gap-2 text-ink-2">
        {command.keys.map((keys) => (
          <span key={keys} className={off && isSingleKey(keys) ? 'line-through opacity-50' : undefined}>
            <Kbd keys={pretty(keys)} />
          </span>
        ))}
      </dd>
    </div>
  );
}
