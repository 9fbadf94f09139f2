/** The words of the domain, in the person's language. */
import type { DismissalReason, Tlp } from '../api/types';
import { m } from '../i18n/index.svelte';

export const REASONS: readonly DismissalReason[] = ['false_positive', 'duplicate', 'not_an_incident'];

export function reasonWord(reason: DismissalReason): string {
  const words: Record<DismissalReason, () => string> = {
    false_positive: m.incident_reason_false_positive,
    duplicate: m.incident_reason_duplicate,
    not_an_incident: m.incident_reason_not_an_incident,
  };
  return words[reason]();
}

export const TLPS: readonly Tlp[] = ['red', 'amber+strict', 'amber', 'green', 'clear'];

/** TLP labels are written in capitals in every language (TLP 2.0). */
export function tlpWord(tlp: Tlp): string {
  return `TLP:${tlp.toUpperCase()}`;
}

/** How far a label lets the details travel. */
export function tlpMeaning(tlp: Tlp): string {
  const words: Record<Tlp, () => string> = {
    red: m.incident_tlp_red,
    'amber+strict': m.incident_tlp_amber_strict,
    amber: m.incident_tlp_amber,
    green: m.incident_tlp_green,
    clear: m.incident_tlp_clear,
  };
  return words[tlp]();
}

/** The name of a field, as it stands inside a sentence. */
export function fieldWord(field: string): string {
  const words: Record<string, () => string> = {
    title: m.incident_in_title,
    description: m.incident_in_description,
    severity: m.incident_in_severity,
    status: m.incident_in_status,
    lead: m.incident_in_lead,
    tlp: m.incident_in_tlp,
    occurred_at: m.incident_in_occurred,
    detected_at: m.incident_in_detected,
    aware_at: m.incident_in_aware,
    classified_at: m.incident_in_classified,
    resolved_at: m.incident_in_resolved,
    risk_ids: m.incident_in_risks,
    asset_ids: m.incident_in_assets,
  };
  return words[field]?.() ?? field;
}
