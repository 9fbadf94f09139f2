/** Picking risks on the map, one by one and along the chips, and taking them up. */
import { announcer } from '../announce.svelte';
import type { Position, RiskChip } from '../api/types';
import { m } from '../i18n/index.svelte';
import { board, type Carried } from './board.svelte';
import { cellKey } from './geometry';

/** Takes a risk up, and with it those picked if it is one of them. */
export function carry({ id, ref }: { id: string; ref: string }, from: Position, by: Carried['by']): void {
  if (!board.picked.has(id)) board.clearPicked();
  const more = [...board.picked].filter((other) => other !== id);
  board.carried = { id, ref, from, to: from, by, more };
}

export function togglePicked({ id, ref }: { id: string; ref: string }): void {
  board.toggle(id);
  const n = board.picked.size;
  announcer.say(board.picked.has(id) ? m.map_picked_spoken({ ref, n }) : m.map_unpicked_spoken({ ref, n }));
}

/** Picks this chip and the next one of the map, which takes the focus. */
export function extendPicked(grid: HTMLElement | null, id: string, by: number): void {
  const all = [...(grid?.querySelectorAll<HTMLElement>('[data-chip]') ?? [])];
  const next = all[all.findIndex((chip) => chip.dataset['chip'] === id) + by];
  const { chip, ref = '' } = next?.dataset ?? {};
  if (!next || !chip) return;
  board.pick(id);
  board.pick(chip);
  next.focus();
  announcer.say(m.map_picked_spoken({ ref, n: board.picked.size }));
}

/** Where those that are picked stand, as far as the map shows it: cells by id. */
export function seenPicked(chips: Map<string, RiskChip[]>, carried: Carried): Map<string, string> {
  const all = [...chips].flatMap(([key, list]) => list.map(({ id }) => [id, key] as const));
  const seen = new Map(all.filter(([id]) => board.picked.has(id)));
  return seen.set(carried.id, cellKey(carried.from));
}
