-- Documents, and the files that they hold. 0 and '' stand for "none", as elsewhere.

CREATE TABLE documents (
    seq            INTEGER PRIMARY KEY,
    id             TEXT    NOT NULL CONSTRAINT documents_id_unique UNIQUE,
    rev            INTEGER NOT NULL,
    json           TEXT    NOT NULL,
    title          TEXT    NOT NULL COLLATE NOCASE,
    kind           TEXT    NOT NULL,
    status         INTEGER NOT NULL,
    owner          TEXT    NOT NULL,
    classification INTEGER NOT NULL,
    effective_date TEXT    NOT NULL,
    review_date    TEXT    NOT NULL,
    expires_at     TEXT    NOT NULL,
    name           TEXT    NOT NULL COLLATE NOCASE,
    media_type     TEXT    NOT NULL,
    size           INTEGER NOT NULL,
    sha256         TEXT    NOT NULL,
    updated_at     TEXT    NOT NULL
) STRICT;
CREATE INDEX documents_title          ON documents (title);
CREATE INDEX documents_kind           ON documents (kind);
CREATE INDEX documents_status         ON documents (status);
CREATE INDEX documents_owner          ON documents (owner);
CREATE INDEX documents_classification ON documents (classification);
CREATE INDEX documents_effective_date ON documents (effective_date);
CREATE INDEX documents_review_date    ON documents (review_date);
CREATE INDEX documents_expires_at     ON documents (expires_at);
CREATE INDEX documents_name           ON documents (name);
CREATE INDEX documents_media_type     ON documents (media_type);
CREATE INDEX documents_size           ON documents (size);
CREATE INDEX documents_sha256         ON documents (sha256);
CREATE INDEX documents_updated_at     ON documents (updated_at);

CREATE VIRTUAL TABLE documents_text USING fts5 (
    reference, title, name, owner,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

-- Every content that a document has held. A row outlives its document, so that undo brings back the whole; the folder beside
-- the workspace holds one file for each row.
CREATE TABLE blobs (
    sha256  TEXT    NOT NULL PRIMARY KEY,
    size    INTEGER NOT NULL,
    kept_at TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
