/** Page after page of a list, whatever its pages look like. */
import { AmtiaError } from './errors.js';

/** Gives the first page and those that follow; `place` says where the next one is, null after the last. */
export async function* pagesFrom<P>(
  first: P,
  place: (page: P) => string | null,
  following: (page: P, place: string) => Promise<P>,
): AsyncGenerator<P, void, undefined> {
  const seen = new Set<string>();
  let page = first;
  for (;;) {
    yield page;
    const next = place(page);
    if (next === null) return;
    if (seen.has(next)) throw new AmtiaError('The list leads back to a page that was read already.');
    seen.add(next);
    page = await following(page, next);
  }
}
