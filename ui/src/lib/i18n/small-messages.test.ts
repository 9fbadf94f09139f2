import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { frenchTexts, smaller } from '../../../messages.plugin';
import { locale, m } from './index.svelte';
import { filled } from './pick.svelte';

const folder = resolve(import.meta.dirname, '../../../messages');
const compiled = resolve(import.meta.dirname, '../paraglide/messages');

type Call = (inputs: Record<string, string | number>) => string;
const call = (key: string) => (m as unknown as Record<string, Call | undefined>)[key];

/** Puts each input's own name in its place. */
const echo = new Proxy({}, { get: (_, name) => `<${String(name)}>` });

test.each(['en', 'fr'] as const)('every message says in %s what its catalogue says', (language) => {
  locale.set(language);
  const wrong: string[] = [];
  let told = 0;
  for (const file of readdirSync(`${folder}/${language}`)) {
    const messages = JSON.parse(readFileSync(`${folder}/${language}/${file}`, 'utf8')) as Record<
      string,
      unknown
    >;
    for (const [key, text] of Object.entries(messages)) {
      if (key === '$schema' || typeof text !== 'string') continue;
      told += 1;
      if (call(key)?.(echo) !== text.replace(/\{(\w+)\}/g, '<$1>')) wrong.push(key);
    }
  }
  expect(told).toBeGreaterThan(900);
  expect(wrong).toEqual([]);
});

test('a message with a plural follows the count and the language', () => {
  locale.set('en');
  expect(m.assessment_count({ count: 1, n: '1' })).toBe('1 assessment');
  expect(m.assessment_count({ count: 2, n: '2' })).toBe('2 assessments');
  locale.set('fr');
  expect(m.assessment_count({ count: 0, n: '0' })).toBe('0 évaluation');
});

test('what a message asks of the language is one choice', () => {
  const small = smaller(readFileSync(`${compiled}/cancel.js`, 'utf8'));
  expect(small).toContain('pick(`Cancel`, `Annuler`)');
  expect(small).not.toMatch(/getLocale|locale ===/);
});

test('in the page that is built the French text is found by its place in a file of its own', () => {
  const texts = [...frenchTexts(resolve(import.meta.dirname, '../../..'))];
  expect(new Set(texts.map(([name]) => name)).size).toBe(texts.length);
  const place = texts.findIndex(([name]) => name === 'matrix_outcome_none');
  const small = smaller(readFileSync(`${compiled}/matrix_outcome_none.js`, 'utf8'), () => place);
  expect(small).toContain(`\${i.n} stay as they are.\`, ${place}, i)`);
  expect(small).not.toContain('Aucun risque');
  expect(filled(texts[place]?.[1] ?? '', { n: '12' })).toBe(
    'Aucun risque ne change de niveau ni de note\u202f; 12 restent tels quels.',
  );
});

test('what the compiler writes otherwise one day is refused, not shown wrong', () => {
  expect(() => smaller('export const cancel = () => "Cancel";')).toThrow(/not compiled as/);
});
