/** The rows of the register that are chosen together: one by one, from here to there, or all that the filters find. */
import { announcer } from '../announce.svelte';
import { number } from '../i18n/format';
import { m } from '../i18n/index.svelte';
import { board } from './board.svelte';
import { Rows, type Query } from './rows.svelte';

/** More risks than this are chosen by the filter that finds them, not one by one. */
const EACH = 2000;

export class Picks {
  /** All that the filters find are chosen: too many to name. */
  everything = $state(false);
  /** The line where a range begins. */
  anchor = -1;
  #rows: Rows;
  #found: () => number;

  /** `found` says how many risks the filters find. */
  constructor(rows: Rows, found: () => number) {
    this.#rows = rows;
    this.#found = found;
  }

  get count(): number {
    return this.everything ? this.#found() : board.picked.size;
  }

  has(id: string): boolean {
    return this.everything || board.picked.has(id);
  }

  /** Chooses a risk beside the others, or no longer. */
  toggle(id: string, line: number): void {
    if (this.everything) this.clear();
    board.toggle(id);
    this.anchor = line;
    this.#tell();
  }

  /** Chooses the risks from where the range began to this line, and no others. */
  async extend(line: number): Promise<void> {
    const risks = await this.#rows.between(Math.min(this.anchor, line), Math.max(this.anchor, line));
    this.clear();
    for (const { id } of risks) board.pick(id);
    this.#tell();
  }

  async all(query: Query): Promise<void> {
    if (this.#found() === 0) return;
    board.clearPicked();
    this.everything = this.#found() > EACH;
    if (!this.everything) {
      // Those of closed groups too.
      const all = new Rows();
      await all.read(query, null);
      for (const { id } of await all.between(0, all.count - 1)) board.pick(id);
    }
    this.#tell();
  }

  clear(): void {
    this.everything = false;
    board.clearPicked();
  }

  #tell(): void {
    announcer.say(m.register_picked({ count: this.count, n: number(this.count) }));
  }
}
