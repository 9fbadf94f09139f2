/** A person chooses the language: its texts come first, then the page turns to it. */
import { toastError } from '../undo.svelte';
import { loadTexts, locale, type Locale } from './pick.svelte';

export function chooseLanguage(language: Locale): void {
  loadTexts(language).then(() => locale.set(language), toastError);
}
