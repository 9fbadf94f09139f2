/** Imports in words, in the person's language. */
import type { RegisterField, RowFate } from '../api/types';
import { m } from '../i18n/index.svelte';

export function fateWord(fate: RowFate): string {
  const words: Record<RowFate, () => string> = {
    create: m.import_fate_create,
    unchanged: m.import_fate_unchanged,
    change: m.import_fate_change,
    remove: m.import_fate_remove,
    error: m.import_fate_error,
  };
  return words[fate]();
}

/** The fields of a register, in the order in which a person looks for them. */
export const FIELDS: Record<RegisterField, () => string> = {
  name: m.register_fields_name,
  ref: m.register_fields_ref,
  description: m.register_fields_description,
  category: m.register_fields_category,
  owner: m.register_fields_owner,
  status: m.register_fields_status,
  treatment: m.register_fields_treatment,
  likelihood: m.register_fields_likelihood,
  impact: m.register_fields_impact,
  inherent_likelihood: m.register_fields_inherent_likelihood,
  inherent_impact: m.register_fields_inherent_impact,
  residual_likelihood: m.register_fields_residual_likelihood,
  residual_impact: m.register_fields_residual_impact,
  target_likelihood: m.register_fields_target_likelihood,
  target_impact: m.register_fields_target_impact,
  baseline_likelihood: m.register_fields_baseline_likelihood,
  baseline_impact: m.register_fields_baseline_impact,
  current_from: m.register_fields_current_from,
  residual_from: m.register_fields_residual_from,
  actions: m.register_fields_actions,
  rationale: m.register_fields_rationale,
  inherent_rationale: m.register_fields_inherent_rationale,
  residual_rationale: m.register_fields_residual_rationale,
  target_rationale: m.register_fields_target_rationale,
  controls: m.register_fields_controls,
  assets: m.register_fields_assets,
  tags: m.register_fields_tags,
  review_date: m.register_fields_review_date,
  history_notes: m.register_fields_history_notes,
  id: m.register_fields_id,
  level: m.register_fields_level,
  score: m.register_fields_score,
  inherent_level: m.register_fields_inherent_level,
  residual_level: m.register_fields_residual_level,
  target_level: m.register_fields_target_level,
  acceptance: m.register_fields_acceptance,
  documents: m.register_fields_documents,
  created_at: m.register_fields_created_at,
  updated_at: m.register_fields_updated_at,
};

/** What a column of a register holds. */
export const fieldWord = (field: RegisterField): string => FIELDS[field]();

/** The fields that are decided or kept elsewhere: written into a file for people, never read from one. */
export const FOR_READING: readonly RegisterField[] = ['acceptance', 'documents'];

/** The fields that are computed here: written into a file, never read from one. */
export const COMPUTED: readonly RegisterField[] = [
  ...FOR_READING,
  'level',
  'score',
  'inherent_level',
  'residual_level',
  'target_level',
  'created_at',
  'updated_at',
];
