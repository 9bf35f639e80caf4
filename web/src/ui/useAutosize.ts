import { useLayoutEffect, type RefObject } from 'react';

/** Lets a textarea grow with its text, up to a height of `max` pixels. */
export function useAutosize(ref: RefObject<HTMLTextAreaElement | null>, value: string, max = 640): void {
  useLayoutEffect(() => {
    const field = ref.current;
    if (!field) return;
    const fit = () => {
      field.style.height = 'auto';
      field.style.height = `${Math.min(max, field.scrollHeight + field.offsetHeight - field.clientHeight)}px`;
      field.style.overflowY = field.scrollHeight > max ? 'auto' : 'hidden';
    };
    fit();
    const observer = new ResizeObserver(([entry]) => {
      // Only the width says that the lines break elsewhere.
      if (entry && entry.contentRect.width !== width) {
        width = entry.contentRect.width;
        fit();
      }
    });
    let width = field.clientWidth;
    observer.observe(field);
    return () => observer.disconnect();
  }, [ref, value, max]);
}
