/** Which risks stand in which cell, which of them are shown as chips, and where their arrows go. Pure. */
import type { Heatmap, Matrix, Position, RiskChip, RiskMap, RiskView } from '../api/types';
import { isWithin } from '../i18n/format';
import { cellBox, cellKey, type Frame } from './geometry';

/** Places of risks whose move is not yet known to be saved, by id. */
export type Moves = Record<string, { from: Position; to: Position }>;

/** A chip and where it stands in the view shown. */
export interface Placed {
  chip: RiskChip;
  at: Position;
}

function ofKey(key: string): Position {
  const [likelihood = 0, impact = 0] = key.split(',').map(Number);
  return { likelihood, impact };
}

/** Counts by cell with moves under way applied. */
export function countsOf(heatmap: Heatmap, moves: Moves): Map<string, number> {
  const counts = new Map(heatmap.cells.map((cell) => [cellKey(cell), cell.count]));
  const add = (cell: Position, by: number) =>
    counts.set(cellKey(cell), (counts.get(cellKey(cell)) ?? 0) + by);
  for (const { from, to } of Object.values(moves)) {
    if (from.likelihood > 0) add(from, -1);
    add(to, 1);
  }
  return counts;
}

/**
 * The chips of each cell: only what matters is one. The selected and the just moved come first; then, above
 * the appetite, the soonest reviews; below it only what is due within a week.
 */
export function chipsOf(
  map: RiskMap | undefined,
  matrix: Matrix,
  moves: Moves,
  chosen: Placed | null,
  selected: string | null,
  most: number,
): Map<string, RiskChip[]> {
  const placed: Placed[] = (map?.cells ?? []).flatMap((cell) =>
    cell.chips.map((chip) => ({ chip, at: cell })),
  );
  // The map names a few risks of each cell; the selected one need not be among them.
  if (chosen && !placed.some(({ chip }) => chip.id === chosen.chip.id)) placed.push(chosen);
  const cells = new Map<string, RiskChip[]>();
  for (const { chip, at: cell } of placed) {
    const at = moves[chip.id]?.to ?? cell;
    const first = chip.id === selected || chip.id in moves;
    const matters = first || at.likelihood * at.impact > matrix.appetite;
    if (!matters && (chip.review_date === null || !isWithin(chip.review_date, 7))) continue;
    const list = cells.get(cellKey(at)) ?? [];
    if (first) list.unshift(chip);
    else list.push(chip);
    cells.set(cellKey(at), list);
  }
  for (const [key, list] of cells) {
    const { likelihood, impact } = ofKey(key);
    cells.set(key, list.slice(0, likelihood * impact > matrix.appetite ? most : 1));
  }
  return cells;
}

/** How many chips each cell shows: those risks have no dot. */
export function chipCounts(chips: Map<string, RiskChip[]>): Map<string, number> {
  return new Map([...chips].map(([key, list]) => [key, list.length]));
}

export interface Arrow {
  id: string;
  x: number;
  y: number;
  path: string;
  head: string;
}

/**
 * Arrows from where a chip's risk stood without controls to where it stands in this view: above the appetite,
 * where movement is news, and for the selected risk.
 */
export function arrowsOf(
  frame: Frame,
  matrix: Matrix,
  chips: Map<string, RiskChip[]>,
  view: RiskView,
  selected: string | null,
): Arrow[] {
  if (view === 'inherent') return [];
  const arrows: Arrow[] = [];
  for (const [key, list] of chips) {
    const to = ofKey(key);
    for (const [place, chip] of list.entries()) {
      if (chip.id !== selected && to.likelihood * to.impact <= matrix.appetite) continue;
      const from = chip.inherent;
      if (!from || cellKey(from) === key) continue;
      const a = cellBox(frame, from);
      const b = cellBox(frame, to);
      // Starts are spread by the risk's number, so that several from one cell stay apart.
      const spread = (Number(chip.ref.slice(2)) % 7) / 7;
      const [x1, y1] = [a.x + a.width * (0.32 + 0.4 * spread), a.y + a.height * 0.56];
      // It ends at the edge of the chip, on the side it comes from, so that the head is seen.
      const [mx, my] = [b.x + 26 + 44 * place, b.y + 17];
      const bend = Math.min(28, Math.hypot(mx - x1, my - y1) / 5);
      const [cx, cy] = [(x1 + mx) / 2, (y1 + my) / 2 + bend];
      const reach = Math.min(25 / Math.max(1, Math.abs(cx - mx)), 15 / Math.max(1, Math.abs(cy - my)), 1);
      const [x2, y2] = [mx + (cx - mx) * reach, my + (cy - my) * reach];
      const angle = Math.atan2(y2 - cy, x2 - cx);
      const wing = (turn: number) =>
        `M${x2} ${y2}L${x2 - 6 * Math.cos(angle + turn)} ${y2 - 6 * Math.sin(angle + turn)}`;
      arrows.push({
        id: chip.id,
        x: x1,
        y: y1,
        path: `M${x1} ${y1}Q${cx} ${cy} ${x2} ${y2}`,
        head: wing(-0.5) + wing(0.5),
      });
    }
  }
  return arrows;
}

/** Lowest and highest score of each level. */
export function levelRanges(heatmap: Heatmap): Map<string, [number, number]> {
  const ranges = new Map<string, [number, number]>();
  for (const cell of heatmap.cells) {
    const [low, high] = ranges.get(cell.level) ?? [cell.score, cell.score];
    ranges.set(cell.level, [Math.min(low, cell.score), Math.max(high, cell.score)]);
  }
  return ranges;
}
