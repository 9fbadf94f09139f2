/** What no real engine does on demand: waits, lost answers, other lists, hostile answers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as amtia from '@amtia/sdk';

const BASE = 'https://amtia.example/v1';
const answer = (status, body, headers = {}) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });

/** A client whose peer gives these answers, one after the other, and remembers what it was asked. */
function peer(answers, options = {}) {
  const asked = [];
  const client = new amtia.AmtiaClient({
    apiKey: 'the-key',
    secret: 'the-secret',
    baseUrl: BASE,
    ...options,
    fetch: async (url, init) => {
      if (url.endsWith('/auth/token')) return answer(200, { token: 'secret-token', expires_in: 3600 });
      asked.push({ url, ...init });
      const next = answers.shift();
      if (next instanceof Error) throw next;
      return next;
    },
  });
  return { client, asked };
}

const lost = () => new TypeError('fetch failed');

test('a wait is honoured', async () => {
  const limited = answer(429, { error: { code: 429, message: 'Wait.' } }, { 'retry-after': '1' });
  const { client, asked } = peer([limited, answer(200, { data: [{ id: 'a' }] })]);
  const begun = performance.now();
  assert.equal((await client.risks.list()).data[0].id, 'a');
  assert.ok(performance.now() - begun >= 990);
  assert.equal(asked.length, 2);
});

test('a wait that is too long is told', async () => {
  for (const after of ['120', 'Fri, 01 Jan 2100 00:00:00 GMT']) {
    const { client, asked } = peer([answer(429, {}, { 'retry-after': after })]);
    await assert.rejects(
      async () => client.risks.list(),
      (error) => error instanceof amtia.RateLimitError && error.retryAfter >= 120,
    );
    assert.equal(asked.length, 1);
  }
});

test('a lost answer to a post is asked for again with the same key and body', async () => {
  const { client, asked } = peer([lost(), answer(503, ''), answer(201, { id: '1' })]);
  assert.equal((await client.risks.create({ name: 'A' })).id, '1');
  assert.equal(asked.length, 3);
  assert.equal(new Set(asked.map(({ headers }) => headers['idempotency-key'])).size, 1);
  assert.equal(new Set(asked.map(({ body }) => body)).size, 1);
});

test('a change based on a revision is not repeated, a 500 is told at once', async () => {
  const changed = peer([lost()]);
  await assert.rejects(changed.client.risks.update('1', { owner: 'A' }, { ifMatch: '"1"' }), amtia.ApiConnectionError);
  assert.equal(changed.asked.length, 1);
  const error = { code: 500, status: 'Internal Server Error', message: 'Sorry.', request_id: 'req_abc123def456' };
  const failed = peer([answer(500, { error })]);
  await assert.rejects(
    async () => failed.client.risks.list(),
    (told) => told instanceof amtia.InternalServerError && told.requestId === 'req_abc123def456',
  );
});

test('a second 401 is told', async () => {
  const { client, asked } = peer([answer(401, {}), answer(401, {})]);
  await assert.rejects(async () => client.risks.list(), amtia.AuthenticationError);
  assert.equal(asked.length, 2);
});

for (const [first, headers, second] of [
  [{ data: [{ id: 'a' }], next_cursor: 'c2', total: 2 }, {}, 'cursor=c2'],
  [{ items: [{ id: 'a' }], next: `${BASE}/risks?page=2` }, {}, 'page=2'],
  [{ results: [{ id: 'a' }], next: '/v1/risks?page=2' }, {}, 'page=2'],
  [{ risks: [{ id: 'a' }], next: 'c2' }, {}, 'cursor=c2'],
  [[{ id: 'a' }], { link: `<${BASE}/risks?page=1>; rel="prev", <${BASE}/risks?page=2>; rel="next"` }, 'page=2'],
]) {
  test(`a list is followed: ${JSON.stringify(first)}`, async () => {
    const { client, asked } = peer([answer(200, first, headers), answer(200, [{ id: 'b' }])]);
    const all = [];
    for await (const risk of client.risks.list({ level: 'low' })) all.push(risk.id);
    assert.deepEqual(all, ['a', 'b']);
    assert.ok(asked[1].url.includes(second), asked[1].url);
  });
}

test('the token goes to no other address, a circle ends, no list is told', async () => {
  const list = async (...answers) => {
    for await (const _ of peer(answers).client.risks.list());
  };
  await assert.rejects(list(answer(200, { data: [], next: 'https://elsewhere.example/' })), /another address/);
  await assert.rejects(list(...[1, 2, 3].map(() => answer(200, { data: [], next_cursor: 'c' }))), /leads back/);
  await assert.rejects(list(answer(200, '<html>')), /not JSON/);
  await assert.rejects(list(answer(200, { data: 'no' })), /no list/);
  const moved = peer([answer(302, '', { location: 'https://elsewhere.example/' })]);
  await assert.rejects(async () => moved.client.risks.list(), amtia.ApiError);
  assert.equal(moved.asked[0].redirect, 'manual');
});

test('a slow API and a caller who gives up', async () => {
  const slow = (_, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const client = new amtia.AmtiaClient({ apiKey: 'k', secret: 's', baseUrl: BASE, timeout: 0.05, maxRetries: 0, fetch: slow });
  // An unref'd timer alone would let the process end.
  const alive = setTimeout(() => {}, 5000);
  await assert.rejects(async () => client.risks.list(), amtia.ApiTimeoutError);
  clearTimeout(alive);
  const { client: limited } = peer([answer(429, {}, { 'retry-after': '30' })]);
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 50);
  await assert.rejects(async () => limited.risks.list({}, { signal: stop.signal }), { name: 'AbortError' });
});

test('the address comes from the option or the environment', () => {
  const made = (baseUrl, more) =>
    new amtia.AmtiaClient({ apiKey: 'k', secret: 's', ...(baseUrl && { baseUrl }), ...more }).baseUrl;
  const kept = process.env.AMTIA_BASE_URL;
  try {
    process.env.AMTIA_BASE_URL = 'http://127.0.0.1:7411/v1/';
    assert.equal(made(), 'http://127.0.0.1:7411/v1');
    assert.equal(made(`${BASE}/`), BASE);
    delete process.env.AMTIA_BASE_URL;
    assert.equal(made(), 'https://api.amtia.net/v1');
  } finally {
    if (kept !== undefined) process.env.AMTIA_BASE_URL = kept;
  }
  for (const wrong of ['http://amtia.example/v1', 'ftp://127.0.0.1/', 'https://me:pass@amtia.example/', 'nothing']) {
    assert.throws(() => made(wrong), /baseUrl/);
  }
  assert.equal(made('http://amtia.example/v1', { allowInsecureHttp: true }), 'http://amtia.example/v1');
});

test('a field given by both names is refused', async () => {
  const { client } = peer([]);
  await assert.rejects(client.risks.create({ name: 'A', reviewDate: '2027-01-01', review_date: '2027-01-02' }), /given twice/);
});
