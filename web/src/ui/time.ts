const Units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const dayOfYear = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric' });

/** "3 min. ago"; under a minute "just now". Clocks differ: what lies a little ahead is "just now" too. */
export function relativeTime(iso: string, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  if (Number.isNaN(seconds)) return '';
  if (seconds > -45) return 'just now';
  for (const [unit, size] of Units) {
    if (-seconds >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return relative.format(-1, 'minute');
}

export function absoluteTime(iso: string): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? '' : absolute.format(time);
}

/** A date without a time ("2026-03-01") is a day of the calendar, the same everywhere: never shift it through UTC. */
export function localDay(dateOnly: string): Date {
  const [year, month, date] = dateOnly.split('-').map(Number);
  return new Date(year ?? 1970, (month ?? 1) - 1, date ?? 1);
}

export function toDateOnly(date: Date): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

export interface DueLabel {
  text: string;
  tone: 'overdue' | 'soon' | 'later';
}

export function dueLabel(dueOn: string, today: Date): DueLabel {
  const due = localDay(dueOn);
  const start = new Date(today.getFullYear(), today.getMonth(), today.getDate());
  const days = Math.round((due.getTime() - start.getTime()) / 86_400_000);
  const tone = days < 0 ? 'overdue' : days <= 1 ? 'soon' : 'later';
  if (days === 0) return { text: 'Today', tone };
  if (days === 1) return { text: 'Tomorrow', tone };
  if (days === -1) return { text: 'Yesterday', tone };
  return { text: (due.getFullYear() === start.getFullYear() ? day : dayOfYear).format(due), tone };
}
