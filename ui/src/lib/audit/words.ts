/** The words of audits and findings, in the person's language. */
import { m } from '../i18n/index.svelte';
import type { AuditStatus, FindingStatus, Grade } from './types';

/** In the order of an audit's life. */
export const AUDIT_STATUSES: readonly AuditStatus[] = ['planned', 'in_progress', 'reporting', 'closed'];

/** Worst first; the last two are no faults. */
export const GRADES: readonly Grade[] = [
  'major_nonconformity',
  'minor_nonconformity',
  'observation',
  'opportunity_for_improvement',
  'conformity',
  'good_practice',
];

/** In the order of a finding's life; `dismissed` stands outside it. */
export const FINDING_STATUSES: readonly FindingStatus[] = [
  'open',
  'assigned',
  'in_progress',
  'resolved',
  'verified',
  'closed',
];

export function auditStatusWord(status: AuditStatus): string {
  const words: Record<AuditStatus, () => string> = {
    planned: m.audit_status_planned,
    in_progress: m.record_in_progress,
    reporting: m.audit_status_reporting,
    closed: m.audit_status_closed,
  };
  return words[status]();
}

export function gradeWord(grade: Grade): string {
  const words: Record<Grade, () => string> = {
    major_nonconformity: m.finding_grade_major,
    minor_nonconformity: m.finding_grade_minor,
    observation: m.finding_grade_observation,
    opportunity_for_improvement: m.finding_grade_opportunity,
    conformity: m.finding_grade_conformity,
    good_practice: m.finding_grade_good_practice,
  };
  return words[grade]();
}

/** In one word, for a column. */
export function gradeShort(grade: Grade): string {
  const words: Record<Grade, () => string> = {
    major_nonconformity: m.finding_short_major,
    minor_nonconformity: m.finding_short_minor,
    observation: m.finding_grade_observation,
    opportunity_for_improvement: m.finding_short_opportunity,
    conformity: m.finding_grade_conformity,
    good_practice: m.finding_grade_good_practice,
  };
  return words[grade]();
}

export function findingStatusWord(status: FindingStatus): string {
  const words: Record<FindingStatus, () => string> = {
    open: m.finding_status_open,
    assigned: m.finding_status_assigned,
    in_progress: m.record_in_progress,
    resolved: m.finding_status_resolved,
    verified: m.finding_status_verified,
    closed: m.finding_status_closed,
    dismissed: m.finding_status_dismissed,
  };
  return words[status]();
}

/** How a status is set off in a list: what waits for somebody stands out. */
export function findingTone(status: FindingStatus): 'line' | 'warn' | 'acc' | 'info' | 'ok' | 'plain' {
  const tones = {
    open: 'warn',
    assigned: 'line',
    in_progress: 'acc',
    resolved: 'info',
    verified: 'ok',
    closed: 'ok',
    dismissed: 'plain',
  } as const;
  return tones[status];
}

export function auditTone(status: AuditStatus): 'line' | 'acc' | 'info' | 'ok' {
  const tones = { planned: 'line', in_progress: 'acc', reporting: 'info', closed: 'ok' } as const;
  return tones[status];
}
