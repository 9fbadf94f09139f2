/** The map in words, in the person's language. */
import type { Level, Matrix, MatrixStep, Position } from '../api/types';
import { m } from '../i18n/index.svelte';
import { levelWord } from '../ui/levels';
import type { ActionStatus } from './types';

const LIKELIHOOD: Record<string, () => string> = {
  rare: m.likelihood_rare,
  unlikely: m.likelihood_unlikely,
  possible: m.likelihood_possible,
  likely: m.likelihood_likely,
  almost_certain: m.likelihood_almost_certain,
  improbable: m.step_improbable,
  very_likely: m.step_very_likely,
  nearly_certain: m.step_nearly_certain,
  very_low: m.step_very_low,
  low: m.step_low,
  moderate: m.step_moderate,
  high: m.step_high,
  very_high: m.step_very_high,
};
const IMPACT: Record<string, () => string> = {
  minor: m.impact_minor,
  limited: m.impact_limited,
  serious: m.impact_serious,
  major: m.impact_major,
  critical: m.impact_critical,
  significant: m.step_significant,
  severe: m.step_severe,
  very_low: m.step_very_low,
  low: m.step_low,
  moderate: m.impact_moderate,
  high: m.impact_high,
  very_high: m.impact_very_high,
};

/** A step's name: translated where the catalog knows its key. */
export function stepName(step: MatrixStep | undefined, axis: 'likelihood' | 'impact'): string {
  if (!step) return '';
  const known = (axis === 'likelihood' ? LIKELIHOOD : IMPACT)[step.key];
  return known ? known() : step.label;
}

/** "Likely × Major" */
export function cellName(matrix: Matrix, { likelihood, impact }: Position): string {
  return `${stepName(matrix.likelihood[likelihood - 1], 'likelihood')} × ${stepName(matrix.impact[impact - 1], 'impact')}`;
}

/** "Likely, Major": as it is spoken. */
export function cellSpoken(matrix: Matrix, cell: Position): string {
  return cellName(matrix, cell).replace(' × ', ', ');
}

export function levelAt(matrix: Matrix, { likelihood, impact }: Position): Level | null {
  return matrix.grid[likelihood - 1]?.[impact - 1] ?? null;
}

/** "Within tolerance, 6 above appetite." */
export function standing(matrix: Matrix, score: number): string {
  if (score > matrix.tolerance) return m.map_above_tolerance({ n: score - matrix.tolerance });
  if (score > matrix.appetite) return m.map_above_appetite({ n: score - matrix.appetite });
  return m.map_within_appetite();
}

/** "Likely × Major, score 16, High. Within tolerance, 6 above appetite." */
export function targetSentence(matrix: Matrix, to: Position): { cell: string; rest: string } {
  const score = to.likelihood * to.impact;
  const level = levelAt(matrix, to);
  const word = level ? levelWord(level) : '';
  return {
    cell: cellName(matrix, to),
    rest: `${m.map_score_level({ score, level: word })} ${standing(matrix, score)}`,
  };
}

/** Where an action of a plan stands. */
export function actionStatusWord(status: ActionStatus): string {
  const words: Record<ActionStatus, () => string> = {
    planned: m.plan_planned,
    in_progress: m.record_in_progress,
    done: m.plan_status_done,
    cancelled: m.plan_cancelled,
  };
  return words[status]();
}
