/** Days and moments, in the workspace's time zone. */
import {
  getLocalTimeZone,
  parseAbsolute,
  parseDate,
  toCalendarDate,
  toZoned,
  toCalendarDateTime,
  Time,
} from '@internationalized/date';
import { zone } from '../i18n/zone.svelte';

const here = () => zone.current ?? getLocalTimeZone();

/** The day (`2026-12-12`) of a moment. */
export function dayOf(moment: string): string {
  return toCalendarDate(parseAbsolute(moment, here())).toString();
}

/** The last second of a day, as a moment in UTC. */
export function endOfDay(day: string): string {
  const last = toCalendarDateTime(parseDate(day), new Time(23, 59, 59));
  return toZoned(last, here()).toAbsoluteString();
}
