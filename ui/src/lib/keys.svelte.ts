/**
 * The keyboard map: one registry that handles keys and makes the key sheet.
 *
 * Keys are written `Ctrl+K`, `Ctrl+Shift+Z`, `Shift+E`, `F6`, `ArrowUp`, `Space`, `?`, `e`, or a sequence `g r`.
 * `Ctrl` is the command key on a Mac.
 */
import { untrack } from 'svelte';
import { isMac } from './host';
import { m } from './i18n/index.svelte';

export interface Binding {
  keys: string;
  /** What it does, for the key sheet. Without one it is not listed. */
  label?: () => string;
  /** The heading in the key sheet; "Everywhere" when left out. */
  group?: () => string;
  /** Returning false leaves the key to the next binding, or to the browser. */
  run: (event: KeyboardEvent) => unknown;
  /** Also while a field or a menu has focus. Keys with Ctrl do so in fields on their own. */
  everywhere?: boolean;
}

interface Press {
  key: string;
  ctrl: boolean;
  shift: boolean;
  alt: boolean;
}

const TEXT =
  'input:not([type=checkbox],[type=radio],[type=button]), textarea, select, [contenteditable=true]';
/** A list that is closed takes letters too: they choose from it. */
const TYPED = `${TEXT}, [role=combobox]`;
/** One that is on its way out, still drawn, takes no keys any more. */
const FLOATING = ['.menu', '.pop'].map((one) => `${one}:not([data-state=closed])`).join(', ');
/** Wherever the focus is: while a question waits, nothing behind it is done. */
const MODAL = '[aria-modal=true]:not([data-state=closed])';
const SEQUENCE_MS = 1200;

/** Takes one step of a binding apart. */
export function parsePress(step: string): Press {
  const parts = step === '+' ? ['+'] : step.split('+');
  const key = parts.at(-1) ?? '';
  return {
    key: key.length === 1 ? key.toLowerCase() : key,
    ctrl: parts.includes('Ctrl'),
    shift: parts.includes('Shift'),
    alt: parts.includes('Alt'),
  };
}

/** Whether a key event is this step. */
export function matches(event: KeyboardEvent, press: Press): boolean {
  const altGraph = event.getModifierState('AltGraph');
  const ctrl = !altGraph && (isMac ? event.metaKey : event.ctrlKey);
  const alt = !altGraph && event.altKey;
  if (ctrl !== press.ctrl || alt !== press.alt) return false;
  if (/^[0-9]$/.test(press.key)) {
    // The digit row of a French keyboard gives digits only with Shift.
    return (
      event.key === press.key || event.code === `Digit${press.key}` || event.code === `Numpad${press.key}`
    );
  }
  const key = event.key === ' ' ? 'Space' : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key !== press.key) return false;
  // Signs such as ? and # need Shift on some keyboards only.
  const sign = press.key.length === 1 && !/[a-z]/.test(press.key);
  return sign || event.shiftKey === press.shift;
}

/** A single character with no Ctrl or Alt (WCAG 2.1.4): can be turned off in the settings. */
export function isSingle(keys: string): boolean {
  return keys.split(' ').some((step) => {
    const press = parsePress(step);
    return press.key.length === 1 && !press.ctrl && !press.alt;
  });
}

/** Whether a key event comes from a text field, where the field’s own undo goes first. */
export function inField(event: KeyboardEvent): boolean {
  return event.target instanceof Element && event.target.matches(TEXT);
}

class Keys {
  /** From the settings: whether single characters work at all. */
  singles = $state(true);
  #bindings = $state.raw<readonly Binding[]>([]);
  #pending: { step: string; until: number } | null = null;

  constructor() {
    window.addEventListener('keydown', (event) => this.#handle(event));
  }

  /** All bindings now, the newest last. */
  get all(): readonly Binding[] {
    return this.#bindings;
  }

  /** Adds bindings; they win over older ones. Returns the function that removes them. */
  bind(bindings: Binding[]): () => void {
    this.#bindings = [...untrack(() => this.#bindings), ...bindings];
    return () => {
      this.#bindings = this.#bindings.filter((binding) => !bindings.includes(binding));
    };
  }

  #allowed(binding: Binding, event: KeyboardEvent): boolean {
    if (isSingle(binding.keys) && !this.singles && !binding.everywhere) return false;
    if (binding.everywhere) return true;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest(FLOATING)) return false;
    if (target?.matches(TYPED)) return binding.keys.includes('Ctrl+') || /^F\d+$/.test(binding.keys);
    return true;
  }

  #handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    if (['Control', 'Shift', 'Alt', 'Meta', 'AltGraph'].includes(event.key)) return;
    if (document.querySelector(MODAL)) {
      this.#pending = null;
      // Nor does the browser do with it what it would elsewhere, such as searching the web.
      const known = this.#bindings.some((one) => one.everywhere && matches(event, parsePress(one.keys)));
      if (known) event.preventDefault();
      return;
    }
    const pending = this.#pending && this.#pending.until > event.timeStamp ? this.#pending.step : null;
    this.#pending = null;
    let begins: string | null = null;
    for (const binding of [...this.#bindings].reverse()) {
      const [first = '', second] = binding.keys.split(' ');
      if (!this.#allowed(binding, event)) continue;
      if (second !== undefined) {
        if (pending === first && matches(event, parsePress(second))) {
          if (this.#run(binding, event)) return;
        } else if (pending === null && matches(event, parsePress(first))) {
          begins = first;
        }
      } else if (pending === null && matches(event, parsePress(first))) {
        if (this.#run(binding, event)) return;
      }
    }
    if (begins !== null) {
      this.#pending = { step: begins, until: event.timeStamp + SEQUENCE_MS };
      event.preventDefault();
    }
  }

  #run(binding: Binding, event: KeyboardEvent): boolean {
    if (binding.run(event) === false) return false;
    event.preventDefault();
    return true;
  }
}

export const keys = new Keys();

const MAC: Record<string, string> = { Ctrl: '⌘', Shift: '⇧', Alt: '⌥' };
const ARROWS: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→' };

/** The caps to draw for keys, in the person's language. */
export function caps(bound: string): string[] {
  const words: Record<string, string> = {
    Ctrl: m.key_ctrl(),
    Shift: m.key_shift(),
    Enter: m.key_enter(),
    Escape: m.key_escape(),
    Space: m.key_space(),
    ' ': m.key_space(),
    Tab: 'Tab',
  };
  return bound.split(' ').flatMap((step) =>
    (step === '+' ? ['+'] : step.split('+')).map((cap) => {
      if (isMac && MAC[cap]) return MAC[cap];
      return ARROWS[cap] ?? words[cap] ?? (cap.length === 1 ? cap.toUpperCase() : cap);
    }),
  );
}
