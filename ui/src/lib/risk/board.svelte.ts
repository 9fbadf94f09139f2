/** What the map, the register and the inspector share: the view, the filters, the selection, and moves under way. */
import { SvelteSet } from 'svelte/reactivity';
import { announcer } from '../announce.svelte';
import { api } from '../api/client';
import { ApiError, PreconditionFailedError } from '@amtia/sdk/core';
import type { Matrix, Position, Risk, RiskFilters, RiskView, RiskWrite } from '../api/types';
import { m } from '../i18n/index.svelte';
import { inspector } from '../inspector.svelte';
import { invalidate, queryClient } from '../queries';
import { router } from '../router.svelte';
import { toast } from '../toast.svelte';
import { toastError, toastUndo } from '../undo.svelte';
import type { Moves, Placed } from './chips';
import { cellName, cellSpoken } from './words';

/** A risk being moved, by pointer or by keys. */
export interface Carried {
  id: string;
  ref: string;
  from: Position;
  to: Position;
  by: 'pointer' | 'keys';
  /** The others that go along. */
  more: string[];
}

/** A move that was not made, since somebody else was faster. */
export interface Clash {
  id: string;
  ref: string;
  view: RiskView;
  yours: Position;
  /** Where it is now; null when it stands nowhere or is gone. */
  theirs: Position | null;
}

const FILTERS = ['owner', 'category', 'status', 'treatment', 'level', 'tag', 'check', 'q'] as const;
export type FilterName = (typeof FILTERS)[number];

class Board {
  /** The risk whose record the inspector shows. */
  selected = $state<string | null>(null);
  /** Risks that are to be changed together, by id. */
  readonly picked = new SvelteSet<string>();
  /** A risk being moved now. */
  carried = $state<Carried | null>(null);
  /** Places of risks whose move is not yet known to be saved. */
  moved = $state.raw<Moves>({});
  /** Moves that wait for a choice between two places. */
  clashes = $state.raw<Clash[]>([]);
  movement = $state(true);
  lines = $state(true);

  readonly view = $derived<RiskView>((router.query.get('view') as RiskView | null) ?? 'current');
  readonly cell = $derived.by<Position | null>(() => {
    const likelihood = Number(router.query.get('likelihood'));
    const impact = Number(router.query.get('impact'));
    return likelihood > 0 && impact > 0 ? { likelihood, impact } : null;
  });
  /** The register shows the risks that stand on no cell. */
  readonly unassessed = $derived(!this.cell && router.query.get('assessed') === 'false');
  /** Filters of the address, without the cell. */
  readonly filters = $derived.by<RiskFilters>(() => {
    const filters: Record<string, string> = {};
    for (const name of FILTERS) {
      const value = router.query.get(name);
      if (value) filters[name] = value;
    }
    return this.view === 'current' ? filters : { ...filters, view: this.view };
  });

  /** A risk as a chip of the map, or null when it stands nowhere on it or the filters hide it. */
  placed(risk: Risk): Placed | null {
    const at = placeOf(risk, this.view);
    const { owner, category, status, treatment, level, tag, check, q } = this.filters;
    if (!at || q || check) return null;
    const shown =
      (!owner || risk.owner === owner) &&
      (!category || risk.category === category) &&
      (!status || risk.status === status) &&
      (!treatment || risk.treatment === treatment) &&
      (!level || risk.level === level) &&
      (!tag || risk.tags.includes(tag));
    if (!shown) return null;
    const { id, ref, name, score, inherent, review_date } = risk;
    const current = placeOf(risk, 'current');
    return {
      at,
      chip: { id, ref, name, owner: risk.owner, score, level: risk.level, review_date, inherent, current },
    };
  }

  setView(view: string): void {
    router.patch({ view: view === 'current' ? null : view });
  }

  setFilter(name: FilterName, value: string | null): void {
    router.patch({ [name]: value }, { replace: name === 'q' });
  }

  setCell(cell: Position | null): void {
    router.patch({ likelihood: cell?.likelihood ?? null, impact: cell?.impact ?? null, assessed: null });
  }

  setUnassessed(): void {
    router.patch({ likelihood: null, impact: null, assessed: 'false' });
  }

  select(id: string | null): void {
    this.selected = id;
    if (id) inspector.open = true;
  }

