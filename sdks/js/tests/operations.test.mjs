/** Operations, lists and errors against the real engine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as amtia from '@amtia/sdk';
import { connect, key } from './served.mjs';

const viewer = connect('VIEWER');
const analyst = connect('ANALYST');

test('a list gives every record once', async () => {
  const risks = await viewer.risks.list({ limit: 200, sort: 'name' });
  const all = await risks.toArray();
  assert.ok(all.length > 1000);
  assert.equal(all.length, risks.total);
  assert.equal(new Set(all.map((risk) => risk.id)).size, all.length);
  const sizes = [];
  for await (const page of risks.pages()) sizes.push(page.data.length);
  assert.deepEqual(
    sizes.slice(0, -1),
    sizes.slice(0, -1).map(() => 200),
  );
  let count = 0;
  for await (const risk of viewer.risks.list({ level: 'critical' })) {
    assert.equal(risk.level, 'critical');
    count += 1;
  }
  assert.ok(count > 0);
});

test('fields are read and written by both names', async () => {
  const [control] = (await viewer.frameworks.controls('iso-27001', { parentId: 'none', limit: 1 })).data;
  assert.equal(control.frameworkId, 'iso-27001');
  assert.equal(control.framework_id, 'iso-27001');
  assert.equal(control.parentId, null);
  assert.ok(control.childCount > 0);
  assert.equal(control.childCount, control.child_count);
  assert.ok(Object.keys(control).includes('framework_id'), 'the own names are those of the API');
  const risk = await analyst.risks.create({ name: 'Read by both names', reviewDate: '2027-01-31', tags: ['sdk'] });
  assert.equal(risk.reviewDate, '2027-01-31');
  const again = await analyst.risks.update(risk.id, { review_date: '2027-02-28' });
  assert.equal(again.reviewDate, '2027-02-28');
  assert.equal(JSON.parse(JSON.stringify(again)).review_date, '2027-02-28');
});

test('the heatmap counts the list', async () => {
  const heatmap = await viewer.risks.heatmap({ view: 'inherent' });
  const counted = heatmap.cells.reduce((sum, cell) => sum + cell.count, heatmap.unassessed);
  assert.equal(counted, (await viewer.risks.list({ limit: 1 })).total);
  assert.ok(Object.keys(heatmap.totals).includes('very_low'));
});

test('a stale change is refused with both values', async () => {
  const risk = await analyst.risks.create({ name: 'Changed by two', likelihood: 4, impact: 4 });
  const etag = amtia.etagOf(risk);
  assert.ok(etag);
  const changed = await analyst.risks.update(risk.id, { owner: 'Ines Duarte' }, { ifMatch: etag });
  assert.deepEqual([changed.owner, changed.score, changed.name], ['Ines Duarte', 16, risk.name]);
  assert.equal((await analyst.risks.update(risk.id, { owner: null })).owner, null);
  await assert.rejects(analyst.risks.update(risk.id, { owner: 'Somebody' }, { ifMatch: etag }), amtia.PreconditionFailedError);
});

test('an incident is created and moved', async () => {
  const incident = await analyst.incidents.create({ title: 'A laptop is missing', severity: 'medium' });
  const moved = await analyst.incidents.updateStatus(incident.id, { status: 'triaged', note: 'Called the owner' });
  assert.deepEqual([moved.id, moved.status], [incident.id, 'triaged']);
});

test('a keyed post happens once', async () => {
  const options = { idempotencyKey: 'javascript-once' };
  const first = await analyst.risks.create({ name: 'Once' }, options);
  assert.equal((await analyst.risks.create({ name: 'Once' }, options)).id, first.id);
  await assert.rejects(analyst.risks.create({ name: 'Another' }, options), amtia.BadRequestError);
});

test('each refusal has its class', async () => {
  await assert.rejects(analyst.risks.create({ name: '', likelihood: 9, impact: 0 }), (error) => {
    assert.ok(error instanceof amtia.BadRequestError);
    assert.equal(error.status, 'Bad Request');
    assert.match(error.requestId, /^req_[0-9a-z]{12}$/);
    for (const field of ['name', 'likelihood', 'impact']) assert.ok(error.field(field), field);
    return true;
  });
  await assert.rejects(
    viewer.risks.create({ name: 'Not mine to write' }),
    (error) => error instanceof amtia.PermissionDeniedError && /analyst/.test(error.message),
  );
  await assert.rejects(analyst.risks.update('no-such-risk', { owner: 'Nobody' }), amtia.NotFoundError);
  await assert.rejects(connect('VIEWER', { secret: 'wrong' }).risks.list(), amtia.AuthenticationError);
});

test('an identifier stays one segment', async () => {
  await assert.rejects(async () => viewer.frameworks.controls('iso-27001/controls?x='), amtia.NotFoundError);
  for (const wrong of ['', '.', '..']) await assert.rejects(async () => viewer.frameworks.controls(wrong), /identifier/);
});

test('a refused token is renewed once', async () => {
  let broken = 0;
  const client = connect('ANALYST', {
    fetch: (url, init) => {
      if (broken === 1) {
        broken += 1;
        return fetch(url, { ...init, headers: { ...init.headers, authorization: 'Bearer broken' } });
      }
      return fetch(url, init);
    },
  });
  const before = await client.auth.token();
  broken = 1;
  assert.ok((await client.risks.list({ limit: 1 })).total > 0);
  assert.equal(broken, 2);
  assert.notEqual(await client.auth.token(), before);
});

test('an ending token is renewed before it ends, once for all that wait', async (context) => {
  let fetched = 0;
  const client = connect('ANALYST', {
    fetch: (url, init) => {
      fetched += url.endsWith('/auth/token') ? 1 : 0;
      return fetch(url, init);
    },
  });
  await Promise.all([client.auth.token(), client.risks.list({ limit: 1 }), client.incidents.list({ limit: 1 })]);
  assert.equal(fetched, 1);
  const now = Date.now();
  context.mock.method(Date, 'now', () => now + (3600 - 59) * 1000);
  await Promise.all([client.auth.token(), client.auth.token()]);
  assert.equal(fetched, 2);
});

test('the rate limit is told with the wait', async () => {
  const client = connect('LIMITED_JS', { maxRetryWait: 0.5 });
  let refused = null;
  let allowed = 0;
  for (let round = 0; round < 102 && refused === null; round += 1) {
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => client.risks.list({ limit: 1 })));
    allowed += answers.filter(({ status }) => status === 'fulfilled').length;
    refused = answers.find(({ status }) => status === 'rejected')?.reason ?? null;
  }
  assert.ok(refused instanceof amtia.RateLimitError, String(refused));
  assert.equal(allowed, 1000);
  assert.ok(refused.retryAfter > 0 && refused.retryAfter <= 60);
});

test('a client shows no secret', async () => {
  const { inspect } = await import('node:util');
  const { apiKey, secret } = key('ANALYST');
  const token = await analyst.auth.token();
  const shown = `${inspect(analyst, { depth: 9, showHidden: true })} ${JSON.stringify(analyst)}`;
  for (const word of [apiKey, secret, token]) assert.ok(!shown.includes(word));
});
