/** Where things stand on the map: cells, the stepped lines, dots. Pure: numbers in, numbers and paths out. */
import type { Matrix, Position } from '../api/types';

/** Sizes in px. */
export interface Frame {
  width: number;
  height: number;
  columns: number;
  rows: number;
  gap: number;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Height of one row of the map when so much is left for all of them, px: never so low that a chip and its dots do not fit. */
export function rowHeightOf(room: number, rows: number): number {
  const most = rows <= 3 ? 120 : rows === 4 ? 104 : 88;
  return Math.round(Math.max(rows > 5 ? 38 : 48, Math.min(most, room / rows)));
}

/** The box of a cell; likelihood grows upward, impact to the right. */
export function cellBox(frame: Frame, { likelihood, impact }: Position): Box {
  const width = (frame.width - frame.gap * (frame.columns - 1)) / frame.columns;
  const height = (frame.height - frame.gap * (frame.rows - 1)) / frame.rows;
  return {
    x: (impact - 1) * (width + frame.gap),
    y: (frame.rows - likelihood) * (height + frame.gap),
    width,
    height,
  };
}

/** Names a cell in its element (`data-cell`) and in maps. */
export function cellKey({ likelihood, impact }: Position): string {
  return `${likelihood},${impact}`;
}

export function sameCell(a: Position | null | undefined, b: Position | null | undefined): boolean {
  return !!a && !!b && a.likelihood === b.likelihood && a.impact === b.impact;
}

/** Where a key leads from a cell: arrows to its neighbours, Home and End along its row, with Control to the corners. */
export function nextCell(frame: Frame, cell: Position, event: KeyboardEvent): Position | null {
  const { likelihood, impact } = cell;
  const ends = event.ctrlKey;
  const to: Record<string, Position> = {
    ArrowUp: { likelihood: likelihood + 1, impact },
    ArrowDown: { likelihood: likelihood - 1, impact },
    ArrowRight: { likelihood, impact: impact + 1 },
    ArrowLeft: { likelihood, impact: impact - 1 },
    Home: { likelihood: ends ? frame.rows : likelihood, impact: 1 },
    End: { likelihood: ends ? 1 : likelihood, impact: frame.columns },
  };
  const next = to[event.key];
  if (!next) return null;
  return {
    likelihood: Math.max(1, Math.min(frame.rows, next.likelihood)),
    impact: Math.max(1, Math.min(frame.columns, next.impact)),
  };
}

/** The cell under a point of the frame, or null outside it. A gap belongs to the nearer cell. */
export function cellAt(frame: Frame, x: number, y: number): Position | null {
  if (x < 0 || y < 0 || x > frame.width || y > frame.height) return null;
  const column = Math.min(frame.columns - 1, Math.floor((x / frame.width) * frame.columns));
  const row = Math.min(frame.rows - 1, Math.floor((y / frame.height) * frame.rows));
  return { likelihood: frame.rows - row, impact: column + 1 };
}

/** Corners of the line between scores up to `limit` and scores above it, from the top to the right or the bottom. */
export function lineCorners(frame: Frame, matrix: Matrix, limit: number): [number, number][] {
  const half = frame.gap / 2;
  const rows = matrix.likelihood.length;
  const columns = matrix.impact.length;
  const first = (likelihood: number) => {
    for (let impact = 1; impact <= columns; impact++) if (likelihood * impact > limit) return impact;
    return columns + 1;
  };
  const edge = (impact: number) =>
    impact > columns ? frame.width + 7 : cellBox(frame, { likelihood: 1, impact }).x - half;
  const corners: [number, number][] = [];
  let x = edge(first(rows));
  if (first(rows) > columns) return [];
  corners.push([x, -half - 7]);
  for (let likelihood = rows; likelihood >= 1; likelihood--) {
    const box = cellBox(frame, { likelihood, impact: 1 });
    const below = likelihood > 1 ? first(likelihood - 1) : first(likelihood);
    const y = box.y + box.height + half;
    if (likelihood === 1) {
      corners.push([x, box.y + box.height + half + 5]);
      break;
    }
    if (edge(below) !== x) {
      corners.push([x, y]);
      x = edge(below);
      corners.push([x, y]);
      if (below > columns) break;
    }
  }
  return corners;
}

/** A path through the corners, each rounded by `radius`. */
export function roundedPath(corners: [number, number][], radius = 9): string {
  if (corners.length < 2) return '';
  const at = (index: number) => corners[index] as [number, number];
  let path = `M${at(0)[0]} ${at(0)[1]}`;
  for (let index = 1; index < corners.length - 1; index++) {
    const [px, py] = at(index - 1);
    const [x, y] = at(index);
    const [nx, ny] = at(index + 1);
    const before = Math.hypot(x - px, y - py);
    const after = Math.hypot(nx - x, ny - y);
    const r = Math.min(radius, before / 2, after / 2);
    const ax = x - ((x - px) / before) * r;
    const ay = y - ((y - py) / before) * r;
    const bx = x + ((nx - x) / after) * r;
    const by = y + ((ny - y) / after) * r;
    path += `L${ax} ${ay}Q${x} ${y} ${bx} ${by}`;
  }
  const [ex, ey] = at(corners.length - 1);
  return `${path}L${ex} ${ey}`;
}

/** Where the lens on a cell stands in the page: on the side of the cell with more room, at most 480 px tall. */
export function lensBox(
  page: { width: number; height: number },
  cell: Box,
): { x: number; width: number; height: number; top?: number; bottom?: number } {
  const width = Math.min(660, page.width - 40);
  const x = Math.max(20, Math.min(page.width - width - 20, cell.x + cell.width / 2 - width / 2));
  const above = cell.y - 8;
  const below = page.height - (cell.y + cell.height) - 8;
  const height = Math.min(480, Math.max(above, below) - 8);
  if (below >= above) return { x, width, height, top: cell.y + cell.height + 8 };
  return { x, width, height, bottom: page.height - cell.y + 8 };
}

/** How many risks one dot stands for, so that the fullest cell shows at most 250 dots. */
export function dotScale(fullest: number): 1 | 10 | 100 {
  if (fullest <= 250) return 1;
  return fullest <= 2500 ? 10 : 100;
}

/** Centres of `count` dots in a box, filled from the bottom row up, from the left. */
export function dotCentres(box: Box, count: number, room: number): [number, number][] {
  const inner = box.width - 16;
  const tall = Math.max(6, box.height - room);
  let pitch = 6.6;
  const capacity = (p: number) => Math.max(1, Math.floor(inner / p)) * Math.max(1, Math.floor(tall / p));
  while (pitch > 3.4 && capacity(pitch) < count) pitch -= 0.2;
  const columns = Math.max(1, Math.floor(inner / pitch));
  const centres: [number, number][] = [];
  for (let index = 0; index < count; index++) {
    const row = Math.floor(index / columns);
    centres.push([box.x + 8 + (index % columns) * pitch + 2, box.y + box.height - 9 - row * pitch]);
  }
  return centres;
}
