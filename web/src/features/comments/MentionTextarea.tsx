import { useEffect, useId, useImperativeHandle, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import { useWorkspace, type Member } from '../../data';
import { Avatar } from '../../ui/Avatar';
import { cx } from '../../ui/cx';
import { useAutosize } from '../../ui/useAutosize';
import { findPeople, insertMention, mentionAt, type MentionQuery } from './mention';

interface MentionTextareaProps {
  label: string;
  value: string;
  onChange(value: string): void;
  onSubmit?(): void;
  onCancel?(): void;
  /** Called on each key press that changes the text. */
  onTyping?(): void;
  placeholder?: string;
  autoFocus?: boolean;
  minRows?: number;
  maxLength?: number;
  draftKey?: string;
  className?: string;
  ref?: Ref<HTMLTextAreaElement>;
}

/** A text field that offers people after an `@`: arrows choose, Enter or Tab takes, Esc closes the list only. */
export function MentionTextarea({ label, value, onChange, onSubmit, onCancel, onTyping, placeholder, autoFocus, minRows = 2, maxLength, draftKey, className, ref }: MentionTextareaProps) {
  const members = useWorkspace().data?.members ?? [];
  const field = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle(ref, () => field.current!, []);
  useAutosize(field, value);
  const [query, setQuery] = useState<MentionQuery | null>(null);
  const [active, setActive] = useState(0);
  const [place, setPlace] = useState({ left: 0, top: 0 });
  const listId = useId();
  const found = query ? findPeople(members, query.text) : [];
  const open = found.length > 0;
  const index = Math.min(active, found.length - 1);

  useEffect(() => {
    if (!autoFocus) return;
    const element = field.current;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
  }, [autoFocus]);

  const look = () => {
    const element = field.current;
    if (!element || element.selectionStart !== element.selectionEnd) return setQuery(null);
    const next = mentionAt(element.value, element.selectionStart);
    if (next && (next.start !== query?.start || !query)) {
      setActive(0);
      setPlace(caretPlace(element, next.start));
    }
    setQuery(next);
  };

  const take = (member: Member) => {
    const element = field.current;
    if (!element || !query) return;
    const next = insertMention(element.value, element.selectionStart, query, member.name);
    onChange(next.text);
    setQuery(null);
    requestAnimationFrame(() => {
      element.focus();
      element.setSelectionRange(next.caret, next.caret);
    });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (open) {
      if (event.key === 'ArrowDown') setActive((index + 1) % found.length);
      else if (event.key === 'ArrowUp') setActive((index - 1 + found.length) % found.length);
      else if ((event.key === 'Enter' && !event.metaKey && !event.ctrlKey) || event.key === 'Tab') take(found[index]!);
      else if (event.key === 'Escape') setQuery(null);
      else return;
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.key === 'Enter' && (event.metaKey || event.ctrlKey) && onSubmit) {
      event.preventDefault();
      onSubmit();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      // What was typed is kept as a draft; the next Esc belongs to the page.
      if (onCancel) onCancel();
      else field.current?.blur();
    }
  };

  return (
    <div className="relative">
      <textarea
        ref={field}
        rows={minRows}
        dir="auto"
        aria-label={label}
        aria-autocomplete="list"
        aria-controls={open ? listId : undefined}
        aria-activedescendant={open ? `${listId}-${index}` : undefined}
        data-draft={draftKey}
        maxLength={maxLength}
        placeholder={placeholder}
        className={cx('block w-full resize-none bg-transparent text-base outline-none', className)}
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
          onTyping?.();
          look();
        }}
        onKeyDown={onKeyDown}
        onClick={look}
        onBlur={() => setQuery(null)}
      />
      {open && (
        <ul id={listId} role="listbox" aria-label="People" className="absolute z-30 w-60 animate-pop rounded-lg bg-raised p-1 shadow-pop" style={{ left: `min(${place.left}px, calc(100% - 15rem))`, top: place.top }}>
          {found.map((member, each) => (
            <li
              key={member.userId}
              id={`${listId}-${each}`}
              role="option"
              aria-selected={each === index}
              onPointerMove={() => setActive(each)}
              // The text keeps the focus.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(member)}
              className={cx('flex min-h-8 items-center gap-2 rounded-md px-2', each === index && 'bg-hover')}
            >
              <Avatar id={member.userId} name={member.name} size="xs" />
              <span className="min-w-0 flex-1 truncate">{member.name}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Where a character stands inside the field: measured on a copy of it, as browsers do not tell. */
function caretPlace(field: HTMLTextAreaElement, index: number): { left: number; top: number } {
  const style = getComputedStyle(field);
  const copy = document.createElement('div');
  for (const name of ['font', 'letterSpacing', 'padding', 'border', 'lineHeight', 'boxSizing', 'tabSize'] as const) copy.style[name] = style[name];
  Object.assign(copy.style, { position: 'absolute', visibility: 'hidden', whiteSpace: 'pre-wrap', overflowWrap: 'break-word', width: `${field.offsetWidth}px` });
  copy.textContent = field.value.slice(0, index);
  const mark = document.createElement('span');
  mark.textContent = '@';
  copy.append(mark);
  document.body.append(copy);
  const place = { left: mark.offsetLeft, top: mark.offsetTop + mark.offsetHeight + 4 - field.scrollTop };
  copy.remove();
  return place;
}
