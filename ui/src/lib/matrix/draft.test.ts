import { expect, test } from 'vitest';
import type { Matrix, MatrixStep } from '../api/types';
import * as draft from './draft';

const step = (value: number, high: number | null): MatrixStep => ({
  value,
  key: '',
  label: `Step ${value}`,
  detail: '',
  description: '',
  low: null,
  high,
});

const matrix: Matrix = {
  likelihood: [step(1, 0.1), step(2, 0.5), step(3, null), step(4, null)],
  impact: [step(1, null), step(2, null), step(3, null)],
  likelihood_unit: 'probability',
  currency: 'EUR',
  levels: [
    { level: 'low', label: 'Low', colour: null },
    { level: 'medium', label: 'Medium', colour: null },
    { level: 'high', label: 'High', colour: null },
  ],
  grid: [
    ['low', 'low', 'medium'],
    ['low', 'medium', 'medium'],
    ['medium', 'medium', 'high'],
    ['medium', 'high', 'high'],
  ],
  appetite: 6,
  tolerance: 9,
};

test('a step that is added begins as the one below it, up to seven', () => {
  const wider = draft.addStep(matrix, 'impact', 'Step 4');
  expect(wider.grid.map((row) => row.at(-1))).toEqual(['medium', 'medium', 'high', 'high']);
  expect(wider.impact.map((one) => one.value)).toEqual([1, 2, 3, 4]);
  let taller = matrix;
  for (let times = 0; times < 9; times++) taller = draft.addStep(taller, 'likelihood', 'x');
  expect([taller.likelihood.length, taller.grid.length]).toEqual([7, 7]);
  expect(matrix.grid.length).toBe(4);
});

test('a step that is removed takes its cells along, and the lines stay within the scores', () => {
  const shorter = draft.removeStep(matrix, 'likelihood', 0);
  expect(shorter.grid).toEqual(matrix.grid.slice(1));
  expect(shorter.likelihood.map((one) => [one.value, one.low])).toEqual([
    [1, null],
    [2, 0.5],
    [3, null],
  ]);
  expect([shorter.appetite, shorter.tolerance]).toEqual([6, 9]);
  expect(draft.removeStep(shorter, 'likelihood', 0)).toBe(shorter);
});

test('the end of a range is the beginning of the next', () => {
  const changed = draft.changeStep(matrix, 'likelihood', 1, { high: 0.4 });
  expect(changed.likelihood.map((one) => [one.low, one.high])).toEqual([
    [null, 0.1],
    [0.1, 0.4],
    [0.4, null],
    [null, null],
  ]);
});

test('painting changes one cell, and the same colour again nothing', () => {
  const painted = draft.paint(matrix, { likelihood: 4, impact: 1 }, 'high');
  expect(painted.grid[3]).toEqual(['high', 'high', 'high']);
  expect(draft.paint(painted, { likelihood: 4, impact: 1 }, 'high')).toBe(painted);
  expect(matrix.grid[3]?.[0]).toBe('medium');
});

test('the tolerance is never below the appetite', () => {
  const lines = ({ appetite, tolerance }: Matrix) => [appetite, tolerance];
  expect(lines(draft.drawLine(matrix, 'appetite', 12))).toEqual([12, 12]);
  expect(lines(draft.drawLine(matrix, 'tolerance', 4))).toEqual([4, 4]);
  expect(lines(draft.drawLine(matrix, 'appetite', 2))).toEqual([2, 9]);
});

test('cells of a level that is no longer used take the nearest below', () => {
  const fewer = draft.useLevel(matrix, 'medium', false, '');
  expect(fewer.grid[1]).toEqual(['low', 'low', 'low']);
  expect(draft.useLevel(matrix, 'low', false, '').grid[0]).toEqual(['medium', 'medium', 'medium']);
  expect(draft.useLevel(fewer, 'low', false, '')).toBe(fewer);
  const more = draft.useLevel(matrix, 'very_low', true, 'Very low');
  expect(more.levels.map((one) => one.level)).toEqual(['very_low', 'low', 'medium', 'high']);
});

test.each([
  ['', false, null],
  ['50 000', false, 50_000],
  ['€250k', false, 250_000],
  ['1,5 M€', false, 1_500_000],
  ['2 %', true, 0.02],
  ['12.5', true, 0.125],
  ['ten', false, NaN],
  ['-3', false, NaN],
])('the bound "%s" is read', (text, percent, value) => {
  expect(draft.parseBound(text, percent)).toEqual(value);
});
