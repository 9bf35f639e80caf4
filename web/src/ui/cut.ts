/** The beginning of a text, not longer than that; never half of a character that takes two places, which the server refuses. */
export function cut(text: string, length: number): string {
  const beginning = text.slice(0, length);
  return beginning.length < text.length ? beginning.replace(/[\ud800-\udbff]$/, '') : beginning;
}
