import { expect, test } from 'vitest';
import { number } from './format';
import { locale } from './index.svelte';
import { plural } from './plural';

const COUNTS = [
  ...Array.from({ length: 1200 }, (_, n) => n),
  ...[1.5, 1.99, 2.5, 9999, 10_000, 99_999, 100_000, 999_999, 1_000_000, 1_000_001, 2_000_000, 12_345_678],
  ...[-1, -2, -1234, -1_000_000, 0.25, 1234.5],
];

test.each(['en', 'fr'] as const)('numbers and their words are those of Intl: %s', (language) => {
  locale.set(language);
  const rules = new Intl.PluralRules(language);
  const format = new Intl.NumberFormat(language);
  for (const count of COUNTS) {
    expect([count, plural(language, count)]).toEqual([count, rules.select(count)]);
    expect(number(count)).toBe(format.format(count));
  }
});
