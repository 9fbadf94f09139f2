/**
 * Which rows of a long list are in sight, so that only those are drawn.
 *
 * Every list here knows its rows' heights beforehand, so a row's place is arithmetic: a library that measures rows
 * would keep a record of each of 100,000.
 */
interface Rows {
  count: number;
  /** Where row `index` begins, px; for `count` where the last one ends. */
  start: (index: number) => number;
  /** Rows drawn beyond those in sight, at either end. */
  overscan: number;
  /** Height of what stands above the rows inside the scrolling element and stays there. */
  head?: number;
}

/** Before the element has a size. */
const UNMEASURED = 600;

export class Sight {
  /** Bound to the scrolling element: how far it is scrolled, how high it is, px. */
  scrolled = $state(0);
  height = $state(0);
  #rows: () => Rows;

  readonly #seen = $derived.by(() => (this.height > 0 ? this.height : UNMEASURED) - (this.#rows().head ?? 0));
  readonly #top = $derived.by(() => {
    const { count, start } = this.#rows();
    return Math.min(this.scrolled, Math.max(0, start(count) - this.#seen));
  });
  readonly first = $derived.by(() => Math.max(0, this.#at(this.#top) - this.#rows().overscan));
  /** -1 when there are none. */
  readonly last = $derived.by(() => {
    const { count, overscan } = this.#rows();
    return Math.min(count - 1, this.#at(this.#top + this.#seen) + overscan);
  });
  readonly items = $derived.by(() =>
    Array.from({ length: Math.max(0, this.last - this.first + 1) }, (_, at) => this.first + at),
  );

  constructor(rows: () => Rows) {
    this.#rows = rows;
  }

  /** The last row that begins at or before `place`. */
  #at(place: number): number {
    const { count, start } = this.#rows();
    let [low, high] = [0, Math.max(0, count - 1)];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (start(middle) <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Brings a row into view; does nothing when it is there already. */
  show(element: HTMLElement | null, index: number): void {
    if (!element) return;
    const { start } = this.#rows();
    const [begins, ends] = [start(index), start(index + 1)];
    if (begins < element.scrollTop) element.scrollTop = begins;
    else if (ends > element.scrollTop + this.#seen) element.scrollTop = ends - this.#seen;
    this.scrolled = element.scrollTop;
  }
}
