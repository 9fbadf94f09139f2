/** Words for documents, in the person's language. */
import { m } from '../i18n/index.svelte';
import type { Classification, DocumentKind, DocumentStatus } from './types';

/** What kind of document it is. */
export function documentKindWord(kind: DocumentKind): string {
  const words: Record<DocumentKind, () => string> = {
    policy: m.document_kind_policy,
    procedure: m.document_kind_procedure,
    standard: m.document_kind_standard,
    record: m.document_kind_record,
    evidence: m.document_kind_evidence,
    contract: m.document_kind_contract,
    report: m.document_kind_report,
  };
  return words[kind]();
}

/** Who may read it. */
export function classificationWord(classification: Classification): string {
  const words: Record<Classification, () => string> = {
    public: m.classification_public,
    internal: m.classification_internal,
    confidential: m.classification_confidential,
    restricted: m.classification_restricted,
  };
  return words[classification]();
}

/** Where it is in its life. */
export function documentStatusWord(status: DocumentStatus): string {
  const words: Record<DocumentStatus, () => string> = {
    draft: m.document_status_draft,
    in_review: m.document_status_in_review,
    changes_requested: m.document_status_changes_requested,
    approved: m.document_status_approved,
    published: m.document_status_published,
    retired: m.document_status_retired,
  };
  return words[status]();
}

/** What the file is: "PDF", "Text document"; the media type itself when nothing is known of it. */
export function mediaWord(media: string): string {
  const words: [RegExp, () => string][] = [
    [/^application\/pdf/, () => 'PDF'],
    [/wordprocessingml|msword|opendocument\.text/, m.media_text],
    [/spreadsheetml|ms-excel|opendocument\.spreadsheet|^text\/csv/, m.media_sheet],
    [/presentationml|ms-powerpoint|opendocument\.presentation/, m.media_slides],
    [/^image\//, m.media_image],
    [/^text\//, m.media_plain],
    [/zip|gzip|tar/, m.media_archive],
  ];
  return words.find(([pattern]) => pattern.test(media))?.[1]() ?? media;
}
