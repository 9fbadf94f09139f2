/** Which steps of a document's life may follow which, as the engine has it. */
import type { DocumentKind, DocumentStatus } from './types';

/** Tells people what to do, so somebody other than its owner approves it. */
export function isControlled(kind: DocumentKind | null): boolean {
  return kind === 'policy' || kind === 'procedure' || kind === 'standard';
}

/** Where a document may go from here. */
export function nextStatuses(status: DocumentStatus, kind: DocumentKind | null): DocumentStatus[] {
  const controlled = isControlled(kind);
  const steps: Record<DocumentStatus, DocumentStatus[]> = {
    draft: controlled ? ['in_review', 'retired'] : ['in_review', 'approved', 'published', 'retired'],
    in_review: ['draft', 'changes_requested', 'approved', ...(controlled ? [] : (['published'] as const))],
    changes_requested: ['draft', 'in_review', 'retired'],
    approved: ['draft', 'in_review', 'published', 'retired'],
    published: ['in_review', 'retired'],
    retired: ['draft'],
  };
  return steps[status];
}
