/** Numbers and dates for people, by `Intl` from the chosen language. Read inside templates, so they follow it. */
import { locale } from './index.svelte';
import { zone } from './zone.svelte';

const cache = new Map<string, unknown>();

function cached<F>(key: string, make: () => F): F {
  let found = cache.get(key) as F | undefined;
  if (!found) cache.set(key, (found = make()));
  return found;
}

function formatter(timeZone: string | undefined, options: Intl.DateTimeFormatOptions) {
  // English dates are written the European way: 12 Dec 2026.
  const tag = locale.current === 'en' ? 'en-GB' : locale.current;
  const all = timeZone === undefined ? options : { ...options, timeZone };
  return cached(`d${tag}${JSON.stringify(all)}`, () => new Intl.DateTimeFormat(tag, all));
}

/** A day without a time (`2026-12-12`) is the same day everywhere. */
function isDay(value: string): boolean {
  return value.length === 10;
}

function write(value: string, options: Intl.DateTimeFormatOptions): string {
  return formatter(isDay(value) ? 'UTC' : zone.current, options).format(new Date(value));
}

/** Year, month and day as the calendar on the wall shows them. */
function calendar(value: string | Date): string {
  if (typeof value === 'string' && isDay(value)) return value;
  const timeZone = zone.current;
  const parts = cached(
    `c${timeZone}`,
    () => new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }),
  );
  return parts.format(new Date(value));
}

/** What stands between groups of three digits, as CLDR says; a test compares it with `Intl`. */
const GROUPS = { en: ',', fr: '\u202f' };

/** 1,243 or 1 243 */
export function number(value: number): string {
  const tag = locale.current;
  // The numbers of a first screen are whole, and it does not wait the 6 ms that WebKit takes for its first formatter.
  if (Number.isSafeInteger(value)) return String(value).replace(/\B(?=(?:\d{3})+$)/g, GROUPS[tag]);
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
        unitDisplay: power > 0 ? 'short' : 'long',
        maximumFractionDigits: amount < 10 && power > 0 ? 1 : 0,
      }),
  ).format(amount);
}

/** 12 Dec; with the year when it is not this one. */
export function day(value: string, now = new Date()): string {
  const thisYear = calendar(value).slice(0, 4) === calendar(now).slice(0, 4);
  return write(value, { day: 'numeric', month: 'short', ...(thisYear ? {} : { year: 'numeric' }) });
}

/** 12 Dec 2026 */
export function dayYear(value: string): string {
  return write(value, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** 11:14 */
export function time(value: string): string {
  return write(value, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

function relativeWord(amount: number): string {
  const tag = locale.current;
  return cached(`r${tag}`, () => new Intl.RelativeTimeFormat(tag, { numeric: 'auto' })).format(amount, 'day');
}

/** Whole calendar days from now to the value; negative when it is past. */
export function daysUntil(value: string, now = new Date()): number {
  return Math.round((Date.parse(calendar(value)) - Date.parse(calendar(now))) / 86_400_000);
}

/**
 * Whether a day is at most so many calendar days away, past ones included. The calendar's zone moves today by a day at
 * most: it is only asked where that can matter, since WebKit takes 7 ms for its first date and a first screen waits for this.
 */
export function isWithin(day: string, days: number, now = new Date()): boolean {
  const rough = Math.round((Date.parse(day) - Date.parse(now.toISOString().slice(0, 10))) / 86_400_000);
  if (rough + 1 <= days) return true;
  return rough - 1 <= days && daysUntil(day, now) <= days;
}

/** "today 11:14", "yesterday 09:00", else 14 Nov, 09:00 */
export function moment(value: string, now = new Date()): string {
  const days = daysUntil(value, now);
  return Math.abs(days) <= 1 ? `${relativeWord(days)} ${time(value)}` : `${day(value, now)}, ${time(value)}`;
}

/** "in 18 days", "3 days ago", up to 30 days; a date beyond that. */
export function fromNow(value: string, now = new Date()): string {
  const days = daysUntil(value, now);
  return Math.abs(days) <= 30 ? relativeWord(days) : day(value, now);
}

/** The whole date, time and zone: for the tooltip. A day without a time has only its date. */
export function fullMoment(value: string): string {
  return write(value, isDay(value) ? { dateStyle: 'full' } : { dateStyle: 'full', timeStyle: 'long' });
}

/** "Priya Raman" becomes "P. Raman" */
export function shortName(name: string): string {
  const [given, ...rest] = name.trim().split(/\s+/);
  return given && rest.length > 0 ? `${given.charAt(0)}. ${rest.join(' ')}` : name;
}
