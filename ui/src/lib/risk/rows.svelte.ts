/**
 * The register's rows: any of them is read when it is looked at, without those before it, so that 100,000 rows cost what is
 * on the screen. In groups, their headings are lines among the rows.
 */
import { request } from '../api/client';
import type { Level, Page, Risk, RiskFilters } from '../api/types';

/** Rows read at once. */
export const PAGE = 100;
/** Pages kept in memory. */
const KEPT = 60;

/** What the register can be grouped by, and the filter that names one group. */
export const GROUPINGS = {
  owner: 'owner',
  category: 'category',
  asset: 'asset_id',
  framework: 'framework_id',
} as const;
export type Grouping = keyof typeof GROUPINGS;

export interface Group {
  /** Null for risks that belong to none. */
  key: string | null;
  name: string | null;
  count: number;
  levels: Partial<Record<Level, number>>;
  unassessed: number;
}

export type Query = RiskFilters & { sort: string };

/** One line of the register: a heading, or a row that may not be read yet. */
export interface Line {
  group: Group | null;
  heading: boolean;
  risk: Risk | undefined;
}

/** The rows of one group, or all where there are none. */
class Part {
  pages: (Risk[] | undefined)[] = [];
  #cursors: (string | undefined)[] = [];
  count: number;

  constructor(
    readonly query: Query,
    readonly group: Group | null,
  ) {
    this.count = group?.count ?? 0;
  }

  /** Reads where every page ends; answers how many rows there are. */
  async mark(): Promise<number> {
    const query = { ...this.query, limit: PAGE };
    const { total, cursors } = await request<{ total: number; cursors: string[] }>('GET', '/v1/risks/marks', {
      query,
    });
    this.#cursors = cursors;
    return total;
  }

  async read(page: number): Promise<Page<Risk>> {
    if (page > 0 && !this.#cursors[page - 1]) await this.mark();
    const cursor = this.#cursors[page - 1];
    // Past the end: rows went since they were counted, and the change that took them is on its way.
    if (page > 0 && !cursor) return this.#keep(page, { data: [], next_cursor: null, total: null });
    const query = { ...this.query, limit: PAGE, ...(cursor ? { cursor } : {}) };
    return this.#keep(page, await request<Page<Risk>>('GET', '/v1/risks', { query }));
  }

  #keep(page: number, read: Page<Risk>): Page<Risk> {
    this.pages[page] = read.data;
    if (read.next_cursor) this.#cursors[page] = read.next_cursor;
    return read;
  }
}

/** Which part and which of its rows each line shows. */
class Layout {
  /** The line at which each part begins, and the one after the last. */
  readonly starts: number[] = [0];

  constructor(
    readonly parts: Part[],
    closed: readonly string[],
  ) {
    let line = 0;
    for (const { group, count } of parts) {
      line += group ? 1 + (closed.includes(group.key ?? '') ? 0 : count) : count;
      this.starts.push(line);
    }
  }

  get lines(): number {
    return this.starts.at(-1) ?? 0;
  }

  /** The part of a line, and which of its rows the line shows: -1 for its heading. */
  at(line: number): { part: Part | undefined; row: number } {
    let [low, high] = [0, Math.max(0, this.parts.length - 1)];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.starts[middle] ?? 0) <= line) low = middle;
      else high = middle - 1;
    }
    const part = this.parts[low];
    return { part, row: line - (this.starts[low] ?? 0) - (part?.group ? 1 : 0) };
  }

  /** A page on these lines that is not read yet. */
  missing(first: number, last: number): [Part, number] | null {
    for (let line = Math.max(0, first); line <= Math.min(this.lines - 1, last); line += 1) {
      const { part, row } = this.at(line);
      if (part && row >= 0 && !part.pages[pageOf(row)]) return [part, pageOf(row)];
    }
    return null;
  }
}

const pageOf = (row: number) => Math.floor(row / PAGE);
const NONE = new Layout([], []);

export class Rows {
  /** Nothing read yet. */
  pending = $state(true);
  error = $state.raw<unknown>(null);
  #layout = $state.raw(NONE);
  /** Rises when a page came or went. */
  #tick = $state(0);
  /** Keys of the groups that are closed, "" for the one without a key. */
  #closed: readonly string[] = [];
  #first = 0;
  #last = 0;
  #query: Query = { sort: '' };
  #by: Grouping | null = null;
  #round = 0;
  #reloading = false;
  #filling = false;
  /** What failed last, done again. */
  #again: () => Promise<void> = () => this.#reload();

  /** Lines: rows, and the headings of groups. */
  get count(): number {
    return this.#layout.lines;
  }

  /** The line at a place. */
  at(line: number): Line {
    void this.#tick;
    const { part, row } = this.#layout.at(line);
    return { group: part?.group ?? null, heading: row < 0, risk: part?.pages[pageOf(row)]?.[row % PAGE] };
  }

  isOpen(group: Group): boolean {
    void this.#layout;
    return !this.#closed.includes(group.key ?? '');
  }

