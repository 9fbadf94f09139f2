import { afterEach, expect, test, vi } from 'vitest';
import { fakeEngine, Reply } from '../../test/render';
import type { Matrix, Risk } from '../api/types';
import { toast } from '../toast.svelte';
import { board } from './board.svelte';

const step = (value: number) => ({ value, key: '', label: String(value), detail: null });
const matrix = {
  likelihood: [1, 2, 3, 4, 5].map(step),
  impact: [1, 2, 3, 4, 5].map(step),
  levels: [],
  grid: [],
  appetite: 10,
  tolerance: 16,
} as unknown as Matrix;
const risk = { id: 'r1', ref: 'R-0001' };

/** An engine that holds one risk, at a place. */
function engine(likelihood: number | null, impact: number | null) {
  const record = { ...risk, likelihood, impact, inherent: null, residual: null, target: null };
  return fakeEngine({
    'GET /v1/risks/r1': new Reply(200, record as Partial<Risk>, { etag: '"7"' }),
    'PUT /v1/risks/r1': record,
  });
}

afterEach(() => {
  toast.close();
  vi.restoreAllMocks();
});

test('a move is on screen at once and is based on the record that it changes', async () => {
  const { calls } = engine(4, 5);
  const saved = board.move(risk, { likelihood: 4, impact: 5 }, { likelihood: 3, impact: 2 }, matrix);
  expect(board.moved['r1']?.to).toEqual({ likelihood: 3, impact: 2 });
  await saved;
  const put = calls.find((call) => call.method === 'PUT');
  expect(put?.body).toEqual({ likelihood: 3, impact: 2 });
  expect(put?.headers.get('if-match')).toBe('"7"');
  expect(board.moved).toEqual({});
});

test('a risk that somebody else moved meanwhile stays there, and both places are named', async () => {
  const { calls } = engine(1, 2);
  await board.move(risk, { likelihood: 4, impact: 5 }, { likelihood: 3, impact: 2 }, matrix);
  expect(calls.some((call) => call.method === 'PUT')).toBe(false);
  expect(board.clashes).toEqual([
    { ...risk, view: 'current', yours: { likelihood: 3, impact: 2 }, theirs: { likelihood: 1, impact: 2 } },
  ]);
  board.clashes = [];
  expect(board.moved).toEqual({});
});

test('a risk without an assessment gets one', async () => {
  const { calls } = engine(null, null);
  await board.move(risk, { likelihood: 0, impact: 0 }, { likelihood: 2, impact: 2 }, matrix);
  expect(calls.filter((call) => call.method === 'PUT')).toHaveLength(1);
});

test('a second move before the first is saved keeps its place on screen', async () => {
  engine(4, 5);
  const first = board.move(risk, { likelihood: 4, impact: 5 }, { likelihood: 3, impact: 2 }, matrix);
  const second = board.move(risk, { likelihood: 3, impact: 2 }, { likelihood: 1, impact: 1 }, matrix);
  expect(board.moved['r1']).toEqual({ from: { likelihood: 4, impact: 5 }, to: { likelihood: 1, impact: 1 } });
  await Promise.all([first, second]);
  expect(board.moved).toEqual({});
});

test('several are picked one by one, and taken out', () => {
  board.pick('r1');
  board.toggle('r2');
  board.toggle('r1');
  expect([...board.picked]).toEqual(['r2']);
  board.carried = {
    ...risk,
    from: { likelihood: 1, impact: 1 },
    to: { likelihood: 1, impact: 1 },
    by: 'keys',
    more: ['r2'],
  };
  expect([board.carries('r1'), board.carries('r2'), board.carries('r3')]).toEqual([true, true, false]);
  board.carried = null;
  board.clearPicked();
  expect(board.picked.size).toBe(0);
});
