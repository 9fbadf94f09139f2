-- The first schema. Immutable once released: later changes are new numbered files.

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Who acted. The audit trail names actors by number, so that a name can be erased and the chain stays valid.
CREATE TABLE actors (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL CONSTRAINT actors_name_unique UNIQUE
) STRICT;

-- `json` is the record as the API answers it, rendered once by the writer; the other columns exist to filter, sort and
-- count. 0 and '' stand for "none", so that every sort key is total. `seq` is the number in the reference (R-0142).
CREATE TABLE risks (
    seq                 INTEGER PRIMARY KEY,
    id                  TEXT    NOT NULL CONSTRAINT risks_id_unique UNIQUE,
    rev                 INTEGER NOT NULL,
    json                TEXT    NOT NULL,
    name                TEXT    NOT NULL COLLATE NOCASE,
    category            TEXT    NOT NULL,
    owner               TEXT    NOT NULL,
    status              TEXT    NOT NULL,
    treatment           TEXT    NOT NULL,
    review_date         TEXT    NOT NULL,
    updated_at          TEXT    NOT NULL,
    current_likelihood  INTEGER NOT NULL, current_impact  INTEGER NOT NULL, current_score  INTEGER NOT NULL, current_level  INTEGER NOT NULL,
    inherent_likelihood INTEGER NOT NULL, inherent_impact INTEGER NOT NULL, inherent_score INTEGER NOT NULL, inherent_level INTEGER NOT NULL,
    residual_likelihood INTEGER NOT NULL, residual_impact INTEGER NOT NULL, residual_score INTEGER NOT NULL, residual_level INTEGER NOT NULL,
    target_likelihood   INTEGER NOT NULL, target_impact   INTEGER NOT NULL, target_score   INTEGER NOT NULL, target_level   INTEGER NOT NULL
) STRICT;
CREATE INDEX risks_current        ON risks (current_likelihood, current_impact, review_date);
CREATE INDEX risks_inherent       ON risks (inherent_likelihood, inherent_impact, review_date);
CREATE INDEX risks_residual       ON risks (residual_likelihood, residual_impact, review_date);
CREATE INDEX risks_target         ON risks (target_likelihood, target_impact, review_date);
CREATE INDEX risks_likelihood     ON risks (current_likelihood);
CREATE INDEX risks_impact         ON risks (current_impact);
CREATE INDEX risks_score          ON risks (current_score);
CREATE INDEX risks_level          ON risks (current_level);
CREATE INDEX risks_inherent_score ON risks (inherent_score);
CREATE INDEX risks_residual_score ON risks (residual_score);
CREATE INDEX risks_target_score   ON risks (target_score);
CREATE INDEX risks_name           ON risks (name);
CREATE INDEX risks_category       ON risks (category);
CREATE INDEX risks_owner          ON risks (owner);
CREATE INDEX risks_status         ON risks (status);
CREATE INDEX risks_treatment      ON risks (treatment);
CREATE INDEX risks_review_date    ON risks (review_date);
CREATE INDEX risks_updated_at     ON risks (updated_at);
-- Holds all that a filtered heatmap asks for, so that any mix of these filters is counted without reading a record.
CREATE INDEX risks_facets         ON risks (category, owner, status, treatment, current_likelihood, current_impact);

CREATE TABLE risk_tags (
    tag  TEXT    NOT NULL,
    risk INTEGER NOT NULL CONSTRAINT risk_tags_risk REFERENCES risks (seq) ON DELETE CASCADE,
    PRIMARY KEY (tag, risk)
) STRICT, WITHOUT ROWID;
CREATE INDEX risk_tags_risk ON risk_tags (risk);

CREATE TABLE risk_controls (
    control_id TEXT    NOT NULL,
    risk       INTEGER NOT NULL CONSTRAINT risk_controls_risk REFERENCES risks (seq) ON DELETE CASCADE,
    PRIMARY KEY (control_id, risk)
) STRICT, WITHOUT ROWID;
CREATE INDEX risk_controls_risk ON risk_controls (risk);

