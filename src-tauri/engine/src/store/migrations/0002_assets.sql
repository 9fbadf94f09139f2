-- Assets, their vulnerabilities, and what risks and incidents link to them.

CREATE TABLE assets (
    seq             INTEGER PRIMARY KEY,
    id              TEXT    NOT NULL CONSTRAINT assets_id_unique UNIQUE,
    rev             INTEGER NOT NULL,
    json            TEXT    NOT NULL,
    name            TEXT    NOT NULL COLLATE NOCASE,
    type            TEXT    NOT NULL,
    owner           TEXT    NOT NULL,
    confidentiality INTEGER NOT NULL,
    integrity       INTEGER NOT NULL,
    availability    INTEGER NOT NULL,
    criticality     INTEGER NOT NULL,
    parent_id       TEXT    NOT NULL,
    updated_at      TEXT    NOT NULL
) STRICT;
CREATE INDEX assets_name        ON assets (name);
CREATE INDEX assets_type        ON assets (type);
CREATE INDEX assets_owner       ON assets (owner);
CREATE INDEX assets_criticality ON assets (criticality);
CREATE INDEX assets_parent      ON assets (parent_id);
CREATE INDEX assets_updated_at  ON assets (updated_at);

CREATE TABLE asset_tags (
    tag   TEXT    NOT NULL,
    asset INTEGER NOT NULL CONSTRAINT asset_tags_asset REFERENCES assets (seq) ON DELETE CASCADE,
    PRIMARY KEY (tag, asset)
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_tags_asset ON asset_tags (asset);

CREATE VIRTUAL TABLE assets_text USING fts5 (
    reference, name, description, owner,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE risk_assets (
    asset_id TEXT    NOT NULL,
    risk     INTEGER NOT NULL CONSTRAINT risk_assets_risk REFERENCES risks (seq) ON DELETE CASCADE,
    PRIMARY KEY (asset_id, risk)
) STRICT, WITHOUT ROWID;
CREATE INDEX risk_assets_risk ON risk_assets (risk);

CREATE TABLE incident_assets (
    asset_id TEXT    NOT NULL,
    incident INTEGER NOT NULL CONSTRAINT incident_assets_incident REFERENCES incidents (seq) ON DELETE CASCADE,
    PRIMARY KEY (asset_id, incident)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_assets_incident ON incident_assets (incident);

-- cvss counts tenths and epss hundred-thousandths, so that a page's cursor stays exact; -1 stands for "none".
CREATE TABLE vulnerabilities (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL CONSTRAINT vulnerabilities_id_unique UNIQUE,
    rev        INTEGER NOT NULL,
    json       TEXT    NOT NULL,
    asset_id   TEXT    NOT NULL,
    title      TEXT    NOT NULL COLLATE NOCASE,
    cve        TEXT    NOT NULL,
    severity   INTEGER NOT NULL,
    cvss       INTEGER NOT NULL,
    epss       INTEGER NOT NULL,
    kev        INTEGER NOT NULL,
    status     INTEGER NOT NULL,
    is_open    INTEGER NOT NULL,
    first_seen TEXT    NOT NULL,
    last_seen  TEXT    NOT NULL,
    due_date   TEXT    NOT NULL,
    updated_at TEXT    NOT NULL
) STRICT;
CREATE INDEX vulnerabilities_asset      ON vulnerabilities (asset_id, is_open, severity);
CREATE INDEX vulnerabilities_title      ON vulnerabilities (title);
CREATE INDEX vulnerabilities_cve        ON vulnerabilities (cve);
CREATE INDEX vulnerabilities_severity   ON vulnerabilities (severity);
CREATE INDEX vulnerabilities_status     ON vulnerabilities (status);
CREATE INDEX vulnerabilities_open       ON vulnerabilities (is_open);
CREATE INDEX vulnerabilities_kev        ON vulnerabilities (kev);
CREATE INDEX vulnerabilities_due_date   ON vulnerabilities (due_date);
CREATE INDEX vulnerabilities_updated_at ON vulnerabilities (updated_at);

CREATE VIRTUAL TABLE vulnerabilities_text USING fts5 (
    title, cve, source,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
