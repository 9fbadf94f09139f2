import { beforeEach, expect, test } from 'vitest';
import {
  bytes,
  day,
  daysUntil,
  fromNow,
  fullMoment,
  isWithin,
  moment,
  number,
  percent,
  shortName,
  time,
} from './format';
import { locale } from './index.svelte';
import { zone } from './zone.svelte';

const now = new Date('2026-11-24T10:14:00Z');

beforeEach(() => {
  locale.set('en');
  zone.set('Europe/Paris');
});

test('numbers follow the language', () => {
  expect(number(1243)).toBe('1,243');
  expect(percent(0.71)).toBe('71\u00a0%');
  locale.set('fr');
  expect(number(1243)).toBe('1\u202f243');
});

test('sizes are rounded to what a person reads', () => {
  expect(bytes(412_000_000)).toBe('412 MB');
  expect(bytes(4_120_000)).toBe('4.1 MB');
  expect(bytes(0)).toBe('0 bytes');
});

test('a date has its year only when it is another one, and is never all digits', () => {
  expect(day('2026-12-12', now)).toBe('12 Dec');
  expect(day('2027-01-05', now)).toBe('5 Jan 2027');
  locale.set('fr');
  expect(day('2026-12-12', now)).toBe('12 déc.');
});

test('within so many days is what the calendar of the zone counts, on either side of midnight', () => {
  for (const name of ['Pacific/Kiritimati', 'Europe/Paris', 'UTC', 'Pacific/Pago_Pago']) {
    zone.set(name);
    for (const at of ['2026-11-24T00:30:00Z', '2026-11-24T11:59:00Z', '2026-11-24T23:30:00Z'].map(
      (t) => new Date(t),
    )) {
      for (let offset = -40; offset <= 40; offset++) {
        const day = new Date(Date.UTC(2026, 10, 24 + offset)).toISOString().slice(0, 10);
        expect(isWithin(day, 7, at), `${day} seen in ${name} at ${at.toISOString()}`).toBe(
          daysUntil(day, at) <= 7,
        );
      }
    }
  }
});

test('a day without a time is the same day in every zone', () => {
  for (const name of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
    zone.set(name);
    expect(day('2026-12-12', now)).toBe('12 Dec');
  }
});

test('times are those of the workspace, not of the device', () => {
  expect(time('2026-11-24T10:14:00Z')).toBe('11:14');
  zone.set('America/New_York');
  expect(time('2026-11-24T10:14:00Z')).toBe('05:14');
});

test('a zone that nobody knows leaves the device’s own', () => {
  zone.set('Mars/Olympus');
  expect(zone.current).toBeUndefined();
});

test('near moments are said in words', () => {
  expect(moment('2026-11-24T10:14:00Z', now)).toBe('today 11:14');
  expect(moment('2026-11-23T08:00:00Z', now)).toBe('yesterday 09:00');
  expect(moment('2026-11-14T08:00:00Z', now)).toBe('14 Nov, 09:00');
  locale.set('fr');
  expect(moment('2026-11-24T10:14:00Z', now)).toBe('aujourd’hui 11:14');
});

test('days are counted on the calendar of the zone, not in hours', () => {
  // 23:30 in Paris: one hour later it is tomorrow there.
  const late = new Date('2026-11-24T22:30:00Z');
  expect(daysUntil('2026-11-24T23:30:00Z', late)).toBe(1);
  expect(daysUntil('2026-12-12', late)).toBe(18);
});

test('up to 30 days are counted, then the date is given', () => {
  expect(fromNow('2026-12-12', now)).toBe('in 18 days');
  expect(fromNow('2027-03-01', now)).toBe('1 Mar 2027');
});

test('the whole moment names the zone', () => {
  expect(fullMoment('2026-11-24T10:14:00Z')).toContain('11:14:00');
  expect(fullMoment('2026-11-24T10:14:00Z')).toMatch(/CET|GMT\+1/);
});

test('a name is shortened, a single word is not', () => {
  expect(shortName('Priya Raman')).toBe('P. Raman');
  expect(shortName('Inès de La Croix')).toBe('I. de La Croix');
  expect(shortName('DPO')).toBe('DPO');
});
