/** What the gaps of an assessment say. */
import type { Severity } from '../api/types';
import { number } from '../i18n/format';
import { m } from '../i18n/index.svelte';
import type { ControlResult, Counts, Gap, Gaps } from './types';
import { answeredOf, totalOf } from './words';

export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/** The sentence above the picture: what needs doing. */
export function headline(gaps: Gaps): string {
  const count = gaps.gaps.length;
  if (count === 0) return answeredOf(gaps.summary) === 0 ? m.gap_head_unanswered() : m.gap_head_none();
  const urgent = gaps.gaps.filter(({ severity }) => severity === 'critical' || severity === 'high').length;
  if (urgent === 0) return m.gap_head({ count, n: number(count) });
  return m.gap_head_urgent({ count, n: number(count), urgent: number(urgent) });
}

/** The sentence below it, with its numbers. */
export function subline(counts: Counts): string {
  return m.gap_sub({
    met: number(counts.compliant),
    total: number(totalOf(counts) - counts.not_applicable),
    partly: number(counts.partially_compliant),
    none: number(counts.non_compliant),
    answered: number(answeredOf(counts)),
    all: number(totalOf(counts)),
  });
}

/** What a row says the gap is: what is missing, else what is planned. */
export function gapText(gap: Gap): string | null {
  return gap.missing_evidence ?? gap.planned_control;
}

type Key = 'ref' | 'severity' | 'risks_above_appetite' | 'delta' | 'owner' | 'due_date';

/** Gaps in another order; what has no value comes last. The order they came in is the worst first. */
export function sorted(gaps: readonly Gap[], sort: string): Gap[] {
  const field = sort.replace('-', '') as Key;
  const way = sort.startsWith('-') ? -1 : 1;
  const value = (gap: Gap) => (field === 'severity' ? -SEVERITIES.indexOf(gap.severity) : gap[field]);
  return [...gaps].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    if (typeof a === 'number' && typeof b === 'number') return (a - b) * way;
    return String(a).localeCompare(String(b), undefined, { numeric: true }) * way;
  });
}

/** Beyond it the groups are not drawn. */
export const DRAWN = 3000;

/**
 * Puts the controls under their headings: the nearest node above each that is not assessed itself. Those
 * with none stand under the framework.
 */
export function groupsOf(controls: readonly ControlResult[]): Map<string, ControlResult[]> {
  const parents = new Map(controls.map((control) => [control.control_id, control.parent_id]));
  const groups = new Map<string, ControlResult[]>();
  for (const control of controls) {
    let above = control.parent_id;
    while (above !== null && parents.has(above)) above = parents.get(above) ?? null;
    const key = above ?? '';
    groups.set(key, [...(groups.get(key) ?? []), control]);
  }
  return groups;
}
