import { Bookmark, Filter, Search, X } from 'lucide-react';
import { Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { useLocation } from 'react-router';
import { PRIORITIES, STATUSES, useSession, useWorkspace, useWorkspaceId } from '../../data';
import { lazyPart } from '../../app/lazy';
import { announce } from '../../ui/announcer';
import { Avatar } from '../../ui/Avatar';
import { Button } from '../../ui/Button';
import { cut } from '../../ui/cut';
import { PickerList, type PickerOption } from '../../ui/Picker';
import { Popover, PopoverContent, PopoverTrigger } from '../../ui/Popover';
import { Tooltip } from '../../ui/Tooltip';
import { currentCard, requestFocus, visibleOrder } from '../board/focus';
import { LabelDot, PriorityIcon, PriorityNames, StatusIcon, StatusNames } from '../tasks/names';
import { DueNames, type UrlFilter } from './url';
import { useFilter } from './useFilter';
import { findView, removeView, useViews } from './views';

const SaveViewDialog = lazyPart(() => import('./SaveViewDialog'));

type Kind = 'status' | 'priority' | 'assignee' | 'label' | 'due';
const KindNames: Record<Kind, string> = { status: 'Status', priority: 'Priority', assignee: 'Assignee', label: 'Label', due: 'Due date' };

export function useFilterOptions(): Record<Kind, PickerOption[]> {
  const workspace = useWorkspace().data;
  const { user } = useSession();
  return {
    status: STATUSES.map((value) => ({ value, label: StatusNames[value], icon: <StatusIcon status={value} /> })),
    priority: [...PRIORITIES].reverse().map((value) => ({ value, label: PriorityNames[value], icon: <PriorityIcon priority={value} /> })),
    assignee: [
      ...(user ? [{ value: 'me', label: 'Me', icon: <Avatar id={user.id} name={user.name} size="xs" />, keywords: user.name }] : []),
      { value: 'none', label: 'Nobody' },
      ...(workspace?.members ?? [])
        .filter((member) => member.userId !== user?.id && member.role !== 'guest')
        .map((member) => ({ value: member.userId, label: member.name, icon: <Avatar id={member.userId} name={member.name} size="xs" /> })),
    ],
    label: (workspace?.labels ?? []).map((label) => ({ value: label, label, icon: <LabelDot label={label} /> })),
    due: (Object.keys(DueNames) as (keyof typeof DueNames)[]).map((value) => ({ value, label: DueNames[value] })),
  };
}

const toggle = <T,>(values: readonly T[], value: T): T[] => (values.includes(value) ? values.filter((each) => each !== value) : [...values, value]);

export function applyToggle(url: UrlFilter, kind: Kind, value: string): Partial<UrlFilter> {
  if (kind === 'due') return { due: url.due === value ? null : (value as UrlFilter['due']) };
  return { [kind]: toggle<string>(url[kind], value) };
}

const chosen = (url: UrlFilter, kind: Kind): readonly string[] => (kind === 'due' ? (url.due ? [url.due] : []) : url[kind]);

/** Takes a filter away, and with it the button that was pressed: the focus goes to where filters are made. */
function leave(clear: () => void): void {
  clear();
  document.querySelector<HTMLElement>('[data-filter-button]')?.focus();
}

/** Search and filter; what is set shows as chips that open their own list. */
export function FilterBar() {
  const { url, active, change, clear } = useFilter();
  const options = useFilterOptions();
  useSpokenCount(url);
  return (
    <>
      <SearchField value={url.q} onChange={(q) => change({ q }, true)} />
      <FilterMenu url={url} options={options} onToggle={(kind, value) => change(applyToggle(url, kind, value))} />
      {(Object.keys(KindNames) as Kind[]).map((kind) => {
        const values = chosen(url, kind);
        return values.length > 0 ? (
          <FilterChip key={kind} kind={kind} values={values} options={options[kind]} onToggle={(value) => change(applyToggle(url, kind, value))} onClear={() => leave(() => change({ [kind]: kind === 'due' ? null : [] }))} />
        ) : null;
      })}
      {active > 0 && (
        <Button variant="ghost" size="sm" onClick={() => leave(clear)}>
          Clear all
        </Button>
      )}
      {active > 0 && <ViewButton url={url} options={options} />}
    </>
  );
}

/** Says how many tasks a filter leaves, once it has rested for a moment: to the eye the page says it. */
function useSpokenCount(url: UrlFilter): void {
  const filter = JSON.stringify(url);
  const said = useRef(filter);
  useEffect(() => {
    if (filter === said.current) return;
    const timer = setTimeout(() => {
      said.current = filter;
      const count = visibleOrder.get().length;
      announce(`${count || 'No'} ${count === 1 ? 'task' : 'tasks'} shown`);
    }, 700);
    return () => clearTimeout(timer);
  }, [filter]);
}

/** Keeps what is filtered now in the sidebar, or takes it from there. */
function ViewButton({ url, options }: { url: UrlFilter; options: Record<Kind, PickerOption[]> }) {
  const workspaceId = useWorkspaceId();
  const { pathname, search } = useLocation();
  const view = findView(useViews(workspaceId), search);
  const [naming, setNaming] = useState(false);
  const labels = (Object.keys(KindNames) as Kind[]).flatMap((kind) => chosen(url, kind).map((value) => options[kind].find((option) => option.value === value)?.label ?? value));
  return (
    <>
      <Button variant="ghost" size="sm" onClick={() => (view ? removeView(workspaceId, view.name) : setNaming(true))}>
        <Bookmark className="size-3.5" fill={view ? 'currentColor' : 'none'} aria-hidden="true" />
        {view ? 'Remove view' : 'Save view'}
      </Button>
      {naming && (
        <Suspense fallback={null}>
          <SaveViewDialog
            workspaceId={workspaceId}
            page={pathname.endsWith('/list') ? 'list' : 'board'}
            search={search}
            suggestion={cut([...labels, url.q].filter(Boolean).join(', '), 60)}
            onClose={() => setNaming(false)}
          />
        </Suspense>
      )}
    </>
  );
}

/** To the card that was the current one, if it is still shown, else to the first. */
function focusFound(): void {
  const shown = visibleOrder.get();
  const current = currentCard.get();
  const found = current !== null && shown.includes(current) ? current : shown[0];
  if (found) requestFocus(found);
}

function SearchField({ value, onChange }: { value: string; onChange(value: string): void }) {
  const [text, setText] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  const sent = useRef(value);
  // Enter was pressed for this text before the page showed what it finds; who writes on does not want it any more.
  const sought = useRef<string | null>(null);
  useEffect(() => void (sought.current = null), [text]);
  // The address changes from outside too: Back, a link, "Clear all".
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text;
      onChange(text);
    }, 120);
    return () => clearTimeout(timer);
  }, [text, onChange]);
  useEffect(() => {
    if (sought.current === null || value !== sought.current) return;
    sought.current = null;
    // The board tells what it shows in an effect of this same turn.
    queueMicrotask(() => document.activeElement === field.current && focusFound());
  }, [value]);
  const goToFound = () => {
    if (text === value) return focusFound();
    sought.current = text;
    if (text === sent.current) return;
    sent.current = text;
    onChange(text);
  };
  // The button goes with the text; the focus stays.
  const clear = () => {
    setText('');
    field.current?.focus();
  };
  return (
    <div className="relative flex w-44 items-center focus-within:w-60 motion-safe:transition-[width]">
      <Search className="pointer-events-none absolute left-2 size-3.5 text-ink-3" aria-hidden="true" />
      <input
        ref={field}
        type="search"
        data-search
        aria-label="Search tasks"
        aria-keyshortcuts="/"
        placeholder="Search…"
        className="h-7 w-full rounded-md border border-line bg-surface pr-6 pl-7 text-sm [&::-webkit-search-cancel-button]:hidden"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Escape') {
            if (text) setText('');
            else event.currentTarget.blur();
          } else if (event.key === 'Enter' || event.key === 'ArrowDown') {
            goToFound();
          } else return;
          event.preventDefault();
        }}
      />
      {text && (
        <button type="button" aria-label="Clear the search" className="absolute right-0.5 flex size-6 items-center justify-center text-ink-3 hover:text-ink" onClick={clear}>
          <X className="size-3.5" aria-hidden="true" />
        </button>
      )}
    </div>
  );
}

