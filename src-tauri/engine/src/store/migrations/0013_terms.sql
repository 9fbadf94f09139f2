-- The words that stand in a full text, for what begins with a few letters. They take no room: FTS5 reads them from its index.
CREATE VIRTUAL TABLE risks_text_terms USING fts5vocab (risks_text, instance);
CREATE VIRTUAL TABLE incidents_text_terms USING fts5vocab (incidents_text, instance);
CREATE VIRTUAL TABLE controls_text_terms USING fts5vocab (controls_text, instance);
CREATE VIRTUAL TABLE assets_text_terms USING fts5vocab (assets_text, instance);
CREATE VIRTUAL TABLE vulnerabilities_text_terms USING fts5vocab (vulnerabilities_text, instance);
CREATE VIRTUAL TABLE assessments_text_terms USING fts5vocab (assessments_text, instance);
CREATE VIRTUAL TABLE audits_text_terms USING fts5vocab (audits_text, instance);
CREATE VIRTUAL TABLE findings_text_terms USING fts5vocab (findings_text, instance);
CREATE VIRTUAL TABLE documents_text_terms USING fts5vocab (documents_text, instance);
CREATE VIRTUAL TABLE workshops_text_terms USING fts5vocab (workshops_text, instance);
