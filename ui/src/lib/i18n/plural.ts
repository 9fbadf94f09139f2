/**
 * Which form of its words a number takes, for the compiled messages (`messages.plugin.ts` has them call this).
 *
 * The cardinal rules of the two languages of the page (Unicode CLDR, `supplemental/plurals.xml`), as `Intl.PluralRules`
 * has them: that one is made anew by every message that counts, and its first costs a first screen several milliseconds.
 */
import type { Locale } from '../paraglide/runtime.js';

/** `count` is a number or its digits. French has `many` for whole millions, which takes the words of `other`. */
export function plural(language: Locale, count: unknown): 'one' | 'many' | 'other' {
  const n = Math.abs(Number(count));
  if (language === 'en') return n === 1 ? 'one' : 'other';
  if (n < 2) return 'one';
  return n % 1_000_000 === 0 ? 'many' : 'other';
}
