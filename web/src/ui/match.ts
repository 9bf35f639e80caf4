const normalise = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Whether every word of the query begins, or stands inside, some word of the text; accents and case do not matter. */
export function matches(text: string, query: string): boolean {
  if (!query) return true;
  const haystack = normalise(text);
  return normalise(query)
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}
