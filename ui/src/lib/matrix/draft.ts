/** Changing a matrix before it is kept. Pure: a matrix in, another one out. */
import type { Level, Matrix, MatrixStep, Position } from '../api/types';
import { LEVELS } from '../ui/levels';
import type { Axis } from './types';

export const STEPS_MIN = 3;
export const STEPS_MAX = 7;

const highest = (matrix: Matrix) => matrix.likelihood.length * matrix.impact.length;

/** Both lines within the scores that there are, the tolerance not below the appetite. */
function withLines(matrix: Matrix, appetite = matrix.appetite, tolerance = matrix.tolerance): Matrix {
  const most = highest(matrix);
  const kept = Math.max(0, Math.min(appetite, most));
  return { ...matrix, appetite: kept, tolerance: Math.max(kept, Math.min(tolerance, most)) };
}

/** One more step above the others; its cells begin as those below it. */
export function addStep(matrix: Matrix, axis: Axis, label: string): Matrix {
  const scale = matrix[axis];
  if (scale.length >= STEPS_MAX) return matrix;
  const last = scale.at(-1);
  const step: MatrixStep = {
    value: scale.length + 1,
    key: '',
    label,
    detail: '',
    description: '',
    low: null,
    high: null,
  };
  // A range that was open above stays so; the new step's is not known.
  const steps = last ? [...scale.slice(0, -1), last, step] : [step];
  const grid =
    axis === 'likelihood'
      ? [...matrix.grid, [...(matrix.grid.at(-1) ?? [])]]
      : matrix.grid.map((row) => [...row, row.at(-1) ?? 'low']);
  return withLines({ ...matrix, [axis]: steps, grid });
}

/** One step less; what stands above it moves down. */
export function removeStep(matrix: Matrix, axis: Axis, place: number): Matrix {
  const scale = matrix[axis];
  if (scale.length <= STEPS_MIN) return matrix;
  const steps = scale.filter((_, at) => at !== place).map((step, at) => ({ ...step, value: at + 1 }));
  const grid =
    axis === 'likelihood'
      ? matrix.grid.filter((_, at) => at !== place)
      : matrix.grid.map((row) => row.filter((_, at) => at !== place));
  return withLines(joined({ ...matrix, [axis]: steps, grid }, axis));
}

/** Each range begins where the one before it ends. */
function joined(matrix: Matrix, axis: Axis): Matrix {
  const scale = matrix[axis];
  const steps = scale.map((step, at) => ({
    ...step,
    low: at === 0 ? null : (scale[at - 1]?.high ?? null),
    high: at === scale.length - 1 ? null : step.high,
  }));
  return { ...matrix, [axis]: steps };
}

/** A step under another name, with another end of its range or another meaning. */
export function changeStep(matrix: Matrix, axis: Axis, place: number, change: Partial<MatrixStep>): Matrix {
  const steps = matrix[axis].map((step, at) => (at === place ? { ...step, ...change } : step));
  const changed = { ...matrix, [axis]: steps };
  return 'high' in change ? joined(changed, axis) : changed;
}

/** One cell of another level. */
export function paint(matrix: Matrix, { likelihood, impact }: Position, level: Level): Matrix {
  if (matrix.grid[likelihood - 1]?.[impact - 1] === level) return matrix;
  const grid = matrix.grid.map((row, at) =>
    at === likelihood - 1 ? row.map((old, column) => (column === impact - 1 ? level : old)) : row,
  );
  return { ...matrix, grid };
}

/** A line drawn above the score of a cell: the cell is the highest within it. */
export function drawLine(matrix: Matrix, line: 'appetite' | 'tolerance', score: number): Matrix {
  if (line === 'appetite') return withLines(matrix, score, Math.max(score, matrix.tolerance));
  return withLines(matrix, Math.min(score, matrix.appetite), score);
}

/** A level that is used or no longer used; cells of one that is not take the nearest below, or above where there is none. */
export function useLevel(matrix: Matrix, level: Level, used: boolean, label: string): Matrix {
  if (used) {
    if (matrix.levels.some((have) => have.level === level)) return matrix;
    const levels = [...matrix.levels, { level, label, colour: null }];
    levels.sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
    return { ...matrix, levels };
  }
  const levels = matrix.levels.filter((have) => have.level !== level);
  if (levels.length < 2) return matrix;
  const place = LEVELS.indexOf(level);
  const below = levels.filter((have) => LEVELS.indexOf(have.level) < place).at(-1);
  const instead = (below ?? levels[0])?.level ?? level;
  return {
    ...matrix,
    levels,
    grid: matrix.grid.map((row) => row.map((old) => (old === level ? instead : old))),
  };
}

export function changeLevel(
  matrix: Matrix,
  level: Level,
  change: { label?: string; colour?: string | null },
): Matrix {
  return {
    ...matrix,
    levels: matrix.levels.map((have) => (have.level === level ? { ...have, ...change } : have)),
  };
}

/** Every level back in the app's own colours. */
export function ownColours(matrix: Matrix): Matrix {
  return { ...matrix, levels: matrix.levels.map((level) => ({ ...level, colour: null })) };
}

/** What a person types for the end of a range, or NaN where it is no number. An empty field is an open end. */
export function parseBound(text: string, percent: boolean): number | null {
  const plain = text.replace(/[\s\u00a0\u202f%€$£]/g, '').replace(',', '.');
  if (plain === '') return null;
  const found = /^(\d+(?:\.\d+)?)(k|m|md|bn)?$/i.exec(plain);
  if (!found) return NaN;
  const times = { k: 1e3, m: 1e6, md: 1e9, bn: 1e9 }[(found[2] ?? '').toLowerCase()] ?? 1;
  const value = Number(found[1]) * times;
  return percent ? value / 100 : value;
}
