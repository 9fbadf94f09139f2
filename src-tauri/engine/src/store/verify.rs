//! Whether a workspace file is sound: every page, every link of the trail, every record against its history.

use super::history;
use super::records::{KEPT, Kept, Record};
use amtia_domain::words::Word;
use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, ValueRef};
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
    // One state of the file, whatever is written meanwhile; where a transaction runs already, it is that one's.
    let _snapshot = connection.unchecked_transaction();
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
    for kept in KEPT {
        let shape = (kept.shape)();
        let (kind, table) = (shape.kind.word(), shape.list.name);
        match records(connection, kind, table, kept) {
            Ok((count, problems)) => {
                report.records += count;
                report.problems.extend(problems);
            }
            Err(cause) => report.problems.push(format!("The table {table} cannot be read: {cause}.")),
        }
        match (kept.misfiled)(connection) {
            Ok(0) => {}
            Ok(wrong) => {
                report.problems.push(format!("{wrong} rows of {table} are filed under values that their records do not hold."));
            }
            Err(cause) => report.problems.push(format!("The table {table} cannot be read: {cause}.")),
        }
    }
    for check in [comments, counts, checks, acceptances, levels, seals] {
        if let Err(problem) = check(connection) {
            report.problems.push(problem);
        }
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
        Ok(problems) => problems.into_iter().map(|problem| format!("{DAMAGED} {problem}.")).collect(),
        Err(cause) => vec![format!("The file cannot be checked: {cause}.")],
    };
    // The check of a full-text index (FTS5) goes by what this connection last read of it, and takes what was merged since for
    // damage. Whoever opens a cursor looks anew.
    if let Err(cause) = fresh_indexes(connection) {
        problems.push(format!("The database cannot be checked: {cause}."));
    }
    match list("integrity_check(20)") {
        Ok(lines) if lines == ["ok"] => {}
        Ok(lines) => problems.extend(lines.into_iter().map(|line| format!("The database is damaged: {line}."))),
        Err(cause) => problems.push(format!("The database cannot be checked: {cause}.")),
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// How a problem of a page in the file begins.
const DAMAGED: &str = "The file is damaged:";

/// Whether a page was not as it must be in the file itself. SQLCipher looks at the file alone: a page that stands in the log so far,
/// and was not carried over, has a place in the file that holds nothing, which looks the same.
#[must_use]
pub fn is_torn(problems: &[String]) -> bool {
    problems.iter().any(|problem| problem.starts_with(DAMAGED))
}

fn fresh_indexes(connection: &Connection) -> rusqlite::Result<()> {
    let mut indexes = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%USING fts5 %'")?;
    let names: Vec<String> = indexes.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for name in names {
        connection.prepare(&format!("SELECT rowid FROM {name} WHERE rowid = 0"))?.exists([])?;
    }
    Ok(())
}

/// Every record must be what its history, followed from its beginning, leaves: in every field, at that revision, and gone
/// only where the history says so.
fn records(connection: &Connection, kind: &str, table: &str, how: &Kept) -> rusqlite::Result<(u64, Vec<String>)> {
    let mut statement = connection.prepare(&format!(
        "SELECT h.object_id, h.rev, h.at, h.before, h.after, t.json, t.rev FROM history h LEFT JOIN {table} t ON t.id = h.object_id
         WHERE h.kind = ?1 AND h.action <> 'commented' ORDER BY h.object_id, h.seq"
    ))?;
    let mut rows = statement.query([kind])?;
    let (mut count, mut problems) = (0, Vec::new());
    let mut told: Option<Told> = None;
    loop {
        let row = rows.next()?;
        let id: Option<String> = row.map(|row| row.get(0)).transpose()?;
        if let Some(ended) = told.take_if(|told| Some(&told.id) != id.as_ref()) {
            count += u64::from(ended.kept.is_some());
            if !ended.holds(how) {
                problems.push(format!("The {kind} {} is not what its history says it is.", ended.id));
            }
        }
        let (Some(row), Some(id)) = (row, id) else { break };
        let mut so_far = match told.take() {
            Some(so_far) => so_far,
            None => Told { id, rev: 0, record: Value::Null, kept: row.get::<_, Option<String>>(5)?.zip(row.get(6)?) },
        };
        let json = |text: Option<String>| text.and_then(|text| serde_json::from_str::<Value>(&text).ok());
        so_far.follow(row.get(1)?, row.get(2)?, json(row.get(3)?), json(row.get(4)?));
        told = Some(so_far);
    }
    let sql = format!("SELECT id FROM {table} WHERE id NOT IN (SELECT object_id FROM history WHERE kind = ?1)");
    for id in connection.prepare(&sql)?.query_map([kind], |row| row.get::<_, String>(0))? {
        problems.push(format!("The {kind} {} has no history.", id?));
    }
    Ok((count, problems))
}

/// What the history tells of one record so far, beside what is kept of it.
struct Told {
    id: String,
    rev: i64,
    record: Value,
    kept: Option<(String, i64)>,
}

impl Told {
    fn follow(&mut self, rev: i64, at: String, before: Option<Value>, after: Option<Value>) {
        self.rev = rev;
        match (before, after) {
            (None, Some(whole)) => self.record = whole,
            (Some(_), None) => self.record = Value::Null,
            (Some(_), Some(changed)) => {
                for (field, value) in changed.as_object().into_iter().flatten() {
                    self.record[field] = value.clone();
                }
                self.record["updated_at"] = at.into();
            }
            (None, None) => {}
        }
    }

    /// Fields that follow from other records are no part of this one's history.
    fn holds(&self, how: &Kept) -> bool {
        let bare = |record: &Value| {
            let mut record = record.clone();
            for field in (how.derived)() {
                record.as_object_mut().map(|fields| fields.shift_remove(*field));
            }
            record
        };
        let same =
            |kept: Value| bare(&kept) == bare(&self.record) || bare(&(how.renewed)(kept)) == bare(&(how.renewed)(self.record.clone()));
        match &self.kept {
            None => self.record.is_null(),
            Some((json, rev)) => *rev == self.rev && serde_json::from_str::<Value>(json).is_ok_and(same),
        }
    }
}

/// How many records do not stand in the columns and links by which they are found as they themselves say, or hold fields
/// that do not follow from what they follow from.
pub(super) fn misfiled<R: Record>(connection: &Connection) -> rusqlite::Result<u64> {
    let shape = R::shape();
    let columns: String = shape.columns.iter().map(|column| format!(", {column}")).collect();
    let mut rows = connection.prepare(&format!("SELECT seq, json, id{columns} FROM {}", shape.list.name))?;
    let mut links = Vec::new();
    for link in shape.links {
        links.push(connection.prepare(&format!("SELECT {} FROM {} WHERE {} = ?1", link.member, link.table, link.record))?);
    }
    let mut rows = rows.query([])?;
    let mut wrong = 0;
    while let Some(row) = rows.next()? {
        let (seq, json): (i64, String) = (row.get(0)?, row.get(1)?);
        let Ok(record) = serde_json::from_str::<R>(&json) else {
            wrong += 1;
            continue;
        };
        let mut expected: Vec<ToSqlOutput<'_>> = vec![record.id().into()];
        expected.extend(record.columns());
        let mut holds = true;
        for (place, expected) in expected.iter().enumerate() {
            let expected = match expected {
                ToSqlOutput::Owned(value) => ValueRef::from(value),
                ToSqlOutput::Borrowed(value) => *value,
                _ => ValueRef::Null,
            };
            holds &= row.get_ref(place + 2)? == expected;
        }
        for (statement, members) in links.iter_mut().zip(record.links()) {
            let mut kept: Vec<String> = statement.query_map([seq], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            let mut members = members.to_vec();
            kept.sort_unstable();
            members.sort_unstable();
            holds &= kept == members;
        }
        if !R::derived().is_empty() {
            let mut settled = record.clone();
            let same = |a: &R, b: &R| serde_json::to_value(a).ok() == serde_json::to_value(b).ok();
            holds &= settled.settle(connection).is_ok() && same(&settled, &record);
        }
        wrong += u64::from(!holds);
    }
    Ok(wrong)
}

/// What people wrote into timelines must stand there as the history has it.
fn comments(connection: &Connection) -> Result<(), String> {
    let wrong: i64 = connection
        .query_row(
            "SELECT count(*) FROM history h WHERE h.kind = 'incident' AND h.action = 'commented'
             AND NOT EXISTS (SELECT 1 FROM incident_entries e WHERE e.incident_id = h.object_id AND e.json = h.after)",
            [],
            |row| row.get(0),
        )
        .map_err(|cause| format!("The timelines cannot be read: {cause}."))?;
    if wrong == 0 { Ok(()) } else { Err(format!("{wrong} comments in timelines are not what the history says they were.")) }
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

fn acceptances(connection: &Connection) -> Result<(), String> {
    let alone: i64 = connection
        .query_row("SELECT count(*) FROM acceptances a WHERE NOT EXISTS (SELECT 1 FROM risks r WHERE r.id = a.risk_id)", [], |row| {
            row.get(0)
        })
        .map_err(|cause| format!("The acceptances cannot be checked: {cause}."))?;
    if alone == 0 { Ok(()) } else { Err(format!("{alone} acceptances are of risks that do not exist.")) }
}

fn checks(connection: &Connection) -> Result<(), String> {
    let wrong: i64 = connection
        .query_row(
            "SELECT count(*) FROM (
                SELECT 'no_owner' AS s, no_owner AS v, count(*) AS n FROM risks WHERE no_owner = 1 GROUP BY 2 UNION ALL
                SELECT 'residual_above', residual_above, count(*) FROM risks WHERE residual_above = 1 GROUP BY 2 UNION ALL
                SELECT 'done_unchanged', done_unchanged, count(*) FROM risks WHERE done_unchanged = 1 GROUP BY 2 UNION ALL
                SELECT 'unplanned', unplanned_score, count(*) FROM risks WHERE unplanned_score > 0 GROUP BY 2 UNION ALL
                SELECT 'review_due', review_due, count(*) FROM risks WHERE review_due <> '' GROUP BY 2 UNION ALL
                SELECT 'borne', borne, count(*) FROM risks WHERE borne <> '' GROUP BY 2) seen
             FULL OUTER JOIN (SELECT * FROM risk_checks WHERE count > 0) kept ON kept.said = seen.s AND kept.value = seen.v
             WHERE kept.count IS NOT seen.n",
            [],
            |row| row.get(0),
        )
        .map_err(|cause| format!("The counts of the checks cannot be checked: {cause}."))?;
    if wrong == 0 { Ok(()) } else { Err(format!("{wrong} counts of the checks are not what the register holds.")) }
}

fn levels(connection: &Connection) -> Result<(), String> {
    match super::matrices::strays(connection).map(|strays| strays.len()) {
        Ok(0) => Ok(()),
        Ok(wrong) => Err(format!("{wrong} risks do not have the level that follows from the risk matrix.")),
        Err(cause) => Err(format!("The levels of risks cannot be checked: {cause}.")),
    }
}

fn seals(connection: &Connection) -> Result<(), String> {
    match super::workshops::broken_seals(connection) {
        Ok(0) => Ok(()),
        Ok(wrong) => Err(format!("The votes of {wrong} rounds of workshops are not those that were revealed.")),
        Err(cause) => Err(format!("The votes of workshops cannot be checked: {cause}.")),
    }
}
