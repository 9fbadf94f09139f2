/** Whether the sidebar is narrow: below 1280 px unless opened, and by `Ctrl B`. */
const KEY = 'amtia.sidebar';
const small = window.matchMedia('(max-width: 1279px)');

class Sidebar {
  #small = $state(small.matches);
  /** What the person chose in a wide window: kept on this device. */
  #wide = $state<'open' | 'narrow'>(localStorage.getItem(KEY) === 'narrow' ? 'narrow' : 'open');
  /** What the person chose in a small window: until the window is wide again. */
  #opened = $state(false);

  constructor() {
    small.addEventListener('change', (event) => {
      this.#small = event.matches;
      this.#opened = false;
    });
  }

  get narrow(): boolean {
    return this.#small ? !this.#opened : this.#wide === 'narrow';
  }

  toggle(): void {
    if (this.#small) {
      this.#opened = !this.#opened;
      return;
    }
    this.#wide = this.#wide === 'open' ? 'narrow' : 'open';
    localStorage.setItem(KEY, this.#wide);
  }
}

export const sidebar = new Sidebar();
