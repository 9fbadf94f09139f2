/** The checks of the register in words, and the calls for them. */
import { request } from '../api/client';
import type { components } from '../api/schema';
import { m } from '../i18n/index.svelte';

export type Check = components['schemas']['Check'];

export interface Checks {
  today: string;
  total: number;
  checks: { check: Check; count: number }[];
}

export const readChecks = (signal?: AbortSignal) => request<Checks>('GET', '/v1/checks', { signal });

const WORDS: Record<Check, () => string> = {
  above_appetite_without_plan: m.check_above,
  accepted_without_acceptance: m.check_unaccepted,
  acceptance_void: m.check_void,
  acceptance_expired: m.check_expired,
  residual_above_current: m.check_residual,
  done_but_unchanged: m.check_done,
  review_overdue: m.check_review,
  no_owner: m.check_owner,
};

/** A check's name. */
export const checkWord = (check: Check): string => WORDS[check]();
