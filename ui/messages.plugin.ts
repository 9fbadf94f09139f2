/**
 * Makes the compiled messages small.
 *
 * Each is compiled to one function for every language and one that chooses among them, with options that nobody
 * gives here: with more than a thousand messages that is a twentieth of the page's scripts. Here a message becomes
 * one choice between its texts, by the language that the page has. Plural forms are ours (`src/lib/i18n/plural.ts` says why).
 */
import type { Plugin } from 'vite';

const FILE = /\/lib\/paraglide\/messages\/(?!_index)\w+\.js$/;

/** One language's words, where they are one text: its language, its input, the text. */
const TEXT =
  /const (en|fr)_\w+ = \/\*\*[^*]*\*\/ \((i?)\) => \{\n\treturn \/\*\*[^*]*\*\/ \((`(?:[^`\\]|\\.)*`)\)\n\};\n/g;

/** The function that chooses. */
const CHOICE =
  /export const (\w+) = \/\*\*.*\*\/ \(\(inputs(?: = \{\})?, options = \{\}\) => \{\n\tconst locale = .*\n\tif \(locale === "fr"\) return fr_\1\(inputs\)\n\treturn en_\1\(inputs\)\n\}\);/;

const REGISTRY = /import \* as registry from '[^']*'\n/;

const RUNTIME = /import \{ getLocale, experimentalStaticLocale \} from '[^']*';\n/;

/** The same message, smaller; an error for what is not compiled as expected. */
export function smaller(code: string): string {
  const choice = CHOICE.exec(code);
  const name = choice?.[1];
  if (!choice || !name || !RUNTIME.test(code)) throw new Error('not compiled as this plugin expects');
  const rest = code
    .replace(RUNTIME, "import { pick } from '$lib/i18n/pick.svelte';\n")
    .replace(REGISTRY, code.includes('registry.') ? "import * as registry from '$lib/i18n/plural';\n" : '');
  const texts = new Map([...code.matchAll(TEXT)].map(([, language, , text]) => [language, text]));
  const [en, fr] = [texts.get('en'), texts.get('fr')];
  if (!en || !fr)
    return rest.replace(CHOICE, () => `export const ${name} = (i) => pick(en_${name}, fr_${name})(i);`);
  const one = `export const ${name} = (i) => pick(${en}, ${fr});`.replaceAll('${i?.', '${i.');
  return rest.replace(TEXT, '').replace(CHOICE, () => one);
}

export const smallMessages: Plugin = {
  name: 'small-messages',
  transform(code, id) {
    return FILE.test(id) ? { code: smaller(code), map: null } : null;
  },
};
