import { lazy, type ComponentType } from 'react';

const loaders: (() => Promise<unknown>)[] = [];

/** Waits for the network where there is none, instead of failing for good. */
async function load<T>(loader: () => Promise<T>): Promise<T> {
  try {
    return await loader();
  } catch (error) {
    if (navigator.onLine) throw error;
    await new Promise((resolve) => addEventListener('online', resolve, { once: true }));
    return loader();
  }
}

/** A part of the app that comes when it is first needed, or when the browser has nothing better to do. */
export function lazyPart<T extends ComponentType<any>>(loader: () => Promise<{ default: T }>) {
  loaders.push(loader);
  return lazy(() => load(loader));
}

let prefetched = false;

/** Fetches every part once the page is quiet, so that all of the app works without a network later. */
export function prefetchParts(): void {
  if (prefetched) return;
  prefetched = true;
  const idle = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 200));
  setTimeout(() => {
    for (const loader of loaders) idle(() => void loader().catch(() => undefined));
  }, 3000);
}
