import { Popover as Radix } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { cx } from './cx';

export const Popover = Radix.Root;
export const PopoverTrigger = Radix.Trigger;
export const PopoverAnchor = Radix.Anchor;

type ContentProps = ComponentProps<typeof Radix.Content> & { label: string; children: ReactNode };

export function PopoverContent({ label, className, children, ...rest }: ContentProps) {
  return (
    <Radix.Portal>
      <Radix.Content
        aria-label={label}
        sideOffset={4}
        align="start"
        collisionPadding={8}
        className={cx('z-50 max-h-[min(26rem,var(--radix-popover-content-available-height))] animate-pop overflow-hidden rounded-lg bg-raised shadow-pop', className)}
        {...rest}
      >
        {children}
      </Radix.Content>
    </Radix.Portal>
  );
}
