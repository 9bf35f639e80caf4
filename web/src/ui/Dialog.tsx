import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useRef, type ReactNode } from 'react';
import { IconButton } from './Button';
import { cx } from './cx';
import { ignoreSecondClick } from './secondClick';

interface DialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
  title: string;
  /** Keeps the title for screen readers only, where the content explains itself. */
  hideTitle?: boolean;
  description?: string;
  size?: 'sm' | 'md' | 'lg';
  position?: 'center' | 'top';
  children: ReactNode;
  onOpenAutoFocus?(event: Event): void;
}

const Sizes = { sm: 'sm:max-w-sm', md: 'sm:max-w-lg', lg: 'sm:max-w-2xl' };

export function Dialog({ open, onOpenChange, title, hideTitle, description, size = 'md', position = 'top', children, onOpenAutoFocus }: DialogProps) {
  const giveBackFocus = useFocusBack(open);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-(--scrim)" />
        <Radix.Content
          onOpenAutoFocus={onOpenAutoFocus}
          onCloseAutoFocus={giveBackFocus}
          onEscapeKeyDown={(event) => {
            // Radix hears of the key before the field does, whose open list it is meant for, or the letters that are being composed.
            if (event.isComposing || (event.target instanceof Element && event.target.matches('[aria-autocomplete][aria-activedescendant]'))) event.preventDefault();
          }}
          {...(description ? {} : { 'aria-describedby': undefined })}
          className={cx(
            'fixed left-1/2 z-50 flex max-h-[85dvh] w-[calc(100vw-1rem)] -translate-x-1/2 flex-col overflow-hidden rounded-xl bg-raised shadow-pop',
            position === 'top' ? 'top-[8dvh] sm:top-[12dvh]' : 'top-1/2 -translate-y-1/2',
            Sizes[size],
          )}
        >
          <div className={cx('flex items-center justify-between gap-3 border-b border-line px-4 py-2.5', hideTitle && 'sr-only')}>
            <Radix.Title className="text-sm font-semibold">{title}</Radix.Title>
            {!hideTitle && (
              <Radix.Close asChild>
                <IconButton label="Close" tooltip={false} onClick={ignoreSecondClick}>
                  <X className="size-4" aria-hidden="true" />
                </IconButton>
              </Radix.Close>
            )}
          </div>
          {description && <Radix.Description className="px-4 pt-3 text-ink-2">{description}</Radix.Description>}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** What had the focus when the dialog opened gets it back: Radix does that for triggers only, and most dialogs are opened by a key or from a menu. */
function useFocusBack(open: boolean): (event: Event) => void {
  const opener = useRef<HTMLElement | null>(null);
  const wasOpen = useRef(false);
  // While it is drawn for the first time: by its effects the focus is inside already.
  if (open && !wasOpen.current) opener.current = openerOf(document.activeElement);
  wasOpen.current = open;
  return (event) => {
    event.preventDefault();
    // Unless what the dialog was for has put it elsewhere.
    if (document.activeElement === null || document.activeElement === document.body) opener.current?.focus({ preventScroll: true });
  };
}

/** A menu is gone by then; its button stays. */
function openerOf(active: Element | null): HTMLElement | null {
  const menu = active?.closest('[role="menu"]');
  return menu ? document.querySelector<HTMLElement>(`[aria-controls="${menu.id}"]`) : (active as HTMLElement | null);
}
