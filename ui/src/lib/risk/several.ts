/** Moving several risks as one: one call, one undo step, and why asked once where any goes above the appetite. */
import { announcer } from '../announce.svelte';
import { api, request } from '../api/client';
import type { Matrix, Position, RiskView } from '../api/types';
import type { components } from '../api/schema';
import { m } from '../i18n/index.svelte';
import { number } from '../i18n/format';
import { invalidate, queryClient } from '../queries';
import { toast } from '../toast.svelte';
import { toastError, undo } from '../undo.svelte';
import { board, placeOf, type Clash } from './board.svelte';
import type { Moves } from './chips';
import { cellName, targetSentence } from './words';

export type BulkResult = components['schemas']['RiskBulkResult'];
type BulkRow = BulkResult['data'][number];

/** Where all go: to one cell, or each so many steps. */
export type Aim = { to: Position } | { by: Position };

const placed = ({ likelihood, impact }: Position) => ({ likelihood, impact });

/** What the move would make of the risks, or makes. */
export function moveMany(
  ids: string[],
  aim: Aim,
  view: RiskView,
  dry: boolean,
  seen: object = {},
): Promise<BulkResult> {
  const target =
    'to' in aim ? { move: { view, ...placed(aim.to) } } : { move_by: { view, ...placed(aim.by) } };
  return request('POST', '/v1/risks/bulk?limit=200', {
    body: { ids, ...target, seen, dry_run: dry, fates: ['changed', 'refused', 'gone', 'stale'] },
    quiet: dry,
  });
}

/** The score that one side of a row tells of in a view: none where it does not change, or stands nowhere. */
function scoreOf(row: BulkRow, side: 'before' | 'after', view: RiskView): number {
  const fields = row[side] as Record<string, unknown>;
  const score = view === 'current' ? fields['score'] : (fields[view] as { score?: number } | null)?.score;
  return typeof score === 'number' ? score : 0;
}

/** Shows a sentence that can be taken back, and asks why. */
export function toastWhy(text: string, bold: string | null, ids: string[]): void {
  toast.show(text, {
    bold,
    action: { label: m.undo(), keys: 'Ctrl+Z', run: undo },
    why: async (reason) => {
      try {
        await request('POST', '/v1/risks/reasons', { body: { ids, reason } });
        toast.show(m.map_why_kept());
        invalidate(['risk']);
      } catch (error) {
        toastError(error);
      }
    },
  });
}

/** Moves them: at once on screen where it is known where they are (`seen`, cells by id), saved when the engine says so. */
export async function moveSeveral(
  ids: string[],
  aim: Aim,
  matrix: Matrix,
  seen: Map<string, string> = new Map(),
  view: RiskView = board.view,
): Promise<void> {
  const steps: Moves = {};
  const told: Record<string, unknown> = {};
  for (const [id, key] of seen) {
    const [likelihood = 0, impact = 0] = key.split(',').map(Number);
    const from = { likelihood, impact };
    // One that is still on its way is where this page put it.
    if (!(id in board.moved)) told[id] = view === 'current' ? from : { [view]: from };
    if ('to' in aim && view === board.view)
      steps[id] = { from: board.moved[id]?.from ?? from, to: placed(aim.to) };
  }
  board.moved = { ...board.moved, ...steps };
  try {
    const result = await moveMany(ids, aim, view, false, told);
    const rows = result.data.filter((row) => row.fate === 'changed');
    const n = result.fates?.['changed'] ?? 0;
    if (n > 0) {
      const text =
        'to' in aim
          ? m.map_moved_several({
              count: n,
              n: number(n),
              cell: cellName(matrix, aim.to),
              score: aim.to.likelihood * aim.to.impact,
            })
          : m.map_moved_steps({ count: n, n: number(n) });
      announcer.say(m.map_placed_several({ count: n, n: number(n) }));
      const { appetite } = matrix;
      const crossed = rows.some(
        (row) => scoreOf(row, 'before', view) <= appetite && scoreOf(row, 'after', view) > appetite,
      );
      if (crossed)
        toastWhy(
          text,
          null,
          rows.map(({ id }) => id),
        );
      else toast.show(text, { action: { label: m.undo(), keys: 'Ctrl+Z', run: undo } });
    } else {
      announcer.say(m.map_stay_several());
    }
    const refused = result.data.find((row) => row.fate === 'refused' || row.fate === 'gone');
    if (refused) {
      const others = (result.fates?.['refused'] ?? 0) + (result.fates?.['gone'] ?? 0);
      toast.error(m.map_not_moved_several({ count: others, n: number(others), why: refused.message ?? '' }));
    }
    const stale = result.data.filter((row) => row.fate === 'stale');
    board.clashes = await Promise.all(stale.map((row) => clashOf(row.id, row.ref ?? '', view, aim, matrix)));
    await queryClient.invalidateQueries({ queryKey: ['risk'] });
    invalidate(['summary', 'undo']);
  } catch (error) {
    toastError(error);
    invalidate(['risk']);
  } finally {
    board.moved = Object.fromEntries(Object.entries(board.moved).filter(([id, step]) => steps[id] !== step));
  }
}

/** Both places of a risk that somebody else moved meanwhile. */
async function clashOf(id: string, ref: string, view: RiskView, aim: Aim, matrix: Matrix): Promise<Clash> {
  const theirs = await api.risks.get(id).then(
    ({ value }) => placeOf(value, view),
    () => null,
  );
  const from = theirs ?? { likelihood: 1, impact: 1 };
  const within = (step: number, last: number) => Math.max(1, Math.min(last, step));
  const yours =
    'to' in aim
      ? aim.to
      : {
          likelihood: within(from.likelihood + aim.by.likelihood, matrix.likelihood.length),
          impact: within(from.impact + aim.by.impact, matrix.impact.length),
        };
  return { id, ref, view, yours: placed(yours), theirs };
}

/** A cell with its score and level, in one line. */
export function cellLine(matrix: Matrix, cell: Position | null): string {
  if (!cell) return m.not_assessed();
  const { cell: name, rest } = targetSentence(matrix, cell);
  return `${name}, ${rest}`;
}
