const Item = /^(\s*(?:>\s*)*(?:[-*+]|\d+[.)])\s+\[)[ xX](\])/;

/** Ticks or clears the checklist item whose list item begins at `offset`; any other text comes back as it was. */
export function setChecked(source: string, offset: number, checked: boolean): string {
  const start = source.lastIndexOf('\n', offset - 1) + 1;
  const rest = source.slice(start);
  // A list item may begin inside its line ("> - [ ] x", or nested "- - [ ] x"): try from the item itself then.
  const from = Item.test(rest) ? start : offset;
  const tail = source.slice(from);
  if (!Item.test(tail)) return source;
  return source.slice(0, from) + tail.replace(Item, `$1${checked ? 'x' : ' '}$2`);
}
