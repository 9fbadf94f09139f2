-- Audits and their findings. The number of each is its year and its place in that year; 0 and '' stand for "none".

CREATE TABLE audits (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL CONSTRAINT audits_id_unique UNIQUE,
    rev        INTEGER NOT NULL,
    json       TEXT    NOT NULL,
    name       TEXT    NOT NULL COLLATE NOCASE,
    status     INTEGER NOT NULL,
    lead       TEXT    NOT NULL,
    start_date TEXT    NOT NULL,
    end_date   TEXT    NOT NULL,
    updated_at TEXT    NOT NULL
) STRICT;
CREATE INDEX audits_name       ON audits (name);
CREATE INDEX audits_status     ON audits (status);
CREATE INDEX audits_lead       ON audits (lead);
CREATE INDEX audits_start_date ON audits (start_date);
CREATE INDEX audits_end_date   ON audits (end_date);
CREATE INDEX audits_updated_at ON audits (updated_at);

CREATE TABLE audit_criteria (
    framework_id TEXT    NOT NULL,
    audit        INTEGER NOT NULL CONSTRAINT audit_criteria_audit REFERENCES audits (seq) ON DELETE CASCADE,
    PRIMARY KEY (framework_id, audit)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_criteria_audit ON audit_criteria (audit);

CREATE VIRTUAL TABLE audits_text USING fts5 (
    reference, name, scope, lead,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE findings (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL CONSTRAINT findings_id_unique UNIQUE,
    rev        INTEGER NOT NULL,
    json       TEXT    NOT NULL,
    audit_id   TEXT    NOT NULL,
    title      TEXT    NOT NULL COLLATE NOCASE,
    grade      INTEGER NOT NULL,
    status     INTEGER NOT NULL,
    is_open    INTEGER NOT NULL,
    owner      TEXT    NOT NULL,
    due_date   TEXT    NOT NULL,
    updated_at TEXT    NOT NULL
) STRICT;
CREATE INDEX findings_audit      ON findings (audit_id, grade, is_open);
CREATE INDEX findings_title      ON findings (title);
CREATE INDEX findings_grade      ON findings (grade);
CREATE INDEX findings_status     ON findings (status);
CREATE INDEX findings_open       ON findings (is_open);
CREATE INDEX findings_owner      ON findings (owner);
CREATE INDEX findings_due_date   ON findings (due_date);
CREATE INDEX findings_updated_at ON findings (updated_at);

CREATE TABLE finding_controls (
    control_id TEXT    NOT NULL,
    finding    INTEGER NOT NULL CONSTRAINT finding_controls_finding REFERENCES findings (seq) ON DELETE CASCADE,
    PRIMARY KEY (control_id, finding)
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_controls_finding ON finding_controls (finding);

CREATE TABLE finding_risks (
    risk_id TEXT    NOT NULL,
    finding INTEGER NOT NULL CONSTRAINT finding_risks_finding REFERENCES findings (seq) ON DELETE CASCADE,
    PRIMARY KEY (risk_id, finding)
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_risks_finding ON finding_risks (finding);

CREATE TABLE finding_evidence (
    document_id TEXT    NOT NULL,
    finding     INTEGER NOT NULL CONSTRAINT finding_evidence_finding REFERENCES findings (seq) ON DELETE CASCADE,
    PRIMARY KEY (document_id, finding)
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_evidence_finding ON finding_evidence (finding);

CREATE VIRTUAL TABLE findings_text USING fts5 (
    reference, title, description, owner,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

-- An audit tells how its findings stand, kept by every write of a finding itself. Grades: 1 good practice … 6 major nonconformity.
CREATE VIEW audit_standing AS SELECT a.seq, json_set(a.json,
    '$.finding_counts.major_nonconformity',         (SELECT count(*) FROM findings f WHERE f.audit_id = a.id AND f.grade = 6),
    '$.finding_counts.minor_nonconformity',         (SELECT count(*) FROM findings f WHERE f.audit_id = a.id AND f.grade = 5),
    '$.finding_counts.observation',                 (SELECT count(*) FROM findings f WHERE f.audit_id = a.id AND f.grade = 4),
    '$.finding_counts.opportunity_for_improvement', (SELECT count(*) FROM findings f WHERE f.audit_id = a.id AND f.grade = 3),
    '$.finding_counts.conformity',                  (SELECT count(*) FROM findings f WHERE f.audit_id = a.id AND f.grade = 2),
    '$.finding_counts.good_practice',               (SELECT count(*) FROM findings f WHERE f.audit_id = a.id AND f.grade = 1),
    '$.findings_open',                              (SELECT count(*) FROM findings f WHERE f.audit_id = a.id AND f.is_open = 1)) AS json,
    a.id FROM audits a;
CREATE TRIGGER findings_counted_on_insert AFTER INSERT ON findings BEGIN
    UPDATE audits SET json = (SELECT s.json FROM audit_standing s WHERE s.seq = audits.seq) WHERE id = new.audit_id;
END;
CREATE TRIGGER findings_counted_on_delete AFTER DELETE ON findings BEGIN
    UPDATE audits SET json = (SELECT s.json FROM audit_standing s WHERE s.seq = audits.seq) WHERE id = old.audit_id;
END;
CREATE TRIGGER findings_counted_on_update AFTER UPDATE OF grade, is_open ON findings
WHEN old.grade <> new.grade OR old.is_open <> new.is_open BEGIN
    UPDATE audits SET json = (SELECT s.json FROM audit_standing s WHERE s.seq = audits.seq) WHERE id = new.audit_id;
END;
