/** What counts as a double click: this soon, in milliseconds, and this near, in pixels. */
const Time = 500;
const Distance = 16;

type Press = Pick<MouseEvent, 'detail' | 'clientX' | 'clientY'>;

/**
 * For a click that takes away what was clicked: the second one of a double click would hit whatever lay beneath. Presses in the same place do
 * nothing until the time of a double click is over. By place, since browsers do not agree on counting clicks on two different elements.
 */
export function ignoreSecondClick(first: Press): void {
  // A key was pressed: it goes where the focus is.
  if (first.detail === 0) return;
  const swallow = (event: MouseEvent) => {
    const byKey = event.type === 'click' && event.detail === 0;
    if (byKey || Math.hypot(event.clientX - first.clientX, event.clientY - first.clientY) > Distance) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const kinds = ['pointerdown', 'mousedown', 'click', 'dblclick'] as const;
  for (const kind of kinds) addEventListener(kind, swallow, { capture: true });
  setTimeout(() => {
    for (const kind of kinds) removeEventListener(kind, swallow, { capture: true });
  }, Time);
}
