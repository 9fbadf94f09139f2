/** Moments as the clock and calendar on the wall of the workspace's time zone show them, and back. */
import { zone } from './zone.svelte';

/** `2026-12-12T09:30:00`: what the wall shows at a moment. */
export function wallOf(moment: string | number): string {
  // Swedish is written so, year first.
  const written = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone.current,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(new Date(moment));
  return written.replace(' ', 'T');
}

/** Milliseconds by which the wall is ahead of UTC at a moment. */
const ahead = (at: number) => Date.parse(`${wallOf(at)}Z`) - Math.floor(at / 1000) * 1000;

const DAY = 86_400_000;

/**
 * The moment, in UTC, at which the wall shows this. Of an hour that comes twice it is the first; in one that is left out, it is as
 * long after its beginning as the wall would say (RFC 5545, 3.3.5).
 */
export function momentOf(wall: string): string {
  const shown = Date.parse(`${wall}Z`);
  const [before, after] = [ahead(shown - DAY), ahead(shown + DAY)];
  const fits = [before, after].find((by) => ahead(shown - by) === by);
  return new Date(shown - (fits ?? before)).toISOString();
}
