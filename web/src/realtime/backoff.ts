/**
 * Exponential backoff with full jitter, from the very first retry on: when a server dies, its clients come back spread over the
 * whole window instead of all at once.
 */
export function backoffDelay(attempt: number, random: () => number, baseMs = 2_000, capMs = 30_000): number {
  return Math.floor(random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 16)));
}
