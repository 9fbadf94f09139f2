/** The tree's state: what is open, and the children read so far. */
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { api, everyRow } from '../api/client';
import type { Control, ControlDetail } from '../api/types';

class Tree {
  readonly open = new SvelteSet<string>();
  readonly children = new SvelteMap<string, readonly Control[]>();
  error = $state.raw<unknown>(null);
  readonly #reading = new Set<string>();

  /** Opens a row and reads its children, once. */
  async show(framework: string, parent: string): Promise<void> {
    this.open.add(parent);
    if (this.children.has(parent) || this.#reading.has(parent)) return;
    this.#reading.add(parent);
    try {
      const query = { parent_id: parent === framework ? 'none' : parent, limit: 200 };
      const nodes = await everyRow((cursor) => api.frameworks.controls(framework, { ...query, cursor }));
      this.children.set(parent, nodes);
      this.error = null;
    } catch (error) {
      this.error = error;
      this.open.delete(parent);
    } finally {
      this.#reading.delete(parent);
    }
  }

  close(row: string): void {
    this.open.delete(row);
  }

  /** Opens everything above a control. */
  async reveal(control: ControlDetail): Promise<void> {
    await this.show(control.framework_id, control.framework_id);
    for (const above of control.path) await this.show(control.framework_id, above.id);
  }

  /** Forgets what was read: the frameworks changed. What is open is read again. */
  async refresh(frameworks: readonly string[]): Promise<void> {
    this.children.clear();
    for (const framework of frameworks) {
      if (this.open.has(framework)) await this.show(framework, framework);
    }
  }
}

export const tree = new Tree();
