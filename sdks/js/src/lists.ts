/** Lists that read their next page when it is asked for. */
import { AmtiaError } from './errors.js';
import { readable, type Both } from './names.js';
import { pagesFrom } from './pages.js';

/** One page of a list. */
export interface Page<T> {
  data: T[];
  /** How many records the whole list holds, where the API says. */
  total: number | null;
  nextCursor: string | null;
  nextUrl: string | null;
}

/**
 * A list: `for await (const risk of list)` gives every record, and asks for each further page when it is reached.
 * The first page is read at once. Iterating again reads the further pages again.
 */
export class ResultList<T> implements AsyncIterable<T> {
  readonly #first: Page<T>;
  readonly #following: (page: Page<T>) => Promise<Page<T>>;

  constructor(first: Page<T>, following: (page: Page<T>) => Promise<Page<T>>) {
    this.#first = first;
    this.#following = following;
  }

  /** The records of the first page. */
  get data(): T[] {
    return this.#first.data;
  }

  /** How many records the whole list holds, where the API says. */
  get total(): number | null {
    return this.#first.total;
  }

  /** Page after page. */
  pages(): AsyncGenerator<Page<T>, void, undefined> {
    return pagesFrom(this.#first, (page) => page.nextCursor ?? page.nextUrl, this.#following);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* page.data;
  }

  /** Every record, all pages read. */
  async toArray(): Promise<T[]> {
    const all: T[] = [];
    for await (const record of this) all.push(record);
    return all;
  }
}

/** A list on its way: await it for its first page, or iterate over it at once. */
export type Listing<T> = Promise<ResultList<T>> & AsyncIterable<T>;

/** Both in one. */
export function listing<T>(list: Promise<ResultList<T>>): Listing<T> {
  return Object.assign(list, {
    async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
      yield* await list;
    },
  });
}

/** A page from an answer: a bare array, or an object with `data`, `items`, `results` or the resource's own name. */
export function readPage<T>(body: unknown, url: string, link: string | null, name: string): Page<Both<T>> {
  const fields = (Array.isArray(body) || typeof body !== 'object' || body === null ? {} : body) as Record<string, unknown>;
  const items = Array.isArray(body) ? body : ['data', 'items', 'results', name].map((key) => fields[key]).find(Array.isArray);
  if (!items) throw new AmtiaError(`The answer to ${new URL(url).pathname} holds no list.`);
  const total = fields['total'];
  return {
    data: readable(items as T[]) as Both<T>[],
    total: typeof total === 'number' ? total : null,
    ...following(fields, url, link),
  };
}

function following(
  fields: Record<string, unknown>,
  url: string,
  link: string | null,
): { nextCursor: string | null; nextUrl: string | null } {
  const cursor = fields['next_cursor'];
  if ((typeof cursor === 'string' && cursor) || typeof cursor === 'number') return { nextCursor: String(cursor), nextUrl: null };
  let place = fields['next'];
  if (typeof place === 'string' && place && !/[/?]/.test(place)) return { nextCursor: place, nextUrl: null };
  if (typeof place !== 'string' || !place) {
    // `<https://…>; rel="next", <…>; rel="last"`
    place = [...(link ?? '').matchAll(/<([^>]*)>([^<]*)/g)].find(([, , rest]) =>
      /;\s*rel="?([^";]*\s)?next[\s";,]*/i.test(`${rest};`),
    )?.[1];
  }
  if (typeof place !== 'string' || !place) return { nextCursor: null, nextUrl: null };
  const next = new URL(place, url);
  // The token goes nowhere but to the API it was made for.
  if (next.origin !== new URL(url).origin) {
    throw new AmtiaError("The list's next page is at another address than the API; it was not followed.");
  }
  return { nextCursor: null, nextUrl: next.href };
}
