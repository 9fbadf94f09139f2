import { screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test } from 'vitest';
import { Reply, fakeEngine, refusal, renderView } from '../../test/render';
import { locale } from '../i18n/index.svelte';
import { FindingEditor } from './finding.svelte';
import FindingInspector from './FindingInspector.svelte';
import type { Finding } from './types';

const finding: Finding = {
  id: 'f1',
  ref: 'F-2026-17',
  audit_id: 'a1',
  title: 'Leavers keep their rights',
  grade: 'minor_nonconformity',
  status: 'resolved',
  description: null,
  root_cause: null,
  correction: 'Disabled.',
  corrective_action: 'Daily list.',
  effectiveness: 'Sampled again.',
  verified_by: null,
  verified_at: null,
  owner: 'Priya Raman',
  due_date: '2026-12-12',
  control_ids: [],
  risk_ids: [],
  evidence_ids: [],
  created_at: '2026-11-20T10:00:00Z',
  updated_at: '2026-11-20T10:00:00Z',
};
const user = () => userEvent.setup({ pointerEventsCheck: 0 });
const show = () =>
  renderView(FindingInspector, { id: 'f1', onclose: () => undefined, onremoved: () => undefined });
const answers = (put: unknown) => ({
  'GET /v1/findings/f1': new Reply(200, finding, { etag: '"1"' }),
  'GET /v1/risks/facets': { owners: [], categories: [], statuses: [], treatments: [], tags: [] },
  'PUT /v1/findings/f1': put,
});

afterEach(() => locale.set('en'));

test('what a step needs first stands beside each field, in the language of the person', async () => {
  locale.set('fr');
  fakeEngine(
    answers(
      refusal(400, 'The request has fields that cannot be accepted.', [
        { field: 'root_cause', message: 'is required before a nonconformity is verified' },
        { field: 'evidence_ids', message: 'is required before a nonconformity is verified' },
        { field: 'verified_by', message: 'must be somebody other than the owner, Priya Raman' },
      ]),
    ),
  );
  show();
  await user().click(await screen.findByRole('button', { name: /Passer à/ }));
  expect(await screen.findByText(/Pas encore passé à « Vérifié »/)).toBeVisible();
  expect(screen.getByLabelText(/^Cause racine/)).toHaveAccessibleDescription(/Requis avant/);
  expect(screen.getByLabelText(/^Correction/)).toBeValid();
  expect(screen.getByText('Une autre personne que le responsable doit le vérifier.')).toBeVisible();
  expect(screen.getAllByText('Requis avant « Vérifié ».')).toHaveLength(2);
});

test('a reason goes along with its step, and with no other change', async () => {
  const { calls } = fakeEngine(answers(finding));
  const editor = new FindingEditor(() => ({ value: finding, etag: '"1"' }));
  expect(await editor.go('in_progress', 'Not done')).toBe(true);
  expect(await editor.go('verified')).toBe(true);
  await editor.change('owner', 'Tomasz Wrona');
  const puts = calls.filter(({ method }) => method === 'PUT');
  expect(puts.map(({ body }) => body)).toEqual([
    { status: 'in_progress', reason: 'Not done' },
    { status: 'verified' },
    { owner: 'Tomasz Wrona' },
  ]);
  expect(puts[0]?.headers.get('if-match')).toBe('"1"');
});

test('praise has no follow-up', async () => {
  fakeEngine({
    ...answers(finding),
    'GET /v1/findings/f1': { ...finding, grade: 'good_practice', status: 'open' },
  });
  show();
  await screen.findByRole('heading', { name: 'Leavers keep their rights' });
  expect(screen.queryByLabelText(/^Root cause/)).toBeNull();
  expect(screen.queryByText('Verified by')).toBeNull();
});
