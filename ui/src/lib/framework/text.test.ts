import { expect, test } from 'vitest';
import { blocksOf } from './text';

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
