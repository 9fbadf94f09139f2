-- Assessments of frameworks, and what each found of each control.

-- `progress` and `score` follow from the results and are written with them; -1 stands for "no score".
CREATE TABLE assessments (
    seq          INTEGER PRIMARY KEY,
    id           TEXT    NOT NULL CONSTRAINT assessments_id_unique UNIQUE,
    rev          INTEGER NOT NULL,
    json         TEXT    NOT NULL,
    name         TEXT    NOT NULL COLLATE NOCASE,
    framework_id TEXT    NOT NULL,
    status       INTEGER NOT NULL,
    due_date     TEXT    NOT NULL,
    progress     INTEGER NOT NULL,
    score        INTEGER NOT NULL,
    updated_at   TEXT    NOT NULL
) STRICT;
CREATE INDEX assessments_name       ON assessments (name);
CREATE INDEX assessments_framework  ON assessments (framework_id);
CREATE INDEX assessments_status     ON assessments (status);
CREATE INDEX assessments_updated_at ON assessments (updated_at);

CREATE VIRTUAL TABLE assessments_text USING fts5 (
    name, framework_id,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

-- A control without a row is not assessed. Rows of a deleted assessment are kept, so that undo brings back the whole.
CREATE TABLE assessment_results (
    seq           INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL CONSTRAINT assessment_results_id_unique UNIQUE,
    rev           INTEGER NOT NULL,
    json          TEXT    NOT NULL,
    assessment_id TEXT    NOT NULL,
    control_id    TEXT    NOT NULL,
    result        TEXT    NOT NULL,
    owner         TEXT    NOT NULL,
    due_date      TEXT    NOT NULL,
    updated_at    TEXT    NOT NULL,
    CONSTRAINT assessment_results_one_each UNIQUE (assessment_id, control_id)
) STRICT;
CREATE INDEX assessment_results_control ON assessment_results (control_id);
