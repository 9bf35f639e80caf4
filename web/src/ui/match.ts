import { fold } from '../data/fold';

/** Whether every word of the query begins, or stands inside, some word of the text; accents and case do not matter. */
export function matches(text: string, query: string): boolean {
  if (!query) return true;
  const haystack = fold(text);
  return fold(query)
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}
