import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { fakeEngine, renderView } from '../../test/render';
import type { Matrix } from '../api/types';
import { locale } from '../i18n/index.svelte';
import Apply from './Apply.svelte';
import Room from './Room.svelte';
import type { Change, Room as RoomTold, RoomItem, Tally } from './types';
import { agreementWords, clock, dissentOf, peopleOf } from './words';

const user = userEvent.setup({ pointerEventsCheck: 0 });
beforeEach(() => locale.set('en'));

const step = (value: number, label: string) => ({
  value,
  key: '',
  label,
  detail: '',
  description: '',
  low: null,
  high: null,
});
const matrix: RoomTold['matrix'] = {
  likelihood: [step(1, 'Rare'), step(2, 'Possible'), step(3, 'Likely')],
  impact: [step(1, 'Minor'), step(2, 'Serious'), step(3, 'Major')],
  likelihood_unit: 'probability',
  currency: 'EUR',
  levels: [],
  grid: [
    ['low', 'low', 'medium'],
    ['low', 'medium', 'high'],
    ['medium', 'high', 'high'],
  ],
  appetite: null,
};
const axis = (median: number) => ({ median, lowest: 1, highest: median, spread: median - 1 });
const tally: Tally = {
  votes: 3,
  cannot_judge: 1,
  likelihood: axis(2),
  impact: axis(3),
  cells: [
    { likelihood: 2, impact: 3, count: 2, apart: false },
    { likelihood: 1, impact: 1, count: 1, apart: true },
  ],
  near: 2,
  agreement: 'mixed',
};
const item: RoomItem = {
  id: 'i1',
  ref: 'R-0001',
  name: 'Supplier keeps access',
  description: 'Leavers are processed once a month.',
  status: 'voting',
  minutes: 5,
  round: 1,
  ends_at: new Date(Date.now() + 84_000).toISOString(),
  told: null,
  earlier: [],
  before: null,
  notes: null,
  actions: [],
};
const line = (id: string, status: RoomItem['status']) => ({
  id,
  ref: id,
  name: `Risk ${id}`,
  status,
  minutes: 5,
  score: null,
  level: null,
});
const seat = (id: string, name: string, voted: boolean) => ({ id, name, group: null, present: true, voted });
const room: RoomTold = {
  id: 'w',
  ref: 'WS-0001',
  name: 'Third parties',
  status: 'running',
  place: 'Ravel',
  question: null,
  decides: 'facilitator',
  minutes: 10,
  started_at: new Date().toISOString(),
  seats: [seat('s1', 'Ada', true), seat('s2', 'Bo', false)],
  agenda: [line('i1', 'voting'), line('i2', 'waiting')],
  item,
  parking: [],
  matrix,
};
const revealed: RoomTold = {
  ...room,
  matrix: { ...matrix, appetite: 4 },
  item: {
    ...item,
    status: 'revealed',
    before: { likelihood: 3, impact: 3 },
    told: { round: 1, tally, votes: [], comments: [{ name: null, text: 'It happened', apart: true }] },
  },
};
const ROOM = 'GET /v1/workshops/w/room';

test('time is told in minutes, and what is over as more', () => {
  expect([84, 0, -12, 3600].map(clock)).toEqual(['1:24', '0:00', '+0:12', '60:00']);
});

test('lines of text are people and dissent', () => {
  expect(peopleOf('Ada, Security\n\n Bo \n, nobody')).toEqual([
    { name: 'Ada', group: 'Security' },
    { name: 'Bo', group: null },
  ]);
  const seats = [{ id: 's1', name: 'Ada' }];
  expect(dissentOf('ada: too low\nToo high: by far\n', seats)).toEqual([
    { seat_id: 's1', reason: 'too low' },
    { seat_id: null, reason: 'Too high: by far' },
  ]);
});

test('how far a room agrees is a sentence in either language', () => {
  expect(agreementWords(tally)).toBe('Mixed: 2 of 3 votes within one step');
  expect(agreementWords({ ...tally, agreement: 'none' })).toBe('Nobody judged');
  locale.set('fr');
  expect(agreementWords({ ...tally, agreement: 'unanimous', near: 3 })).toBe(
    'Unanime\u00a0: 3 votes sur 3 dans une même case',
  );
});

test('before the reveal the room sees who has voted, and nothing that anchors', async () => {
  const { calls } = fakeEngine({ [ROOM]: room, 'PUT /v1/workshops/w/items/i1/status': {} });
  const { container } = renderView(Room, { id: 'w' });
  expect(await screen.findByRole('heading', { name: 'Supplier keeps access' })).toBeVisible();
  expect(screen.getByText('1 of 2 have voted')).toBeVisible();
  expect(screen.getByRole('timer')).toHaveTextContent(/1:2\d/);
  expect(container.querySelector('.aplab, .was, .med, .dot')).toBeNull();
  expect(screen.queryByText('Agreement')).toBeNull();
  await user.keyboard(' ');
  await waitFor(() =>
    expect(calls.find((call) => call.method === 'PUT')?.body).toEqual({ status: 'revealed' }),
  );
});

