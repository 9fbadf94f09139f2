/** The list of incidents as rows: a heading for each severity, then its incidents. */
import type { Incident, Severity } from '../api/types';
import { SEVERITIES } from './rules';

export type QueueRow =
  { kind: 'group'; severity: Severity; count: number | null } | { kind: 'incident'; incident: Incident };

/**
 * Groups what is loaded, worst first. The list comes in order of severity, so a group is whole when
 * one after it has begun or when `complete`; the count of a group that is not is left out.
 */
export function rowsOf(incidents: readonly Incident[], complete: boolean): QueueRow[] {
  const groups = SEVERITIES.map((severity) => ({
    severity,
    found: incidents.filter((incident) => incident.severity === severity),
  })).filter(({ found }) => found.length > 0);
  return groups.flatMap(({ severity, found }, index): QueueRow[] => [
    { kind: 'group', severity, count: complete || index < groups.length - 1 ? found.length : null },
    ...found.map((incident): QueueRow => ({ kind: 'incident', incident })),
  ]);
}

/** The incidents in the order they are shown. */
export function inOrder(rows: readonly QueueRow[]): Incident[] {
  return rows.flatMap((row) => (row.kind === 'incident' ? [row.incident] : []));
}

/** The one `by` places on; the nearest end beyond it. `at` is where the last one stood, if it has left the list. */
export function stepTo(
  list: readonly Incident[],
  id: string | null,
  by: number,
  at = 0,
): Incident | undefined {
  const here = list.findIndex((incident) => incident.id === id);
  if (here < 0) return list[Math.min(Math.max(0, by > 0 ? at : at - 1), list.length - 1)];
  return list[Math.min(list.length - 1, Math.max(0, here + by))];
}
