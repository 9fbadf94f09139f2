/** Rows of a long list, read from the engine page by page, in order, ahead of what is looked at. */
import type { Page } from '../api/types';

/** Rows asked for at once. */
export const PAGE = 200;

type Load<T> = (cursor: string | undefined, limit: number) => Promise<Page<T>>;

export class Pages<T> {
  rows = $state.raw<T[]>([]);
  total = $state<number | null>(null);
  /** Nothing read yet. */
  pending = $state(true);
  error = $state.raw<unknown>(null);
  /** Whether the last row was read. */
  complete = $state(false);
  #cursor: string | null = null;
  /** The last row that was looked at. */
  #looked = 0;
  #filling = false;
  #reloading = false;
  #round = 0;
  /** What failed last, done again. */
  #again: () => Promise<void> = () => this.reload();
  #load: Load<T>;

  constructor(load: Load<T>) {
    this.#load = load;
  }

  /** Rows to make room for: those that are there, or as many as there will be. */
  get count(): number {
    if (this.complete) return this.rows.length;
    return Math.max(this.total ?? 0, this.rows.length + (this.rows.length > 0 ? 1 : 0));
  }

  /** Starts again from the first row; what is shown stays until the new rows are there. */
  async reload(load: Load<T> = this.#load): Promise<void> {
    this.#load = load;
    const round = ++this.#round;
    const keep = Math.min(Math.max(this.rows.length, PAGE), 5 * PAGE);
    this.#reloading = true;
    try {
      const rows: T[] = [];
      let cursor: string | undefined;
      let total: number | null = null;
      do {
        const page = await this.#load(cursor, PAGE);
        if (round !== this.#round) return;
        rows.push(...page.data);
        total ??= page.total;
        cursor = page.next_cursor ?? undefined;
      } while (cursor && rows.length < keep);
      this.rows = rows;
      this.total = total;
      this.#cursor = cursor ?? null;
      this.complete = !cursor;
      this.error = null;
    } catch (error) {
      if (round === this.#round) this.#fail(error, () => this.reload());
    } finally {
      if (round === this.#round) {
        this.pending = false;
        this.#reloading = false;
        // Whoever looks at row 5,000 still looks at it: what a reload dropped is read again.
        void this.#fill();
      }
    }
  }

  /** Reads again what could not be read. */
  retry(): Promise<void> {
    return this.#again();
  }

  #fail(error: unknown, again: () => Promise<void>): void {
    this.error = error;
    this.#again = again;
  }

  /** Sees to it that rows up to `end` and one page beyond are read. */
  want(end: number): void {
    this.#looked = end;
    void this.#fill();
  }

  /** Reads all that is left; false when it could not be read, or a reload came between. */
  async all(): Promise<boolean> {
    this.#looked = Infinity;
    const round = this.#round;
    await this.#fill();
    while (this.#filling && round === this.#round) await new Promise((done) => setTimeout(done, 16));
    return this.complete && round === this.#round;
  }

  async #fill(): Promise<void> {
    // While a reload runs, the cursor is of the old rows.
    if (this.#filling || this.#reloading || this.pending) return;
    this.#filling = true;
    const round = this.#round;
    try {
      while (this.#cursor && this.rows.length <= this.#looked + PAGE && round === this.#round) {
        const page = await this.#load(this.#cursor, PAGE);
        if (round !== this.#round) return;
        this.rows = [...this.rows, ...page.data];
        this.#cursor = page.next_cursor;
        this.complete = !page.next_cursor;
        this.error = null;
      }
    } catch (error) {
      if (round === this.#round) this.#fail(error, () => this.#fill());
    } finally {
      this.#filling = false;
      // A reload that ended meanwhile found this one at work.
      if (round !== this.#round) void this.#fill();
    }
  }
}
