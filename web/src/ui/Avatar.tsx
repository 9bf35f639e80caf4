import { cx } from './cx';
import { Tooltip } from './Tooltip';

// Hues that keep white initials readable (≥ 4.5:1) at the lightness used below.
const Hues = ['#0b6e66', '#8a4b08', '#6b3fa0', '#9d2f4f', '#2c5f9e', '#3d6b21', '#7a4a3a', '#4a5568'];

function hash(text: string): number {
  let value = 0;
  for (let index = 0; index < text.length; index++) value = (value * 31 + text.charCodeAt(index)) | 0;
  return Math.abs(value);
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = [...(words[0] ?? '?')][0] ?? '?';
  const last = words.length > 1 ? ([...words[words.length - 1]!][0] ?? '') : '';
  return (first + last).toUpperCase();
}

interface AvatarProps {
  id: string;
  name: string;
  size?: 'xs' | 'sm' | 'md' | 'lg';
  typing?: boolean;
  ring?: boolean;
}

const Sizes = { xs: 'size-4.5 text-[8.5px]', sm: 'size-5.5 text-[9.5px]', md: 'size-7 text-2xs', lg: 'size-9 text-sm' };

/** A person's initials on a colour of their own. Decorative: the name stands beside it or in the label around it. */
export function Avatar({ id, name, size = 'sm', typing, ring }: AvatarProps) {
  return (
    <span
      aria-hidden="true"
      // Drawn by CSS, so that the letters are not part of the text of a button or a comment.
      data-initials={initials(name)}
      className={cx(
        'relative inline-flex shrink-0 items-center justify-center rounded-full font-semibold text-white select-none before:content-[attr(data-initials)]',
        Sizes[size],
        ring && 'ring-2 ring-surface',
      )}
      style={{ backgroundColor: Hues[hash(id) % Hues.length] }}
    >
      {typing && (
        <span className="absolute -right-1 -bottom-1 flex gap-px rounded-full bg-accent px-1 py-[3px] ring-1 ring-surface">
          {[0, 1, 2].map((dot) => (
            <span key={dot} className="size-[2.5px] rounded-full bg-accent-ink" style={{ animation: `typing 1.2s ${dot * 0.15}s infinite` }} />
          ))}
        </span>
      )}
    </span>
  );
}

export interface Person {
  userId: string;
  name: string;
  typing?: boolean;
}

/** Who is here: the first few faces, then "+N". */
export function AvatarStack({ people, max = 3, size = 'xs', label }: { people: readonly Person[]; max?: number; size?: AvatarProps['size']; label: string }) {
  if (people.length === 0) return null;
  const shown = people.length > max ? people.slice(0, max) : people;
  const rest = people.length - shown.length;
  const names = people.map((person) => (person.typing ? `${person.name} (typing)` : person.name)).join(', ');
  return (
    <Tooltip label={`${label}: ${names}`}>
      <span role="img" aria-label={`${label}: ${names}`} className="flex items-center -space-x-1">
        {shown.map((person) => (
          <Avatar key={person.userId} id={person.userId} name={person.name} size={size} typing={person.typing} ring />
        ))}
        {rest > 0 && (
          <span aria-hidden="true" className={cx('z-1 inline-flex items-center justify-center rounded-full bg-active font-semibold text-ink-2 ring-2 ring-surface', Sizes[size])}>
            +{rest}
          </span>
        )}
      </span>
    </Tooltip>
  );
}