  /** Opens or closes a group. */
  toggle(group: Group, open = !this.isOpen(group)): void {
    const others = this.#closed.filter((key) => key !== (group.key ?? ''));
    this.#closed = open ? others : [...others, group.key ?? ''];
    this.#layout = new Layout(this.#layout.parts, this.#closed);
    void this.#fill();
  }

  /** The line of a group's heading; -1 when there is none. */
  headingOf(key: string | null): number {
    const at = this.#layout.parts.findIndex(({ group }) => group?.key === key);
    return at < 0 ? -1 : (this.#layout.starts[at] ?? -1);
  }

  /** The first line that shows this risk, of those read; -1 when none does. */
  find(id: string): number {
    void this.#tick;
    const { parts, starts } = this.#layout;
    for (const [at, part] of parts.entries()) {
      if (part.group && !this.isOpen(part.group)) continue;
      for (const [page, rows] of part.pages.entries()) {
        const row = rows?.findIndex((risk) => risk.id === id) ?? -1;
        if (row >= 0) return (starts[at] ?? 0) + (part.group ? 1 : 0) + page * PAGE + row;
      }
    }
    return -1;
  }

  /** Reads a list; what is shown stays until the new rows are there. */
  read(query: Query, by: Grouping | null): Promise<void> {
    [this.#query, this.#by] = [query, by];
    return this.#reload();
  }

  /** Reads again what could not be read. */
  retry(): Promise<void> {
    return this.#again();
  }

  /** The lines on the screen: they are read, and a page beyond them. */
  want(first: number, last: number): void {
    [this.#first, this.#last] = [first, last];
    void this.#fill();
  }

  /** The risks on these lines, those of closed groups left out; read where they were not. */
  async between(first: number, last: number): Promise<Risk[]> {
    const layout = this.#layout;
    for (let next = layout.missing(first, last); next; next = layout.missing(first, last))
      await next[0].read(next[1]);
    this.#tick += 1;
    return Array.from({ length: last - first + 1 }, (_, at) => this.at(first + at).risk).flatMap(
      (risk) => risk ?? [],
    );
  }

  async #reload(): Promise<void> {
    const round = ++this.#round;
    this.#reloading = true;
    try {
      const parts = await (this.#by ? this.#grouped(this.#by) : this.#plain());
      // Whoever looks at row 5,000 still looks at it: its page is there before the old one goes.
      const layout = new Layout(parts, this.#closed);
      const seen = () => layout.missing(this.#first, this.#last);
      for (let next = seen(); next && round === this.#round; next = seen()) await next[0].read(next[1]);
      if (round !== this.#round) return;
      this.#layout = layout;
      this.error = null;
    } catch (error) {
      if (round === this.#round) this.#fail(error, () => this.#reload());
    } finally {
      if (round === this.#round) {
        this.pending = false;
        this.#reloading = false;
        void this.#fill();
      }
    }
  }

  async #plain(): Promise<Part[]> {
    const part = new Part(this.#query, null);
    const { data, total, next_cursor } = await part.read(0);
    part.count = total ?? (next_cursor ? await part.mark() : data.length);
    return [part];
  }

  async #grouped(by: Grouping): Promise<Part[]> {
    const { sort: _, ...filters } = this.#query;
    const query = { ...filters, by };
    const { groups } = await request<{ groups: Group[] }>('GET', '/v1/risks/groups', { query });
    return groups.map((group) => {
      const own = group.key === null ? { without: by } : { [GROUPINGS[by]]: group.key };
      return new Part({ ...this.#query, ...own }, group);
    });
  }

  #fail(error: unknown, again: () => Promise<void>): void {
    this.error = error;
    this.#again = again;
  }

  async #fill(): Promise<void> {
    // While a reload runs, the pages are of the old list.
    if (this.#filling || this.#reloading) return;
    this.#filling = true;
    const round = this.#round;
    // What is on the screen first, then what is near it.
    const next = () =>
      this.#layout.missing(this.#first, this.#last) ??
      this.#layout.missing(this.#first - PAGE / 2, this.#last + PAGE);
    try {
      for (let page = next(); page && round === this.#round; page = next()) {
        await page[0].read(page[1]);
        this.error = null;
        this.#forget();
        this.#tick += 1;
      }
    } catch (error) {
      if (round === this.#round) this.#fail(error, () => this.#fill());
    } finally {
      this.#filling = false;
      // A reload that ended meanwhile found this one at work.
      if (round !== this.#round) void this.#fill();
    }
  }

  /** Lets go of the pages that are farthest from what is looked at. */
  #forget(): void {
    const { parts, starts } = this.#layout;
    const kept = parts.flatMap((part, at) =>
      part.pages.flatMap((rows, page) => {
        const far = Math.abs((starts[at] ?? 0) + page * PAGE - this.#first);
        return rows ? [{ part, page, far }] : [];
      }),
    );
    if (kept.length <= KEPT) return;
    kept.sort((one, other) => one.far - other.far);
    for (const { part, page } of kept.slice(KEPT)) part.pages[page] = undefined;
  }
}
