import { AlertTriangle, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { announce } from './announcer';
import { IconButton } from './Button';
import { cx } from './cx';
import { createStore, useStore } from './store';

export interface ToastOptions {
  tone?: 'plain' | 'error' | 'warn';
  action?: { label: string; onClick(): void };
  /** Milliseconds on the screen; 0 keeps it until it is closed. */
  duration?: number;
  /** A toast with the same key takes the place of the earlier one. */
  key?: string;
}

interface Toast extends ToastOptions {
  id: number;
  text: string;
}

const toasts = createStore<readonly Toast[]>([]);
let nextId = 1;

export function toast(text: string, options: ToastOptions = {}): number {
  const id = nextId++;
  announce(options.action ? `${text.replace(/\.$/, '')}. ${options.action.label}` : text, options.tone === 'error' ? 'assertive' : 'polite');
  toasts.set((list) => [...list.filter((each) => !options.key || each.key !== options.key), { id, text, ...options }].slice(-4));
  return id;
}

export function dismissToast(id: number): void {
  toasts.set((list) => list.filter((each) => each.id !== id));
}

export function ToastHost() {
  const list = useStore(toasts);
  // Beside the dialogs, not within the page that lies behind them.
  return createPortal(
    <div
      role="region"
      aria-label="Messages"
      data-toasts
      // To a dialog what is pressed here is not the page behind it, which would close it.
      onPointerDown={(event) => event.stopPropagation()}
      onFocus={(event) => event.stopPropagation()}
      className="pointer-events-none fixed inset-x-2 bottom-3 z-60 flex flex-col items-center gap-2 sm:inset-x-auto sm:right-4 sm:items-end"
    >
      {list.map((each) => (
        <ToastCard key={each.id} toast={each} />
      ))}
    </div>,
    document.body,
  );
}

function ToastCard({ toast: { id, text, tone = 'plain', action, duration } }: { toast: Toast }) {
  const [held, setHeld] = useState(false);
  const life = duration ?? (action || tone !== 'plain' ? 8000 : 4500);
  const left = useRef(life);
  const card = useRef<HTMLDivElement>(null);
  /** What had the focus before it went into the toast. */
  const before = useRef<HTMLElement | null>(null);
  const close = () => {
    if (card.current?.contains(document.activeElement)) before.current?.focus({ preventScroll: true });
    dismissToast(id);
  };
  useEffect(() => {
    if (held || life === 0) return;
    const started = Date.now();
    const timer = setTimeout(() => dismissToast(id), left.current);
    return () => {
      clearTimeout(timer);
      left.current = Math.max(1500, left.current - (Date.now() - started));
    };
  }, [held, id, life]);
  return (
    <div
      ref={card}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={(event) => {
        setHeld(true);
        if (event.relatedTarget instanceof HTMLElement && !event.currentTarget.contains(event.relatedTarget)) before.current = event.relatedTarget;
      }}
      onBlur={() => setHeld(false)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        // The next one belongs to the page.
        event.preventDefault();
        close();
      }}
      className={cx(
        'pointer-events-auto flex max-w-full animate-pop items-center gap-3 rounded-lg bg-raised py-1.5 pr-1.5 pl-3 shadow-pop sm:max-w-md',
        tone === 'error' && 'text-danger',
      )}
    >
      {tone !== 'plain' && <AlertTriangle aria-hidden="true" className={cx('size-4 shrink-0', tone === 'warn' ? 'text-warn' : 'text-danger')} />}
      <span className="min-w-0 flex-1 py-1 wrap-anywhere">{text}</span>
      {action && (
        <button
          type="button"
          className="h-7 shrink-0 rounded-md px-2 font-medium text-accent-text hover:bg-hover"
          onClick={() => {
            close();
            action.onClick();
          }}
        >
          {action.label}
        </button>
      )}
      <IconButton label="Dismiss" tooltip={false} onClick={close}>
        <X className="size-3.5" aria-hidden="true" />
      </IconButton>
    </div>
  );
}
