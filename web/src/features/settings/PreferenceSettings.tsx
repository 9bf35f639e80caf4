import { setPreferences, usePreference, type Theme } from '../../app/preferences';
import { Switch } from '../../ui/Field';
import { Section } from './Section';

const Themes: { value: Theme; label: string }[] = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'system', label: 'System' },
];

export function PreferenceSettings() {
  const theme = usePreference('theme');
  const singleKeys = usePreference('singleKeys');
  const latencyHint = usePreference('latencyHint');
  return (
    <>
      <Section title="Looks" description="For this browser.">
        <fieldset className="flex items-center justify-between gap-4 py-2">
          <legend className="sr-only">Theme</legend>
          <span aria-hidden="true" className="font-medium">Theme</span>
          <div className="flex rounded-md border border-line p-0.5">
            {Themes.map((each) => (
              <label key={each.value} className="flex h-7 cursor-pointer items-center rounded-sm px-3 text-ink-3 has-checked:bg-active has-checked:font-medium has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-ring">
                <input type="radio" name="theme" className="sr-only" value={each.value} checked={theme === each.value} onChange={() => setPreferences({ theme: each.value })} />
                {each.label}
              </label>
            ))}
          </div>
        </fieldset>
      </Section>
      <Section title="Keyboard">
        <Switch label="Single-key shortcuts" description="Such as C for a new task. Shortcuts with Ctrl or ⌘ always work." checked={singleKeys} onChange={(checked) => setPreferences({ singleKeys: checked })} />
      </Section>
      <Section title="Real time">
        <Switch label="Show the latency" description="In a corner: how long the last change took from commit to your screen." checked={latencyHint} onChange={(checked) => setPreferences({ latencyHint: checked })} />
      </Section>
    </>
  );
}
