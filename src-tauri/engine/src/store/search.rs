//! One search over everything with a name, for the command palette.

use super::lists::{match_expression, newest_expression};
use crate::error::Error;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// What fits the typed words: every kind of record and the controls by full text, frameworks by name; `#142` finds by number.
///
/// # Errors
/// The database's.
pub fn find(connection: &Connection, typed: &str, limit: usize) -> Result<Vec<Value>, Error> {
    let wanted = limit;
    let limit = i64::try_from(limit).unwrap_or(20);
    if let Some(number) = typed.trim().strip_prefix('#') {
        return by_number(connection, number.trim(), limit);
    }
    let Some(expression) = match_expression(typed) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let risk = |json: &Value| json!({ "kind": "risk", "id": json["id"], "ref": json["ref"], "title": json["name"], "score": json["score"], "level": json["level"], "status": json["status"] });
    let incident = |json: &Value| json!({ "kind": "incident", "id": json["id"], "ref": json["ref"], "title": json["title"], "severity": json["severity"], "status": json["status"] });
    let asset =
        |json: &Value| json!({ "kind": "asset", "id": json["id"], "ref": json["ref"], "title": json["name"], "type": json["type"] });
    let vulnerability = |json: &Value| json!({ "kind": "vulnerability", "id": json["id"], "ref": json["ref"], "title": json["title"], "cve": json["cve"], "severity": json["severity"], "status": json["status"], "asset_id": json["asset_id"] });
    let assessment = |json: &Value| json!({ "kind": "assessment", "id": json["id"], "ref": json["ref"], "title": json["name"], "status": json["status"], "due_date": json["due_date"], "framework_id": json["framework_id"] });
    let document = |json: &Value| json!({ "kind": "document", "id": json["id"], "ref": json["ref"], "title": json["title"], "status": json["status"] });
    let audit =
        |json: &Value| json!({ "kind": "audit", "id": json["id"], "ref": json["ref"], "title": json["name"], "status": json["status"] });
    let finding = |json: &Value| json!({ "kind": "finding", "id": json["id"], "ref": json["ref"], "title": json["title"], "status": json["status"], "grade": json["grade"], "audit_id": json["audit_id"] });
    let control = |json: &Value| json!({ "kind": "control", "id": json["id"], "ref": json["ref"], "title": json["title"], "framework_id": json["framework_id"] });
    // The newest of those that fit, best titles first: a rank over all would read every row that a common word stands in.
    let mut best = |sql: &str, expression: &str, shape: &dyn Fn(&Value) -> Value| -> Result<(), Error> {
        let mut fitting = records(connection, sql, expression, CONSIDERED, shape)?;
        fitting.sort_by_key(|record| std::cmp::Reverse(title_fit(record["title"].as_str().unwrap_or(""), typed)));
        fitting.truncate(wanted);
        found.append(&mut fitting);
        Ok(())
    };
    best(
        "SELECT t.json FROM risks_text x JOIN risks t ON t.seq = x.rowid WHERE risks_text MATCH ?1 ORDER BY x.rowid DESC LIMIT ?2",
        newest_expression(connection, "risks_text", typed)?.as_deref().unwrap_or(&expression),
        &risk,
    )?;
    best(
        "SELECT t.json FROM incidents_text x JOIN incidents t ON t.seq = x.rowid WHERE incidents_text MATCH ?1 ORDER BY x.rowid DESC LIMIT ?2",
        &expression,
        &incident,
    )?;
    best(
        "SELECT t.json FROM assets_text x JOIN assets t ON t.seq = x.rowid WHERE assets_text MATCH ?1 ORDER BY x.rowid DESC LIMIT ?2",
        &expression,
        &asset,
    )?;
    best(
        "SELECT t.json FROM vulnerabilities_text x JOIN vulnerabilities t ON t.seq = x.rowid WHERE vulnerabilities_text MATCH ?1 ORDER BY x.rowid DESC LIMIT ?2",
        &expression,
        &vulnerability,
    )?;
    best(
        "SELECT t.json FROM assessments_text x JOIN assessments t ON t.seq = x.rowid WHERE assessments_text MATCH ?1 ORDER BY x.rowid DESC LIMIT ?2",
        &expression,
        &assessment,
    )?;
    best(
        "SELECT t.json FROM documents_text x JOIN documents t ON t.seq = x.rowid WHERE documents_text MATCH ?1 ORDER BY x.rowid DESC LIMIT ?2",
        &expression,
        &document,
    )?;
    best(
        "SELECT t.json FROM audits_text x JOIN audits t ON t.seq = x.rowid WHERE audits_text MATCH ?1 ORDER BY x.rowid DESC LIMIT ?2",
        &expression,
        &audit,
    )?;
    best(
        "SELECT t.json FROM findings_text x JOIN findings t ON t.seq = x.rowid WHERE findings_text MATCH ?1 ORDER BY x.rowid DESC LIMIT ?2",
        &expression,
        &finding,
    )?;
    found.extend(records(
        connection,
        "SELECT t.json FROM controls_text x JOIN controls t ON t.seq = x.rowid JOIN frameworks f ON f.seq = t.framework
         WHERE controls_text MATCH ?1 AND f.hidden = 0 ORDER BY x.rowid LIMIT ?2",
        &expression,
        limit,
        &control,
    )?);
    let mut frameworks = connection
        .prepare_cached("SELECT id, name FROM frameworks WHERE hidden = 0 AND instr(lower(name), lower(?1)) > 0 ORDER BY name LIMIT ?2")
        .map_err(db)?;
    let rows = frameworks
        .query_map(params![typed.trim(), limit], |row| {
            Ok(json!({ "kind": "framework", "id": row.get::<_, String>(0)?, "ref": null, "title": row.get::<_, String>(1)? }))
        })
        .map_err(db)?;
    for row in rows {
        found.push(row.map_err(db)?);
    }
    tell_apart(connection, &mut found)?;
    Ok(found)
}

