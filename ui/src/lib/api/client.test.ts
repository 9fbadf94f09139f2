import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Reply, fakeEngine, refusal } from '../../test/render';
import { locale } from '../i18n/index.svelte';
import { saveState } from '../save.svelte';
import { api, everyRow } from './client';
import { ApiConnectionError, ApiError } from '@amtia/sdk/core';
import { onRefused, token } from './transport';

beforeEach(() => {
  sessionStorage.clear();
  saveState.failure = null;
});

afterEach(() => {
  vi.useRealTimers();
});

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (cause: unknown) => cause,
  );

async function caught(promise: Promise<unknown>): Promise<ApiError> {
  const error = await failure(promise);
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

test('filters go into the query, without those that are empty', async () => {
  const { calls } = fakeEngine({ 'GET /v1/risks': { data: [], next_cursor: null, total: 0 } });
  await api.risks.list({ owner: 'Priya Raman', q: '', limit: 50 });
  expect(calls[0]?.path).toBe('/v1/risks?owner=Priya+Raman&limit=50');
});

test('the token of this tab goes with each call', async () => {
  token.set('secret');
  const { calls } = fakeEngine({ 'GET /v1/summary': {} });
  await api.summary();
  expect(calls[0]?.headers.get('authorization')).toBe('Bearer secret');
});

test('each call asks for the engine’s sentences in the language of the page', async () => {
  const { calls } = fakeEngine({ 'GET /v1/summary': {} });
  for (const language of ['en', 'fr'] as const) {
    locale.set(language);
    await api.summary();
    expect(calls.at(-1)?.headers.get('accept-language')).toBe(language);
  }
  locale.set('en');
});

test('a record comes with the tag that its change sends back', async () => {
  const { calls } = fakeEngine({
    'GET /v1/risks/a%20b': new Reply(200, { id: 'a b' }, { etag: '"7"' }),
    'PUT /v1/risks/a%20b': { id: 'a b' },
  });
  const { etag } = await api.risks.get('a b');
  await api.risks.update('a b', { likelihood: 3, impact: 4, reason: 'seen again' }, etag);
  expect(calls[1]?.headers.get('if-match')).toBe('"7"');
  expect(calls[1]?.body).toEqual({ likelihood: 3, impact: 4, reason: 'seen again' });
});

test('a refusal keeps what is wrong with which field', async () => {
  fakeEngine({
    'POST /v1/risks': refusal(400, 'Invalid.', [{ field: 'impact', message: 'must be 1 to 5' }]),
  });
  const error = await caught(api.risks.create({ name: 'x' }));
  expect(error.code).toBe(400);
  expect(error.field('impact')).toBe('must be 1 to 5');
  expect(error.field('name')).toBeUndefined();
  expect(error.requestId).toBe('req_test');
});

test('an answer that is not the error format is still an error with its status', async () => {
  vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('<html>', { status: 500 }));
  expect((await caught(api.summary())).code).toBe(500);
});

test('an engine that cannot be reached is asked again, then told apart', async () => {
  vi.useFakeTimers();
  const asked = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('Failed to fetch'));
  const error = failure(api.summary());
  await vi.runAllTimersAsync();
  expect(await error).toBeInstanceOf(ApiConnectionError);
  expect(asked).toHaveBeenCalledTimes(3);
});

test('a lost answer to a creation is asked for again with the same key', async () => {
  vi.useFakeTimers();
  const { calls } = fakeEngine({
    'POST /v1/risks': () => (calls.length < 2 ? refusal(503, 'Busy.') : new Reply(201, { id: 'a' })),
  });
  const made = api.risks.create({ name: 'x' });
  await vi.runAllTimersAsync();
  expect((await made).id).toBe('a');
  const keys = calls.map(({ headers }) => headers.get('idempotency-key'));
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(keys[1]).toBe(keys[0]);
});

test('what opens a workspace is asked for once and without a key', async () => {
  const asked = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('Failed to fetch'));
  expect(await failure(api.workspace.open({ passphrase: 'x' }))).toBeInstanceOf(ApiConnectionError);
  expect(asked).toHaveBeenCalledOnce();
  expect((asked.mock.calls[0]?.[0] as Request).headers.has('idempotency-key')).toBe(false);
});

test('a wait that the engine asks for and that is too long is told at once', async () => {
  const { calls } = fakeEngine({
    'POST /v1/auth/link': new Reply(429, { error: { code: 429, message: 'Wait.' } }, { 'retry-after': '30' }),
  });
  expect((await caught(api.auth.link('x'))).retryAfter).toBe(30);
  expect(calls.length).toBe(1);
});

test('all pages of a list are read, and one that leads in a circle ends', async () => {
  const page = (cursor?: string) =>
    Promise.resolve({
      data: [cursor ?? 'a'],
      next_cursor: cursor === 'c' ? null : cursor ? 'c' : 'b',
      total: 3,
    });
  expect(await everyRow(page)).toEqual(['a', 'b', 'c']);
  await expect(everyRow(() => Promise.resolve({ data: [1], next_cursor: 'b', total: 1 }))).rejects.toThrow(
    /leads back/,
  );
});

test('a change that did not reach the disk is said, until one does', async () => {
  fakeEngine({ 'PUT /v1/risks/r': refusal(500, 'The disk is full.') });
  await caught(api.risks.update('r', { name: 'x' }));
  expect(saveState.failure).toBe('The disk is full.');
  expect(saveState.pending).toBe(0);
  fakeEngine({ 'PUT /v1/risks/r': {} });
  await api.risks.update('r', { name: 'x' });
  expect(saveState.failure).toBeNull();
});

test('a refused field is no failure to save', async () => {
  fakeEngine({ 'PUT /v1/risks/r': refusal(400, 'Invalid.') });
  await caught(api.risks.update('r', {}));
  expect(saveState.failure).toBeNull();
});

test('a refused token signs the tab out; a wrong passphrase does not', async () => {
  const out = vi.fn();
  const off = onRefused(out);
  token.set('old');
  fakeEngine({
    'GET /v1/summary': refusal(401, 'Expired.'),
    'POST /v1/workspace/open': refusal(401, 'Wrong.'),
  });
  await caught(api.workspace.open({ passphrase: 'x' }));
  expect(out).not.toHaveBeenCalled();
  await caught(api.summary());
  expect(out).toHaveBeenCalledOnce();
  off();
});
