import { cloneElement, useEffect, useLayoutEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { Kbd } from './Kbd';

type Side = 'top' | 'bottom';

/** Marks its child; the one TooltipHost of the page shows the text. What it says must be in the child's name or label too. */
export function Tooltip({ label, shortcut, children, side = 'bottom' }: { label: string; shortcut?: string; children: ReactElement; side?: Side }) {
  return cloneElement(children as ReactElement<Record<string, unknown>>, { 'data-tip': label, 'data-tip-keys': shortcut, 'data-tip-side': side });
}

interface Tip {
  text: string;
  keys: string | undefined;
  side: Side;
  anchor: Element;
}

const Delay = 450;
/** Going on to the next button shows its tooltip at once. */
const Warm = 250;

export function TooltipHost(): ReactNode {
  const [tip, setTip] = useState<Tip | null>(null);
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let anchor: Element | null = null;
    let hiddenAt = 0;
    const hide = () => {
      clearTimeout(timer);
      if (anchor) hiddenAt = Date.now();
      anchor = null;
      setTip(null);
    };
    const show = (element: HTMLElement, wait: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        anchor = element;
        setTip({ text: element.dataset.tip ?? '', keys: element.dataset.tipKeys, side: (element.dataset.tipSide as Side | undefined) ?? 'bottom', anchor: element });
      }, wait);
    };
    const over = (event: PointerEvent) => {
      if (event.pointerType === 'touch') return;
      const element = (event.target as Element).closest<HTMLElement>('[data-tip]');
      if (element === anchor && element) return;
      hide();
      if (element) show(element, Date.now() - hiddenAt < Warm ? 0 : Delay);
    };
    const focus = (event: FocusEvent) => {
      const element = (event.target as Element).closest<HTMLElement>('[data-tip]');
      if (element?.matches(':focus-visible')) show(element, Delay);
    };
    document.addEventListener('pointerover', over);
    document.addEventListener('focusin', focus);
    for (const name of ['focusout', 'pointerdown', 'keydown', 'wheel'] as const) document.addEventListener(name, hide, { capture: true, passive: true });
    return () => {
      clearTimeout(timer);
      document.removeEventListener('pointerover', over);
      document.removeEventListener('focusin', focus);
      for (const name of ['focusout', 'pointerdown', 'keydown', 'wheel'] as const) document.removeEventListener(name, hide, { capture: true });
    };
  }, []);

  useLayoutEffect(() => {
    const element = box.current;
    if (!tip || !element) return;
    const at = tip.anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = element;
    const left = Math.min(innerWidth - width - 8, Math.max(8, at.left + at.width / 2 - width / 2));
    const below = at.bottom + 6;
    const above = at.top - height - 6;
    const top = (tip.side === 'top' && above > 8) || below + height > innerHeight - 8 ? above : below;
    element.style.transform = `translate(${left}px, ${top}px)`;
  }, [tip]);

  if (!tip) return null;
  // Beside the dialogs, not within the page that lies behind them.
  return createPortal(
    <div ref={box} aria-hidden="true" className="pointer-events-none fixed top-0 left-0 z-60">
      <div className="flex max-w-72 animate-fade items-center gap-2 rounded-md bg-[#1d1e1b] px-2 py-1 text-xs text-[#f3f3ef] shadow-pop dark:bg-[#eceee9] dark:text-[#1d1e1b]">
        {tip.text}
        {tip.keys && <Kbd keys={tip.keys} />}
      </div>
    </div>,
    document.body,
  );
}
