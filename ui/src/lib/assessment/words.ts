/** The words of assessments, in the person's language, and what their numbers add up to. */
import { number, percent } from '../i18n/format';
import { m } from '../i18n/index.svelte';
import type { Assessment, AssessmentStatus, Counts, Result } from './types';

/** In the order of an assessment's life. */
export const STATUSES: readonly AssessmentStatus[] = ['planned', 'in_progress', 'in_review', 'completed'];

/** In the order of the keys 1 to 5. */
export const RESULTS: readonly Result[] = [
  'compliant',
  'partially_compliant',
  'non_compliant',
  'not_applicable',
  'not_assessed',
];

/** 0 to 5. */
export const MATURITIES = [0, 1, 2, 3, 4, 5] as const;

export function statusWord(status: AssessmentStatus): string {
  const words: Record<AssessmentStatus, () => string> = {
    planned: m.assessment_status_planned,
    in_progress: m.record_in_progress,
    in_review: m.assessment_status_in_review,
    completed: m.assessment_status_completed,
  };
  return words[status]();
}

export function statusTone(status: AssessmentStatus): 'line' | 'acc' | 'info' | 'ok' {
  const tones = { planned: 'line', in_progress: 'acc', in_review: 'info', completed: 'ok' } as const;
  return tones[status];
}

export function resultWord(result: Result): string {
  const words: Record<Result, () => string> = {
    not_assessed: m.result_not_assessed,
    compliant: m.result_compliant,
    partially_compliant: m.result_partially_compliant,
    non_compliant: m.result_non_compliant,
    not_applicable: m.result_not_applicable,
  };
  return words[result]();
}

export function maturityWord(maturity: number): string {
  const words = [m.maturity_0, m.maturity_1, m.maturity_2, m.maturity_3, m.maturity_4, m.maturity_5];
  return words[maturity]?.() ?? number(maturity);
}

/** How many controls there are. */
export function totalOf(counts: Counts): number {
  return RESULTS.reduce((sum, result) => sum + counts[result], 0);
}

/** How many are answered. */
export function answeredOf(counts: Counts): number {
  return totalOf(counts) - counts.not_assessed;
}

/** The counts of some controls. */
export function countsOf(controls: readonly { result: Result }[]): Counts {
  const counts: Counts = {
    compliant: 0,
    partially_compliant: 0,
    non_compliant: 0,
    not_applicable: 0,
    not_assessed: 0,
  };
  for (const { result } of controls) counts[result] += 1;
  return counts;
}

/** "78 of 93" */
export function answeredText(counts: Counts): string {
  return m.assessment_answered({ n: number(answeredOf(counts)), total: number(totalOf(counts)) });
}

/** The status before this one: back to work, or to the plan while nothing is answered. */
export function previousOf(assessment: Assessment): AssessmentStatus | undefined {
  if (assessment.status === 'in_review' || assessment.status === 'completed') return 'in_progress';
  return assessment.status === 'in_progress' && assessment.progress === 0 ? 'planned' : undefined;
}

/** Whether a status can be gone to from here. The engine decides. */
export function reaches(assessment: Assessment, to: AssessmentStatus): boolean {
  const forward = STATUSES.indexOf(to) > STATUSES.indexOf(assessment.status);
  return forward || to === previousOf(assessment) || (to === 'planned' && assessment.progress === 0);
}

/** Of what an assessment looks at. */
export function scopeText(scope: Assessment['scope']): string {
  if (scope === 'full') return m.assessment_scope_full();
  return m.assessment_scope_groups({ count: scope.length, n: number(scope.length) });
}

/** "82 %"; a dash while nothing is answered. */
export function scoreText(score: number | null): string {
  return score === null ? '–' : percent(score / 100);
}
