import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { Reply, fakeEngine, refusal, renderView } from '../../test/render';
import type { HistoryEntry, Matrix, Risk } from '../api/types';
import { locale } from '../i18n/index.svelte';
import AcceptancePart from './AcceptancePart.svelte';
import { changes, sentence } from './history';
import Plan from './Plan.svelte';
import { judged, planned, tally } from './plan';
import RiskHistory from './RiskHistory.svelte';
import Scores from './Scores.svelte';
import { RiskEditor } from './risk.svelte';
import type { Acceptance, Action } from './types';

const steps = ['rare', 'unlikely', 'possible', 'likely', 'almost_certain'];
const impacts = ['minor', 'limited', 'serious', 'major', 'critical'];
const scale = (keys: string[]) =>
  keys.map((key, at) => ({
    value: at + 1,
    key,
    label: key,
    detail: '',
    description: '',
    low: null,
    high: null,
  }));
const matrix: Matrix = {
  likelihood: scale(steps),
  impact: scale(impacts),
  likelihood_unit: 'probability',
  currency: 'EUR',
  levels: [],
  grid: steps.map(() => impacts.map(() => 'high' as const)),
  appetite: 10,
  tolerance: 16,
};

const action = (id: string, more: Partial<Action> = {}): Action => ({
  id,
  title: `Action ${id}`,
  description: null,
  owner: null,
  due_date: null,
  status: 'planned',
  progress: 0,
  lowers_likelihood: 0,
  lowers_impact: 0,
  control_id: null,
  done_at: null,
  ...more,
});

const place = (likelihood: number, impact: number) => ({
  likelihood,
  impact,
  level: 'high' as const,
  score: likelihood * impact,
});

const risk: Risk = {
  id: 'r1',
  ref: 'R-0142',
  name: 'Supplier administrators keep access',
  description: null,
  category: null,
  owner: 'Priya Raman',
  status: 'in_treatment',
  treatment: 'mitigate',
  likelihood: 4,
  impact: 4,
  level: 'high',
  score: 16,
  inherent: place(5, 5),
  residual: place(2, 4),
  target: null,
  rationale: 'Seen twice.',
  inherent_rationale: null,
  residual_rationale: null,
  target_rationale: null,
  baseline: place(5, 4),
  current_from: 'plan',
  residual_from: 'hand',
  actions: [
    action('a', { status: 'done', lowers_likelihood: 1 }),
    action('b', { lowers_likelihood: 1, owner: 'Ines', due_date: '2020-01-31' }),
    action('c', { status: 'cancelled', lowers_impact: 3 }),
  ],
  acceptance: null,
  asset_ids: [],
  control_ids: [],
  document_ids: [],
  tags: [],
  review_date: null,
  created_at: '2026-11-20T10:00:00.000Z',
  updated_at: '2026-11-20T10:00:00.000Z',
};
const user = () => userEvent.setup({ pointerEventsCheck: 0 });

afterEach(() => locale.set('en'));

test('the plan gives what the engine gives: done for today, all but cancelled for the end, never below 1', () => {
  expect(planned(risk, 'current')).toEqual({ likelihood: 4, impact: 4 });
  expect(planned(risk, 'residual')).toEqual({ likelihood: 3, impact: 4 });
  const far = { ...risk, actions: [action('a', { status: 'done', lowers_likelihood: 6, lowers_impact: 6 })] };
  expect(planned(far, 'current')).toEqual({ likelihood: 1, impact: 1 });
  expect(planned({ ...risk, baseline: null }, 'current')).toBeNull();
  expect(planned({ ...risk, actions: [] }, 'residual')).toBeNull();
  expect(tally(risk.actions)).toEqual({ done: 1, all: 2 });
  expect(judged(matrix, { likelihood: 3, impact: 4 })?.score).toBe(12);
});

test('a score that was set by hand says so, with what the plan gives, and follows when told to', async () => {
  const { calls } = fakeEngine({ 'PUT /v1/risks/r1': risk });
  const editor = new RiskEditor(() => ({ value: risk, etag: '"3"' }));
  const places: string[] = [];
  renderView(Scores, { editor, risk, matrix, onplace: (view: string) => places.push(view) });
  expect(screen.getByText('Follows the actions done.')).toBeVisible();
  expect(screen.getByText(/Set by hand\. The plan gives 12, Possible × Major\./)).toBeVisible();
  await user().click(screen.getByRole('button', { name: 'Follow the plan' }));
  expect(calls.at(-1)?.body).toEqual({ residual_from: 'plan' });
  await user().click(screen.getByRole('button', { name: /^Target: Not assessed/ }));
  expect(places).toEqual(['target']);
  expect(screen.getByLabelText('Why: Current')).toHaveValue('Seen twice.');
});

