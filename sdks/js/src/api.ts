/** One call: token, waits, retries, errors. */
import { path as pathOf, queryString, refusalOf, type Transport } from './core.js';
import { AmtiaError, ApiConnectionError, ApiError, ApiTimeoutError, errorFor } from './errors.js';
import { listing, readPage, ResultList, type Listing, type Page } from './lists.js';
import { readable, wire, type Both } from './names.js';
import { Tokens } from './token.js';
import { multipart, type Upload } from './upload.js';

/** What any call takes. */
export interface CallOptions {
  /** Ends the call early. */
  signal?: AbortSignal;
}

/** What a creating call takes. */
export interface CreateOptions extends CallOptions {
  /** The same key and body within a day create one record; made up for each call if left out. */
  idempotencyKey?: string;
}

/** What a changing call takes. */
export interface ChangeOptions extends CallOptions {
  /** The ETag that the change is based on: `etagOf(record)`. */
  ifMatch?: string;
}

export interface ApiSettings {
  apiKey: string;
  secret: string;
  baseUrl: string;
  timeout: number;
  maxRetries: number;
  maxRetryWait: number;
  transport: Transport;
}

interface Call {
  method: string;
  url: string;
  body?: string | Blob;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

const etags = new WeakMap<object, string>();

/** What to give as `ifMatch`, so that nobody else's change is overwritten; undefined for records of a list. */
export const etagOf = (record: object): string | undefined => etags.get(record);

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

/** The HTTP side of the client. */
export class Api {
  readonly baseUrl: string;
  readonly tokens: Tokens;
  readonly #settings: ApiSettings;

