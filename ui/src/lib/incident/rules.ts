/**
 * What the status machine of the engine allows, so that buttons can be offered. The engine decides:
 * a change that it refuses is not made, whatever stands here.
 */
import type { IncidentStatus, Severity } from '../api/types';

/** The seven statuses in the forward direction; `dismissed` stands outside them. */
export const STATUSES: readonly IncidentStatus[] = [
  'new',
  'triaged',
  'contained',
  'eradicated',
  'recovered',
  'resolved',
  'closed',
];

/** Worst first. */
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/** What a step asks for: nothing, a note, a reason; or it is not possible. */
export type Step = 'free' | 'note' | 'reason' | 'none';

const ended = (status: IncidentStatus) => status === 'closed' || status === 'dismissed';

/** Whether the response still goes on. */
export function isOpen(status: IncidentStatus): boolean {
  return status !== 'resolved' && !ended(status);
}

/** What it takes to go from one status to another. */
export function step(from: IncidentStatus, to: IncidentStatus): Step {
  if (from === to) return 'none';
  if (ended(from)) return to === 'triaged' ? 'note' : 'none';
  if (to === 'dismissed') return 'reason';
  return STATUSES.indexOf(to) > STATUSES.indexOf(from) ? 'free' : 'note';
}

/** The step after this one; null at the end. */
export function next(status: IncidentStatus): IncidentStatus | null {
  return status === 'dismissed' ? null : (STATUSES[STATUSES.indexOf(status) + 1] ?? null);
}

/** The step before this one; reopening goes to triaged; null at the beginning. */
export function previous(status: IncidentStatus): IncidentStatus | null {
  if (ended(status)) return 'triaged';
  return STATUSES[STATUSES.indexOf(status) - 1] ?? null;
}

/** Whether going there is called reopening. */
export function reopens(from: IncidentStatus, to: IncidentStatus): boolean {
  return !isOpen(from) && to === 'triaged';
}

/** 1 low to 4 critical: how many bars the glyph fills. */
export function bars(severity: Severity): number {
  return SEVERITIES.length - SEVERITIES.indexOf(severity);
}