test('actions are ticked off, added and changed one by one; what is late is said', async () => {
  const { calls } = fakeEngine({
    'PUT /v1/risks/r1/actions/b': risk,
    'POST /v1/risks/r1/actions': { ...risk, actions: [...risk.actions, action('d')] },
    'GET /v1/risks/r1': risk,
  });
  const { container } = renderView(Plan, { risk, matrix, onplace: () => undefined });
  expect(screen.getByText('1 of 2 done')).toBeVisible();
  expect(screen.getByText(/^Overdue/)).toBeVisible();
  expect(screen.getByRole('checkbox', { name: 'Done: Action c' })).toBeDisabled();
  await user().click(screen.getByRole('checkbox', { name: 'Done: Action b' }));
  expect(calls.at(-1)).toMatchObject({ method: 'PUT', body: { status: 'done' } });
  await user().click(screen.getByRole('button', { name: 'Add an action' }));
  await user().type(screen.getByLabelText('New action'), 'Second factor{Enter}');
  await waitFor(() => expect(calls.some(({ method }) => method === 'POST')).toBe(true));
  expect(calls.find(({ method }) => method === 'POST')?.body).toEqual({ title: 'Second factor' });
  await user().click(screen.getByRole('button', { name: /^Action b/ }));
  const form = within(screen.getByRole('group', { name: 'Action b' }));
  const owner = form.getByLabelText('Owner');
  await user().clear(owner);
  await user().type(owner, 'Lea');
  await user().tab();
  await waitFor(() => expect(calls.at(-1)?.body).toEqual({ owner: 'Lea' }));
  expect(container.querySelectorAll('li')).toHaveLength(3);
});

test('what the engine refuses of an action is said at its field', async () => {
  fakeEngine({
    'PUT /v1/risks/r1/actions/b': refusal(400, 'No.', [{ field: 'progress', message: 'must be 0 to 100' }]),
  });
  renderView(Plan, { risk, matrix, onplace: () => undefined });
  await user().click(screen.getByRole('button', { name: /^Action b/ }));
  const progress = screen.getByLabelText('Progress, %');
  await user().clear(progress);
  await user().type(progress, '120');
  await user().tab();
  await waitFor(() => expect(progress).toHaveAccessibleDescription('must be 0 to 100'));
});

const entry = (more: Partial<HistoryEntry>): HistoryEntry => ({
  entry: 7,
  at: '2026-11-20T10:00:00.000Z',
  actor: 'Hugo Marchetti',
  door: 'window',
  action: 'updated',
  before: null,
  after: null,
  reason: null,
  ...more,
});

test('history tells fields before and after, and of a plan only what changed', () => {
  const owner = entry({
    before: { owner: 'Ines', review_date: null },
    after: { owner: null, review_date: '2026-12-12' },
  });
  expect(changes(owner, matrix)).toEqual([
    { label: 'Owner', was: 'Ines', is: 'None' },
    { label: 'Next review', was: 'None', is: '12 Dec 2026' },
  ]);
  const [one, two] = [action('a'), action('b', { lowers_impact: 1 })];
  const plan = entry({
    before: { actions: [one, two], score: 20, likelihood: 5 },
    after: { actions: [one, { ...two, status: 'done' }], score: 16, likelihood: 4 },
  });
  expect(changes(plan, matrix).find(({ label }) => label === 'Treatment plan')).toEqual({
    label: 'Treatment plan',
    was: 'Action b · Planned · Impact −1',
    is: 'Action b · Done · Impact −1',
  });
  expect(sentence(plan)).toBe('Changed: Treatment plan');
  expect(sentence(entry({ ...plan, action: 'restored' }))).toBe('Restored: Treatment plan');
});

