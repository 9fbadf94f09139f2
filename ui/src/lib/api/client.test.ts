import { beforeEach, expect, test, vi } from 'vitest';
import { Reply, fakeEngine, refusal } from '../../test/render';
import { saveState } from '../save.svelte';
import { api } from './client';
import { ApiError } from './errors';
import { onRefused, token } from './transport';

beforeEach(() => {
  sessionStorage.clear();
  saveState.failure = null;
});

async function caught(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => null,
    (cause: unknown) => cause,
  );
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
  vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('<html>', { status: 502 }));
  expect((await caught(api.summary())).code).toBe(502);
});

test('an engine that cannot be reached is told apart', async () => {
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('Failed to fetch'));
  expect((await caught(api.summary())).unreachable).toBe(true);
});

test('a change that did not reach the disk is said, until one does', async () => {
  vi.spyOn(globalThis, 'fetch').mockRejectedValueOnce(new TypeError('The disk is full.'));
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
