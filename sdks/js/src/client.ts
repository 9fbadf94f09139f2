/** The client. */
import { Api } from './api.js';
import type { Transport } from './caller.js';
import { Resources } from './operations.js';

/** Where the API is unless told otherwise. */
export const DEFAULT_BASE_URL = 'https://api.amtia.net/v1/';

/** What a client is made with. */
export interface ClientOptions {
  apiKey: string;
  secret: string;
  /** Instead of the environment variable `AMTIA_BASE_URL` and of `https://api.amtia.net/v1/`; in a page also `/v1/`. */
  baseUrl?: string;
  /** Seconds that one try may take; 30 if left out. */
  timeout?: number;
  /** Further tries after a rate limit, a lost answer, 502, 503 or 504; 2 if left out. */
  maxRetries?: number;
  /** Seconds that a call may wait in sum before further tries; 60 if left out. */
  maxRetryWait?: number;
  /** Allows plain http to other machines than this one. */
  allowInsecureHttp?: boolean;
  /** Used instead of the global `fetch`. */
  fetch?: Transport;
}

/** The AMTIA API with one API key. The token is fetched on first use and renewed by itself. */
export class AmtiaClient extends Resources {
  readonly #api: Api;

  constructor(options: ClientOptions) {
    const { apiKey, secret } = options;
    if (!apiKey || !secret) throw new TypeError('apiKey and secret are both needed');
    const api = new Api({
      apiKey,
      secret,
      baseUrl: checked(options.baseUrl ?? fromEnvironment() ?? DEFAULT_BASE_URL, options.allowInsecureHttp ?? false),
      timeout: options.timeout ?? 30,
      maxRetries: options.maxRetries ?? 2,
      maxRetryWait: options.maxRetryWait ?? 60,
      transport: options.fetch ?? ((input, init) => fetch(input, init)),
    });
    super(api);
    this.#api = api;
  }

  /** The address of the API. */
  get baseUrl(): string {
    return this.#api.baseUrl;
  }

  /** Access tokens. The client fetches and renews its own; this is for tools that need one to pass on. */
  readonly auth = {
    /** A token that is good for now, at most an hour. */
    token: (): Promise<string> => this.#api.tokens.get(),
  };
}

function fromEnvironment(): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.['AMTIA_BASE_URL'] || undefined;
}

function checked(text: string, allowInsecureHttp: boolean): string {
  const { location } = globalThis as { location?: { href: string; origin: string } };
  let url: URL;
  try {
    url = new URL(text, location?.href);
  } catch {
    throw new TypeError(`baseUrl must be an http or https address, not ${JSON.stringify(text)}`);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TypeError('baseUrl must be an http or https address');
  if (url.username || url.password) throw new TypeError('baseUrl must hold no user name or password');
  const here = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname) || url.origin === location?.origin;
  if (url.protocol === 'http:' && !here && !allowInsecureHttp) {
    throw new TypeError('baseUrl must be https: the secret would travel in the clear (plain http is for this machine only)');
  }
  return url.href.replace(/\/+$/, '');
}
