/** The columns of a table of records. */

export interface Column {
  /** The field it shows, and sorts by. */
  field: string;
  label: () => string;
  /** Its share of the width: a track of a CSS grid. */
  width: string;
  /** False when the engine cannot sort by it. */
  sorts?: boolean;
  /** Numbers stand at the end. */
  end?: boolean;
  /** Shown from this width of the table on; always when left out. */
  from?: number;
}

/** The columns that a table of this width has room for. */
export function columnsFor(columns: readonly Column[], width: number): Column[] {
  return columns.filter(({ from }) => from === undefined || width === 0 || width >= from);
}

/** What a press on a column's head asks for: upwards first, downwards when it is upwards already. */
export function sortBy(field: string, now: string): string {
  return now === field ? `-${field}` : field;
}
