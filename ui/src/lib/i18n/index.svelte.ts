/**
 * The language, and the messages in it.
 *
 * `m.some_key()` reads the language each time, so a template that calls it changes with the language.
 * Never keep a message in a module constant.
 */
import { locales, overwriteGetLocale } from '../paraglide/runtime.js';

export { m } from '../paraglide/messages.js';

export type Locale = (typeof locales)[number];

const KEY = 'amtia.locale';

function isLocale(value: string | null | undefined): value is Locale {
  return locales.some((locale) => locale === value);
}

function first(): Locale {
  const stored = localStorage.getItem(KEY);
  if (isLocale(stored)) return stored;
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find(isLocale) ?? 'en';
}

class LocaleState {
  current = $state<Locale>(first());

  set(locale: Locale): void {
    this.current = locale;
    localStorage.setItem(KEY, locale);
    document.documentElement.lang = locale;
  }
}

export const locale = new LocaleState();
overwriteGetLocale(() => locale.current);
document.documentElement.lang = locale.current;
