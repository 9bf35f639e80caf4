import type { Element, Root, Text } from 'hast';
import { createContext, memo, useContext, useMemo, type ReactNode } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import rehypeSanitize from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import { setChecked } from './checklist';

interface MarkdownProps {
  source: string;
  /** Names that are shown as mentions when written as `@Name`. */
  names?: readonly string[];
  /** Called with the whole new text when a checkbox is clicked; without it the boxes are read-only. */
  onChange?(source: string): void;
}

const ItemOffset = createContext<number | null>(null);
const Boxes = createContext<{ source: string; onChange?(source: string): void }>({ source: '' });

const components: Components = {
  a: ({ href, children }) => {
    const outside = href !== undefined && /^https?:/i.test(href) && !href.startsWith(location.origin);
    return (
      <a href={href} {...(outside ? { target: '_blank', rel: 'noopener noreferrer' } : {})}>
        {children}
      </a>
    );
  },
  // A list has its marks on the side where its text begins.
  ul: ({ className, children }) => <ul dir="auto" className={className}>{children}</ul>,
  ol: ({ className, start, children }) => <ol dir="auto" className={className} start={start}>{children}</ol>,
  li: ({ node, className, children }) => (
    <ItemOffset.Provider value={node?.position?.start.offset ?? null}>
      <li className={className}>{children}</li>
    </ItemOffset.Provider>
  ),
  input: ({ checked }) => <Box checked={checked ?? false} />,
};

/** Markdown as people write it, without anything that could run: HTML is dropped, links are checked. */
export const Markdown = memo(function Markdown({ source, names, onChange }: MarkdownProps) {
  const mentions = useMemo(() => mentionPlugin(names ?? []), [names]);
  return (
    <Boxes.Provider value={useMemo(() => ({ source, onChange }), [source, onChange])}>
      <div className="prose">
        <ReactMarkdown remarkPlugins={[remarkGfm]} rehypePlugins={[rehypeSanitize, mentions]} components={components}>
          {source}
        </ReactMarkdown>
      </div>
    </Boxes.Provider>
  );
});

function Box({ checked }: { checked: boolean }): ReactNode {
  const offset = useContext(ItemOffset);
  const { source, onChange } = useContext(Boxes);
  return (
    <input
      type="checkbox"
      checked={checked}
      aria-label={offset === null ? 'Item' : itemText(source, offset)}
      disabled={!onChange || offset === null}
      onClick={(event) => event.stopPropagation()}
      onChange={(event) => offset !== null && onChange?.(setChecked(source, offset, event.target.checked))}
    />
  );
}

function itemText(source: string, offset: number): string {
  const line = source.slice(offset).split('\n', 1)[0] ?? '';
  return line.replace(/^\s*(?:[-*+]|\d+[.)])\s+\[[ xX]\]\s*/, '') || 'Item';
}

/** Wraps `@Name` of known people, outside code and links. */
function mentionPlugin(names: readonly string[]) {
  const sorted = [...new Set(names)].filter(Boolean).sort((a, b) => b.length - a.length);
  if (sorted.length === 0) return () => () => undefined;
  const escaped = sorted.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])@(?:${escaped.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
  const split = (text: string): (Text | Element)[] => {
    const parts: (Text | Element)[] = [];
    let last = 0;
    for (const match of text.matchAll(pattern)) {
      if (match.index > last) parts.push({ type: 'text', value: text.slice(last, match.index) });
      parts.push({ type: 'element', tagName: 'span', properties: { className: ['mention'] }, children: [{ type: 'text', value: match[0] }] });
      last = match.index + match[0].length;
    }
    if (parts.length > 0 && last < text.length) parts.push({ type: 'text', value: text.slice(last) });
    return parts;
  };
  const walk = (node: Root | Element) => {
    for (let index = node.children.length - 1; index >= 0; index--) {
      const child = node.children[index]!;
      if (child.type === 'text') {
        const parts = split(child.value);
        if (parts.length > 0) node.children.splice(index, 1, ...parts);
      } else if (child.type === 'element' && !['code', 'pre', 'a'].includes(child.tagName)) walk(child);
    }
  };
  return () => (tree: Root) => walk(tree);
}
