import { expect, test } from 'vitest';
import type { Matrix } from '../api/types';
import {
  cellAt,
  cellBox,
  dotCentres,
  dotScale,
  lensBox,
  lineCorners,
  roundedPath,
  type Frame,
} from './geometry';

const frame: Frame = { width: 512, height: 412, columns: 5, rows: 5, gap: 3 };
const steps = [1, 2, 3, 4, 5].map((value) => ({
  value,
  key: '',
  label: '',
  detail: '',
  description: '',
  low: null,
  high: null,
}));
const matrix: Matrix = {
  likelihood: steps,
  impact: steps,
  likelihood_unit: 'probability',
  currency: 'EUR',
  levels: [],
  grid: [],
  appetite: 10,
  tolerance: 16,
};

test('likelihood grows upward and impact to the right', () => {
  const low = cellBox(frame, { likelihood: 1, impact: 1 });
  const high = cellBox(frame, { likelihood: 5, impact: 5 });
  expect(low.x).toBe(0);
  expect(low.y + low.height).toBeCloseTo(frame.height);
  expect(high.y).toBe(0);
  expect(high.x + high.width).toBeCloseTo(frame.width);
});

test('the middle of every cell is that cell, and outside is none', () => {
  for (let likelihood = 1; likelihood <= 5; likelihood++) {
    for (let impact = 1; impact <= 5; impact++) {
      const box = cellBox(frame, { likelihood, impact });
      expect(cellAt(frame, box.x + box.width / 2, box.y + box.height / 2)).toEqual({ likelihood, impact });
    }
  }
  expect(cellAt(frame, -1, 10)).toBeNull();
  expect(cellAt(frame, 10, frame.height + 1)).toBeNull();
});

test('the line passes between what is within and what is above the limit', () => {
  const corners = lineCorners(frame, matrix, 10);
  const left = (impact: number) => cellBox(frame, { likelihood: 1, impact }).x - 1.5;
  // 5 × 2 and 4 × 2 are within, 3 × 3 too, 3 × 4 is above, 2 × 5 is within.
  expect(corners[0]?.[0]).toBeCloseTo(left(3));
  expect(corners.map(([x]) => Math.round(x))).toContain(Math.round(left(4)));
  expect(corners.at(-1)?.[0]).toBeGreaterThan(frame.width);
  expect(roundedPath(corners)).toMatch(/^M.*Q.*L/);
});

test('a limit that nothing exceeds draws no line', () => {
  expect(lineCorners(frame, matrix, 25)).toEqual([]);
});

test('a dot stands for as many risks as keep the fullest cell at 250 dots', () => {
  expect([dotScale(0), dotScale(250), dotScale(251), dotScale(2500), dotScale(2501)]).toEqual([
    1, 1, 10, 10, 100,
  ]);
});

test('250 dots fit into a small cell and do not touch the chips', () => {
  const box = { x: 0, y: 0, width: 120, height: 60 };
  const centres = dotCentres(box, 250, 34);
  expect(centres).toHaveLength(250);
  for (const [x] of centres) expect(x).toBeLessThan(box.width - 4);
});

test('the lens stands below a cell of the upper half and above one of the lower half, inside the page', () => {
  const page = { width: 800, height: 900 };
  const high = lensBox(page, { x: 700, y: 20, width: 100, height: 80 });
  expect(high.top).toBe(108);
  expect(high.x + high.width).toBeLessThanOrEqual(780);
  const low = lensBox(page, { x: 0, y: 700, width: 100, height: 80 });
  expect(low).toMatchObject({ x: 20, bottom: 208 });
  expect(low.height).toBe(480);
});
