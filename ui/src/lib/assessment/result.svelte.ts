/** Editing what an assessment says of one control. */
import type { Tagged } from '../api/client';
import { m } from '../i18n/index.svelte';
import { Editor } from '../record/edit.svelte';
import { results } from './calls';
import type { ControlResult, Result } from './types';
import { resultWord } from './words';

export class ResultEditor extends Editor<ControlResult> {
  /** Why a control does not apply; sent along with the result. */
  #why: { value: string | null };

  constructor(assessment: string, read: () => Tagged<ControlResult> | undefined) {
    const why: { value: string | null } = { value: null };
    super({
      kind: 'assessment',
      read,
      get: (control) => results.get(assessment, control),
      update: (control, body, ifMatch) =>
        results.update(
          assessment,
          control,
          'result' in body && why.value !== null ? { ...body, justification: why.value } : body,
          ifMatch,
        ),
      said: ({ ref, title, result }) => {
        const name = ref ?? title ?? '';
        return { text: m.result_said({ name, result: resultWord(result) }), bold: name };
      },
    });
    this.#why = why;
  }

  /** Answers a control. */
  async answer(result: Result, why: string | null = null): Promise<void> {
    this.#why.value = why;
    await this.change('result', result);
    this.#why.value = null;
  }
}