function FilterMenu({ url, options, onToggle }: { url: UrlFilter; options: Record<Kind, PickerOption[]>; onToggle(kind: Kind, value: string): void }) {
  const [open, setOpen] = useState(false);
  const [kind, setKind] = useState<Kind | null>(null);
  return (
    <Popover
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        setKind(null);
      }}
    >
      <Tooltip label="Filter" shortcut="f">
        <PopoverTrigger asChild>
          <Button variant="ghost" size="sm" data-filter-button aria-label="Filter">
            <Filter className="size-3.5" aria-hidden="true" />
            <span className="hidden sm:inline">Filter</span>
          </Button>
        </PopoverTrigger>
      </Tooltip>
      <PopoverContent label="Filter">
        {kind === null ? (
          <PickerList
            label="Filter by"
            shortcut="f"
            options={(Object.keys(KindNames) as Kind[]).flatMap((each): PickerOption[] => [{ value: each, label: KindNames[each], hint: '›', keywords: options[each].map((option) => option.label).join(' ') }])}
            selected={[]}
            onPick={(value) => setKind(value as Kind)}
            onClose={() => setOpen(false)}
          />
        ) : (
          <PickerList key={kind} label={KindNames[kind]} multiple options={options[kind]} selected={chosen(url, kind)} onPick={(value) => onToggle(kind, value)} onClose={() => setOpen(false)} />
        )}
      </PopoverContent>
    </Popover>
  );
}

interface FilterChipProps {
  kind: Kind;
  values: readonly string[];
  options: PickerOption[];
  onToggle(value: string): void;
  onClear(): void;
}

function FilterChip({ kind, values, options, onToggle, onClear }: FilterChipProps) {
  const found = values.map((value) => options.find((option) => option.value === value)?.label ?? value);
  const text: ReactNode = found.length > 2 ? `${found.length} chosen` : found.join(', ');
  return (
    <span className="inline-flex h-7 shrink-0 items-center rounded-md border border-line bg-surface text-xs">
      <Popover>
        <PopoverTrigger className="flex h-full items-center gap-1 rounded-l-md pr-1 pl-2 hover:bg-hover">
          <span className="text-ink-3">{KindNames[kind]}:</span> <span className="max-w-40 truncate">{text}</span>
        </PopoverTrigger>
        <PopoverContent label={KindNames[kind]}>
          <PickerList label={KindNames[kind]} multiple options={options} selected={values} onPick={onToggle} />
        </PopoverContent>
      </Popover>
      <button type="button" aria-label={`Remove the filter ${KindNames[kind]}`} className="flex h-full w-6 items-center justify-center rounded-r-md text-ink-3 hover:bg-hover hover:text-ink" onClick={onClear}>
        <X className="size-3" aria-hidden="true" />
      </button>
    </span>
  );
}
