/** What a page builds on that has its own way to the API. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as amtia from '@amtia/sdk';
import { ApiConnectionError, Caller, errorFor, jsonOf, multipart, newKey, pagesFrom, segment } from '@amtia/sdk/core';

/** A caller whose peer gives these answers, one after the other, and remembers what it was asked. */
function peer(...answers) {
  const asked = [];
  const transport = async (url, init) => {
    asked.push({ url, ...init });
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return next;
  };
  return { caller: new Caller({ transport, maxRetries: 2, maxRetryWait: 5 }), asked };
}

test('a call goes to the address that it was given, without a token', async () => {
  const { caller, asked } = peer(Response.json({ id: 'a' }));
  const call = { query: { q: '', limit: 2 }, body: { owner: null }, ifMatch: '"7"' };
  const answer = await caller.send('PUT', `/v1/risks/${segment('a/b')}`, call);
  assert.deepEqual(await jsonOf(answer, '/v1/risks'), { id: 'a' });
  const [{ url, method, headers, body, signal }] = asked;
  assert.deepEqual([url, method, body, signal], ['/v1/risks/a%2Fb?limit=2', 'PUT', '{"owner":null}', null]);
  assert.deepEqual(headers, { accept: 'application/json', 'content-type': 'application/json', 'if-match': '"7"' });
});

test('a lost post is sent again with its key, one without a key is not', async () => {
  const kept = peer(new TypeError('lost'), new Response('{}'));
  await kept.caller.send('POST', '/v1/risks', { body: {} });
  assert.equal(new Set(kept.asked.map(({ headers }) => headers['idempotency-key'])).size, 1);
  const once = peer(new TypeError('lost'), new Response('{}'));
  await assert.rejects(once.caller.send('POST', '/v1/risks', { body: {}, idempotencyKey: null }), (error) => {
    return error instanceof ApiConnectionError && error.message.includes('/v1/risks') && error.cause.message === 'lost';
  });
  assert.equal(once.asked.length, 1);
  assert.equal(once.asked[0].headers['idempotency-key'], undefined);
  assert.equal(new Set(Array.from({ length: 1000 }, newKey)).size, 1000);
});

test('a form goes as it is, with its type', async () => {
  const { caller, asked } = peer(new Response('{}'));
  const form = multipart({ name: 'a.txt', data: new Blob(['x'], { type: 'text/plain' }) }, {}, 'key');
  await caller.send('POST', '/v1/imports', { form, idempotencyKey: 'key' });
  assert.equal(asked[0].headers['content-type'], form.type);
  assert.match(await asked[0].body.text(), /filename="a.txt"/);
});

test('errors are those of the client, and can be made', () => {
  const error = errorFor({ code: 412, message: 'Changed.' });
  assert.ok(error instanceof amtia.PreconditionFailedError && error instanceof amtia.ApiError);
  assert.deepEqual([error.details, error.requestId, error.retryAfter], [[], null, null]);
  for (const wrong of ['', '.', '..']) assert.throws(() => segment(wrong), TypeError);
});

test('pages of any shape are followed', async () => {
  const pages = [];
  for await (const page of pagesFrom([1, 'b'], ([, next]) => next, async (_, place) => [place, null])) pages.push(page);
  assert.deepEqual(pages, [
    [1, 'b'],
    ['b', null],
  ]);
});
