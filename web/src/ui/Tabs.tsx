import type { KeyboardEvent, ReactNode } from 'react';
import { cx } from './cx';
import { rove } from './roving';

interface TabListProps<T extends string> {
  /** The same as its panel's; from `useId`. */
  id: string;
  label: string;
  tabs: readonly { value: T; label: string }[];
  value: NoInfer<T>;
  onChange(value: NoInfer<T>, byKey: boolean): void;
  className?: string;
  tabClassName?: string;
}

/** Tab reaches the chosen one; arrows, Home and End go through them and choose at once. */
export function TabList<T extends string>({ id, label, tabs, value, onChange, className, tabClassName }: TabListProps<T>) {
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const index = rove(event, tabs.findIndex((tab) => tab.value === value), tabs.length);
    if (index === undefined) return;
    event.preventDefault();
    onChange(tabs[index]!.value, true);
    event.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]')[index]?.focus();
  };
  return (
    <div role="tablist" aria-label={label} onKeyDown={onKeyDown} className={cx('flex border-b border-line', className)}>
      {tabs.map((tab) => (
        <button
          key={tab.value}
          id={`${id}-${tab.value}`}
          type="button"
          role="tab"
          aria-selected={tab.value === value}
          aria-controls={`${id}-panel`}
          tabIndex={tab.value === value ? 0 : -1}
          onClick={() => onChange(tab.value, false)}
          className={cx('-mb-px border-b-2', tab.value === value ? 'border-accent font-medium text-ink' : 'border-transparent text-ink-3 hover:text-ink', tabClassName)}
        >
          {tab.label}
        </button>
      ))}
    </div>
  );
}

interface TabPanelProps {
  id: string;
  value: string;
  /** It begins with a control, which Tab reaches instead of the panel. */
  hasStop?: boolean;
  className?: string;
  children: ReactNode;
}

export function TabPanel({ id, value, hasStop, className, children }: TabPanelProps) {
  return (
    <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${value}`} tabIndex={hasStop ? undefined : 0} className={className}>
      {children}
    </div>
  );
}
