/** The language of the page, and the choice by it that every message makes. */
import type { Locale } from '../paraglide/runtime.js';

export type { Locale };

const KEY = 'amtia.locale';

const isLocale = (value: string | null | undefined): value is Locale => value === 'en' || value === 'fr';

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
document.documentElement.lang = locale.current;

/** The compiled messages call this (`messages.plugin.ts`). */
export const pick = <T>(en: T, fr: T): T => (locale.current === 'fr' ? fr : en);
