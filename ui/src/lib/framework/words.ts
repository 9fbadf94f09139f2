/** Frameworks in words, in the person's language. */
import type { Framework } from '../api/types';
import { locale, m } from '../i18n/index.svelte';

/** Where a framework came from. */
export function sourceWord(source: Framework['source']): string {
  const words: Record<Framework['source'], () => string> = {
    sample: m.framework_source_sample,
    oscal: m.import_oscal,
    ciso_assistant: m.import_ciso,
  };
  return words[source]();
}

/** How one control stands to another (set relations as in NIST IR 8477). */
export function relationWord(relation: string): string {
  const words: Record<string, () => string> = {
    equal: m.framework_relation_equal,
    subset: m.framework_relation_subset,
    superset: m.framework_relation_superset,
    intersects: m.framework_relation_intersects,
  };
  return words[relation]?.() ?? relation;
}

/** The name of a language, in the person's language. */
export function languageWord(tag: string): string {
  try {
    return new Intl.DisplayNames([locale.current], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
