-- Workshops, and the votes of their rounds: beside the record, one for each seat and round. 0 stands for "cannot judge".

CREATE TABLE workshops (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL CONSTRAINT workshops_id_unique UNIQUE,
    rev        INTEGER NOT NULL,
    json       TEXT    NOT NULL,
    name       TEXT    NOT NULL COLLATE NOCASE,
    status     INTEGER NOT NULL,
    held_on    TEXT    NOT NULL,
    updated_at TEXT    NOT NULL
) STRICT;
CREATE INDEX workshops_name       ON workshops (name);
CREATE INDEX workshops_status     ON workshops (status);
CREATE INDEX workshops_held_on    ON workshops (held_on);
CREATE INDEX workshops_updated_at ON workshops (updated_at);

CREATE VIRTUAL TABLE workshops_text USING fts5 (
    reference, name, place, facilitator,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE workshop_votes (
    workshop_id TEXT    NOT NULL,
    item_id     TEXT    NOT NULL,
    round       INTEGER NOT NULL,
    seat_id     TEXT    NOT NULL,
    likelihood  INTEGER NOT NULL,
    impact      INTEGER NOT NULL,
    comment     TEXT    NOT NULL,
    salt        TEXT    NOT NULL,
    PRIMARY KEY (workshop_id, item_id, round, seat_id),
    CONSTRAINT workshop_votes_both CHECK ((likelihood = 0) = (impact = 0))
) STRICT, WITHOUT ROWID;
