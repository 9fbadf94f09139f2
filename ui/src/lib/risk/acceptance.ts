/** Acceptances in words, in the person's language. */
import { m } from '../i18n/index.svelte';
import { viewWord } from '../words';
import type { AcceptanceStatus } from './types';

/** Where an acceptance stands. */
export function acceptanceWord(status: AcceptanceStatus): string {
  const words: Record<AcceptanceStatus, () => string> = {
    created: m.acceptance_created,
    submitted: m.acceptance_status_submitted,
    accepted: m.acceptance_accepted,
    rejected: m.acceptance_rejected,
    revoked: m.acceptance_revoked,
    expired: m.acceptance_expired,
  };
  return words[status]();
}

/** The colour of a status. */
export function acceptanceTone(status: AcceptanceStatus): 'ok' | 'info' | 'warn' | 'line' {
  if (status === 'accepted') return 'ok';
  if (status === 'submitted') return 'info';
  return status === 'expired' ? 'warn' : 'line';
}

const FIELDS: Record<string, () => string> = {
  name: m.risk_name,
  description: m.risk_description,
  inherent: () => viewWord('inherent'),
  current: () => viewWord('current'),
  residual: () => viewWord('residual'),
  asset_ids: m.risk_assets,
};

/** A field of the state that was accepted. */
export const fieldWord = (field: string): string => FIELDS[field]?.() ?? field;