  /** Adds a risk to those that are changed together. */
  pick(id: string): void {
    this.picked.add(id);
  }

  /** Adds a risk to those that are changed together, or takes it out. */
  toggle(id: string): void {
    if (!this.picked.delete(id)) this.picked.add(id);
  }

  clearPicked(): void {
    this.picked.clear();
  }

  /** Whether a risk is being moved now. */
  carries(id: string): boolean {
    return this.carried?.id === id || !!this.carried?.more.includes(id);
  }

  /** Puts a risk into another cell of the view shown: at once on screen, saved when the engine says so. */
  async move(
    risk: { id: string; ref: string },
    from: Position,
    to: Position,
    matrix: Matrix,
    view: RiskView = this.view,
  ): Promise<void> {
    if (from.likelihood === to.likelihood && from.impact === to.impact) return;
    // A second move of the same risk starts from where the first one put it, saved or not.
    const again = risk.id in this.moved;
    const step = { from: this.moved[risk.id]?.from ?? from, to };
    // What the map does not show does not move on it.
    if (view === this.view) this.moved = { ...this.moved, [risk.id]: step };
    const place = { likelihood: to.likelihood, impact: to.impact };
    const body: RiskWrite = view === 'current' ? place : { [view]: place };
    try {
      const base = again ? undefined : await api.risks.get(risk.id);
      const now = base ? placeOf(base.value, view) : from;
      if (!samePlace(now, from)) {
        const [yours, current] = [cellName(matrix, to), now ? cellName(matrix, now) : m.not_assessed()];
        throw new PreconditionFailedError({ code: 412, message: m.map_moved_meanwhile({ yours, current }) });
      }
      await api.risks.update(risk.id, body, base?.etag);
      announcer.say(m.map_placed({ ref: risk.ref }));
      const text = m.map_moved({
        ref: risk.ref,
        cell: cellName(matrix, to),
        score: to.likelihood * to.impact,
      });
      const crossed = crosses(matrix, from, to);
      if (crossed) void import('./several').then(({ toastWhy }) => toastWhy(text, risk.ref, [risk.id]));
      else toastUndo(text, risk.ref);
      await queryClient.invalidateQueries({ queryKey: ['risk'] });
      void queryClient.invalidateQueries({ queryKey: ['summary'] });
      void queryClient.invalidateQueries({ queryKey: ['undo'] });
    } catch (error) {
      const stale = error instanceof PreconditionFailedError;
      if (stale) {
        const read = api.risks.get(risk.id).then(({ value }) => placeOf(value, view));
        const clash = {
          id: risk.id,
          ref: risk.ref,
          view,
          yours: step.to,
          theirs: await read.catch(() => null),
        };
        this.clashes = [...this.clashes.filter(({ id }) => id !== risk.id), clash];
      } else announcer.say(m.map_not_moved({ ref: risk.ref, cell: cellSpoken(matrix, from) }));
      if (stale) announcer.say(error.message);
      else if (error instanceof ApiError) toast.error(m.map_not_saved({ ref: risk.ref, why: error.message }));
      else toastError(error);
      // What is on screen may be old: somebody else was faster.
      if (stale) invalidate(['risk']);
    } finally {
      if (this.moved[risk.id] === step)
        this.moved = Object.fromEntries(Object.entries(this.moved).filter(([id]) => id !== risk.id));
    }
  }
}

export const board = new Board();

/** Nowhere is null in a record, and likelihood 0 in a move. */
function samePlace(record: Position | null, from: Position): boolean {
  if (!record) return from.likelihood === 0;
  return record.likelihood === from.likelihood && record.impact === from.impact;
}

/** Whether a move goes above the appetite: somebody will ask why. */
export function crosses(matrix: Matrix, from: Position, to: Position): boolean {
  const { appetite } = matrix;
  return from.likelihood * from.impact <= appetite && to.likelihood * to.impact > appetite;
}

/** Where a risk stands in a view, or null. */
export function placeOf(risk: Risk, view: RiskView): Position | null {
  if (view !== 'current') return risk[view];
  return risk.likelihood !== null && risk.impact !== null
    ? { likelihood: risk.likelihood, impact: risk.impact }
    : null;
}
