import { screen, waitFor } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import Imports from '../../views/imports/index.svelte';
import { fakeEngine, renderView, type Call } from '../../test/render';
import { Held } from '../../test/held';
import { router } from '../router.svelte';

const user = userEvent.setup({ pointerEventsCheck: 0 });
const counts = { create: 1209, unchanged: 0, change: 0, remove: 0, error: 0 };
const checked = {
  id: 'i1',
  state: 'checked',
  file_name: 'catalog.json',
  format: 'oscal_catalog',
  message: null,
  framework: { id: 'nist', name: 'NIST', version: '5', publisher: null, locale: 'en', control_count: 1189 },
  verdict: 'new',
  counts,
  done: 1209,
  total: 1209,
};
const rows = { data: [], next_cursor: null, total: 0 };

describe('a file on its way up', () => {
  beforeEach(() => {
    Held.all = [];
    vi.stubGlobal('XMLHttpRequest', Held);
    router.go('/imports');
  });

  async function choose(): Promise<Held> {
    renderView(Imports, {});
    await user.upload(screen.getByTestId('import-file'), new File(['x'.repeat(2048)], 'catalog.json'));
    await waitFor(() => expect(Held.all).toHaveLength(1));
    return Held.all[0] as Held;
  }

  test('tells how much of it is there, then that it is read', async () => {
    fakeEngine({ 'GET /v1/imports/i1': checked, 'GET /v1/imports/i1/rows': rows });
    const upload = await choose();
    upload.upload.onprogress({ loaded: 1024, total: 2048 });
    const bar = await screen.findByRole('progressbar', { name: /^Uploading catalog.json, 1 kB of 2 kB$/ });
    expect(bar).toHaveAttribute('aria-valuenow', '1024');
    upload.upload.onprogress({ loaded: 2048, total: 2048 });
    expect(await screen.findByRole('progressbar', { name: 'Reading the file' })).not.toHaveAttribute(
      'aria-valuenow',
    );
    upload.answer(201, checked);
    expect(await screen.findByRole('button', { name: 'Import 1,209 rows' })).toBeVisible();
    expect(router.path).toBe('/imports/i1');
  });

  test('is stopped at once, and nothing comes of it', async () => {
    const { calls } = fakeEngine({});
    const upload = await choose();
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(await screen.findByRole('button', { name: 'Choose a file…' })).toBeVisible();
    upload.answer(201, checked);
    await new Promise((done) => setTimeout(done, 20));
    expect(router.path, 'an answer that was on its way changes nothing').toBe('/imports');
    expect(calls.filter(({ method }) => method === 'GET')).toEqual([]);
  });

  test('a refusal is told', async () => {
    const upload = await choose();
    upload.answer(413, {
      error: { code: 413, message: 'The file is larger than 50 MB. Nothing was imported.' },
    });
    expect(await screen.findByText(/larger than 50 MB/)).toBeVisible();
  });
});

describe('an import that is stored', () => {
  beforeEach(() => router.go('/imports/i1'));

  /** Begins to store; answers the calls, and what ends it. */
  async function storing() {
    let end: (outcome: object) => void = () => undefined;
    let state: object = checked;
    const { calls } = fakeEngine({
      'GET /v1/imports/i1': () => state,
      'GET /v1/imports/i1/rows': rows,
      'POST /v1/imports/i1/apply': () =>
        new Promise((done) => (end = (outcome) => done({ ...checked, ...outcome }))),
      'DELETE /v1/imports/i1': () => (state = { ...checked, state: 'cancelled' }),
    });
    renderView(Imports, {});
    await user.click(await screen.findByRole('button', { name: 'Import 1,209 rows' }));
    state = { ...checked, state: 'applying', done: 600 };
    expect(await screen.findByRole('progressbar', { name: 'Importing, 600 of 1,209 rows' })).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    const stops = (call: Call) => call.method === 'DELETE' && call.path === '/v1/imports/i1';
    await waitFor(() => expect(calls.some(stops)).toBe(true));
    expect(screen.getByRole('progressbar'), 'until the engine has said what became of it').toBeVisible();
    return (outcome: object) => end(outcome);
  }

  test('shows how far it is, and stops', async () => {
    const end = await storing();
    end({ state: 'cancelled', framework: null });
    expect(await screen.findByText('The import was stopped')).toBeVisible();
    expect(screen.getByText('Nothing was imported.')).toBeVisible();
  });

  test('one that was there before it could be stopped is shown, not denied', async () => {
    const end = await storing();
    end({ state: 'applied' });
    await waitFor(() => expect(router.path).toBe('/frameworks/nist'));
  });
});
