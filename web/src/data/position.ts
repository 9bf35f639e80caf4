/**
 * Positions sort tasks by their characters. What is made here are order keys as the well-known fractional-indexing libraries make them
 * (an integer part whose first letter says its length, then a fraction in base 62), the same way the server makes them. What others have
 * sent may be any printable text.
 */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const FIRST = 'a0';

/** Compares positions the way the server does: character by character. */
export function comparePositions(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * A position between two others; null stands for an end of the column. Where no text lies between them it is the lower one's own: the
 * server puts whoever comes second right behind.
 */
export function positionBetween(low: string | null, high: string | null): string {
  if (low === null && high === null) return FIRST;
  if (high === null) return step(low!, 1) ?? middle(low!, null)!;
  if (low === null) return step(high, -1) ?? middle('', high) ?? high;
  return middle(low, high) ?? low;
}

/** The next integer above or below a key; null when the key has no integer part or there is none. */
function step(key: string, by: 1 | -1): string | null {
  const length = integerLength(key);
  if (length === null) return null;
  if (by === -1 && key.length > length) return key.slice(0, length);
  const integer = [...key.slice(0, length)];
  for (let i = length - 1; i > 0; i--) {
    const digit = DIGITS.indexOf(integer[i]!) + by;
    integer[i] = DIGITS[(digit + DIGITS.length) % DIGITS.length]!;
    if (digit >= 0 && digit < DIGITS.length) return integer.join('');
  }
  const head = key[0]!;
  if (head === (by === 1 ? 'Z' : 'a')) return by === 1 ? FIRST : 'Zz';
  if (head === (by === 1 ? 'z' : 'A')) return null;
  const next = String.fromCharCode(head.charCodeAt(0) + by);
  const grows = next >= 'a' === (by === 1);
  return next + (by === 1 ? '0' : 'z').repeat(grows ? length : length - 2);
}

function integerLength(key: string): number | null {
  const head = key[0] ?? '';
  const length = head >= 'a' && head <= 'z' ? head.charCodeAt(0) - 95 : head >= 'A' && head <= 'Z' ? 92 - head.charCodeAt(0) : Infinity;
  return key.length >= length && [...key.slice(1, length)].every((digit) => DIGITS.includes(digit)) ? length : null;
}

/** The common start, then a digit from the middle of what lies between. Never ends in the smallest digit, below which nothing would fit. */
function middle(low: string, high: string | null): string | null {
  let key = '';
  for (let i = 0, top = high; ; i++) {
    const from = low[i];
    if (top !== null && i >= top.length) return null;
    const to = top?.[i];
    const first = from === undefined ? 1 : Math.max(1, [...DIGITS].filter((digit) => digit <= from).length);
    const last = to === undefined ? DIGITS.length - 1 : [...DIGITS].filter((digit) => digit < to).length - 1;
    if (first <= last) return key + DIGITS[(first + last + 1) >> 1];
    if (from !== undefined) {
      key += from;
      if (to !== undefined && to > from) top = null;
      else if (to !== undefined && to < from) return null;
    } else if (to !== undefined && to > DIGITS[0]!) {
      key += DIGITS[0];
      top = null;
    } else {
      key += to;
    }
  }
}
