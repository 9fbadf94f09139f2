/** A history entry as a sentence, and its fields as values, in the person's language. */
import type { HistoryEntry, Matrix, Position, RiskStatus, Treatment } from '../api/types';
import { day, dayYear } from '../i18n/format';
import { m } from '../i18n/index.svelte';
import { riskStatusWord, treatmentWord, viewWord } from '../words';
import type { Action } from './types';
import { actionStatusWord, cellName, levelAt } from './words';

interface Scored {
  score?: number | null;
}

/** The score of one view before and after, where it changed. */
function moved(entry: HistoryEntry): string | null {
  const { before, after } = entry;
  if (!before || !after) return null;
  const text = (score: unknown) => (typeof score === 'number' ? String(score) : m.not_assessed());
  if ('score' in after) return `${viewWord('current')} ${text(before.score)} → ${text(after.score)}`;
  for (const view of ['inherent', 'residual', 'target'] as const) {
    if (!(view in after)) continue;
    const score = (value: unknown) => text((value as Scored | null)?.score);
    return `${viewWord(view)} ${score(before[view])} → ${score(after[view])}`;
  }
  return null;
}

const FIELDS: Record<string, () => string> = {
  name: m.risk_name,
  description: m.risk_description,
  category: m.risk_column_category,
  owner: m.risk_column_owner,
  status: m.risk_status,
  treatment: m.risk_column_treatment,
  rationale: () => m.risk_why({ view: viewWord('current') }),
  inherent_rationale: () => m.risk_why({ view: viewWord('inherent') }),
  residual_rationale: () => m.risk_why({ view: viewWord('residual') }),
  target_rationale: () => m.risk_why({ view: viewWord('target') }),
  review_date: m.risk_next_review,
  tags: m.risk_tags,
  control_ids: m.risk_controls,
  asset_ids: m.risk_assets,
  document_ids: m.risk_documents,
  actions: m.plan_title,
  likelihood: m.risk_likelihood,
  impact: m.risk_impact,
  inherent: () => viewWord('inherent'),
  residual: () => viewWord('residual'),
  target: () => viewWord('target'),
  baseline: m.plan_before,
};

/** Whether a field says something to people. */
export const told = (field: string): boolean => field in FIELDS;

/** What an entry tells: a move by its scores, a change by its fields. */
export function sentence(entry: HistoryEntry): string {
  const names = Object.keys(entry.after ?? {})
    .map((field) => FIELDS[field]?.())
    .filter(Boolean)
    .join(', ');
  const planned = entry.before && entry.after && 'actions' in entry.after ? m.plan_title() : null;
  const what = planned ?? moved(entry) ?? names;
  const { noted_at, noted_by } = entry.after ?? {};
  if (typeof noted_at === 'string' && typeof noted_by === 'string')
    return m.register_note_of({ by: noted_by, when: day(noted_at) });
  switch (entry.action) {
    case 'created':
    case 'imported':
      return m.risk_history_created();
    case 'deleted':
      return m.risk_history_deleted();
    case 'undone':
      return entry.before && entry.after ? m.risk_history_undone({ what }) : m.risk_history_restored();
    case 'redone':
      return m.risk_history_redone({ what });
    case 'restored':
      return m.risk_history_given_back({ what });
    default:
      return planned ? m.risk_history_changed({ what }) : (moved(entry) ?? m.risk_history_changed({ what }));
  }
}

/** An action in one line: what people compare when a plan has changed. */
function line({ title, status, progress, owner, due_date: due, ...action }: Action): string {
  const effect = (name: string, steps: number) => (steps > 0 ? `${name} −${steps}` : null);
  return [
    title,
    actionStatusWord(status),
    status === 'in_progress' ? `${progress} %` : null,
    owner,
    due ? dayYear(due) : null,
    effect(m.risk_likelihood(), action.lowers_likelihood),
    effect(m.risk_impact(), action.lowers_impact),
  ]
    .filter(Boolean)
    .join(' · ');
}

function shown(field: string, value: unknown, matrix: Matrix): string {
  if (value === null || value === undefined || value === '') return m.risk_no_value();
  if (field === 'treatment') return treatmentWord(value as Treatment);
  if (field === 'status') return riskStatusWord(value as RiskStatus);
  if (field === 'review_date') return dayYear(value as string);
  if (field === 'tags') return (value as string[]).join(', ') || m.risk_no_value();
  if (Array.isArray(value)) return String(value.length);
  if (typeof value === 'object') {
    const place = value as Position & Scored & { level?: string };
    // The history tells of a matrix of then: where the level is not that of today, neither are the names of the steps.
    const same = levelAt(matrix, place) === place.level;
    const cell = same ? cellName(matrix, place) : `${place.likelihood} × ${place.impact}`;
    return `${cell}, ${String(place.score ?? '')}`;
  }
  return String(value as string | number);
}

export interface Row {
  label: string;
  was: string;
  is: string;
}

/** The fields of a change, each before and after. Of a plan only the actions that changed. */
export function changes({ before, after }: HistoryEntry, matrix: Matrix): Row[] {
  if (!before || !after) return [];
  return Object.keys(after)
    .filter(told)
    .flatMap((field): Row[] => {
      const label = FIELDS[field]?.() ?? field;
      if (field !== 'actions')
        return [{ label, was: shown(field, before[field], matrix), is: shown(field, after[field], matrix) }];
      const [was, is] = [before[field], after[field]].map((list) =>
        (Array.isArray(list) ? (list as Action[]) : []).map((action) => line(action)),
      ) as [string[], string[]];
      const only = (one: string[], other: string[]) =>
        one.filter((text) => !other.includes(text)).join('\n') || m.risk_no_value();
      return [{ label, was: only(was, is), is: only(is, was) }];
    });
}
