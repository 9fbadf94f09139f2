/** Helpers for component tests. Nothing of this reaches the product. */
import { render } from '@testing-library/svelte';
import type { Component } from 'svelte';
import { vi } from 'vitest';
import { queryClient } from '../lib/queries';
import Wrap from './Wrap.svelte';

/** Renders a component inside the app's own query client, emptied first. */
export function renderView<P extends Record<string, unknown>>(component: Component<P>, props: P) {
  queryClient.clear();
  return render(Wrap, {
    props: {
      client: queryClient,
      component: component as unknown as Component<Record<string, unknown>>,
      props,
    },
  });
}

/** What one request asked. */
export interface Call {
  method: string;
  /** Path and query. */
  path: string;
  body: unknown;
  headers: Headers;
}

type Answer = unknown;

/** An answer with a status other than 200, or with headers. */
export class Reply {
  constructor(
    readonly status: number,
    readonly body: unknown,
    readonly headers: Record<string, string> = {},
  ) {}
}

/** The engine's error format. */
export function refusal(code: number, message: string, details: unknown[] = []): Reply {
  return new Reply(code, { error: { code, status: '', message, request_id: 'req_test', details } });
}

/**
 * Stands in for the engine in one test. Keys are `GET /v1/risks`, without the query; an answer is the
 * body, a `Reply`, or a function of the call, which may take its time. What is not in the table is answered with 404.
 */
export function fakeEngine(answers: Record<string, Answer | ((call: Call) => Answer)>): { calls: Call[] } {
  const calls: Call[] = [];
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input as RequestInfo, init);
    const url = new URL(request.url);
    const text = await request.text();
    const json = request.headers.get('content-type')?.includes('json');
    const call: Call = {
      method: request.method,
      path: url.pathname + url.search,
      body: json && text ? JSON.parse(text) : text,
      headers: request.headers,
    };
    calls.push(call);
    const known = answers[`${request.method} ${url.pathname}`];
    const found =
      known === undefined
        ? refusal(404, `no ${url.pathname} here`)
        : typeof known === 'function'
          ? await (known as (call: Call) => Answer)(call)
          : known;
    const reply = found instanceof Reply ? found : new Reply(200, found);
    return new Response(reply.status === 204 ? null : JSON.stringify(reply.body), {
      status: reply.status,
      headers: { 'content-type': 'application/json', ...reply.headers },
    });
  });
  return { calls };
}
