import { useEffect, useRef } from 'react';

/** The titles of what is on the page, the one on top last. */
const titles: { text: string | undefined }[] = [];

function show(): void {
  const text = [...titles].reverse().find((title) => title.text)?.text;
  if (text) document.title = `${text} · TaskFlow`;
}

/** Names the page for the tab, the history and screen readers; what lies over the page names it while it does. */
export function useTitle(title: string | undefined): void {
  const own = useRef({ text: title });
  useEffect(() => {
    const entry = own.current;
    titles.push(entry);
    return () => {
      titles.splice(titles.indexOf(entry), 1);
      show();
    };
  }, []);
  useEffect(() => {
    own.current.text = title;
    show();
  }, [title]);
}
