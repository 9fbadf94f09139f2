/**
 * What the status machines of the engine allow, so that buttons can be offered. The engine decides:
 * a step that it refuses is not made, whatever stands here.
 */
import type { FindingStatus, Grade } from './types';
import { FINDING_STATUSES } from './words';

/** What a step of a finding asks for: nothing, a reason; or it is not possible. */
export type Step = 'free' | 'reason' | 'none';

const ended = (status: FindingStatus) => status === 'closed' || status === 'dismissed';

/** What it takes to go from one status to another: back, away and open again need a reason. */
export function stepOf(from: FindingStatus, to: FindingStatus): Step {
  if (from === to) return 'none';
  if (ended(from)) return to === 'open' ? 'reason' : 'none';
  if (to === 'dismissed') return 'reason';
  return FINDING_STATUSES.indexOf(to) > FINDING_STATUSES.indexOf(from) ? 'free' : 'reason';
}

/** The status after this one; null at the end. */
export function nextOf(status: FindingStatus): FindingStatus | null {
  return ended(status) ? null : (FINDING_STATUSES[FINDING_STATUSES.indexOf(status) + 1] ?? null);
}

/** The status before this one; a finding that ended is opened again. */
export function previousOf(status: FindingStatus): FindingStatus | null {
  if (ended(status)) return 'open';
  return FINDING_STATUSES[FINDING_STATUSES.indexOf(status) - 1] ?? null;
}

/** Whether a requirement is not met: then the whole follow-up is due. */
export function isNonconformity(grade: Grade): boolean {
  return grade === 'major_nonconformity' || grade === 'minor_nonconformity';
}

/** Whether somebody has to do something about it. */
export function asksForWork(grade: Grade): boolean {
  return grade !== 'conformity' && grade !== 'good_practice';
}

/** Whether its work is late. What its owner calls done is not late. */
export function isLate(status: FindingStatus, days: number): boolean {
  return days < 0 && (status === 'open' || status === 'assigned' || status === 'in_progress');
}
