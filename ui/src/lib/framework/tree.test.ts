import { expect, test } from 'vitest';
import type { Control, Framework } from '../api/types';
import { treeKey, visibleRows } from './tree';

const framework = { id: 'f', name: 'F', control_count: 3 } as Framework;
const node = (id: string, depth: number, child_count = 0) => ({ id, depth, child_count }) as Control;
const children = new Map([
  ['f', [node('a', 1, 2), node('b', 1)]],
  ['a', [node('a1', 2), node('a2', 2)]],
]);

const rows = (...open: string[]) => visibleRows([framework], children, new Set(open));

test('only what is open shows its children, in order', () => {
  expect(rows().map((row) => row.id)).toEqual(['f']);
  expect(rows('f').map((row) => row.id)).toEqual(['f', 'a', 'b']);
  expect(rows('f', 'a').map((row) => [row.id, row.level])).toEqual([
    ['f', 1],
    ['a', 2],
    ['a1', 3],
    ['a2', 3],
    ['b', 2],
  ]);
});

test.each([
  ['ArrowDown', 'a', { to: 'a1' }],
  ['ArrowDown', 'b', { to: 'b' }],
  ['ArrowUp', 'f', { to: 'f' }],
  ['ArrowRight', 'a', { to: 'a1' }],
  ['ArrowRight', 'b', null],
  ['ArrowLeft', 'a2', { to: 'a' }],
  ['ArrowLeft', 'a', { close: 'a' }],
  ['ArrowLeft', 'b', { to: 'f' }],
  ['Home', 'a2', { to: 'f' }],
  ['End', 'f', { to: 'b' }],
  ['x', 'a', null],
])('%s on %s', (key, at, expected) => {
  expect(treeKey(rows('f', 'a'), at, key)).toEqual(expected);
});

test('ArrowRight on a closed row opens it', () => {
  expect(treeKey(rows('f'), 'a', 'ArrowRight')).toEqual({ open: 'a' });
});
