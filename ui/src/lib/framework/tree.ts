/** A tree of frameworks and their nodes as rows on a screen, and what keys do in it (ARIA tree pattern). Pure. */
import type { Control, Framework } from '../api/types';

export interface Row {
  /** Of a framework its slug, of a node its id. */
  id: string;
  framework: Framework;
  node: Control | null;
  /** 1 for a framework. */
  level: number;
  children: number;
  open: boolean;
}

/** The rows that are visible: children follow their parent where it is open and they were read. */
export function visibleRows(
  frameworks: readonly Framework[],
  children: ReadonlyMap<string, readonly Control[]>,
  open: ReadonlySet<string>,
): Row[] {
  const rows: Row[] = [];
  const add = (framework: Framework, parent: string) => {
    for (const node of children.get(parent) ?? []) {
      const isOpen = open.has(node.id);
      rows.push({
        id: node.id,
        framework,
        node,
        level: node.depth + 1,
        children: node.child_count,
        open: isOpen,
      });
      if (isOpen) add(framework, node.id);
    }
  };
  for (const framework of frameworks) {
    const isOpen = open.has(framework.id);
    rows.push({
      id: framework.id,
      framework,
      node: null,
      level: 1,
      children: framework.control_count,
      open: isOpen,
    });
    if (isOpen) add(framework, framework.id);
  }
  return rows;
}

export type TreeMove = { to: string } | { open: string } | { close: string } | null;

/** What a key does on a row. */
export function treeKey(rows: readonly Row[], at: string | null, key: string, page = 10): TreeMove {
  const index = Math.max(
    0,
    rows.findIndex((row) => row.id === at),
  );
  const row = rows[index];
  if (!row) return null;
  const to = (next: number): TreeMove => {
    const target = rows[Math.max(0, Math.min(rows.length - 1, next))];
    return target ? { to: target.id } : null;
  };
  switch (key) {
    case 'ArrowDown':
      return to(index + 1);
    case 'ArrowUp':
      return to(index - 1);
    case 'PageDown':
      return to(index + page);
    case 'PageUp':
      return to(index - page);
    case 'Home':
      return to(0);
    case 'End':
      return to(rows.length - 1);
    case 'ArrowRight':
      if (row.children === 0) return null;
      return row.open ? to(index + 1) : { open: row.id };
    case 'ArrowLeft': {
      if (row.open) return { close: row.id };
      for (let above = index - 1; above >= 0; above--) {
        if ((rows[above]?.level ?? 0) < row.level) return to(above);
      }
      return null;
    }
    default:
      return null;
  }
}
