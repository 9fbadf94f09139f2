//! Whether a workspace file is sound: every page, every link of the trail, every record against its history.

use super::history;
use rusqlite::Connection;
use serde::Serialize;
use serde_json::Value;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Report {
    /// Whether everything holds.
    pub sound: bool,
    /// What does not hold, one sentence each.
    pub problems: Vec<String>,
    /// Entries of the audit trail.
    pub trail_entries: i64,
    /// The trail's head, in hexadecimal.
    pub head: String,
    /// Records compared with their history.
    pub records: u64,
}

/// Checks everything. Reads the whole file.
#[must_use]
pub fn verify(connection: &Connection) -> Report {
    let mut report = Report { sound: true, problems: Vec::new(), trail_entries: 0, head: String::new(), records: 0 };
    if let Err(problems) = pages(connection) {
        report.problems.extend(problems);
    }
    match history::verify(connection) {
        Ok(count) => report.trail_entries = count,
        Err(problem) => report.problems.push(problem),
    }
    if let Ok(head) = history::head(connection) {
        report.head = crate::crypto::hex(&head);
    }
    for (kind, table) in [("risk", "risks"), ("incident", "incidents")] {
        match records(connection, kind, table) {
            Ok((count, problems)) => {
                report.records += count;
                report.problems.extend(problems);
            }
            Err(cause) => report.problems.push(format!("The table {table} cannot be read: {cause}.")),
        }
    }
    if let Err(problem) = counts(connection) {
        report.problems.push(problem);
    }
    report.sound = report.problems.is_empty();
    report
}

/// Whether every page decrypts to what was written and every index agrees with its table.
///
/// # Errors
/// What does not hold.
pub fn pages(connection: &Connection) -> Result<(), Vec<String>> {
    let list = |pragma: &str| -> rusqlite::Result<Vec<String>> {
        let mut statement = connection.prepare(&format!("PRAGMA {pragma}"))?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        rows.collect()
    };
    let mut problems = match list("cipher_integrity_check") {
        Ok(problems) => problems.into_iter().map(|problem| format!("The file is damaged: {problem}.")).collect(),
        Err(cause) => vec![format!("The file cannot be checked: {cause}.")],
    };
    match list("integrity_check(20)") {
        Ok(lines) if lines == ["ok"] => {}
        Ok(lines) => problems.extend(lines.into_iter().map(|line| format!("The database is damaged: {line}."))),
        Err(cause) => problems.push(format!("The database cannot be checked: {cause}.")),
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// Every record must be what its last history entry left, and at that revision.
fn records(connection: &Connection, kind: &str, table: &str) -> rusqlite::Result<(u64, Vec<String>)> {
    let mut statement = connection.prepare(&format!(
        "SELECT t.json, t.rev, t.id, h.rev, h.after FROM {table} t LEFT JOIN history h ON h.seq =
            (SELECT max(seq) FROM history WHERE kind = ?1 AND object_id = t.id AND action <> 'commented')"
    ))?;
    let mut rows = statement.query([kind])?;
    let (mut count, mut problems) = (0, Vec::new());
    while let Some(row) = rows.next()? {
        count += 1;
        let (json, rev, id): (String, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (last, after): (Option<i64>, Option<String>) = (row.get(3)?, row.get(4)?);
        let record: Value = serde_json::from_str(&json).unwrap_or(Value::Null);
        let left: Value = after.and_then(|after| serde_json::from_str(&after).ok()).unwrap_or(Value::Null);
        let same = last == Some(rev)
            && left
                .as_object()
                .is_some_and(|fields| fields.iter().all(|(field, value)| field == "updated_at" || record.get(field) == Some(value)));
        if !same {
            problems.push(format!("The {kind} {id} is not what its history says it is."));
        }
    }
    Ok((count, problems))
}

fn counts(connection: &Connection) -> Result<(), String> {
    let wrong: i64 = connection
        .query_row(
            "SELECT count(*) FROM (
                SELECT 0 AS v, current_likelihood AS l, current_impact AS i, count(*) AS n FROM risks GROUP BY 2, 3 UNION ALL
                SELECT 1, inherent_likelihood, inherent_impact, count(*) FROM risks GROUP BY 2, 3 UNION ALL
                SELECT 2, residual_likelihood, residual_impact, count(*) FROM risks GROUP BY 2, 3 UNION ALL
                SELECT 3, target_likelihood, target_impact, count(*) FROM risks GROUP BY 2, 3) seen
             FULL OUTER JOIN (SELECT * FROM risk_cells WHERE count > 0) kept ON kept.view = seen.v AND kept.likelihood = seen.l AND kept.impact = seen.i
             WHERE kept.count IS NOT seen.n",
            [],
            |row| row.get(0),
        )
        .map_err(|cause| format!("The heatmap's counts cannot be checked: {cause}."))?;
    if wrong == 0 { Ok(()) } else { Err(format!("{wrong} cells of the heatmap do not count what the register holds.")) }
}
