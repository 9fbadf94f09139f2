/** Brings a document's file out of the workspace. */
import { inWindow, pickSavePath } from '../host';
import { m } from '../i18n/index.svelte';
import { toast } from '../toast.svelte';
import { toastError } from '../undo.svelte';
import { documents } from './api';
import type { DocumentRecord } from './types';
import { fileName } from './uploads.svelte';

/** In the window it is written where the person says; a browser keeps it with its downloads. */
export async function download(record: DocumentRecord): Promise<void> {
  try {
    if (inWindow) {
      const ending = record.name.split('.').at(-1) ?? '';
      const target = await pickSavePath(m.document_save_title(), record.name, [
        { name: ending.toUpperCase(), extensions: [ending] },
      ]);
      if (target === null) return;
      await documents.saveTo(record.id, target);
      toast.show(m.document_saved({ name: fileName(target) }), { bold: fileName(target) });
      return;
    }
    const address = URL.createObjectURL(await documents.content(record.id));
    const link = document.createElement('a');
    link.href = address;
    link.download = record.name;
    link.click();
    // The browser has taken it by then.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } catch (error) {
    toastError(error);
  }
}
