/** Actions that the command palette offers. A view adds its own while it is shown. */
import { untrack, type Component } from 'svelte';

export interface Command {
  id: string;
  label: () => string;
  icon: Component;
  /** Keys that do the same. */
  keys?: string;
  /** Its label when words were typed: then it is always offered, and `run` gets the words. */
  withWords?: (words: string) => string;
  run: (words: string) => unknown;
}

class Commands {
  #list = $state.raw<readonly Command[]>([]);

  get all(): readonly Command[] {
    return this.#list;
  }

  /** Adds actions; returns the function that removes them. */
  add(commands: Command[]): () => void {
    this.#list = [...untrack(() => this.#list), ...commands];
    return () => {
      this.#list = this.#list.filter((command) => !commands.includes(command));
    };
  }
}

export const commands = new Commands();
