/**
 * One function that works like `fetch` and reaches the engine: through the window's command in the
 * window, over loopback with a bearer token in a browser.
 */
import type { Transport } from '@amtia/sdk/core';
import { callApi, inWindow } from '../host';
import { locale } from '../i18n/pick.svelte';

const TOKEN = 'amtia.token';

/** The browser's token, kept for this tab only. */
export const token = {
  get: (): string | null => sessionStorage.getItem(TOKEN),
  set: (value: string): void => sessionStorage.setItem(TOKEN, value),
  clear: (): void => sessionStorage.removeItem(TOKEN),
};

const refusals = new Set<() => void>();

/** Calls back when the token of this tab is refused; returns the function that stops it. */
export function onRefused(callback: () => void): () => void {
  refusals.add(callback);
  return () => refusals.delete(callback);
}

/** Here a 401 is about what was typed, not about the token. */
const ANSWERS_401 = /\/v1\/(workspace\/open|auth\/link)$/;

const NO_BODY = new Set([204, 205, 304]);

/** The way that the SDK's calls go; only paths of this origin are ever asked for. */
export const transport: Transport = async (input, init) => {
  const request = new Request(new URL(input, location.href), init);
  // The engine's own sentences come in the language of the page.
  request.headers.set('accept-language', locale.current);
  if (!inWindow) {
    const bearer = token.get();
    if (bearer) request.headers.set('authorization', `Bearer ${bearer}`);
    const response = await fetch(request);
    if (bearer && response.status === 401 && !ANSWERS_401.test(request.url)) {
      refusals.forEach((callback) => callback());
    }
    return response;
  }
  const { pathname, search } = new URL(request.url);
  const body = new Uint8Array(await request.arrayBuffer());
  const answer = await callApi(
    request.method,
    pathname + search,
    Object.fromEntries(request.headers.entries()),
    body,
  );
  return new Response(NO_BODY.has(answer.status) ? null : answer.body, {
    status: answer.status,
    headers: answer.headers,
  });
};
