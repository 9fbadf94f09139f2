/** The shapes of documents. */
import type { ListQuery } from '../api/types';

export const DOCUMENT_KINDS = [
  'policy',
  'procedure',
  'standard',
  'record',
  'evidence',
  'contract',
  'report',
] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

export const CLASSIFICATIONS = ['public', 'internal', 'confidential', 'restricted'] as const;
export type Classification = (typeof CLASSIFICATIONS)[number];

export const DOCUMENT_STATUSES = [
  'draft',
  'in_review',
  'changes_requested',
  'approved',
  'published',
  'retired',
] as const;
export type DocumentStatus = (typeof DOCUMENT_STATUSES)[number];

/** A document; `Document` alone is the page's. */
export interface DocumentRecord {
  id: string;
  ref: string;
  title: string;
  kind: DocumentKind | null;
  version: string | null;
  owner: string | null;
  /** Who approved it, while that holds. */
  approver: string | null;
  approved_at: string | null;
  classification: Classification | null;
  status: DocumentStatus;
  effective_date: string | null;
  review_date: string | null;
  expires_at: string | null;
  /** The file's name. */
  name: string;
  media_type: string;
  size: number;
  sha256: string;
  created_at: string;
  updated_at: string;
}

export type DocumentWrite = Partial<
  Pick<
    DocumentRecord,
    | 'title'
    | 'kind'
    | 'version'
    | 'owner'
    | 'classification'
    | 'status'
    | 'effective_date'
    | 'review_date'
    | 'expires_at'
  >
>;

export interface DocumentFilters extends ListQuery {
  q?: string;
  kind?: string;
  classification?: string;
  status?: string;
  owner?: string;
}
