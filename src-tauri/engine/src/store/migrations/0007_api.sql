-- API keys over HTTP: a number, a revision, a generation of the secret; what keys did lately.

CREATE TABLE api_keys_numbered (
    seq          INTEGER PRIMARY KEY,
    id           TEXT    NOT NULL CONSTRAINT api_keys_id_unique UNIQUE,
    rev          INTEGER NOT NULL,
    name         TEXT    NOT NULL COLLATE NOCASE,
    role         TEXT    NOT NULL,
    secret_hash  BLOB    NOT NULL,
    generation   INTEGER NOT NULL, -- rises with each new secret; a token of an earlier one is worth nothing
    created_at   TEXT    NOT NULL,
    updated_at   TEXT    NOT NULL,
    expires_at   TEXT,
    last_used_at TEXT,
    revoked_at   TEXT
) STRICT;
INSERT INTO api_keys_numbered (id, rev, name, role, secret_hash, generation, created_at, updated_at, expires_at, last_used_at, revoked_at)
SELECT id, 1, name, role, secret_hash, 1, created_at, created_at, expires_at, last_used_at, revoked_at FROM api_keys ORDER BY created_at, id;
DROP TABLE api_keys;
ALTER TABLE api_keys_numbered RENAME TO api_keys;
CREATE INDEX api_keys_name ON api_keys (name);

CREATE VIEW api_key_records AS
SELECT seq, name, role, created_at,
       json_object(
           'id', id, 'name', name, 'role', role, 'expires_at', expires_at, 'last_used_at', last_used_at, 'revoked_at', revoked_at,
           'created_at', created_at, 'updated_at', updated_at
       ) AS json
FROM api_keys;

-- The newest calls, never their bodies, and how many each key made each day. Written once a minute, outside the audit trail.
CREATE TABLE api_calls (
    seq         INTEGER PRIMARY KEY,
    at          TEXT    NOT NULL,
    method      TEXT    NOT NULL,
    path        TEXT    NOT NULL,
    status      INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    key_id      TEXT,
    key_name    TEXT,
    request_id  TEXT    NOT NULL
) STRICT;

CREATE TABLE api_use (
    key_id TEXT    NOT NULL,
    day    TEXT    NOT NULL,
    calls  INTEGER NOT NULL,
    PRIMARY KEY (key_id, day)
) STRICT, WITHOUT ROWID;
