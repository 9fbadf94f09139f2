/** The register's columns: which there are, and which of them this device shows, in which order and how wide. */
import { m } from '../i18n/index.svelte';
import type { Column } from '../record/columns';

export interface RiskColumn extends Omit<Column, 'width'> {
  /** px, until somebody sizes it; what is left goes to the name. */
  width: number;
  /** Whether its cells are edited in place. */
  edits?: true;
}

export const COLUMNS: readonly RiskColumn[] = [
  { field: 'ref', label: m.risk_column_id, width: 76 },
  { field: 'name', label: m.risk_column_name, width: 120, edits: true },
  { field: 'owner', label: m.risk_column_owner, width: 136, edits: true },
  { field: 'category', label: m.risk_column_category, width: 136, edits: true },
  { field: 'status', label: m.risk_status, width: 112, edits: true },
  { field: 'inherent_score', label: m.view_inherent, width: 84, edits: true },
  { field: 'score', label: m.view_current, width: 92, edits: true },
  { field: 'residual_score', label: m.view_residual, width: 84, edits: true },
  { field: 'target_score', label: m.view_target, width: 84, edits: true },
  // Beside the inspector, which shows the treatment: the name has its room.
  { field: 'treatment', label: m.risk_column_treatment, width: 92, from: 760, edits: true },
  { field: 'review_date', label: m.risk_column_review, width: 104, edits: true },
  { field: 'created_at', label: m.register_created, width: 104 },
  { field: 'updated_at', label: m.register_updated, width: 104 },
];
const SHOWN = ['ref', 'name', 'owner', 'inherent_score', 'score', 'treatment', 'review_date'];
const KEY = 'amtia.register';
const [NARROWEST, WIDEST] = [56, 640];

interface Kept {
  /** Null where nobody chose: then a narrow register leaves some out. */
  shown: string[] | null;
  widths: Record<string, number>;
}

const known = (field: unknown) => COLUMNS.some((column) => column.field === field);

/** What this device kept, as far as it still makes sense. */
function kept(): Kept {
  try {
    const { shown, widths } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Kept>;
    const fields = Array.isArray(shown) ? [...new Set(shown.filter(known))] : [];
    const sized = Object.entries(widths ?? {}).filter(([field, px]) => known(field) && px >= NARROWEST);
    return { shown: fields.length > 0 ? fields : null, widths: Object.fromEntries(sized) };
  } catch {
    return { shown: null, widths: {} };
  }
}

class Columns {
  #kept = $state.raw(kept());

  /** The fields shown, in their order. */
  readonly fields = $derived(this.#kept.shown ?? SHOWN);
  /** Whether anything is as the person chose it. */
  readonly chosen = $derived(this.#kept.shown !== null || Object.keys(this.#kept.widths).length > 0);

  /** The columns of a register of this width. */
  shown(width: number): RiskColumn[] {
    const all = this.fields.flatMap((field) => COLUMNS.filter((column) => column.field === field));
    if (this.#kept.shown) return all;
    return all.filter(({ from }) => from === undefined || width === 0 || width >= from);
  }

  widthOf({ field, width }: RiskColumn): number {
    return this.#kept.widths[field] ?? width;
  }

  /** Its track of a CSS grid. */
  track(column: RiskColumn): string {
    const px = `${this.widthOf(column)}px`;
    return column.field === 'name' && !(column.field in this.#kept.widths) ? `minmax(${px}, 1fr)` : px;
  }

  /** Makes a column this wide; as it was at first when it is null. */
  size(field: string, px: number | null): void {
    const { [field]: _, ...rest } = this.#kept.widths;
    const wide = px === null ? {} : { [field]: Math.round(Math.min(WIDEST, Math.max(NARROWEST, px))) };
    this.#keep({ ...this.#kept, widths: { ...rest, ...wide } });
  }

  /** Shows a column after the others, or no longer; the last one stays. */
  toggle(field: string): void {
    const fields = this.fields.filter((one) => one !== field);
    if (fields.length === this.fields.length) fields.push(field);
    if (fields.length > 0) this.#keep({ ...this.#kept, shown: fields });
  }

  /** Moves a column past its neighbours. */
  move(field: string, by: number): void {
    const fields = this.fields.filter((one) => one !== field);
    fields.splice(Math.max(0, this.fields.indexOf(field) + by), 0, field);
    this.#keep({ ...this.#kept, shown: fields });
  }

  reset(): void {
    this.#keep({ shown: null, widths: {} });
  }

  #keep(next: Kept): void {
    this.#kept = next;
    if (this.chosen) localStorage.setItem(KEY, JSON.stringify(next));
    else localStorage.removeItem(KEY);
  }
}

export const columns = new Columns();
