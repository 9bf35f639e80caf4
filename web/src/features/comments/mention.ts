import type { Member } from '../../data';
import { fold } from '../../data/fold';

export interface MentionQuery {
  /** Where the `@` stands. */
  start: number;
  text: string;
}

const Pattern = /(?:^|[\s([{"'])@([\p{L}\p{M}\p{N}._'-]*(?: [\p{L}\p{M}\p{N}._'-]*)?)$/u;

/** The mention that is being written right before the caret, if any. */
export function mentionAt(text: string, caret: number): MentionQuery | null {
  const match = Pattern.exec(text.slice(Math.max(0, caret - 80), caret));
  if (!match) return null;
  const query = match[1] ?? '';
  return { start: caret - query.length - 1, text: query };
}

/** People whose name, or a word of it, or whose e-mail begins so; a query with a space means the whole name. */
export function findPeople(members: readonly Member[], query: string, limit = 6): Member[] {
  const wanted = fold(query);
  return members
    .filter((member) => {
      const name = fold(member.name);
      if (name.startsWith(wanted)) return true;
      if (wanted.includes(' ')) return false;
      return name.split(/\s+/).some((word) => word.startsWith(wanted)) || member.email.toLowerCase().startsWith(wanted);
    })
    .slice(0, limit);
}

export function insertMention(text: string, caret: number, query: MentionQuery, name: string): { text: string; caret: number } {
  const inserted = `@${name} `;
  const rest = text.slice(caret).replace(/^ /, '');
  return { text: text.slice(0, query.start) + inserted + rest, caret: query.start + inserted.length };
}