test('votes by hand: the seat that has not voted gives its vote on the matrix by keyboard', async () => {
  const { calls } = fakeEngine({ [ROOM]: room, 'PUT /v1/workshops/w/items/i1/votes/s2': {} });
  renderView(Room, { id: 'w' });
  await screen.findByRole('heading', { name: 'Supplier keeps access' });
  await user.keyboard('h');
  expect(await screen.findByRole('heading', { name: 'Vote of Bo' })).toBeVisible();
  expect(screen.getByRole('gridcell', { name: 'Rare, Minor, score 1' })).toHaveFocus();
  await user.keyboard('{ArrowUp}{ArrowRight}{Enter}');
  await waitFor(() =>
    expect(calls.find((call) => call.method === 'PUT')?.body).toEqual({
      likelihood: 2,
      impact: 2,
      round: 1,
      comment: null,
    }),
  );
});

test('after the reveal the median is what is recorded, unless something else is chosen', async () => {
  const { calls } = fakeEngine({
    [ROOM]: revealed,
    'PUT /v1/workshops/w/items/i1/decision': {},
    'PUT /v1/workshops/w/items/i2/status': {},
  });
  const { container } = renderView(Room, { id: 'w' });
  expect(await screen.findByText('Mixed: 2 of 3 votes within one step')).toBeVisible();
  expect(screen.getByText(/Possible × Major, 6/)).toBeVisible();
  expect(screen.getByText('was 9')).toBeVisible();
  expect(container.querySelectorAll('.dot')).toHaveLength(3);
  expect(container.querySelector('.aplab')).toHaveTextContent('Appetite 4');
  expect(screen.getByRole('gridcell', { name: 'Possible, Major, score 6. Votes: 2' })).toBeVisible();
  await user.type(screen.getByLabelText('Rationale'), 'As voted');
  await user.type(screen.getByLabelText('Dissent'), 'Bo: too high');
  screen.getByLabelText('Dissent').blur();
  await user.keyboard('{Enter}');
  await waitFor(() => expect(calls.filter((call) => call.method === 'PUT')).toHaveLength(2));
  const [decided, next] = calls.filter((call) => call.method === 'PUT');
  expect(decided?.body).toEqual({
    likelihood: 2,
    impact: 3,
    rationale: 'As voted',
    dissent: [{ seat_id: 's2', reason: 'too high' }],
  });
  expect([next?.path, next?.body]).toEqual(['/v1/workshops/w/items/i2/status', { status: 'voting' }]);
});

test('decisions are reviewed: what was judged anew is not taken unless somebody ticks it', async () => {
  const place = { likelihood: 2, impact: 2 };
  const change = (id: string, fate: Change['fate'], rest: Partial<Change> = {}): Change => ({
    item_id: id,
    ref: `R-${id}`,
    name: `Risk ${id}`,
    fate,
    before: { likelihood: 3, impact: 3 },
    now: { likelihood: 3, impact: 3 },
    decided: place,
    rationale: null,
    actions: 0,
    rev: 4,
    ...rest,
  });
  const data = [
    change('1', 'changes'),
    change('2', 'stale', { now: { likelihood: 1, impact: 1 }, rev: 7 }),
    change('3', 'gone', { rev: null, now: null }),
  ];
  const { calls } = fakeEngine({
    'GET /v1/workshops/w/changes': { data, rev: 9 },
    'GET /v1/risks/heatmap': { matrix: { ...matrix, appetite: 4, tolerance: 6 } as Matrix },
    'POST /v1/workshops/w/apply': { ref: 'WS-0001' },
  });
  renderView(Apply, { id: 'w', applied: null });
  const [first, second, third] = await screen.findAllByRole('checkbox');
  expect([first, second, third].map((box) => (box as HTMLInputElement).checked)).toEqual([
    true,
    false,
    false,
  ]);
  expect(third).toBeDisabled();
  const [, stale] = screen.getAllByRole('listitem');
  expect(within(stale as HTMLElement).getByText(/In the room: Likely × Major, 9/)).toHaveTextContent(
    'Now: Rare × Minor, 1 → Possible × Serious, 4',
  );
  await user.click(second as HTMLElement);
  await user.click(screen.getByRole('button', { name: 'Apply 2' }));
  await waitFor(() =>
    expect(calls.find((call) => call.method === 'POST')?.body).toEqual({
      changes: [
        { item_id: '1', rev: 4 },
        { item_id: '2', rev: 7 },
      ],
      rev: 9,
    }),
  );
});
