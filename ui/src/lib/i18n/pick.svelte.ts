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

/** Where the French texts are, in a page that is built; null where they are in the messages themselves. */
declare const __FRENCH__: string | null;
let french: readonly string[] | null = null;
let loading: Promise<void> | null = null;

/** Loads the texts of a language, once; before the page is shown in it. */
export function loadTexts(language: Locale): Promise<void> {
  const address = typeof __FRENCH__ === 'undefined' ? null : __FRENCH__;
  if (language !== 'fr' || french || address === null) return Promise.resolve();
  loading ??= fetch(address)
    .then(async (answer) => {
      if (!answer.ok) throw new Error(`${address}: ${String(answer.status)}`);
      french = (await answer.json()) as string[];
    })
    .finally(() => (loading = null));
  return loading;
}

/** A text of which the French is in a file of its own, at this place. */
export const say = (en: string, place: number, inputs: Record<string, unknown>): string =>
  locale.current === 'fr' ? filled(french?.[place] ?? en, inputs) : en;

/** Puts what is to be told into a text, each by its name. */
export const filled = (text: string, inputs: Record<string, unknown>): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => String(inputs[name]));
