import { afterEach, expect, test } from 'vitest';
import type { Level, Matrix, MatrixStep } from '../api/types';
import { locale } from '../i18n/pick.svelte';
import { rowHeightOf } from '../risk/geometry';
import { stepDetail } from '../risk/ranges';
import { declarations, levelLooks, tokensOf, type Look } from '../ui/level-looks.svelte';
import { levelWord, plainLevelWord } from '../ui/levels';
import type { Remark } from './types';
import { outcomeSentence, remarkSentences } from './words';

const step = (value: number, label: string, low: number | null, high: number | null): MatrixStep => ({
  value,
  key: '',
  label,
  detail: 'as the engine tells it',
  description: '',
  low,
  high,
});

const matrix: Matrix = {
  likelihood: [step(1, 'Seldom', null, 0.025), step(2, 'Often', 0.025, 0.5), step(3, 'Always', 0.5, null)],
  impact: [
    step(1, 'Small', null, 50_000),
    step(2, 'Fair', 250_000, 1_000_000),
    step(3, 'Vast', 1_500_000, null),
  ],
  likelihood_unit: 'probability',
  currency: 'EUR',
  levels: [
    { level: 'low', label: 'Green', colour: '#00b050' },
    { level: 'medium', label: 'Medium', colour: '#ffc000' },
    { level: 'high', label: 'Red', colour: '#ff0000' },
  ],
  grid: [],
  appetite: 3,
  tolerance: 6,
};

const remark = (kind: Remark['kind'], levels: Level[], rest: Partial<Remark> = {}): Remark => ({
  kind,
  levels,
  sight: null,
  likelihood: null,
  impact: null,
  ...rest,
});

afterEach(() => {
  locale.set('en');
  levelLooks.set([]);
});

test('what the engine remarks is told in words, a pair of colours once with all who cannot tell it apart', () => {
  const sentences = remarkSentences(matrix, [
    remark('colours_alike', ['low', 'medium'], { sight: 'protanopia' }),
    remark('colours_alike', ['low', 'medium'], { sight: 'grey' }),
    remark('order_broken', ['medium', 'high'], { sight: 'grey' }),
    remark('level_unused', ['high']),
    remark('level_falls', ['low', 'high'], { likelihood: 3, impact: 2 }),
  ]);
  expect(sentences).toEqual([
    'Medium and Red are in the wrong order of lightness: in grey print the graver one does not stand out.',
    'No cell has the level Red.',
    'Always × Fair has the level Green, and a cell with less likelihood or impact has Red.',
    'Green and Medium look alike with red blindness (protanopia) and in grey print.',
  ]);
});

test('a range is told in the manner of the language', () => {
  const told = () => [
    ...matrix.likelihood.map((one) => stepDetail(matrix, 'likelihood', one)),
    ...matrix.impact.map((one) => stepDetail(matrix, 'impact', one)),
  ];
  expect(new Set(told())).toEqual(new Set(['as the engine tells it']));
  locale.set('fr');
  expect(told()).toEqual(['< 2,5 % / an', '2,5–50 %', '> 50 %', '< 50 k€', '250 k–1 M€', '> 1,5 M€']);
  const yearly: Matrix = { ...matrix, likelihood_unit: 'frequency', currency: 'CHF' };
  expect(stepDetail(yearly, 'likelihood', step(2, 'x', 0.1, 2))).toBe('0,1–2 / an');
  expect(stepDetail(yearly, 'impact', step(2, 'x', 1_000, 5_000))).toBe('1–5 k CHF');
});

test('levels have the names of the matrix, and criticality keeps its own', () => {
  const shade = { solid: '#00b050', wash: '#eeffee', on: '#000000', ink: '#003300' };
  const look = (level: Level, label: string, own: boolean): Look => ({
    level,
    label,
    own,
    shades: { light: shade, dark: shade },
  });
  const looks = [look('low', 'Green', true), look('high', 'High', false)];
  // Style sheets that are constructed are the browser's: `e2e/matrix.test.ts` looks at them.
  levelLooks.set(looks.map((one) => ({ ...one, own: false })));
  expect([levelWord('low'), levelWord('high'), levelWord('critical')]).toEqual(['Green', 'High', 'Critical']);
  expect(plainLevelWord('low')).toBe('Low');
  locale.set('fr');
  expect([levelWord('low'), levelWord('high')]).toEqual(['Green', 'Élevé']);
  expect(declarations(tokensOf(looks, 'dark'))).toBe(
    '--risk-2:#00b050;--risk-2-wash:#eeffee;--risk-2-on:#000000;--risk-2-ink:#003300',
  );
});

test('what becomes of the risks leaves out what becomes of none', () => {
  const none = { raised: 0, lowered: 0, rescored: 0, other_views: 0, unchanged: 0 };
  expect(outcomeSentence({ ...none, raised: 1, unchanged: 1240 })).toBe(
    '1 rises to a higher level and 1,240 stay as they are.',
  );
  expect(outcomeSentence({ ...none, lowered: 2, rescored: 1, other_views: 3 })).toBe(
    '2 fall to a lower level, 1 keeps its level with another score or step, and 3 change only in other views or in their plan.',
  );
  locale.set('fr');
  expect(outcomeSentence({ ...none, raised: 2, unchanged: 1 })).toBe(
    '2 montent de niveau et 1 reste tel quel.',
  );
});

test.each([
  [440, 5, 88],
  [300, 5, 60],
  [100, 5, 48],
  [370, 3, 120],
  [520, 7, 74],
  [200, 7, 38],
])('of %i px for %i rows each has %i', (room, rows, height) => {
  expect(rowHeightOf(room, rows)).toBe(height);
});
