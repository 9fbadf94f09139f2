/** `F6` and `Shift F6`: from pane to pane, in the order of the page. */

const FOCUSABLE =
  'a[href], button:not([disabled]), input:not([disabled]), textarea:not([disabled]), select:not([disabled]), [tabindex]:not([tabindex="-1"])';

/** Where the focus was in each pane, to come back to. */
const last = new WeakMap<Element, HTMLElement>();

function shown(element: Element): boolean {
  return element.getClientRects().length > 0;
}

/** Remembers the focused element of each pane; returns the function that stops it. */
export function trackPanes(): () => void {
  const remember = (event: FocusEvent) => {
    const target = event.target;
    if (!(target instanceof HTMLElement)) return;
    const pane = target.closest('[data-pane]');
    if (pane && pane !== target) last.set(pane, target);
  };
  document.addEventListener('focusin', remember);
  return () => document.removeEventListener('focusin', remember);
}

/** Moves the focus to the next pane that can take it. */
export function jumpPane(step: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter(shown);
  const here = document.activeElement?.closest('[data-pane]');
  const at = panes.findIndex((pane) => pane === here);
  for (let move = 1; move <= panes.length; move += 1) {
    const start = at < 0 && step < 0 ? 0 : at;
    const pane = panes[(start + step * move + panes.length * 2) % panes.length];
    if (pane && focusIn(pane)) return;
  }
}

function focusIn(pane: HTMLElement): boolean {
  const before = last.get(pane);
  const targets = [
    before,
    pane.tabIndex >= 0 ? pane : undefined,
    ...pane.querySelectorAll<HTMLElement>(FOCUSABLE),
  ];
  for (const target of targets) {
    if (!target?.isConnected || !shown(target)) continue;
    target.focus();
    if (document.activeElement === target) return true;
  }
  return false;
}
