/** Workshops in words, in the person's language. */
import type { Matrix, Position } from '../api/types';
import { locale, m } from '../i18n/index.svelte';
import { cellName } from '../risk/words';
import type { Decides, Fate, Room, Tally, WorkshopStatus } from './types';

export const STATUS_TONE = { planned: 'line', running: 'acc', closed: 'plain' } as const;

export const statusWord = (status: WorkshopStatus): string =>
  ({ planned: m.workshop_planned, running: m.workshop_running, closed: m.workshop_closed })[status]();

export const decidesWord = (decides: Decides): string =>
  ({ facilitator: m.workshop_facilitator, owner: m.workshop_by_owner, room: m.workshop_by_room })[decides]();

export const fateWord = (fate: Fate): string =>
  ({
    changes: m.workshop_fate_changes,
    same: m.workshop_fate_same,
    stale: m.workshop_fate_stale,
    outside: m.workshop_fate_outside,
    gone: m.workshop_fate_gone,
  })[fate]();

/** "Close: 8 of 9 votes within one step" */
export function agreementWords({ agreement, near, votes }: Tally): string {
  if (agreement === 'none') return m.workshop_agreed_none();
  const of = { n: near, of: votes };
  if (agreement === 'unanimous') return m.workshop_agreed_unanimous(of);
  return {
    close: m.workshop_agreed_close,
    mixed: m.workshop_agreed_mixed,
    divided: m.workshop_agreed_divided,
  }[agreement](of);
}

/** The cell of both medians. */
export const medianOf = ({ likelihood, impact }: Tally): Position | null =>
  likelihood && impact ? { likelihood: likelihood.median, impact: impact.median } : null;

/** The room's matrix as the parts of the map take it; without an appetite it has no line. */
export const matrixOf = ({ matrix }: Room): Matrix => ({
  ...matrix,
  appetite: matrix.appetite ?? Infinity,
  tolerance: Infinity,
});

/** "Possible × Major, 12" */
export const placeWords = (matrix: Matrix, cell: Position | null): string =>
  cell ? `${cellName(matrix, cell)}, ${cell.likelihood * cell.impact}` : m.not_assessed();

/** 1:24, or +0:12 once it is over. */
export function clock(seconds: number): string {
  const whole = Math.abs(seconds);
  return `${seconds < 0 ? '+' : ''}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** Each line is somebody who does not agree; a line that begins with the name of a seat names it. */
export function dissentOf(text: string, seats: { id: string; name: string }[]) {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const [name = '', ...rest] = line.split(':');
      const seat = seats.find((one) => one.name.toLowerCase() === name.trim().toLowerCase());
      const reason = rest.join(':').trim();
      return seat && reason ? { seat_id: seat.id, reason } : { seat_id: null, reason: line };
    });
}

/** "Inès Delacroix, Security": a person and what they speak for, one on each line. */
export function peopleOf(text: string) {
  return text
    .split('\n')
    .map((line) => line.split(','))
    .map(([name = '', ...group]) => ({ name: name.trim(), group: group.join(',').trim() || null }))
    .filter(({ name }) => name !== '');
}

/** "Median: Possible × Major, 12": a name and what it names, with the colon of the language. */
export const named = (name: string, what: string): string =>
  `${name}${locale.current === 'fr' ? '\u00a0: ' : ': '}${what}`;