-- The heatmap, kept by every write itself. Views: 0 current, 1 inherent, 2 residual, 3 target; (0, 0) is "not assessed".
CREATE TABLE risk_cells (
    view       INTEGER NOT NULL,
    likelihood INTEGER NOT NULL,
    impact     INTEGER NOT NULL,
    count      INTEGER NOT NULL CONSTRAINT risk_cells_count_not_negative CHECK (count >= 0),
    PRIMARY KEY (view, likelihood, impact)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER risks_counted_on_insert AFTER INSERT ON risks BEGIN
    INSERT INTO risk_cells VALUES (0, new.current_likelihood,  new.current_impact,  1) ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO risk_cells VALUES (1, new.inherent_likelihood, new.inherent_impact, 1) ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO risk_cells VALUES (2, new.residual_likelihood, new.residual_impact, 1) ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO risk_cells VALUES (3, new.target_likelihood,   new.target_impact,   1) ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER risks_counted_on_delete AFTER DELETE ON risks BEGIN
    UPDATE risk_cells SET count = count - 1 WHERE view = 0 AND likelihood = old.current_likelihood  AND impact = old.current_impact;
    UPDATE risk_cells SET count = count - 1 WHERE view = 1 AND likelihood = old.inherent_likelihood AND impact = old.inherent_impact;
    UPDATE risk_cells SET count = count - 1 WHERE view = 2 AND likelihood = old.residual_likelihood AND impact = old.residual_impact;
    UPDATE risk_cells SET count = count - 1 WHERE view = 3 AND likelihood = old.target_likelihood   AND impact = old.target_impact;
END;
CREATE TRIGGER risks_counted_on_current AFTER UPDATE OF current_likelihood, current_impact ON risks
WHEN old.current_likelihood <> new.current_likelihood OR old.current_impact <> new.current_impact BEGIN
    UPDATE risk_cells SET count = count - 1 WHERE view = 0 AND likelihood = old.current_likelihood AND impact = old.current_impact;
    INSERT INTO risk_cells VALUES (0, new.current_likelihood, new.current_impact, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER risks_counted_on_inherent AFTER UPDATE OF inherent_likelihood, inherent_impact ON risks
WHEN old.inherent_likelihood <> new.inherent_likelihood OR old.inherent_impact <> new.inherent_impact BEGIN
    UPDATE risk_cells SET count = count - 1 WHERE view = 1 AND likelihood = old.inherent_likelihood AND impact = old.inherent_impact;
    INSERT INTO risk_cells VALUES (1, new.inherent_likelihood, new.inherent_impact, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER risks_counted_on_residual AFTER UPDATE OF residual_likelihood, residual_impact ON risks
WHEN old.residual_likelihood <> new.residual_likelihood OR old.residual_impact <> new.residual_impact BEGIN
    UPDATE risk_cells SET count = count - 1 WHERE view = 2 AND likelihood = old.residual_likelihood AND impact = old.residual_impact;
    INSERT INTO risk_cells VALUES (2, new.residual_likelihood, new.residual_impact, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER risks_counted_on_target AFTER UPDATE OF target_likelihood, target_impact ON risks
WHEN old.target_likelihood <> new.target_likelihood OR old.target_impact <> new.target_impact BEGIN
    UPDATE risk_cells SET count = count - 1 WHERE view = 3 AND likelihood = old.target_likelihood AND impact = old.target_impact;
    INSERT INTO risk_cells VALUES (3, new.target_likelihood, new.target_impact, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;

CREATE VIRTUAL TABLE risks_text USING fts5 (
    reference, name, description, category, owner, rationale,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE incidents (
    seq         INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL CONSTRAINT incidents_id_unique UNIQUE,
    rev         INTEGER NOT NULL,
    json        TEXT    NOT NULL,
    title       TEXT    NOT NULL COLLATE NOCASE,
    severity    INTEGER NOT NULL,
    status      INTEGER NOT NULL,
    is_open     INTEGER NOT NULL,
    lead        TEXT    NOT NULL,
    tlp         TEXT    NOT NULL,
    occurred_at TEXT    NOT NULL,
    detected_at TEXT    NOT NULL,
    updated_at  TEXT    NOT NULL
) STRICT;
CREATE INDEX incidents_title       ON incidents (title);
CREATE INDEX incidents_severity    ON incidents (severity);
CREATE INDEX incidents_status      ON incidents (status);
CREATE INDEX incidents_open        ON incidents (is_open);
CREATE INDEX incidents_lead        ON incidents (lead);
CREATE INDEX incidents_tlp         ON incidents (tlp);
CREATE INDEX incidents_occurred_at ON incidents (occurred_at);
CREATE INDEX incidents_detected_at ON incidents (detected_at);
CREATE INDEX incidents_updated_at  ON incidents (updated_at);

CREATE TABLE incident_risks (
    risk_id  TEXT    NOT NULL,
    incident INTEGER NOT NULL CONSTRAINT incident_risks_incident REFERENCES incidents (seq) ON DELETE CASCADE,
    PRIMARY KEY (risk_id, incident)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_risks_incident ON incident_risks (incident);

CREATE VIRTUAL TABLE incidents_text USING fts5 (
    reference, title, description, lead,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

-- Append-only. No foreign key: a deleted incident's timeline is kept, so that undo brings back the whole.
CREATE TABLE incident_entries (
    seq         INTEGER PRIMARY KEY,
    incident_id TEXT    NOT NULL,
    at          TEXT    NOT NULL,
    json        TEXT    NOT NULL
) STRICT;
CREATE INDEX incident_entries_by_incident ON incident_entries (incident_id, at);

CREATE TABLE frameworks (
    seq         INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL CONSTRAINT frameworks_id_unique UNIQUE,
    rev         INTEGER NOT NULL,
    json        TEXT    NOT NULL,
    identity    TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL,
    name        TEXT    NOT NULL COLLATE NOCASE,
    publisher   TEXT    NOT NULL,
    source      TEXT    NOT NULL,
    locale      TEXT    NOT NULL,
    updated_at  TEXT    NOT NULL,
    hidden      INTEGER NOT NULL DEFAULT 0,
    file        BLOB             -- the imported file, deflated: what the model does not know is kept for export
) STRICT;
CREATE UNIQUE INDEX frameworks_identity ON frameworks (identity) WHERE hidden = 0;

CREATE TABLE controls (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL CONSTRAINT controls_id_unique UNIQUE,
    framework  INTEGER NOT NULL CONSTRAINT controls_framework REFERENCES frameworks (seq) ON DELETE CASCADE,
    parent     INTEGER,
    position   INTEGER NOT NULL,
    reference  TEXT    NOT NULL,
    title      TEXT    NOT NULL COLLATE NOCASE,
    assessable INTEGER NOT NULL,
    withdrawn  INTEGER NOT NULL,
    json       TEXT    NOT NULL,
    CONSTRAINT controls_position_unique UNIQUE (framework, position)
) STRICT;
CREATE INDEX controls_parent    ON controls (framework, parent, position);
CREATE INDEX controls_reference ON controls (framework, reference);
CREATE INDEX controls_title     ON controls (framework, title);
-- Crosswalks name controls by the id that their source gave them.
CREATE INDEX controls_source    ON controls (json_extract(json, '$.source_id'));

CREATE VIRTUAL TABLE controls_text USING fts5 (
    reference, title, description,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

-- What changed, for people and for undo. `salt` goes into the trail's hashes, so that a hash does not betray a short text.
CREATE TABLE history (
    seq       INTEGER PRIMARY KEY,
    step      INTEGER NOT NULL,
    at        TEXT    NOT NULL,
    actor     INTEGER NOT NULL CONSTRAINT history_actor REFERENCES actors (id),
    door      TEXT    NOT NULL,
    action    TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    object_id TEXT    NOT NULL,
    rev       INTEGER NOT NULL,
    before    TEXT,
    after     TEXT,
    reason    TEXT,
    salt      BLOB    NOT NULL
) STRICT;
CREATE INDEX history_by_object ON history (kind, object_id, seq);
CREATE INDEX history_by_step   ON history (step, seq);

-- The audit trail: one row for each history row, chained by SHA-256, refused to update and delete.
CREATE TABLE trail (
    seq    INTEGER PRIMARY KEY,
    at     TEXT    NOT NULL,
    actor  INTEGER NOT NULL,
    door   TEXT    NOT NULL,
    action TEXT    NOT NULL,
    object TEXT    NOT NULL,
    before BLOB,
    after  BLOB,
    reason BLOB,
    hash   BLOB    NOT NULL
) STRICT;
CREATE TRIGGER trail_is_append_only_update BEFORE UPDATE ON trail BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER trail_is_append_only_delete BEFORE DELETE ON trail BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;

CREATE TABLE checkpoints (
    seq       INTEGER PRIMARY KEY,
    at        TEXT NOT NULL,
    hash      BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;

-- What one person's undo takes back in one go. States: done, undone, dead (a new change came after an undo).
CREATE TABLE steps (
    id     INTEGER PRIMARY KEY,
    actor  INTEGER NOT NULL CONSTRAINT steps_actor REFERENCES actors (id),
    action TEXT    NOT NULL,
    kind   TEXT    NOT NULL,
    object TEXT    NOT NULL,
    label  TEXT    NOT NULL,
    name   TEXT    NOT NULL,
    state  TEXT    NOT NULL CONSTRAINT steps_state_known CHECK (state IN ('done', 'undone', 'dead'))
) STRICT;
CREATE INDEX steps_by_actor ON steps (actor, state, id);

-- The outbox: every change's event, in the change's own transaction.
CREATE TABLE events (
    seq       INTEGER PRIMARY KEY,
    at        TEXT    NOT NULL,
    type      TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    object_id TEXT    NOT NULL,
    history   INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
    id           TEXT    NOT NULL PRIMARY KEY,
    name         TEXT    NOT NULL,
    role         TEXT    NOT NULL,
    secret_hash  BLOB    NOT NULL,
    created_at   TEXT    NOT NULL,
    expires_at   TEXT,
    last_used_at TEXT,
    revoked_at   TEXT
) STRICT, WITHOUT ROWID;

-- First answers to keyed POSTs (Idempotency-Key), kept for 24 hours, written in the change's own transaction.
CREATE TABLE answers (
    key        TEXT    NOT NULL PRIMARY KEY,
    at         TEXT    NOT NULL,
    body_hash  BLOB    NOT NULL,
    status     INTEGER NOT NULL,
    headers    TEXT    NOT NULL,
    body       BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_at ON answers (at);
