import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx';
import { Kbd } from './Kbd';

export const Menu = Radix.Root;
export const MenuTrigger = Radix.Trigger;

const ItemClass =
  'flex min-h-7 w-full cursor-pointer items-center gap-2 rounded-md px-2 py-1 text-sm text-ink outline-none select-none data-[highlighted]:bg-hover data-[disabled]:cursor-default data-[disabled]:opacity-50';

export function MenuContent({ children, align = 'start', side, className }: { children: ReactNode; align?: 'start' | 'end' | 'center'; side?: 'top' | 'bottom' | 'right'; className?: string }) {
  return (
    <Radix.Portal>
      <Radix.Content
        align={align}
        side={side}
        sideOffset={4}
        collisionPadding={8}
        className={cx('z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-48 animate-pop overflow-y-auto rounded-lg bg-raised p-1 shadow-pop', className)}
      >
        {children}
      </Radix.Content>
    </Radix.Portal>
  );
}

export function MenuItem({ icon, shortcut, danger, children, onSelect, disabled }: { icon?: ReactNode; shortcut?: string; danger?: boolean; children: ReactNode; onSelect(event: Event): void; disabled?: boolean }) {
  return (
    <Radix.Item className={cx(ItemClass, danger && 'text-danger data-[highlighted]:bg-danger-soft')} onSelect={onSelect} disabled={disabled}>
      {icon && <span className={cx('flex size-4 shrink-0 items-center justify-center', !danger && 'text-ink-3')}>{icon}</span>}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {shortcut && <span className="text-ink-3"><Kbd keys={shortcut} /></span>}
    </Radix.Item>
  );
}

export function MenuRadio<T extends string>({ value, onChange, options }: { value: T; onChange(value: T): void; options: { value: T; label: string; icon?: ReactNode }[] }) {
  return (
    <Radix.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
      {options.map((option) => (
        <Radix.RadioItem key={option.value} value={option.value} className={ItemClass}>
          {option.icon && <span className="flex size-4 shrink-0 items-center justify-center text-ink-3">{option.icon}</span>}
          <span className="min-w-0 flex-1 truncate">{option.label}</span>
          <Radix.ItemIndicator className="text-accent-text">✓</Radix.ItemIndicator>
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

export const MenuSeparator = () => <Radix.Separator className="mx-1 my-1 h-px bg-line" />;
export const MenuLabel = ({ children }: { children: ReactNode }) => <Radix.Label className="px-2 py-1 text-2xs font-medium text-ink-3">{children}</Radix.Label>;
