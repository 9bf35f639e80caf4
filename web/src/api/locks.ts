/**
 * Runs `work` while no other tab of this browser runs work under the same name. Where the browser has no Web Locks (an insecure
 * origin), at least this tab's own calls take turns.
 */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (typeof navigator !== 'undefined' && navigator.locks) return (await navigator.locks.request(name, work)) as T;
  const before = chains.get(name) ?? Promise.resolve();
  const run = before.then(work, work);
  chains.set(name, run);
  return run;
}

const chains = new Map<string, Promise<unknown>>();