  constructor(settings: ApiSettings) {
    this.#settings = settings;
    this.baseUrl = settings.baseUrl;
    this.tokens = new Tokens(() => this.#fetchToken());
  }

  async get<T extends object>(
    template: string,
    values: string[],
    query: object = {},
    options: CallOptions = {},
  ): Promise<Both<T>> {
    return record<T>(await this.#send({ method: 'GET', url: this.#url(template, values, query), signal: options.signal }));
  }

  list<T>(template: string, values: string[], query: object = {}, name: string, options: CallOptions = {}): Listing<Both<T>> {
    const read = async (url: string): Promise<Page<Both<T>>> => {
      const response = await this.#send({ method: 'GET', url, signal: options.signal });
      return readPage<T>(await json(response, url), url, response.headers.get('link'), name);
    };
    const following = (page: Page<Both<T>>): Promise<Page<Both<T>>> =>
      read(page.nextUrl ?? this.#url(template, values, { ...query, cursor: page.nextCursor }));
    const first = async (): Promise<ResultList<Both<T>>> =>
      new ResultList(await read(this.#url(template, values, query)), following);
    return listing(first());
  }

  async post<T extends object>(
    template: string,
    values: string[],
    fields: object,
    options: CreateOptions = {},
  ): Promise<Both<T>> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': options.idempotencyKey ?? crypto.randomUUID() };
    const body = JSON.stringify(wire(fields));
    return record<T>(
      await this.#send({ method: 'POST', url: this.#url(template, values), body, headers, signal: options.signal }),
    );
  }

  async put<T extends object>(template: string, values: string[], fields: object, options: ChangeOptions = {}): Promise<Both<T>> {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (options.ifMatch !== undefined) headers['if-match'] = options.ifMatch;
    const body = JSON.stringify(wire(fields));
    return record<T>(
      await this.#send({ method: 'PUT', url: this.#url(template, values), body, headers, signal: options.signal }),
    );
  }

  async delete(template: string, values: string[], options: CallOptions = {}): Promise<void> {
    await this.#send({ method: 'DELETE', url: this.#url(template, values), signal: options.signal });
  }

  async upload<T extends object>(template: string, file: Upload, fields: object, options: CreateOptions = {}): Promise<Both<T>> {
    const key = options.idempotencyKey ?? crypto.randomUUID();
    const body = multipart(file, wire(fields) as Record<string, unknown>, key);
    const headers = { 'content-type': body.type, 'idempotency-key': key };
    return record<T>(await this.#send({ method: 'POST', url: this.#url(template, []), body, headers, signal: options.signal }));
  }

  #url(template: string, values: string[], query: object = {}): string {
    return this.baseUrl + pathOf(template, ...values) + queryString(wire(query) as object);
  }

  /** Asks with a token; a refused token is renewed once. */
  async #send(call: Call): Promise<Response> {
    const token = await this.tokens.get();
    try {
      return await this.#ask(call, token);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 401) throw error;
    }
    await this.tokens.refuse(token);
    return this.#ask(call, await this.tokens.get());
  }

  async #fetchToken(): Promise<{ token: string; lifetime: number }> {
    const url = `${this.baseUrl}/auth/token`;
    const body = JSON.stringify({ api_key: this.#settings.apiKey, secret: this.#settings.secret });
    const response = await this.#ask({ method: 'POST', url, body, headers: { 'content-type': 'application/json' } }, null);
    const answer = (await json(response, url)) as { token?: unknown; access_token?: unknown; expires_in?: unknown } | null;
    const token = answer?.token ?? answer?.access_token;
    if (typeof token !== 'string') throw new AmtiaError('The answer of /auth/token holds no token.');
    return { token, lifetime: typeof answer?.expires_in === 'number' ? answer.expires_in : 3600 };
  }

  /** Asks until there is an answer that counts, within the limits for retries and waiting. */
  async #ask(call: Call, token: string | null): Promise<Response> {
    const { maxRetries, maxRetryWait } = this.#settings;
    // A change that names the revision it is based on would find its own first try and call it somebody else's.
    const repeatable = !('if-match' in (call.headers ?? {}));
    let waited = 0;
    for (let tries = 0; ; tries += 1) {
      let failure: AmtiaError;
      let again = repeatable;
      let wait: number | null = null;
      try {
        const response = await this.#once(call, token);
        if (response.ok) return response;
        const refused = errorFor(await refusalOf(response));
        again = refused.code === 429 || (repeatable && [502, 503, 504].includes(refused.code));
        wait = refused.retryAfter;
        failure = refused;
      } catch (cause) {
        call.signal?.throwIfAborted();
        const late = cause instanceof Error && cause.name === 'TimeoutError';
        const place = new URL(call.url).pathname;
        failure = late
          ? new ApiTimeoutError(`${place} did not answer in time.`, { cause })
          : new ApiConnectionError(`${place} was not reached.`, { cause });
      }
      wait ??= Math.min(8, 0.5 * 2 ** tries) * (0.75 + Math.random() / 4);
      if (!again || tries >= maxRetries || waited + wait > maxRetryWait) throw failure;
      waited += wait;
      await pause(wait, call.signal);
    }
  }

  #once(call: Call, token: string | null): Promise<Response> {
    const { timeout, transport } = this.#settings;
    const headers: Record<string, string> = { accept: 'application/json', ...call.headers };
    if (token !== null) headers['authorization'] = `Bearer ${token}`;
    const late = AbortSignal.timeout(timeout * 1000);
    const signal = call.signal ? AbortSignal.any([call.signal, late]) : late;
    return transport(call.url, { method: call.method, headers, body: call.body ?? null, signal, redirect: 'manual' });
  }
}

async function json(response: Response, url: string): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new AmtiaError(`The answer to ${new URL(url).pathname} is not JSON.`, { cause });
    throw new ApiConnectionError(`The answer to ${new URL(url).pathname} ended early.`, { cause });
  }
}

async function record<T extends object>(response: Response): Promise<Both<T>> {
  const body = await json(response, response.url || 'http://api/');
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new AmtiaError('The answer is not an object.');
  const etag = response.headers.get('etag');
  if (etag !== null) etags.set(body, etag);
  return readable(body as T);
}
