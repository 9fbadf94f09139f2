/** Numbers as people type them. */
import { locale } from '../i18n/index.svelte';

/** "8,1" and "8.1" are 8.1; what is no number stays as it was typed, for the engine to refuse by name. */
export function decimal(text: string): number | string | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const value = Number(trimmed.replace(',', '.'));
  return Number.isFinite(value) ? value : trimmed;
}

/** A number for a field, with the sign of the person's language and every digit, so that reading it gives it again. */
export function decimalText(value: unknown): string {
  const text = String(value ?? '');
  return typeof value === 'number' && locale.current === 'fr' ? text.replace('.', ',') : text;
}
