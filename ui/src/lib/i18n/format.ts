/** Numbers and dates for people, by `Intl` from the chosen language. Read inside templates, so they follow it. */
import { locale } from './index.svelte';

const cache = new Map<string, unknown>();

function cached<F>(key: string, make: () => F): F {
  let found = cache.get(key) as F | undefined;
  if (!found) cache.set(key, (found = make()));
  return found;
}

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  // English dates are written the European way: 12 Dec 2026.
  const tag = locale.current === 'en' ? 'en-GB' : locale.current;
  return cached(`d${tag}${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(tag, options));
}

/** 1,243 or 1 243 */
export function number(value: number): string {
  const tag = locale.current;
  return cached(`n${tag}`, () => new Intl.NumberFormat(tag)).format(value);
}

/** 71 %, with a no-break space. `ratio` is 0 to 1. */
export function percent(ratio: number): string {
  return `${number(Math.round(ratio * 100))}\u00a0%`;
}

/** 412 MB; sizes of files. */
export function bytes(value: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  const unit = units[power] ?? 'byte';
  const tag = locale.current;
  const amount = value / 1000 ** power;
  return cached(
    `b${tag}${unit}${amount < 10}`,
    () =>
      new Intl.NumberFormat(tag, {
        style: 'unit',
        unit,
        unitDisplay: 'short',
        maximumFractionDigits: amount < 10 && power > 0 ? 1 : 0,
      }),
  ).format(amount);
}

/** A day without a time (`2026-12-12`) must not move with the time zone. */
function parse(value: string): Date {
  return new Date(value.length === 10 ? `${value}T12:00:00` : value);
}

function sameDay(a: Date, b: Date): boolean {
  return a.toDateString() === b.toDateString();
}

/** 12 Dec; with the year when it is not this one. */
export function day(value: string, now = new Date()): string {
  const date = parse(value);
  const year = date.getFullYear() === now.getFullYear() ? {} : ({ year: 'numeric' } as const);
  return dates({ day: 'numeric', month: 'short', ...year }).format(date);
}

/** 12 Dec 2026 */
export function dayYear(value: string): string {
  return dates({ day: 'numeric', month: 'short', year: 'numeric' }).format(parse(value));
}

/** 11:14 */
export function time(value: string): string {
  return dates({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(parse(value));
}

function relativeWord(amount: number, unit: Intl.RelativeTimeFormatUnit): string {
  const tag = locale.current;
  return cached(`r${tag}`, () => new Intl.RelativeTimeFormat(tag, { numeric: 'auto' })).format(amount, unit);
}

/** Whole calendar days from now to the value; negative when it is past. */
export function daysUntil(value: string, now = new Date()): number {
  const date = parse(value);
  const a = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  const b = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
  return Math.round((a - b) / 86_400_000);
}

/** "today 11:14", "yesterday 09:00", else 14 Nov, 09:00 */
export function moment(value: string, now = new Date()): string {
  const date = parse(value);
  const days = daysUntil(value, now);
  if (sameDay(date, now) || days === -1 || days === 1) return `${relativeWord(days, 'day')} ${time(value)}`;
  return `${day(value, now)}, ${time(value)}`;
}

/** "in 18 days", "3 days ago", up to 30 days; a date beyond that. */
export function fromNow(value: string, now = new Date()): string {
  const days = daysUntil(value, now);
  return Math.abs(days) <= 30 ? relativeWord(days, 'day') : day(value, now);
}

/** The whole date, time and zone: for the tooltip. */
export function fullMoment(value: string): string {
  return dates({ dateStyle: 'full', timeStyle: 'long' }).format(parse(value));
}

/** "Priya Raman" becomes "P. Raman" */
export function shortName(name: string): string {
  const parts = name.trim().split(/\s+/);
  const [given, ...rest] = parts;
  return given && rest.length > 0 ? `${given.charAt(0)}. ${rest.join(' ')}` : name;
}
