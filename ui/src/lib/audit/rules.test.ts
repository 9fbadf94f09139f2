import { expect, test } from 'vitest';
import { stepBy } from '../record/life';
import { isLate, nextOf, previousOf, stepOf } from './rules';
import { AUDIT_STATUSES } from './words';

test.each([
  ['open', 'resolved', 'free'],
  ['open', 'dismissed', 'reason'],
  ['verified', 'resolved', 'reason'],
  ['resolved', 'closed', 'free'],
  ['closed', 'open', 'reason'],
  ['closed', 'verified', 'none'],
  ['dismissed', 'open', 'reason'],
  ['dismissed', 'assigned', 'none'],
  ['assigned', 'assigned', 'none'],
] as const)('a finding from %s to %s: %s', (from, to, expected) => {
  expect(stepOf(from, to)).toBe(expected);
});

test('the keys go along the life of a finding, and open it again at its end', () => {
  expect(nextOf('in_progress')).toBe('resolved');
  expect([nextOf('closed'), nextOf('dismissed'), previousOf('open')]).toEqual([null, null, null]);
  expect([previousOf('closed'), previousOf('dismissed'), previousOf('assigned')]).toEqual([
    'open',
    'open',
    'open',
  ]);
});

test('an audit goes one step at a time', () => {
  expect(stepBy(AUDIT_STATUSES, 'planned', 1)).toBe('in_progress');
  expect(stepBy(AUDIT_STATUSES, 'planned', -1)).toBeUndefined();
  expect(stepBy(AUDIT_STATUSES, 'closed', 1)).toBeUndefined();
});

test('only work that is not done yet can be late', () => {
  expect(isLate('in_progress', -1)).toBe(true);
  expect(isLate('in_progress', 0)).toBe(false);
  expect(isLate('resolved', -9)).toBe(false);
});
