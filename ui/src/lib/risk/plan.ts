/** The rule of the treatment plan, as the engine has it: what it gives for today, and once all of it is done. */
import type { Matrix, Position, Risk } from '../api/types';
import type { Action } from './types';
import { levelAt } from './words';

export const STATUSES = ['planned', 'in_progress', 'done', 'cancelled'] as const;

/** Actions that count in the plan, and those of them that are done. */
export function tally(actions: readonly Action[]): { done: number; all: number } {
  const counted = actions.filter(({ status }) => status !== 'cancelled');
  return { done: counted.filter(({ status }) => status === 'done').length, all: counted.length };
}

/** Where the plan puts the risk; null without a plan that has begun. */
export function planned(risk: Risk, view: 'current' | 'residual'): Position | null {
  if (!risk.baseline || risk.actions.length === 0) return null;
  const counted = risk.actions.filter(({ status }) =>
    view === 'current' ? status === 'done' : status !== 'cancelled',
  );
  const less = (field: 'lowers_likelihood' | 'lowers_impact') =>
    counted.reduce((sum, action) => sum + action[field], 0);
  return {
    likelihood: Math.max(1, risk.baseline.likelihood - less('lowers_likelihood')),
    impact: Math.max(1, risk.baseline.impact - less('lowers_impact')),
  };
}

/** A place with its score and level. */
export function judged(matrix: Matrix, at: Position | null) {
  const level = at && levelAt(matrix, at);
  return at && level ? { ...at, score: at.likelihood * at.impact, level } : null;
}
