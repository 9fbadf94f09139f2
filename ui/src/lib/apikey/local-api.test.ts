import { screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test } from 'vitest';
import { fakeEngine, refusal, renderView } from '../../test/render';
import { locale } from '../i18n/index.svelte';
import LocalApi from '../settings/LocalApi.svelte';
import type { LocalApiState } from './types';
import { shortKey } from './words';

const STATE: LocalApiState = {
  enabled: true,
  running: true,
  switchable: true,
  port: 7411,
  base_url: 'http://127.0.0.1:7411/v1',
  since: '2026-11-22T08:00:00Z',
  message: null,
  limit: 1000,
  used: [],
  calls: [],
};

beforeEach(() => locale.set('en'));

test('in the window it is switched off, and its port is changed or refused where it stands', async () => {
  const { calls } = fakeEngine({
    'GET /v1/api': STATE,
    'GET /v1/keys': { data: [], next_cursor: null, total: 0 },
    'PUT /v1/api': ({ body }: { body: unknown }) => {
      const { port } = body as { port?: number };
      return port === 80
        ? refusal(400, 'The request is not valid', [{ field: 'port', message: 'is taken' }])
        : { ...STATE, ...(body as object) };
    },
  });
  renderView(LocalApi, {});
  const port = await screen.findByLabelText('Port');
  const user = userEvent.setup();
  await user.clear(port);
  await user.type(port, '70000{Enter}');
  await screen.findByText('A port is a number from 1 to 65,535.');
  expect(calls.some(({ method }) => method === 'PUT')).toBe(false);
  await user.clear(port);
  await user.type(port, '80{Enter}');
  await screen.findByText('is taken');
  await user.clear(port);
  await user.type(port, '7412{Enter}');
  await waitFor(() => expect(calls.at(-1)?.body).toEqual({ port: 7412 }));
  await user.click(screen.getByRole('switch', { name: 'Serve the API on this device' }));
  await waitFor(() =>
    expect(calls.some(({ body }) => JSON.stringify(body) === '{"enabled":false}')).toBe(true),
  );
});

test('where the command line decides, there is no switch and no port, and it says why', async () => {
  fakeEngine({
    'GET /v1/api': { ...STATE, switchable: false },
    'GET /v1/keys': { data: [], next_cursor: null, total: 0 },
  });
  renderView(LocalApi, {});
  await screen.findByText(/amtia serve runs it/);
  expect(screen.queryByRole('switch')).toBeNull();
  expect(screen.queryByLabelText('Port')).toBeNull();
});

test('a port that cannot be had is told beside the switch', async () => {
  fakeEngine({
    'GET /v1/api': {
      ...STATE,
      running: false,
      since: null,
      message: 'Port 7411 is taken by another program.',
    },
    'GET /v1/keys': { data: [], next_cursor: null, total: 0 },
  });
  renderView(LocalApi, {});
  expect(await screen.findByRole('alert')).toHaveTextContent('Port 7411 is taken by another program.');
});

test('each key that works tells what it has used of this minute', async () => {
  const key = { role: 'viewer', expires_at: null, last_used_at: null, calls_30_days: 4212, created_at: '' };
  fakeEngine({
    'GET /v1/api': { ...STATE, used: [{ key_id: 'amtia_key_a', requests: 12 }] },
    'GET /v1/keys': {
      data: [
        { ...key, id: 'amtia_key_a', name: 'Power BI', state: 'live', revoked_at: null },
        { ...key, id: 'amtia_key_b', name: 'Nightly', state: 'live', revoked_at: null },
        { ...key, id: 'amtia_key_c', name: 'Old', state: 'revoked', revoked_at: '2026-11-01T08:00:00Z' },
      ],
      next_cursor: null,
      total: 3,
    },
  });
  renderView(LocalApi, {});
  const row = async (name: string) => (await screen.findByText(name)).closest('tr');
  await waitFor(async () => expect(await row('Power BI')).toHaveTextContent('12 of 1,000'));
  expect(await row('Nightly')).toHaveTextContent('0 of 1,000');
  expect(await row('Old')).not.toHaveTextContent('of 1,000');
});

test('a key is known by its two ends', () => {
  expect(shortKey('amtia_key_7QdLx0aBcDeFgHiJk')).toBe('amtia_key_7Qd…iJk');
  expect(shortKey('amtia_key_short')).toBe('amtia_key_short');
});
