import { afterEach, expect, test } from 'vitest';
import { momentOf, wallOf } from './wall';
import { zone } from './zone.svelte';

const before = zone.current;
afterEach(() => zone.set(before ?? 'UTC'));

test.each([
  ['Europe/Paris', '2026-12-12T09:30:00', '2026-12-12T08:30:00.000Z'],
  ['Europe/Paris', '2026-07-01T00:00:00', '2026-06-30T22:00:00.000Z'],
  ['America/New_York', '2026-11-24T23:59:59', '2026-11-25T04:59:59.000Z'],
  ['Asia/Kathmandu', '2026-01-01T00:15:00', '2025-12-31T18:30:00.000Z'],
  ['Pacific/Kiritimati', '2026-01-01T00:00:00', '2025-12-31T10:00:00.000Z'],
  ['UTC', '2026-02-28T12:00:00', '2026-02-28T12:00:00.000Z'],
])('in %s the wall shows %s at %s', (name, wall, moment) => {
  zone.set(name);
  expect(momentOf(wall)).toBe(moment);
  expect(wallOf(moment)).toBe(wall);
});

test('an hour that comes twice is the first; in one that is left out, time goes on from its beginning', () => {
  zone.set('Europe/Paris');
  expect(momentOf('2026-10-25T02:30:00')).toBe('2026-10-25T00:30:00.000Z');
  expect(momentOf('2026-03-29T02:30:00')).toBe('2026-03-29T01:30:00.000Z');
  expect(wallOf('2026-03-29T01:30:00.000Z')).toBe('2026-03-29T03:30:00');
});

test('every hour of two years comes back as it was', () => {
  for (const name of ['Europe/Paris', 'Australia/Lord_Howe', 'America/St_Johns']) {
    zone.set(name);
    for (
      let at = Date.parse('2026-01-01T00:00:00Z');
      at < Date.parse('2028-01-01T00:00:00Z');
      at += 7 * 3_600_000
    ) {
      const wall = wallOf(at);
      expect(wallOf(momentOf(wall))).toBe(wall);
    }
  }
});
