import { expect, test } from 'vitest';
import { jsonPieces } from './json';

const joined = (value: unknown) =>
  jsonPieces(value)
    .map(({ text }) => text)
    .join('');

test('the pieces together are the JSON, whatever is in it', () => {
  const value = {
    type: 'risk.updated',
    data: { name: 'A "quoted": name \\', score: 12, tags: [], none: null },
  };
  expect(joined(value)).toBe(JSON.stringify(value, null, 2));
  expect(joined('only text')).toBe('"only text"');
  expect(joined(null)).toBe('null');
});

test('names and texts are told apart, also where a text ends in a colon', () => {
  const pieces = jsonPieces({ note: 'to do:', n: 1 });
  expect(pieces.filter(({ kind }) => kind === 'key').map(({ text }) => text)).toEqual(['"note"', '"n"']);
  expect(pieces.filter(({ kind }) => kind === 'text').map(({ text }) => text)).toEqual(['"to do:"']);
});
