import { beforeEach, expect, test } from 'vitest';
import { locale } from '../i18n/index.svelte';
import { decimal, decimalText } from './numbers';
import { severityShort, stepWord } from './words';

beforeEach(() => locale.set('en'));

test('a number is read with either sign, and what is none is left for the engine to refuse', () => {
  expect(decimal('8.1')).toBe(8.1);
  expect(decimal(' 8,1 ')).toBe(8.1);
  expect(decimal('')).toBeNull();
  expect(decimal('high')).toBe('high');
});

test('a number that is shown is read as itself, in both languages', () => {
  for (const language of ['en', 'fr'] as const) {
    locale.set(language);
    for (const value of [0, 9.1, 0.12345, 10]) expect(decimal(decimalText(value))).toBe(value);
  }
  expect(decimalText(9.1)).toBe('9,1');
  expect(decimalText(null)).toBe('');
});

test('a step from 1 to 5 is told as its level', () => {
  expect([1, 2, 3, 4, 5].map(stepWord)).toEqual(['Very low', 'Low', 'Medium', 'High', 'Critical']);
  expect(stepWord(9)).toBe('9');
  expect(severityShort('critical')).toBe('crit.');
});
