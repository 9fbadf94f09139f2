/**
 * Makes the compiled messages small.
 *
 * Each is compiled to one function for every language and one that chooses among them, with options that nobody
 * gives here: with more than a thousand messages that is a twentieth of the page's scripts. Here a message becomes
 * one choice between its texts, by the language that the page has. Plural forms are ours (`src/lib/i18n/plural.ts` says why).
 *
 * In the page that is built the French texts are a file of their own, which who reads French loads before anything is drawn:
 * a twelfth of the scripts, which nobody else needs.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
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

/** The place of a message's French text in their file, where they are in one; undefined where it has several forms. */
type PlaceOf = (name: string) => number | undefined;

/** The same message, smaller; an error for what is not compiled as expected. */
export function smaller(code: string, placeOf: PlaceOf = () => undefined): string {
  const choice = CHOICE.exec(code);
  const name = choice?.[1];
  if (!choice || !name || !RUNTIME.test(code)) throw new Error('not compiled as this plugin expects');
  const rest = code
    .replace(RUNTIME, "import { pick, say } from '$lib/i18n/pick.svelte';\n")
    .replace(REGISTRY, code.includes('registry.') ? "import * as registry from '$lib/i18n/plural';\n" : '');
  const texts = new Map([...code.matchAll(TEXT)].map(([, language, , text]) => [language, text]));
  const [en, fr] = [texts.get('en'), texts.get('fr')];
  if (!en || !fr)
    return rest.replace(CHOICE, () => `export const ${name} = (i) => pick(en_${name}, fr_${name})(i);`);
  const place = placeOf(name);
  const chosen = place === undefined ? `pick(${en}, ${fr})` : `say(${en}, ${place}, i)`;
  const one = `export const ${name} = (i) => ${chosen};`.replaceAll('${i?.', '${i.');
  return rest.replace(TEXT, '').replace(CHOICE, () => one);
}

/** The French texts of one form, by name, in the order of their catalogues. */
export function frenchTexts(root: string): Map<string, string> {
  const settings = JSON.parse(readFileSync(resolve(root, 'project.inlang/settings.json'), 'utf8')) as {
    'plugin.inlang.messageFormat': { pathPattern: string[] };
  };
  const texts = new Map<string, string>();
  for (const pattern of settings['plugin.inlang.messageFormat'].pathPattern) {
    const file = readFileSync(resolve(root, pattern.replace('{locale}', 'fr')), 'utf8');
    for (const [name, text] of Object.entries(JSON.parse(file) as Record<string, unknown>))
      if (name !== '$schema' && typeof text === 'string') texts.set(name, text);
  }
  return texts;
}

export function smallMessages(): Plugin {
  const texts = frenchTexts(import.meta.dirname);
  const places = new Map([...texts.keys()].map((name, place) => [name, place]));
  const file = JSON.stringify([...texts.values()]);
  const fileName = `assets/fr-${createHash('sha256').update(file).digest('hex').slice(0, 8)}.json`;
  let built = false;
  return {
    name: 'small-messages',
    config(_, { command }) {
      built = command === 'build';
      return { define: { __FRENCH__: JSON.stringify(built ? `/${fileName}` : null) } };
    },
    transform(code, id) {
      return FILE.test(id)
        ? { code: smaller(code, (name) => (built ? places.get(name) : undefined)), map: null }
        : null;
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName, source: file });
    },
  };
}
