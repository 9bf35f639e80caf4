import { createContext, useContext, useRef, useState, type ComponentProps, type KeyboardEvent, type ReactNode } from 'react';
import { cx } from './cx';
import { Kbd } from './Kbd';
import { Popover, PopoverContent, PopoverTrigger } from './Popover';

const Close = createContext<() => void>(() => undefined);

export function Menu({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <Close.Provider value={() => setOpen(false)}>{children}</Close.Provider>
    </Popover>
  );
}

export const MenuTrigger = (props: ComponentProps<typeof PopoverTrigger>) => <PopoverTrigger aria-haspopup="menu" {...props} />;

const ItemClass =
  'flex min-h-7.5 w-full items-center gap-2 rounded-md px-2 py-1 text-left text-sm text-ink outline-none select-none hover:bg-hover focus:bg-hover disabled:cursor-default disabled:opacity-50';

const Items = '[role^="menuitem"]:not(:disabled)';

interface MenuContentProps {
  label: string;
  children: ReactNode;
  align?: 'start' | 'end' | 'center';
  side?: 'top' | 'bottom' | 'right';
  className?: string;
}

/** Arrow keys, Home, End and first letters move; the focus goes back to the button afterwards. */
export function MenuContent({ label, children, align = 'start', side, className }: MenuContentProps) {
  const root = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...(root.current?.querySelectorAll<HTMLElement>(Items) ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    let next: HTMLElement | undefined;
    if (event.key === 'ArrowDown') next = items[(at + 1) % items.length];
    else if (event.key === 'ArrowUp') next = items[(at <= 0 ? items.length : at) - 1];
    else if (event.key === 'Home') next = items[0];
    else if (event.key === 'End') next = items[items.length - 1];
    else if (event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey) {
      const rest = [...items.slice(at + 1), ...items.slice(0, at + 1)];
      next = rest.find((item) => item.textContent?.trim().toLowerCase().startsWith(event.key.toLowerCase()));
    } else return;
    event.preventDefault();
    next?.focus();
  };
  return (
    <PopoverContent
      label={label}
      role="menu"
      align={align}
      side={side}
      onKeyDown={onKeyDown}
      onOpenAutoFocus={(event) => {
        event.preventDefault();
        root.current?.querySelector<HTMLElement>(Items)?.focus();
      }}
      onCloseAutoFocus={(event) => {
        // What was chosen may have opened a dialog, and has the focus by now.
        if (document.activeElement !== null && document.activeElement !== document.body) event.preventDefault();
      }}
      className={cx('min-w-48 overflow-y-auto', className)}
    >
      <div ref={root} role="presentation" className="p-1">
        {children}
      </div>
    </PopoverContent>
  );
}

interface MenuItemProps {
  icon?: ReactNode;
  shortcut?: string;
  danger?: boolean;
  disabled?: boolean;
  children: ReactNode;
  onSelect(): void;
}

export function MenuItem({ icon, shortcut, danger, children, onSelect, disabled }: MenuItemProps) {
  const close = useContext(Close);
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      disabled={disabled}
      onClick={() => {
        close();
        onSelect();
      }}
      className={cx(ItemClass, danger && 'text-danger hover:bg-danger-soft focus:bg-danger-soft')}
    >
      {icon !== undefined && <span aria-hidden="true" className={cx('flex size-4 shrink-0 items-center justify-center', !danger && 'text-ink-3')}>{icon}</span>}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {shortcut && <span aria-hidden="true" className="text-ink-3"><Kbd keys={shortcut} /></span>}
    </button>
  );
}

interface MenuRadioProps<T extends string> {
  label: string;
  value: T;
  onChange(value: T): void;
  options: readonly { value: T; label: string; icon?: ReactNode }[];
}

export function MenuRadio<T extends string>({ label, value, onChange, options }: MenuRadioProps<T>) {
  return (
    <div role="group" aria-label={label}>
      {options.map((option) => (
        <button key={option.value} type="button" role="menuitemradio" aria-checked={option.value === value} tabIndex={-1} onClick={() => onChange(option.value)} className={ItemClass}>
          {option.icon && <span aria-hidden="true" className="flex size-4 shrink-0 items-center justify-center text-ink-3">{option.icon}</span>}
          <span className="min-w-0 flex-1 truncate">{option.label}</span>
          {option.value === value && <span aria-hidden="true" className="text-accent-text">✓</span>}
        </button>
      ))}
    </div>
  );
}

export const MenuSeparator = () => <div role="separator" className="mx-1 my-1 h-px bg-line" />;
export const MenuLabel = ({ children }: { children: ReactNode }) => <div role="presentation" className="truncate px-2 py-1 text-2xs font-medium text-ink-3">{children}</div>;
