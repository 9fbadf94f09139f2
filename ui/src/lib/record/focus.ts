/** Where the keyboard goes when a record opens beside its list. */
import { tick } from 'svelte';

const FRAMES = 60;

/** Goes into the inspector as soon as its record is there: a second at most. */
export async function focusInspector(): Promise<void> {
  await tick();
  for (let frame = 0; frame < FRAMES; frame++) {
    const first = document.querySelector<HTMLElement>('.insp button, .insp input');
    if (first) {
      first.focus();
      return;
    }
    await new Promise(requestAnimationFrame);
  }
}
