import { Fragment } from 'react';

const IsApple = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

const Names: Record<string, string> = IsApple
  ? { mod: '⌘', alt: '⌥', shift: '⇧', enter: '↵', backspace: '⌫', esc: 'Esc' }
  : { mod: 'Ctrl', alt: 'Alt', shift: '⇧', enter: '↵', backspace: '⌫', esc: 'Esc' };

/** How a shortcut is written on this system: `mod+k`, `g i`. */
export function shortcutParts(shortcut: string): string[] {
  return shortcut.split(/[+ ]/).map((part) => Names[part.toLowerCase()] ?? (part.length === 1 ? part.toUpperCase() : part));
}

export function Kbd({ keys }: { keys: string }) {
  const sequence = keys.includes(' ');
  return (
    <span className="inline-flex items-center gap-0.5 font-sans text-2xs">
      {shortcutParts(keys).map((part, index) => (
        <Fragment key={index}>
          {sequence && index > 0 && <span className="px-0.5">then</span>}
          <kbd className="inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-sm border border-current/25 px-1 font-sans leading-none">{part}</kbd>
        </Fragment>
      ))}
    </span>
  );
}
