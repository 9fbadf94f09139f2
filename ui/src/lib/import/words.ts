/** Imports in words, in the person's language. */
import type { RowFate } from '../api/types';
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