test('either side of an entry is restored, where the record holds other values', async () => {
  const { calls } = fakeEngine({
    'GET /v1/risks/r1/history': {
      data: [entry({ before: { owner: 'Ines' }, after: { owner: 'Priya Raman' } })],
      next_cursor: null,
      total: 1,
    },
    'POST /v1/risks/r1/restore': risk,
  });
  renderView(RiskHistory, { risk, matrix });
  await user().click(await screen.findByRole('button', { name: 'Changed: Owner' }));
  expect(screen.queryByRole('button', { name: 'Restore this' })).toBeNull();
  await user().click(screen.getByRole('button', { name: 'Restore what was before' }));
  expect(calls.find(({ method }) => method === 'POST')?.body).toEqual({ entry: 7, side: 'before' });
});

const acceptance: Acceptance = {
  id: 'x1',
  ref: 'RA-0007',
  risk_id: 'r1',
  status: 'submitted',
  justification: 'Costs more than it saves.',
  approver: 'Ines Okafor',
  expires_on: '2027-06-30',
  single_person: false,
  submitted_by: 'Hugo Marchetti',
  submitted_at: '2026-11-20T10:00:00.000Z',
  state_hash: 'ab'.repeat(32),
  decided_by: null,
  decided_at: null,
  decision_note: null,
  revoked_by: null,
  revoked_at: null,
  revocation_note: null,
  void: false,
  void_fields: [],
};
const accepting = (one: Acceptance | null, me: string, more: Record<string, unknown> = {}) =>
  fakeEngine({
    'GET /v1/risks/r1/acceptances': { data: one ? [one] : [], next_cursor: null, total: one ? 1 : 0 },
    'GET /v1/workspace': { profile: { name: me } },
    'PUT /v1/acceptances/x1/status': acceptance,
    ...more,
  });

test('who submitted does not decide: why is said, and nothing is sent', async () => {
  const { calls } = accepting(acceptance, 'hugo marchetti');
  renderView(AcceptancePart, { risk });
  const accept = await screen.findByRole('button', { name: 'Accept the risk' });
  await waitFor(() => expect(accept).toHaveAttribute('aria-disabled', 'true'));
  expect(accept).toHaveAccessibleDescription('Hugo Marchetti submitted it: somebody else decides.');
  await user().click(accept);
  expect(calls.some(({ method }) => method === 'PUT')).toBe(false);
});

test('somebody else accepts; what changed since must be submitted again', async () => {
  const { calls } = accepting(acceptance, 'Ines Okafor');
  const { unmount } = renderView(AcceptancePart, { risk });
  await user().click(await screen.findByRole('button', { name: 'Accept the risk' }));
  expect(calls.find(({ method }) => method === 'PUT')?.body).toEqual({ status: 'accepted', note: null });
  unmount();
  accepting({ ...acceptance, void: true, void_fields: ['current', 'asset_ids'] }, 'Ines Okafor');
  renderView(AcceptancePart, { risk });
  expect(
    await screen.findByText(/has changed since this was submitted: Current, Assets that it touches/),
  ).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Accept the risk' })).toBeNull();
  expect(screen.getByRole('button', { name: 'Submit again' })).toBeVisible();
});

test('a void acceptance says why, in French too, and another can be asked for', async () => {
  locale.set('fr');
  accepting({ ...acceptance, status: 'accepted', void: true, void_fields: ['current'] }, 'Ines Okafor');
  renderView(AcceptancePart, { risk });
  expect(await screen.findByText('Caduque')).toBeVisible();
  expect(screen.getByText(/Ne vaut plus\. Modifié depuis/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Demander une autre acceptation' })).toBeVisible();
});

test('asking says at each field what is missing', async () => {
  const { calls } = accepting(null, 'Hugo Marchetti', {
    'POST /v1/risks/r1/acceptances': new Reply(201, { ...acceptance, status: 'created' }),
    'PUT /v1/acceptances/x1/status': refusal(400, 'No.', [
      { field: 'approver', message: 'is required before it is submitted' },
    ]),
  });
  renderView(AcceptancePart, { risk });
  await user().click(await screen.findByRole('button', { name: 'Ask for acceptance' }));
  await user().type(screen.getByLabelText('Why the risk is borne'), 'Cheap');
  await user().click(screen.getByRole('button', { name: 'Submit' }));
  await waitFor(() =>
    expect(screen.getByLabelText('Approver')).toHaveAccessibleDescription(
      'is required before it is submitted',
    ),
  );
  expect(calls.find(({ method }) => method === 'POST')?.body).toMatchObject({
    justification: 'Cheap',
    approver: null,
  });
});
