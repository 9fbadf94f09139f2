import { expect, test } from 'vitest';
import { locale } from '../i18n/index.svelte';
import { gapText, groupsOf, headline, sorted, subline } from './gaps';
import type { ControlResult, Counts, Gap, Gaps } from './types';
import { answeredText, scoreText } from './words';

const counts: Counts = {
  compliant: 50,
  partially_compliant: 16,
  non_compliant: 9,
  not_applicable: 9,
  not_assessed: 9,
};
const gap = (ref: string, rest: Partial<Gap> = {}): Gap => ({
  control_id: ref,
  ref,
  title: null,
  result: 'non_compliant',
  maturity: 1,
  target: 3,
  delta: 2,
  severity: 'medium',
  missing_evidence: null,
  planned_control: null,
  owner: null,
  due_date: null,
  risks_above_appetite: 0,
  ...rest,
});
const gaps = (list: Gap[], of = counts) =>
  ({ assessment_id: 'a', framework_id: 'f', summary: of, gaps: list }) as unknown as Gaps;
const refs = (list: Gap[]) => list.map(({ ref }) => ref);

test('the sentence says how many gaps there are and how many of them press', () => {
  locale.set('en');
  expect(headline(gaps([gap('a', { severity: 'high' }), gap('b', { severity: 'critical' }), gap('c')]))).toBe(
    '3 gaps to close, 2 of them critical or high.',
  );
  expect(headline(gaps([gap('a')]))).toBe('1 gap to close, none of it urgent.');
  expect(headline(gaps([]))).toBe('Nothing that was answered leaves a gap.');
  const open: Counts = {
    compliant: 0,
    partially_compliant: 0,
    non_compliant: 0,
    not_applicable: 0,
    not_assessed: 93,
  };
  expect(headline(gaps([], open))).toBe('Answer the controls, and the gaps show here.');
});

test('what does not apply is not counted among what must be met', () => {
  expect(subline(counts)).toBe(
    '50 of 84 applicable controls are compliant, 16 partially, 9 not. 84 of 93 are answered in this assessment.',
  );
  expect(answeredText(counts)).toBe('84 of 93');
  expect([scoreText(71.4), scoreText(null)]).toEqual(['71\u00a0%', '–']);
});

test('gaps are ordered by any column, numbers as numbers, what has no value last both ways', () => {
  const list = [
    gap('A.5.10', { severity: 'low', owner: 'Zoe', due_date: '2026-12-12' }),
    gap('A.5.9', { severity: 'critical', delta: 3 }),
    gap('A.5.2', { severity: 'high', owner: 'Ada', delta: null }),
  ];
  expect(refs(sorted(list, 'ref'))).toEqual(['A.5.2', 'A.5.9', 'A.5.10']);
  expect(refs(sorted(list, '-severity'))).toEqual(['A.5.9', 'A.5.2', 'A.5.10']);
  expect(refs(sorted(list, 'severity'))).toEqual(['A.5.10', 'A.5.2', 'A.5.9']);
  expect(refs(sorted(list, 'owner'))).toEqual(['A.5.2', 'A.5.10', 'A.5.9']);
  expect(refs(sorted(list, '-owner'))).toEqual(['A.5.10', 'A.5.2', 'A.5.9']);
  expect(refs(sorted(list, '-delta'))).toEqual(['A.5.9', 'A.5.10', 'A.5.2']);
  expect(refs(sorted(list, 'due_date'))[0]).toBe('A.5.10');
});

test('a gap is told by what is missing, else by what is planned', () => {
  expect(gapText(gap('a', { missing_evidence: 'No baseline', planned_control: 'One' }))).toBe('No baseline');
  expect(gapText(gap('a', { planned_control: 'One' }))).toBe('One');
  expect(gapText(gap('a'))).toBeNull();
});

test('controls stand under the nearest heading, enhancements with the control they belong to', () => {
  const control = (control_id: string, parent_id: string | null) =>
    ({ control_id, parent_id }) as ControlResult;
  const groups = groupsOf([
    control('ac-1', 'ac'),
    control('ac-2', 'ac'),
    control('ac-2.1', 'ac-2'),
    control('au-1', 'au'),
    control('free', null),
  ]);
  expect([...groups].map(([id, list]) => [id, list.map((one) => one.control_id)])).toEqual([
    ['ac', ['ac-1', 'ac-2', 'ac-2.1']],
    ['au', ['au-1']],
    ['', ['free']],
  ]);
});
