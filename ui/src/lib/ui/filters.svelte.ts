import { untrack, type Component } from 'svelte';

/** A filter that is on the screen: what the menu of the filter key offers. */
export interface Shown {
  readonly label: string;
  readonly icon: Component | undefined;
  /** What it filters now, in words. */
  readonly says: string;
  readonly chip: HTMLElement | null;
  open: () => void;
}

class Filters {
  #all = $state.raw<readonly Shown[]>([]);

  /** Those on the screen, in the order in which one reads them. */
  get all(): readonly Shown[] {
    const after = (one: Shown, other: Shown) =>
      one.chip &&
      other.chip &&
      one.chip.compareDocumentPosition(other.chip) & Node.DOCUMENT_POSITION_PRECEDING;
    return [...this.#all].sort((one, other) => (after(one, other) ? 1 : -1));
  }

  /** Adds one; returns the function that takes it off again. */
  add(filter: Shown): () => void {
    this.#all = [...untrack(() => this.#all), filter];
    return () => (this.#all = this.#all.filter((one) => one !== filter));
  }
}

export const filters = new Filters();
