import { expect, test } from 'vitest';
import { blocksOf, linked } from './text';

test('items keep their labels and depths, and a heading names its block', () => {
  const text =
    'a. Define:\n  1. Users; and\n    (a) Roles.\nb. Assign.\n\nGuidance\nExamples include many.\n\nMore of it.';
  expect(blocksOf(text)).toEqual([
    {
      heading: null,
      lines: [
        { depth: 0, label: 'a.', text: 'Define:' },
        { depth: 1, label: '1.', text: 'Users; and' },
        { depth: 2, label: '(a)', text: 'Roles.' },
        { depth: 0, label: 'b.', text: 'Assign.' },
      ],
    },
    { heading: 'Guidance', lines: [{ depth: 0, label: null, text: 'Examples include many.' }] },
    { heading: null, lines: [{ depth: 0, label: null, text: 'More of it.' }] },
  ]);
});

test('a single line, an empty text and markup stay what they are', () => {
  expect(blocksOf('Short')).toEqual([{ heading: null, lines: [{ depth: 0, label: null, text: 'Short' }] }]);
  expect(blocksOf(' \n\n ')).toEqual([]);
  expect(blocksOf('<b>x</b>')[0]?.lines[0]?.text).toBe('<b>x</b>');
  expect(blocksOf('e.g. this is no item')[0]?.lines[0]?.label).toBeNull();
});

test('a line is linked where a place is known, and is whole', () => {
  const homes = new Map([
    ['AC-2', '/2'],
    ['AC-2(1)', '/21'],
  ]);
  const pieces = linked('Withdrawn: moved to AC-2(1) and AC-2; AC-20.', homes);
  expect(pieces.filter(({ to }) => to !== null)).toEqual([
    { text: 'AC-2(1)', to: '/21' },
    { text: 'AC-2', to: '/2' },
  ]);
  expect(pieces.map(({ text }) => text).join('')).toBe('Withdrawn: moved to AC-2(1) and AC-2; AC-20.');
  expect(linked('AC-2', new Map())).toEqual([{ text: 'AC-2', to: null }]);
});
