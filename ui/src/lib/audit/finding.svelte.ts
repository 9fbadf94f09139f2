/** Editing a finding: what the engine wants before a step is said beside each field, in the person's language. */
import { m } from '../i18n/index.svelte';
import { Editor, type FieldOf } from '../record/edit.svelte';
import type { Tagged } from '../api/client';
import { findings } from './calls';
import type { Finding, FindingStatus } from './types';
import { findingStatusWord } from './words';

export class FindingEditor extends Editor<Finding> {
  /** Why it goes back or is dismissed; sent along with the status. */
  #reason: { value: string | null };

  constructor(read: () => Tagged<Finding> | undefined) {
    const reason: { value: string | null } = { value: null };
    super({
      kind: 'finding',
      read,
      get: (id) => findings.get(id),
      update: (id, body, ifMatch) =>
        findings.update(
          id,
          'status' in body && reason.value !== null ? { ...body, reason: reason.value } : body,
          ifMatch,
        ),
      said: ({ ref }) => ({ text: m.record_changed({ ref }), bold: ref }),
    });
    this.#reason = reason;
  }

  /** Goes to a status. */
  async go(to: FindingStatus, reason: string | null = null): Promise<boolean> {
    this.#reason.value = reason;
    await this.change('status', to);
    return this.refused === null;
  }

  /** The status that was refused, while its reasons are shown. */
  get refusedStep(): FindingStatus | null {
    const refused = this.refused;
    return refused?.field === 'status' && refused.error.code !== 412
      ? (refused.value as FindingStatus)
      : null;
  }

  override wrong(field: FieldOf<Finding>): string | null {
    const said = super.wrong(field);
    const to = this.refusedStep;
    if (said === null || to === null) return said;
    const status = findingStatusWord(to);
    if (field === 'verified_by') return m.finding_other_eyes();
    if (field === 'status') {
      const wanted = this.refused?.error.details.length ?? 0;
      return this.refused?.error.field('status') === undefined && wanted > 0
        ? m.finding_step_refused({ status })
        : said;
    }
    return m.finding_needed({ status });
  }
}
