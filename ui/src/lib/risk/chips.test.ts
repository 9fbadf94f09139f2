import { expect, test } from 'vitest';
import type { Heatmap, Matrix, RiskChip, RiskMap } from '../api/types';
import { arrowsOf, chipsOf, countsOf } from './chips';
import { cellKey } from './geometry';

const matrix = { appetite: 10, tolerance: 16 } as Matrix;

function chip(id: string, inherent: RiskChip['inherent'] = null): RiskChip {
  return {
    id,
    ref: `R-${id}`,
    name: id,
    owner: null,
    score: null,
    level: null,
    review_date: null,
    inherent,
    current: null,
  };
}

function map(...cells: [number, number, string[]][]): RiskMap {
  return {
    view: 'current',
    cells: cells.map(([likelihood, impact, ids]) => ({
      likelihood,
      impact,
      chips: ids.map((id) => chip(id)),
    })),
  };
}

function ids(chips: Map<string, RiskChip[]>, key: string): string[] {
  return (chips.get(key) ?? []).map((one) => one.id);
}

test('above the appetite the map shows as many chips as fit; below it none that is not due', () => {
  const chips = chipsOf(map([4, 4, ['1', '2', '3']], [2, 2, ['4']]), matrix, {}, null, null, 2);
  expect(ids(chips, '4,4')).toEqual(['1', '2']);
  expect(ids(chips, '2,2')).toEqual([]);
});

test('the selected risk is a chip though the map does not name it, and comes first', () => {
  const chosen = { chip: chip('9'), at: { likelihood: 4, impact: 4 } };
  const chips = chipsOf(map([4, 4, ['1', '2']]), matrix, {}, chosen, '9', 2);
  expect(ids(chips, '4,4')).toEqual(['9', '1']);
});

test('a selected risk that the map names already is there once', () => {
  const chosen = { chip: chip('2'), at: { likelihood: 4, impact: 4 } };
  const chips = chipsOf(map([4, 4, ['1', '2']]), matrix, {}, chosen, '2', 2);
  expect(ids(chips, '4,4')).toEqual(['2', '1']);
});

test('a move under way shows at its new place, in chips and in counts', () => {
  const moves = { '1': { from: { likelihood: 4, impact: 4 }, to: { likelihood: 1, impact: 1 } } };
  const chips = chipsOf(map([4, 4, ['1', '2']]), matrix, moves, null, null, 2);
  expect(ids(chips, '4,4')).toEqual(['2']);
  expect(ids(chips, '1,1')).toEqual(['1']);
  const heatmap = {
    cells: [
      { likelihood: 4, impact: 4, count: 2 },
      { likelihood: 1, impact: 1, count: 5 },
    ],
  } as Heatmap;
  const counts = countsOf(heatmap, moves);
  expect([counts.get('4,4'), counts.get('1,1')]).toEqual([1, 6]);
});

test('arrows are drawn above the appetite and for the selected risk, never in the inherent view', () => {
  const frame = { width: 500, height: 500, columns: 5, rows: 5, gap: 0 };
  const from = { likelihood: 5, impact: 5 };
  const chips = new Map([
    [cellKey({ likelihood: 4, impact: 4 }), [chip('1', from)]],
    [cellKey({ likelihood: 2, impact: 2 }), [chip('2', from)]],
  ]);
  const drawn = (selected: string | null) =>
    arrowsOf(frame, matrix, chips, 'current', selected).map((arrow) => arrow.id);
  expect(drawn(null)).toEqual(['1']);
  expect(drawn('2')).toEqual(['1', '2']);
  expect(arrowsOf(frame, matrix, chips, 'inherent', '2')).toEqual([]);
});
