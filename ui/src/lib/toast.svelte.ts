/** The one message at the bottom of the page. A new one takes the place of the old one. */

export interface ToastAction {
  label: string;
  /** Keys that do the same, shown on the button. */
  keys?: string;
  run: () => unknown;
}

export interface Toast {
  id: number;
  text: string;
  /** The part of the text that is set in semibold, usually a ref. */
  bold: string | null;
  tone: 'plain' | 'error';
  action: ToastAction | null;
  /** Asks why, and keeps the answer. */
  why: ((reason: string) => unknown) | null;
}

const SHOWN_MS = 8000;

class Toasts {
  current = $state.raw<Toast | null>(null);
  #next = 1;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #left = 0;
  #since = 0;

  /** Says that something happened. Goes away after 8 s, unless a pointer or the focus is on it. */
  show(text: string, options: { bold?: string | null; action?: ToastAction; why?: Toast['why'] } = {}): void {
    this.#set({
      id: this.#next++,
      text,
      bold: options.bold ?? null,
      tone: 'plain',
      action: options.action ?? null,
      why: options.why ?? null,
    });
    this.#start(SHOWN_MS);
  }

  /** Says that something failed. Stays until it is closed or replaced. */
  error(text: string, action: ToastAction | null = null): void {
    this.#set({ id: this.#next++, text, bold: null, tone: 'error', action, why: null });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.current = null;
  }

  pause(): void {
    if (this.current?.tone !== 'plain') return;
    clearTimeout(this.#timer);
    this.#left -= Date.now() - this.#since;
    this.#since = Date.now();
  }

  resume(): void {
    if (this.current?.tone === 'plain') this.#start(Math.max(this.#left, 400));
  }

  #set(toast: Toast): void {
    clearTimeout(this.#timer);
    this.current = toast;
  }

  #start(ms: number): void {
    clearTimeout(this.#timer);
    this.#left = ms;
    this.#since = Date.now();
    this.#timer = setTimeout(() => this.close(), ms);
  }
}

export const toast = new Toasts();