/// Says of each what it is a part of, since records of one title are common: a vulnerability is on many assets.
fn tell_apart(connection: &Connection, found: &mut [Value]) -> Result<(), Error> {
    for hit in found {
        let (of, sql) = match hit["kind"].as_str() {
            Some("vulnerability") => ("asset_id", "SELECT json ->> 'ref' || ' ' || name FROM assets WHERE id = ?1"),
            Some("assessment" | "control") => ("framework_id", "SELECT name FROM frameworks WHERE id = ?1"),
            Some("finding") => ("audit_id", "SELECT name FROM audits WHERE id = ?1"),
            _ => continue,
        };
        let mut statement = connection.prepare_cached(sql).map_err(db)?;
        let name: Option<String> = statement.query_row([hit[of].as_str()], |row| row.get(0)).optional().map_err(db)?;
        hit["part_of"] = json!(name);
    }
    Ok(())
}

/// Rows of one kind that are looked at for the best titles.
const CONSIDERED: i64 = 200;

/// How many of the typed words begin a word of the title, and whether the title begins with the first.
fn title_fit(title: &str, typed: &str) -> usize {
    let title = title.to_lowercase();
    let starts: Vec<&str> = title.split(|c: char| !c.is_alphanumeric()).collect();
    let words: Vec<String> =
        typed.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let fitting = words.iter().filter(|word| starts.iter().any(|start| start.starts_with(word.as_str()))).count();
    fitting * 2 + usize::from(words.first().is_some_and(|word| title.starts_with(word.as_str())))
}

fn records(connection: &Connection, sql: &str, expression: &str, limit: i64, shape: &dyn Fn(&Value) -> Value) -> Result<Vec<Value>, Error> {
    let mut statement = connection.prepare_cached(sql).map_err(db)?;
    let rows = statement.query_map(params![expression, limit], |row| row.get::<_, String>(0)).map_err(db)?;
    rows.map(|row| row.map_err(db).and_then(|json| serde_json::from_str(&json).map_err(Error::internal)).map(|json| shape(&json))).collect()
}

fn by_number(connection: &Connection, typed: &str, limit: i64) -> Result<Vec<Value>, Error> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let Ok(number) = digits.parse::<i64>() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for (kind, sql) in [
        ("risk", "SELECT json FROM risks WHERE seq = ?1 LIMIT ?2"),
        ("incident", "SELECT json FROM incidents WHERE seq = ?1 LIMIT ?2"),
        ("asset", "SELECT json FROM assets WHERE seq = ?1 LIMIT ?2"),
        ("document", "SELECT json FROM documents WHERE seq = ?1 LIMIT ?2"),
    ] {
        let mut statement = connection.prepare_cached(sql).map_err(db)?;
        let rows = statement.query_map(params![number, limit], |row| row.get::<_, String>(0)).map_err(db)?;
        for row in rows {
            let json: Value = serde_json::from_str(&row.map_err(db)?).map_err(Error::internal)?;
            let title = if matches!(kind, "incident" | "document") { &json["title"] } else { &json["name"] };
            found.push(json!({ "kind": kind, "id": json["id"], "ref": json["ref"], "title": title, "score": json["score"], "level": json["level"], "severity": json["severity"], "status": json["status"] }));
        }
    }
    Ok(found)
}
