import { screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import Imports from '../../views/imports/index.svelte';
import { fakeEngine, refusal, renderView } from '../../test/render';
import type { Import, ImportRow } from '../api/types';
import { router } from '../router.svelte';
import { COMPUTED, FIELDS } from './words';

const user = userEvent.setup({ pointerEventsCheck: 0 });

const checked: Import = {
  id: 'i1',
  state: 'checked',
  file_name: 'risks.csv',
  format: 'csv',
  message: null,
  framework: null,
  register: {
    sheet: null,
    sheets: [],
    encoding: 'Windows-1252',
    separator: ';',
    head_row: 3,
    columns: [
      { column: 0, letter: 'A', heading: 'Risk', field: 'name', computed: false, samples: ['Outage'] },
      { column: 1, letter: 'B', heading: 'Level', field: 'level', computed: true, samples: ['High'] },
      { column: 2, letter: 'C', heading: 'Who', field: null, computed: false, samples: ['Ann'] },
    ],
    remembered: false,
    dates: null,
    leave_out_links: false,
    missing_links: 2,
    notes: 0,
    actions: 4,
    acceptances_left: 1,
    documents_left: 2,
    rows: 3,
  },
  verdict: 'new',
  counts: { create: 1, change: 1, unchanged: 0, remove: 0, error: 1 },
  done: 3,
  total: 3,
  created_at: '2026-11-28T10:00:00.000Z',
};
const line = (row: number, more: Partial<ImportRow>): ImportRow => ({
  row,
  ref: null,
  title: 'Outage',
  fate: 'create',
  message: null,
  depth: 1,
  fields: [],
  problems: [],
  ...more,
});
const rows = {
  data: [
    line(4, {}),
    line(5, { fate: 'change', fields: ['owner', 'inherent_impact'] }),
    line(6, {
      fate: 'error',
      problems: [{ column: 'C', heading: 'Who', field: 'owner', message: 'must be text' }],
    }),
  ],
  next_cursor: null,
  total: 3,
};

beforeEach(() => router.go('/imports/i1'));

test('a register says how it was read, what becomes of each row, and what its columns hold', async () => {
  fakeEngine({ 'GET /v1/imports/i1': checked, 'GET /v1/imports/i1/rows': rows });
  renderView(Imports, {});
  expect(await screen.findByText(/CSV in Windows-1252, separated by semicolons/)).toBeVisible();
  expect(screen.getByText('Headings in row 3')).toBeVisible();
  expect(screen.getByText('4 actions of plans')).toBeVisible();
  expect(screen.getByText(/^1 row tells of an acceptance. It is not imported/)).toBeVisible();
  expect(screen.getByText(/^2 rows name documents/)).toBeVisible();
  expect(screen.getByText('1 of 3 columns are read')).toBeVisible();
  expect(screen.getByText('Computed here, not read')).toBeVisible();
  const table = await screen.findByRole('table', { name: 'Rows of the file' });
  expect(await within(table).findByText('Changes: Owner, Inherent impact')).toBeInTheDocument();
  expect(within(table).getByText('C Who: must be text')).toBeInTheDocument();
});

test('what is chosen is sent at once, and the rows are those of the new check', async () => {
  const chosen = { ...checked, counts: { ...checked.counts, error: 0, create: 2 } };
  let state: Import = checked;
  const { calls } = fakeEngine({
    'GET /v1/imports/i1': () => state,
    'GET /v1/imports/i1/rows': rows,
    'PUT /v1/imports/i1': () => (state = chosen),
    'POST /v1/imports/i1/apply': () => (state = { ...chosen, state: 'applied' }),
  });
  renderView(Imports, {});
  expect(await screen.findByRole('button', { name: 'Import 2 rows, leave out 1' })).toBeEnabled();
  await user.click(screen.getByRole('switch', { name: 'Leave out links to what is not here (2 rows)' }));
  await user.click(await screen.findByRole('button', { name: 'Import 3 rows' }));
  expect(await screen.findByText('2 risks made, 1 others changed.')).toBeVisible();
  const sent = calls.filter(({ method }) => method !== 'GET').map(({ method, body }) => [method, body]);
  expect(sent).toEqual([
    ['PUT', { leave_out_links: true }],
    ['POST', {}],
  ]);
});

test('one that would do something else by now is told, and can be checked again', async () => {
  let state: Import = checked;
  const { calls } = fakeEngine({
    'GET /v1/imports/i1': () => state,
    'GET /v1/imports/i1/rows': rows,
    'POST /v1/imports/i1/apply': () => {
      state = { ...checked, state: 'failed', message: 'Nothing was imported.' };
      return refusal(412, 'Row 4, Outage, would no longer do what the check said.');
    },
    'PUT /v1/imports/i1': () => (state = checked),
  });
  renderView(Imports, {});
  await user.click(await screen.findByRole('button', { name: 'Import 2 rows, leave out 1' }));
  expect(await screen.findByText(/would no longer do what the check said/)).toBeVisible();
  expect(calls.find(({ method }) => method === 'POST')?.body).toEqual({ leave_out_errors: true });
  await user.click(await screen.findByRole('button', { name: 'Check again' }));
  expect(await screen.findByRole('button', { name: 'Import 2 rows, leave out 1' })).toBeVisible();
});

test('no computed field can be chosen by hand', () => {
  const fields = Object.keys(FIELDS);
  for (const field of COMPUTED) expect(fields).toContain(field);
});
