/**
 * One function that works like `fetch` and reaches the engine: through the window's command in the
 * window, over loopback with a bearer token in a browser.
 */
import { callApi, inWindow } from '../host';

const TOKEN = 'amtia.token';

/** The browser's token, kept for this tab only. */
export const token = {
  get: (): string | null => sessionStorage.getItem(TOKEN),
  set: (value: string): void => sessionStorage.setItem(TOKEN, value),
  clear: (): void => sessionStorage.removeItem(TOKEN),
};

const NO_BODY = new Set([204, 205, 304]);

/** Compatible with `fetch`; only paths of this origin are ever asked for. */
export const transport: typeof fetch = async (input, init) => {
  const request = new Request(input instanceof Request ? input : new URL(input, location.href), init);
  if (!inWindow) {
    const bearer = token.get();
    if (bearer) request.headers.set('authorization', `Bearer ${bearer}`);
    return fetch(request);
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
