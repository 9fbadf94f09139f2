/** The access token: fetched on first use, renewed before it ends. */

/** A token is renewed this many seconds before it ends, or after nine tenths of a short life. */
const MARGIN = 60;

/** Keeps one token; calls that wait for a new one wait together. */
export class Tokens {
  readonly #fetch: () => Promise<{ token: string; lifetime: number }>;
  #token: Promise<string> | null = null;
  #until = 0;

  constructor(fetch: () => Promise<{ token: string; lifetime: number }>) {
    this.#fetch = fetch;
  }

  /** A token that is good for now. */
  get(): Promise<string> {
    if (this.#token === null || Date.now() >= this.#until) {
      this.#until = Infinity;
      const fetched = this.#fetch().then(({ token, lifetime }) => {
        const good = lifetime < MARGIN * 10 ? lifetime * 0.9 : lifetime - MARGIN;
        this.#until = Date.now() + good * 1000;
        return token;
      });
      this.#token = fetched;
      // Whoever waits is told; the next call tries again.
      fetched.catch(() => {
        if (this.#token === fetched) this.#token = null;
      });
    }
    return this.#token;
  }

  /** Forgets a token that the API refused, unless another call renewed it already. */
  async refuse(token: string): Promise<void> {
    const held = this.#token;
    if (held !== null && (await held.catch(() => null)) === token && this.#token === held) this.#token = null;
  }
}
