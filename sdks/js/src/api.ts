/** The calls of the client: with its token, and with names in both styles. */
import { path as pathOf, queryString } from './address.js';
import { jsonOf } from './answer.js';
import { Caller, newKey, type Call, type CallerSettings } from './caller.js';
import { AmtiaError, ApiError } from './errors.js';
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

export interface ApiSettings extends CallerSettings {
  apiKey: string;
  secret: string;
  baseUrl: string;
}

const etags = new WeakMap<object, string>();

/** What to give as `ifMatch`, so that nobody else's change is overwritten; undefined for records of a list. */
export const etagOf = (record: object): string | undefined => etags.get(record);

/** The HTTP side of the client. */
export class Api {
  readonly baseUrl: string;
  readonly tokens: Tokens;
  readonly #caller: Caller;
  readonly #credentials: { api_key: string; secret: string };

  constructor(settings: ApiSettings) {
    this.baseUrl = settings.baseUrl;
    this.#caller = new Caller(settings);
    this.#credentials = { api_key: settings.apiKey, secret: settings.secret };
    this.tokens = new Tokens(() => this.#fetchToken());
  }

  async get<T extends object>(
    template: string,
    values: string[],
    query: object = {},
    options: CallOptions = {},
  ): Promise<Both<T>> {
    return record<T>(await this.#send('GET', this.#url(template, values, query), options));
  }

  list<T>(template: string, values: string[], query: object = {}, name: string, options: CallOptions = {}): Listing<Both<T>> {
    const read = async (url: string): Promise<Page<Both<T>>> => {
      const response = await this.#send('GET', url, options);
      return readPage<T>(await jsonOf(response, url), url, response.headers.get('link'), name);
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
    return record<T>(await this.#send('POST', this.#url(template, values), { ...options, body: wire(fields) }));
  }

  async put<T extends object>(template: string, values: string[], fields: object, options: ChangeOptions = {}): Promise<Both<T>> {
    return record<T>(await this.#send('PUT', this.#url(template, values), { ...options, body: wire(fields) }));
  }

  async delete(template: string, values: string[], options: CallOptions = {}): Promise<void> {
    await this.#send('DELETE', this.#url(template, values), options);
  }

  async upload<T extends object>(template: string, file: Upload, fields: object, options: CreateOptions = {}): Promise<Both<T>> {
    const idempotencyKey = options.idempotencyKey ?? newKey();
    const form = multipart(file, wire(fields) as Record<string, unknown>, idempotencyKey);
    return record<T>(await this.#send('POST', this.#url(template, []), { ...options, form, idempotencyKey }));
  }

  #url(template: string, values: string[], query: object = {}): string {
    return this.baseUrl + pathOf(template, ...values) + queryString(wire(query) as object);
  }

  /** Asks with a token; a refused token is renewed once. */
  async #send(method: string, url: string, call: Call): Promise<Response> {
    const token = await this.tokens.get();
    // A renewed token asks the same again, not another time.
    const kept = method === 'POST' ? { ...call, idempotencyKey: call.idempotencyKey ?? newKey() } : call;
    const ask = (bearer: string): Promise<Response> =>
      this.#caller.send(method, url, { ...kept, headers: { authorization: `Bearer ${bearer}` } });
    try {
      return await ask(token);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 401) throw error;
    }
    await this.tokens.refuse(token);
    return ask(await this.tokens.get());
  }

  async #fetchToken(): Promise<{ token: string; lifetime: number }> {
    const url = `${this.baseUrl}/auth/token`;
    const response = await this.#caller.send('POST', url, { body: this.#credentials, idempotencyKey: null, repeatable: true });
    const answer = (await jsonOf(response, url)) as { token?: unknown; access_token?: unknown; expires_in?: unknown } | null;
    const token = answer?.token ?? answer?.access_token;
    if (typeof token !== 'string') throw new AmtiaError('The answer of /auth/token holds no token.');
    return { token, lifetime: typeof answer?.expires_in === 'number' ? answer.expires_in : 3600 };
  }
}

async function record<T extends object>(response: Response): Promise<Both<T>> {
  const body = await jsonOf(response, response.url);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new AmtiaError('The answer is not an object.');
  const etag = response.headers.get('etag');
  if (etag !== null) etags.set(body, etag);
  return readable(body as T);
}
