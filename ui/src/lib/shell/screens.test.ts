import { screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { fakeEngine, refusal, renderView } from '../../test/render';
import type { Workspace } from '../api/types';
import { token } from '../api/transport';
import { commands } from '../commands.svelte';
import { locale } from '../i18n/index.svelte';
import { queryClient } from '../queries';
import { router } from '../router.svelte';
import { session } from '../session.svelte';
import KeySheet from './KeySheet.svelte';
import Gate from './Gate.svelte';
import Locked from './Locked.svelte';
import FirstRun from './first/FirstRun.svelte';
import RecoveryDialog from './first/RecoveryDialog.svelte';
import Palette from './palette/Palette.svelte';
import X from '@lucide/svelte/icons/x';
import { keys } from '../keys.svelte';

const workspace: Workspace = {
  levels: [],
  state: 'open',
  name: 'Corvane Group',
  file: 'Documents/AMTIA/Corvane Group.amtia',
  folder: 'Documents/AMTIA',
  protection: ['key_file'],
  key_file: 'Documents/AMTIA/Corvane Group.key',
  message: null,
  door: 'api',
  profile: { name: 'Hugo Marchetti' },
  single_key_shortcuts: true,
  time_zone: 'Europe/Paris',
  version: '0.1.0',
  recovery_offered: false,
  integrity: 'sound',
};
const none: Workspace = { ...workspace, state: 'none', name: null, protection: [], key_file: null };
const locked: Workspace = { ...none, state: 'locked' };
const user = userEvent.setup({ pointerEventsCheck: 0 });

beforeEach(() => {
  sessionStorage.clear();
  locale.set('en');
  router.go('/risks', { replace: true });
});

test('first run: key 1 makes the sample and opens the map', async () => {
  const { calls } = fakeEngine({ 'POST /v1/workspace': workspace });
  renderView(FirstRun, { workspace: none });
  expect(screen.getByRole('button', { name: /sample/ })).toHaveFocus();
  await user.keyboard('1');
  await waitFor(() => expect(queryClient.getQueryData(['workspace'])).toEqual(workspace));
  expect(calls.map((call) => call.body)).toEqual([{ kind: 'sample' }]);
  expect(router.path).toBe('/risks');
});

test('first run: key 2 makes an empty workspace and goes to the import', async () => {
  const { calls } = fakeEngine({ 'POST /v1/workspace': workspace });
  renderView(FirstRun, { workspace: none });
  await user.keyboard('2');
  await waitFor(() => expect(router.path).toBe('/imports'));
  expect(calls[0]?.body).toEqual({ kind: 'empty' });
});

test('first run: while one is made, no second one is', async () => {
  const { calls } = fakeEngine({ 'POST /v1/workspace': workspace });
  renderView(FirstRun, { workspace: none });
  await user.keyboard('31');
  await waitFor(() => expect(calls).toHaveLength(1));
});

test('first run: a refusal is said, and another choice can be made', async () => {
  fakeEngine({ 'POST /v1/workspace': refusal(400, 'The folder is read-only.') });
  renderView(FirstRun, { workspace: none });
  await user.keyboard('3');
  expect(await screen.findByRole('alert')).toHaveTextContent(
    'The workspace was not made. The folder is read-only.',
  );
  expect(screen.getByRole('button', { name: /Start empty/ })).not.toHaveAttribute('aria-disabled');
});

test('the recovery key is shown once, whole, and the file of the unprotected key is named', async () => {
  const { calls } = fakeEngine({
    'POST /v1/workspace/recovery-key': { recovery_key: '7K2QM-4XWPD-91NTC' },
    'PUT /v1/workspace': { ...workspace, recovery_offered: true },
  });
  renderView(RecoveryDialog, { workspace, offer: true });
  expect(await screen.findByText(/unprotected in Documents\/AMTIA\/Corvane Group.key/)).toBeVisible();
  await user.click(screen.getByRole('button', { name: /Show/ }));
  expect(await screen.findByRole('status')).toHaveTextContent('7K2QM4XWPD91NTC');
  await user.click(screen.getByRole('button', { name: 'I have kept it' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(calls.at(-1)?.body).toEqual({ recovery_offered: true });
});

test('skipping the recovery key warns first, and remembers that it was offered', async () => {
  const { calls } = fakeEngine({ 'PUT /v1/workspace': { ...workspace, recovery_offered: true } });
  renderView(RecoveryDialog, { workspace, offer: true });
  await user.click(await screen.findByRole('button', { name: 'Skip' }));
  expect(screen.getByRole('dialog', { name: 'Go on without a recovery key?' })).toBeVisible();
  expect(calls).toHaveLength(0);
  await user.click(screen.getByRole('button', { name: 'Skip for now' }));
  await waitFor(() => expect(calls[0]?.body).toEqual({ recovery_offered: true }));
});

test('unlock: a wrong passphrase is said at its field, in the language of the person', async () => {
  locale.set('fr');
  fakeEngine({
    'POST /v1/workspace/open': refusal(400, 'Invalid.', [
      { field: 'passphrase', message: 'was refused: The passphrase does not open this workspace.' },
    ]),
  });
  renderView(Locked, { workspace: locked });
  expect(screen.getByRole('heading')).toHaveTextContent('Corvane Group est verrouillé');
  await user.type(screen.getByLabelText('Phrase secrète'), 'wrong{Enter}');
  await waitFor(() =>
    expect(screen.getByLabelText('Phrase secrète')).toHaveAccessibleDescription(/n’ouvre pas/),
  );
});

test('a workspace that takes long to open says so, and one that does not says nothing', async () => {
  session.state = 'in';
  let open: (answer: Workspace) => void = () => undefined;
  fakeEngine({ 'GET /v1/workspace': () => new Promise<Workspace>((done) => (open = done)) });
  const { unmount } = renderView(Gate, {});
  await new Promise((done) => setTimeout(done, 300));
  expect(screen.queryByRole('heading')).toBeNull();
  expect(
    await screen.findByRole('heading', { name: 'Opening your workspace' }, { timeout: 3000 }),
  ).toBeVisible();
  expect(screen.getByText(/a backup is made first/)).toBeVisible();
  open(locked);
  expect(await screen.findByRole('heading', { name: /is locked/ })).toBeVisible();
  expect(screen.queryByText(/a backup is made first/)).toBeNull();
  unmount();
});

test('unlock: nothing is sent for an empty field, and a recovery key opens', async () => {
  const { calls } = fakeEngine({ 'POST /v1/workspace/open': workspace });
  renderView(Locked, { workspace: locked });
  await user.click(screen.getByRole('button', { name: 'Unlock' }));
  expect(calls).toHaveLength(0);
  await user.click(screen.getByRole('radio', { name: 'Recovery key' }));
  await user.type(screen.getByRole('textbox', { name: 'Recovery key' }), '7k2qm 4xwpd');
  await user.click(screen.getByRole('button', { name: 'Unlock' }));
  await waitFor(() => expect(queryClient.getQueryData(['workspace'])).toEqual(workspace));
  expect(calls[0]?.body).toEqual({ recovery_key: '7k2qm 4xwpd' });
});

const hits = [
  { kind: 'risk', id: 'r1', ref: 'R-0142', title: 'Supplier access', score: 12, level: 'high' },
  { kind: 'control', id: 'c1', ref: 'A.5.19', title: 'Supplier relationships', framework_id: 'iso-27001' },
];
const risk = {
  id: 'r1',
  treatment: 'mitigate',
  owner: 'Priya Raman',
  inherent: null,
  score: 12,
  level: 'high',
};

test('palette: what is typed is searched, arrows choose, Enter opens', async () => {
  fakeEngine({
    'GET /v1/search': { data: hits },
    'GET /v1/risks/r1': risk,
    'GET /v1/controls/c1': { path: [] },
  });
  renderView(Palette, { open: true });
  const box = await screen.findByRole('combobox');
  await user.type(box, 'suppl');
  const best = await screen.findByRole('option', { name: /Supplier access/ });
  expect(best).toHaveAttribute('aria-selected', 'true');
  expect(box).toHaveAttribute('aria-activedescendant', best.id);
  expect(await screen.findByText('Priya Raman')).toBeVisible();
  await user.keyboard('{ArrowDown}{Enter}');
  expect(router.path).toBe('/frameworks/iso-27001/controls/c1');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test.each([
  ['vulnerability', { asset_id: 'a1', severity: 'high', status: 'open' }, '/assets/a1?vulnerability=x1'],
  ['assessment', { status: 'in_review' }, '/assessments/x1'],
  ['audit', { status: 'reporting' }, '/audits/x1'],
  ['finding', { audit_id: 'u1', grade: 'observation', status: 'open' }, '/audits/u1?finding=x1'],
])('palette: a %s that was found is described and opened', async (kind, more, place) => {
  fakeEngine({ 'GET /v1/search': { data: [{ kind, id: 'x1', ref: 'X-0001', title: 'Quibble', ...more }] } });
  renderView(Palette, { open: true });
  await user.type(await screen.findByRole('combobox'), 'quib');
  await screen.findByRole('option', { name: /Quibble/ });
  expect(await screen.findByRole('heading', { name: 'Quibble' })).toBeVisible();
  await user.keyboard('{Enter}');
  expect(router.path + (router.query.size > 0 ? `?${router.query}` : '')).toBe(place);
});

test('palette: records of one title are told apart by what they are a part of', async () => {
  const shared = { kind: 'vulnerability', ref: null, title: 'Session cache mixes keys', cve: 'CVE-2026-1' };
  fakeEngine({
    'GET /v1/search': {
      data: [
        { ...shared, id: 'v1', asset_id: 'a1', part_of: 'AS-0001 Gateway' },
        { ...shared, id: 'v2', asset_id: 'a2', part_of: 'AS-0002 Portal' },
        { kind: 'finding', id: 'f1', ref: 'F-2026-1', title: 'Session keys', part_of: 'Payments audit' },
        { kind: 'assessment', id: 's1', ref: null, title: 'Session review', part_of: 'DORA', due_date: null },
        { kind: 'assessment', id: 's2', ref: null, title: 'Session review', due_date: '2031-05-04' },
      ],
    },
  });
  renderView(Palette, { open: true });
  await user.type(await screen.findByRole('combobox'), 'session');
  await screen.findByRole('option', { name: /AS-0001 Gateway/ });
  const found = screen.getAllByRole('option').map((option) => option.textContent.replace(/\s+/g, ' ').trim());
  expect(found.slice(0, 5)).toEqual([
    'Session cache mixes keys AS-0001 Gateway',
    'Session cache mixes keys AS-0002 Portal',
    'Session keys F-2026-1 Payments audit',
    'Session review DORA',
    'Session review due 4 May 2031',
  ]);
});

test('palette: > gives actions only, and asks the engine nothing', async () => {
  const run = vi.fn();
  const remove = commands.add([{ id: 'test', label: () => 'Start the count', icon: X, run }]);
  const { calls } = fakeEngine({ 'GET /v1/search': { data: hits } });
  renderView(Palette, { open: true });
  await user.type(await screen.findByRole('combobox'), '>cou');
  expect(screen.getAllByRole('option')).toHaveLength(1);
  await user.keyboard('{Enter}');
  expect(run).toHaveBeenCalledOnce();
  expect(calls).toHaveLength(0);
  remove();
});

test('palette: an action that takes words is offered with those that were typed', async () => {
  const run = vi.fn();
  const remove = commands.add([
    { id: 'test', label: () => 'New risk', withWords: (words) => `New risk “${words}”`, icon: X, run },
  ]);
  fakeEngine({ 'GET /v1/search': { data: [] } });
  renderView(Palette, { open: true });
  await user.type(await screen.findByRole('combobox'), 'dormant keys');
  await user.click(screen.getByRole('option', { name: /New risk “dormant keys”/ }));
  expect(run).toHaveBeenCalledWith('dormant keys');
  remove();
});

test('palette: # goes to the engine as it is', async () => {
  const { calls } = fakeEngine({ 'GET /v1/search': { data: [] } });
  renderView(Palette, { open: true });
  await user.type(await screen.findByRole('combobox'), '#142');
  await waitFor(() => expect(calls.at(-1)?.path).toBe('/v1/search?q=%23142&limit=20'));
  expect(await screen.findByText('Nothing matches “#142”')).toBeVisible();
});

test('the key sheet lists what is bound now', async () => {
  const off = keys.bind([
    { keys: 'Shift+E', label: () => 'Go back a status', group: () => 'Incident', run: vi.fn() },
  ]);
  renderView(KeySheet, { open: true });
  expect(await screen.findByText('Go back a status')).toBeVisible();
  expect(screen.getByText('Incident')).toBeVisible();
  off();
});

test('a link signs the tab in once, and its code does not stay in the address', async () => {
  fakeEngine({ 'POST /v1/auth/link': { token: 'secret', token_type: 'Bearer' } });
  history.replaceState(null, '', '/risks#code=abc');
  await session.start();
  expect(session.state).toBe('in');
  expect(token.get()).toBe('secret');
  expect(location.href).not.toContain('code');
});

test('a used link is told apart, unless this tab is signed in already', async () => {
  fakeEngine({ 'POST /v1/auth/link': refusal(401, 'Used.') });
  location.hash = '#code=abc';
  await session.start();
  expect(session.state).toBe('used');
  token.set('secret');
  location.hash = '#code=abc';
  await session.start();
  expect(session.state).toBe('in');
});

test('a tab without a link and without a token is not signed in', async () => {
  await session.start();
  expect(session.state).toBe('none');
});
