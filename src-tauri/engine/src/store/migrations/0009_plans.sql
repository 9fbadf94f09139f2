-- Treatment plans, a rationale for each assessment, documents that tell of a risk.

CREATE TABLE risk_documents (
    document_id TEXT    NOT NULL,
    risk        INTEGER NOT NULL CONSTRAINT risk_documents_risk REFERENCES risks (seq) ON DELETE CASCADE,
    PRIMARY KEY (document_id, risk)
) STRICT, WITHOUT ROWID;
CREATE INDEX risk_documents_risk ON risk_documents (risk);

-- What risks made before hold of it: nothing yet.
UPDATE risks SET json = json_insert(json,
    '$.inherent_rationale', NULL, '$.residual_rationale', NULL, '$.target_rationale', NULL,
    '$.baseline', NULL, '$.current_from', 'hand', '$.residual_from', 'hand',
    '$.actions', json('[]'), '$.document_ids', json('[]'));
