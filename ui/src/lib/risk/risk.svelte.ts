/** Changing a risk: field by field, action by action, each said with its undo. */
import { api, type Tagged } from '../api/client';
import type { Risk } from '../api/types';
import { m } from '../i18n/index.svelte';
import { invalidate, queryClient } from '../queries';
import { Editor } from '../record/edit.svelte';
import { toastError, toastUndo } from '../undo.svelte';

export class RiskEditor extends Editor<Risk> {
  constructor(read: () => Tagged<Risk> | undefined) {
    super({
      kind: 'risk',
      read,
      get: (id) => api.risks.get(id),
      update: (id, body, ifMatch) => api.risks.update(id, body, ifMatch),
      said: ({ ref }) => ({ text: m.risk_changed({ ref }), bold: ref }),
    });
  }
}

/** Makes a change that is no field of the record, and says so. Answers whether it was made. */
export async function doing(work: () => Promise<unknown>, text: string, bold: string): Promise<boolean> {
  try {
    await work();
    toastUndo(text, bold);
    return true;
  } catch (error) {
    toastError(error);
    return false;
  } finally {
    await queryClient.invalidateQueries({ queryKey: ['risk'] });
    invalidate(['acceptance']);
  }
}
