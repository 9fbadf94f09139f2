/** A risk's fields in words. */
import type { Risk, RiskStatus, Treatment } from '../api/types';
import { dayYear } from '../i18n/format';
import { m } from '../i18n/index.svelte';
import type { FieldOf } from '../record/edit.svelte';
import { riskStatusWord, treatmentWord, viewWord } from '../words';

const TREATMENTS = ['open', 'mitigate', 'accept', 'transfer', 'avoid'] as const;
const STATUSES = ['identified', 'analysed', 'in_treatment', 'monitored', 'closed'] as const;

export const treatments = () => TREATMENTS.map((value) => ({ value, label: treatmentWord(value) }));
export const statuses = () => STATUSES.map((value) => ({ value, label: riskStatusWord(value) }));

const LABELS: Partial<Record<FieldOf<Risk>, () => string>> = {
  owner: m.risk_column_owner,
  treatment: m.risk_column_treatment,
  status: m.risk_status,
  review_date: m.risk_next_review,
  category: m.risk_column_category,
  name: m.risk_name,
  description: m.risk_description,
  rationale: () => m.risk_why({ view: viewWord('current') }),
  inherent_rationale: () => m.risk_why({ view: viewWord('inherent') }),
  residual_rationale: () => m.risk_why({ view: viewWord('residual') }),
  target_rationale: () => m.risk_why({ view: viewWord('target') }),
};

export function fieldLabel(field: string): string {
  return LABELS[field as FieldOf<Risk>]?.() ?? field;
}

/** A field's value as it is told. */
export function fieldShown(field: string, value: unknown): string {
  if (Array.isArray(value)) return String(value.length);
  if (typeof value !== 'string' || value === '') return m.risk_no_value();
  if (field === 'treatment') return treatmentWord(value as Treatment);
  if (field === 'status') return riskStatusWord(value as RiskStatus);
  return field === 'review_date' ? dayYear(value) : value;
}
