/** A history entry as a sentence, in the person's language. */
import type { HistoryEntry } from '../api/types';
import { day } from '../i18n/format';
import { m } from '../i18n/index.svelte';
import { viewWord } from '../words';

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
  rationale: m.risk_rationale,
  review_date: m.risk_next_review,
  tags: m.risk_tags,
  control_ids: m.risk_controls,
};

/** What an entry tells: a move by its scores, a change by its fields. */
export function sentence(entry: HistoryEntry): string {
  const what =
    moved(entry) ??
    Object.keys(entry.after ?? {})
      .map((field) => FIELDS[field]?.())
      .filter(Boolean)
      .join(', ');
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
    default:
      return moved(entry) ?? m.risk_history_changed({ what });
  }
}
