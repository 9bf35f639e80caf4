/** What the browser says about the network and the page. Everything is optional, so that the library runs elsewhere too. */
export interface Signals {
  /** False when the page is hidden: keepalives become rarer. */
  visible(): boolean;
  /** False when the browser knows that there is no network. A hint only. */
  online(): boolean;
  /** Something happened after which a connection deserves a look: back online, visible, restored from the page cache, offline. Returns the way to stop. */
  onWake(handler: (reason: 'online' | 'offline' | 'visible' | 'pageshow') => void): () => void;
}

export function browserSignals(): Signals {
  if (typeof window === 'undefined') return { visible: () => true, online: () => true, onWake: () => () => {} };
  return {
    visible: () => document.visibilityState !== 'hidden',
    online: () => navigator.onLine,
    onWake(handler) {
      const online = () => handler('online');
      const offline = () => handler('offline');
      const visibility = () => document.visibilityState === 'visible' && handler('visible');
      const pageshow = (event: PageTransitionEvent) => event.persisted && handler('pageshow');
      // Kept, so that the way to stop works when the page is already gone.
      const { window: page, document: shown } = globalThis;
      page.addEventListener('online', online);
      page.addEventListener('offline', offline);
      page.addEventListener('pageshow', pageshow);
      shown.addEventListener('visibilitychange', visibility);
      return () => {
        page.removeEventListener('online', online);
        page.removeEventListener('offline', offline);
        page.removeEventListener('pageshow', pageshow);
        shown.removeEventListener('visibilitychange', visibility);
      };
    },
  };
}
