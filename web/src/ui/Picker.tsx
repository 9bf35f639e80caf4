import { Check } from 'lucide-react';
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { cx } from './cx';
import { Kbd } from './Kbd';
import { matches } from './match';

export interface PickerOption {
  value: string;
  label: string;
  icon?: ReactNode;
  hint?: string;
  /** Other words by which the option is found. */
  keywords?: string;
}

interface PickerListProps {
  label: string;
  options: PickerOption[];
  selected: readonly string[];
  placeholder?: string;
  shortcut?: string;
  /** Several may be chosen: the list stays open. */
  multiple?: boolean;
  onPick(value: string): void;
  /** Offered as the last option when nothing has exactly that name. */
  onCreate?(text: string): void;
  createLabel?(text: string): string;
  onClose?(): void;
  footer?: ReactNode;
}

/** A list that filters as you type; the current value is ticked and first in focus. Digits 1–9 pick while nothing is typed. */
export function PickerList({ label, options, selected, placeholder, shortcut, multiple, onPick, onCreate, createLabel, onClose, footer }: PickerListProps) {
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(() => Math.max(0, options.findIndex((option) => selected.includes(option.value))));
  const listId = useId();
  const listRef = useRef<HTMLDivElement>(null);
  const trimmed = query.trim();
  const shown = useMemo(() => options.filter((option) => matches(`${option.label} ${option.keywords ?? ''}`, trimmed)), [options, trimmed]);
  const canCreate = onCreate !== undefined && trimmed.length > 0 && !options.some((option) => option.label.toLowerCase() === trimmed.toLowerCase());
  const count = shown.length + (canCreate ? 1 : 0);
  const current = Math.min(active, Math.max(0, count - 1));

  useEffect(() => {
    listRef.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [current, query]);

  const pick = (index: number) => {
    const option = shown[index];
    if (option) onPick(option.value);
    else if (canCreate) {
      onCreate(trimmed);
      setQuery('');
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') setActive(count === 0 ? 0 : (current + 1) % count);
    else if (event.key === 'ArrowUp') setActive(count === 0 ? 0 : (current - 1 + count) % count);
    else if (event.key === 'Home' && !query) setActive(0);
    else if (event.key === 'End' && !query) setActive(count - 1);
    else if (event.key === 'Enter') pick(current);
    else if (event.key === 'Tab') {
      // Below the list may be more to reach; who leaves that leaves the picker.
      if (!footer) onClose?.();
      return;
    } else if (!query && !multiple && /^[1-9]$/.test(event.key) && Number(event.key) <= shown.length) pick(Number(event.key) - 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="flex max-h-[inherit] w-60 flex-col" onKeyDown={onKeyDown}>
      <div className="flex items-center gap-2 border-b border-line px-2.5">
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={count > 0 ? `${listId}-${current}` : undefined}
          aria-label={label}
          className="h-9 min-w-0 flex-1 bg-transparent text-sm outline-none"
          placeholder={placeholder ?? `${label}…`}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(0);
          }}
          autoComplete="off"
          spellCheck={false}
        />
        {shortcut && <span className="text-ink-3"><Kbd keys={shortcut} /></span>}
      </div>
      <div ref={listRef} id={listId} role="listbox" aria-label={label} aria-multiselectable={multiple || undefined} className="min-h-0 flex-1 overflow-y-auto p-1">
        {shown.map((option, index) => (
          <Row
            key={option.value}
            id={`${listId}-${index}`}
            active={index === current}
            checked={selected.includes(option.value)}
            multiple={multiple}
            icon={option.icon}
            hint={option.hint ?? (!multiple && !query && index < 9 ? String(index + 1) : undefined)}
            onHover={() => setActive(index)}
            onPick={() => pick(index)}
          >
            {option.label}
          </Row>
        ))}
        {canCreate && (
          <Row id={`${listId}-${shown.length}`} active={current === shown.length} onHover={() => setActive(shown.length)} onPick={() => pick(shown.length)}>
            {createLabel?.(trimmed) ?? `Create “${trimmed}”`}
          </Row>
        )}
      </div>
      <div role="status">{count === 0 && <p className="px-2 pt-2 pb-4 text-center text-ink-3">Nothing found</p>}</div>
      {footer}
    </div>
  );
}

interface RowProps {
  id: string;
  active: boolean;
  checked?: boolean;
  multiple?: boolean;
  icon?: ReactNode;
  hint?: string;
  onHover(): void;
  onPick(): void;
  children: ReactNode;
}

function Row({ id, active, checked, multiple, icon, hint, onHover, onPick, children }: RowProps) {
  return (
    <div
      id={id}
      role="option"
      aria-selected={active}
      aria-checked={multiple ? checked : undefined}
      onPointerMove={onHover}
      onClick={onPick}
      className={cx('flex min-h-8 items-center gap-2 rounded-md px-2 py-1 select-none', active && 'bg-hover')}
    >
      {multiple && (
        <span
          aria-hidden="true"
          className={cx('flex size-3.5 items-center justify-center rounded-sm border', checked ? 'border-accent bg-accent text-accent-ink' : 'border-line-strong')}
        >
          {checked && <Check className="size-3" strokeWidth={3} />}
        </span>
      )}
      {icon && <span className="flex size-4 shrink-0 items-center justify-center">{icon}</span>}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {!multiple && checked && (
        <>
          <Check className="size-3.5 text-accent-text" aria-hidden="true" />
          <span className="sr-only">(current)</span>
        </>
      )}
      {hint && <span className="text-2xs text-ink-3 tabular-nums">{hint}</span>}
    </div>
  );
}
