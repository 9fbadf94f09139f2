-- Acceptances of risks, and what the checks of the register count.

CREATE TABLE acceptances (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL CONSTRAINT acceptances_id_unique UNIQUE,
    rev        INTEGER NOT NULL,
    json       TEXT    NOT NULL,
    risk_id    TEXT    NOT NULL,
    status     INTEGER NOT NULL,
    expires_on TEXT    NOT NULL,
    updated_at TEXT    NOT NULL
) STRICT;
CREATE INDEX acceptances_risk ON acceptances (risk_id, status);

-- What of each check does not depend on the day. 0 and '' stand for "nothing to say"; `borne` is 'none', 'void' or the last
-- day of an acceptance that stands.
ALTER TABLE risks ADD COLUMN no_owner        INTEGER NOT NULL DEFAULT 0;
ALTER TABLE risks ADD COLUMN residual_above  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE risks ADD COLUMN done_unchanged  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE risks ADD COLUMN unplanned_score INTEGER NOT NULL DEFAULT 0;
ALTER TABLE risks ADD COLUMN review_due      TEXT    NOT NULL DEFAULT '';
ALTER TABLE risks ADD COLUMN borne           TEXT    NOT NULL DEFAULT '';

-- Risks of before have neither plan nor acceptance.
UPDATE risks SET json = json_insert(json, '$.acceptance', NULL);
UPDATE risks SET
    no_owner        = (owner = ''),
    residual_above  = (current_score > 0 AND residual_score > current_score),
    unplanned_score = CASE WHEN treatment = 'accept' THEN 0 ELSE current_score END,
    review_due      = review_date,
    borne           = CASE WHEN treatment = 'accept' THEN 'none' ELSE '' END
WHERE status <> 'closed';

CREATE INDEX risks_no_owner       ON risks (no_owner)        WHERE no_owner = 1;
CREATE INDEX risks_residual_above ON risks (residual_above)  WHERE residual_above = 1;
CREATE INDEX risks_done_unchanged ON risks (done_unchanged)  WHERE done_unchanged = 1;
CREATE INDEX risks_unplanned      ON risks (unplanned_score) WHERE unplanned_score > 0;
CREATE INDEX risks_review_due     ON risks (review_due)      WHERE review_due <> '';
CREATE INDEX risks_borne          ON risks (borne)           WHERE borne <> '';

-- How many risks say what, kept by every write itself: a count never reads the register.
CREATE TABLE risk_checks (
    said  TEXT    NOT NULL,
    value ANY     NOT NULL,
    count INTEGER NOT NULL CONSTRAINT risk_checks_count_not_negative CHECK (count >= 0),
    PRIMARY KEY (said, value)
) STRICT, WITHOUT ROWID;
INSERT INTO risk_checks SELECT 'no_owner',       1,               count(*) FROM risks WHERE no_owner = 1       GROUP BY 2;
INSERT INTO risk_checks SELECT 'residual_above', 1,               count(*) FROM risks WHERE residual_above = 1 GROUP BY 2;
INSERT INTO risk_checks SELECT 'unplanned',      unplanned_score, count(*) FROM risks WHERE unplanned_score > 0 GROUP BY 2;
INSERT INTO risk_checks SELECT 'review_due',     review_due,      count(*) FROM risks WHERE review_due <> ''   GROUP BY 2;
INSERT INTO risk_checks SELECT 'borne',          borne,           count(*) FROM risks WHERE borne <> ''        GROUP BY 2;

CREATE TRIGGER risks_checked_on_insert AFTER INSERT ON risks BEGIN
    INSERT INTO risk_checks SELECT 'no_owner',       1,                   1 WHERE new.no_owner = 1        ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO risk_checks SELECT 'residual_above', 1,                   1 WHERE new.residual_above = 1  ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO risk_checks SELECT 'done_unchanged', 1,                   1 WHERE new.done_unchanged = 1  ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO risk_checks SELECT 'unplanned',      new.unplanned_score, 1 WHERE new.unplanned_score > 0 ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO risk_checks SELECT 'review_due',     new.review_due,      1 WHERE new.review_due <> ''    ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO risk_checks SELECT 'borne',          new.borne,           1 WHERE new.borne <> ''         ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER risks_checked_on_delete AFTER DELETE ON risks BEGIN
    UPDATE risk_checks SET count = count - 1 WHERE said = 'no_owner'       AND value = old.no_owner;
    UPDATE risk_checks SET count = count - 1 WHERE said = 'residual_above' AND value = old.residual_above;
    UPDATE risk_checks SET count = count - 1 WHERE said = 'done_unchanged' AND value = old.done_unchanged;
    UPDATE risk_checks SET count = count - 1 WHERE said = 'unplanned'      AND value = old.unplanned_score;
    UPDATE risk_checks SET count = count - 1 WHERE said = 'review_due'     AND value = old.review_due;
    UPDATE risk_checks SET count = count - 1 WHERE said = 'borne'          AND value = old.borne;
END;
CREATE TRIGGER risks_checked_on_update AFTER UPDATE OF no_owner, residual_above, done_unchanged, unplanned_score, review_due, borne ON risks
WHEN old.no_owner <> new.no_owner OR old.residual_above <> new.residual_above OR old.done_unchanged <> new.done_unchanged
  OR old.unplanned_score <> new.unplanned_score OR old.review_due <> new.review_due OR old.borne <> new.borne BEGIN
    UPDATE risk_checks SET count = count - 1 WHERE said = 'no_owner'       AND value = old.no_owner;
    UPDATE risk_checks SET count = count - 1 WHERE said = 'residual_above' AND value = old.residual_above;
    UPDATE risk_checks SET count = count - 1 WHERE said = 'done_unchanged' AND value = old.done_unchanged;
    UPDATE risk_checks SET count = count - 1 WHERE said = 'unplanned'      AND value = old.unplanned_score;
    UPDATE risk_checks SET count = count - 1 WHERE said = 'review_due'     AND value = old.review_due;
    UPDATE risk_checks SET count = count - 1 WHERE said = 'borne'          AND value = old.borne;
    INSERT INTO risk_checks SELECT 'no_owner',       1,                   1 WHERE new.no_owner = 1        ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO risk_checks SELECT 'residual_above', 1,                   1 WHERE new.residual_above = 1  ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO risk_checks SELECT 'done_unchanged', 1,                   1 WHERE new.done_unchanged = 1  ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO risk_checks SELECT 'unplanned',      new.unplanned_score, 1 WHERE new.unplanned_score > 0 ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO risk_checks SELECT 'review_due',     new.review_due,      1 WHERE new.review_due <> ''    ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO risk_checks SELECT 'borne',          new.borne,           1 WHERE new.borne <> ''         ON CONFLICT DO UPDATE SET count = count + 1;
END;
