/** One call: headers, idempotency key, waits, retries, errors. */
import { placeOf, queryString } from './address.js';
import { refusalOf } from './answer.js';
import { ApiConnectionError, ApiTimeoutError, errorFor, type AmtiaError } from './errors.js';

/** Works like `fetch`. */
export type Transport = (input: string, init: RequestInit) => Promise<Response>;

export interface CallerSettings {
  transport: Transport;
  /** Seconds that one try may take; as long as it takes if left out. */
  timeout?: number;
  /** Further tries after a rate limit, a lost answer, 502, 503 or 504. */
  maxRetries: number;
  /** Seconds that a call may wait in sum before further tries. */
  maxRetryWait: number;
}

/** What a call brings. */
export interface Call {
  query?: object | undefined;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, with its own type. */
  form?: Blob | undefined;
  headers?: Record<string, string> | undefined;
  /** The ETag that a change is based on. */
  ifMatch?: string | undefined;
  /** Of a POST; made up if left out, null sends none. */
  idempotencyKey?: string | null | undefined;
  /** Whether it may be asked for again after a lost answer; if left out, where nothing can be done twice by that. */
  repeatable?: boolean | undefined;
  /** Ends the call early. */
  signal?: AbortSignal | undefined;
}

/** A key that nobody else makes up. Pages of plain http have no `crypto.randomUUID`. */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

const pause = (seconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, seconds * 1000);
    signal?.addEventListener('abort', stop, { once: true });
  });

/** Makes calls over one transport. */
export class Caller {
  readonly #settings: CallerSettings;

  constructor(settings: CallerSettings) {
    this.#settings = settings;
  }

  /** Asks until there is an answer that counts, within the limits for retries and waiting. A refusal is thrown. */
  async send(method: string, url: string, call: Call = {}): Promise<Response> {
    const { maxRetries, maxRetryWait } = this.#settings;
    const { form, ifMatch, signal } = call;
    const headers: Record<string, string> = { accept: 'application/json', ...call.headers };
    let body: string | Blob | null = null;
    if (form) {
      body = form;
      headers['content-type'] = form.type;
    } else if (call.body !== undefined) {
      body = JSON.stringify(call.body);
      headers['content-type'] = 'application/json';
    }
    const key = method === 'POST' ? (call.idempotencyKey === undefined ? newKey() : call.idempotencyKey) : null;
    if (key !== null) headers['idempotency-key'] = key;
    if (ifMatch) headers['if-match'] = ifMatch;
    // A change that names the revision it is based on would find its own first try and call it somebody else's.
    const repeatable = call.repeatable ?? (method === 'POST' ? key !== null : !ifMatch);
    const address = url + queryString(call.query);
    let waited = 0;
    for (let tries = 0; ; tries += 1) {
      let failure: AmtiaError;
      let again = repeatable;
      let wait: number | null = null;
      try {
        const response = await this.#once(address, { method, headers, body, redirect: 'manual' }, signal);
        if (response.ok) return response;
        const refused = errorFor(await refusalOf(response));
        again = refused.code === 429 || (repeatable && [502, 503, 504].includes(refused.code));
        wait = refused.retryAfter;
        failure = refused;
      } catch (cause) {
        signal?.throwIfAborted();
        const late = cause instanceof Error && cause.name === 'TimeoutError';
        failure = late
          ? new ApiTimeoutError(`${placeOf(url)} did not answer in time.`, { cause })
          : new ApiConnectionError(`${placeOf(url)} was not reached.`, { cause });
      }
      wait ??= Math.min(8, 0.5 * 2 ** tries) * (0.75 + Math.random() / 4);
      if (!again || tries >= maxRetries || waited + wait > maxRetryWait) throw failure;
      waited += wait;
      await pause(wait, signal);
    }
  }

  #once(url: string, init: RequestInit, given?: AbortSignal): Promise<Response> {
    const { timeout, transport } = this.#settings;
    let signal = given ?? null;
    if (timeout !== undefined) {
      const late = AbortSignal.timeout(timeout * 1000);
      signal = signal ? AbortSignal.any([signal, late]) : late;
    }
    return transport(url, { ...init, signal });
  }
}
