/** Steps of a life cycle. */
import { number } from '../i18n/format';
import { m } from '../i18n/index.svelte';

/** "Reporting, step 3 of 4" */
export function lifeText(steps: readonly string[], at: string, word: string): string {
  return m.record_step({ status: word, n: number(steps.indexOf(at) + 1), total: number(steps.length) });
}

/** The step after this one, or before it; undefined at the end, and outside the steps. */
export function stepBy<S extends string>(steps: readonly S[], at: S, by: 1 | -1): S | undefined {
  const here = steps.indexOf(at);
  return here < 0 ? undefined : steps[here + by];
}

/** Whether a status is one step away. */
export function reaches(steps: readonly string[], at: string, to: string): boolean {
  return Math.abs(steps.indexOf(at) - steps.indexOf(to)) === 1;
}
