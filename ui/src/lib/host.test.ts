import { expect, test, vi } from 'vitest';
import { readAnswer, takeFirst } from './host';

function frame(head: object, body: Uint8Array): ArrayBuffer {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const bytes = new Uint8Array(4 + text.length + body.length);
  new DataView(bytes.buffer).setUint32(0, text.length);
  bytes.set(text, 4);
  bytes.set(body, 4 + text.length);
  return bytes.buffer;
}

test('the window’s answer is a length, a head and the body', () => {
  const body = new TextEncoder().encode('{"name":"Évry"}');
  const answer = readAnswer(frame({ status: 412, headers: { etag: '"7"' } }, body));
  expect(answer.status).toBe(412);
  expect(answer.headers).toEqual({ etag: '"7"' });
  expect(new TextDecoder().decode(answer.body)).toBe('{"name":"Évry"}');
});

test('an answer may have no body', () => {
  expect(readAnswer(frame({ status: 204, headers: {} }, new Uint8Array())).body).toHaveLength(0);
});

test('an answer that came with the page is taken once', () => {
  window.__AMTIA_FIRST__ = { '/v1/summary': '{"risks":7}' };
  expect(takeFirst('/v1/workspace')).toBeNull();
  expect(takeFirst('/v1/summary')).toBe('{"risks":7}');
  expect(takeFirst('/v1/summary')).toBeNull();
});

test('a page that is loaded again asks anew', () => {
  window.__AMTIA_FIRST__ = { '/v1/summary': '{"risks":7}' };
  vi.spyOn(performance, 'getEntriesByType').mockReturnValue([
    { type: 'reload' } as PerformanceNavigationTiming,
  ]);
  expect(takeFirst('/v1/summary')).toBeNull();
});
