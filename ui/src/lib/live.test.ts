import { expect, test } from 'vitest';
import { takeEvents } from './live';

function take(...parts: string[]): { got: string[]; rest: string } {
  const got: string[] = [];
  const rest = parts.reduce((buffer, part) => takeEvents(buffer + part, (data) => got.push(data)), '');
  return { got, rest };
}

test('an event that comes in parts is taken once it is whole', () => {
  expect(take('data: {"change"', ':1}\n', '\ndata: {"ch')).toEqual({
    got: ['{"change":1}'],
    rest: 'data: {"ch',
  });
});

test('comments keep the line open and say nothing', () => {
  expect(take(': alive\n\n', 'data:x\n\n').got).toEqual(['x']);
});

test('lines of one event belong together, whatever ends them', () => {
  expect(take('event: change\r\ndata: a\r\ndata: b\r\n\r\n').got).toEqual(['a\nb']);
});
