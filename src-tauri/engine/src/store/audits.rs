//! Audits and their findings.

use super::documents::day;
use super::frameworks;
use super::history::{Action, Kind};
use super::lists::{Condition, Sort, Table};
use super::records::{self, Link, Record, Shape, Stored};
use super::undo::Way;
use super::writer::Tx;
use super::{meta, meta::setting};
use crate::error::Error;
use amtia_domain::Problems;
use amtia_domain::audit::{Audit, AuditPatch, AuditStatus, number_in_yearly, yearly_number};
use amtia_domain::document::Document;
use amtia_domain::finding::{Finding, FindingGrade, FindingPatch, FindingStatus};
use amtia_domain::risk::Risk;
use amtia_domain::time::rfc3339;
use amtia_domain::words::Word;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, Value as Sql};
use serde_json::Value;

/// The list of audits.
pub static AUDITS: Table = Table {
    name: "audits",
    text: "audits_text",
    sorts: &[
        Sort { field: "created_at", column: "seq" },
        Sort { field: "ref", column: "seq" },
        Sort { field: "updated_at", column: "updated_at" },
        Sort { field: "name", column: "name" },
        Sort { field: "status", column: "status" },
        Sort { field: "lead", column: "lead" },
        Sort { field: "start_date", column: "start_date" },
        Sort { field: "end_date", column: "end_date" },
    ],
};

/// The list of findings.
pub static FINDINGS: Table = Table {
    name: "findings",
    text: "findings_text",
    sorts: &[
        Sort { field: "created_at", column: "seq" },
        Sort { field: "ref", column: "seq" },
        Sort { field: "updated_at", column: "updated_at" },
        Sort { field: "title", column: "title" },
        Sort { field: "grade", column: "grade" },
        Sort { field: "status", column: "status" },
        Sort { field: "owner", column: "owner" },
        Sort { field: "due_date", column: "due_date" },
    ],
};

static AUDIT: Shape = Shape::new(
    Kind::Audit,
    &AUDITS,
    &["name", "status", "lead", "start_date", "end_date", "updated_at"],
    &["reference", "name", "scope", "lead"],
    &[Link { table: "audit_criteria", member: "framework_id", record: "audit" }],
);

static FINDING: Shape = Shape::new(
    Kind::Finding,
    &FINDINGS,
    &["audit_id", "title", "grade", "status", "is_open", "owner", "due_date", "updated_at"],
    &["reference", "title", "description", "owner"],
    &[
        Link { table: "finding_controls", member: "control_id", record: "finding" },
        Link { table: "finding_risks", member: "risk_id", record: "finding" },
        Link { table: "finding_evidence", member: "document_id", record: "finding" },
    ],
);

impl Record for Audit {
    fn shape() -> &'static Shape {
        &AUDIT
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &str {
        &self.reference
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn number(&self) -> Option<i64> {
        number_in_yearly(&self.reference)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    fn columns(&self) -> Vec<ToSqlOutput<'_>> {
        vec![
            self.name.as_str().into(),
            place(self.status).into(),
            self.lead.as_deref().unwrap_or("").into(),
            day(self.start_date),
            day(self.end_date),
            rfc3339(self.updated_at).into(),
        ]
    }

    fn texts(&self) -> Vec<Option<&str>> {
        vec![Some(&self.reference), Some(&self.name), self.scope.as_deref(), self.lead.as_deref()]
    }

    fn links(&self) -> Vec<&[String]> {
        vec![&self.criteria]
    }

    /// Kept by the findings' own triggers.
    fn derived() -> &'static [&'static str] {
        &["finding_counts", "findings_open"]
    }

    fn action(changed: &[&str]) -> Action {
        if changed.contains(&"status") { Action::StatusChanged } else { Action::Updated }
    }

    fn may_go(&self, connection: &Connection, _way: Way) -> Result<(), Error> {
        if findings_of(connection, &self.id)?.is_empty() {
            return Ok(());
        }
        Err(Error::Stale {
            message: format!(
                "Findings of {} were recorded since. Nothing was changed; delete the audit with them if it should go.",
                self.reference
            ),
            details: Vec::new(),
        })
    }
}

impl Record for Finding {
    fn shape() -> &'static Shape {
        &FINDING
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &str {
        &self.reference
    }

    fn name(&self) -> &str {
        &self.title
    }

    fn number(&self) -> Option<i64> {
        number_in_yearly(&self.reference)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    fn columns(&self) -> Vec<ToSqlOutput<'_>> {
        vec![
            self.audit_id.as_str().into(),
            self.title.as_str().into(),
            gravity(self.grade).into(),
            place(self.status).into(),
            i64::from(self.is_open()).into(),
            self.owner.as_deref().unwrap_or("").into(),
            day(self.due_date),
            rfc3339(self.updated_at).into(),
        ]
    }

    fn texts(&self) -> Vec<Option<&str>> {
        vec![Some(&self.reference), Some(&self.title), self.description.as_deref(), self.owner.as_deref()]
    }

    fn links(&self) -> Vec<&[String]> {
        vec![&self.control_ids, &self.risk_ids, &self.evidence_ids]
    }

    fn settle(&mut self, connection: &Connection) -> Result<(), Error> {
        records::keep_existing::<Risk>(connection, &mut self.risk_ids)
    }

    fn action(changed: &[&str]) -> Action {
        if changed.contains(&"status") { Action::StatusChanged } else { Action::Updated }
    }

    fn events(old: Option<&Self>, _: &Self) -> &'static [&'static str] {
        if old.is_none() { &["audit.finding"] } else { &[] }
    }
}

fn place<W: Word + PartialEq>(word: W) -> i64 {
    W::ALL.iter().position(|have| *have == word).map_or(0, |place| place as i64)
}

/// 6 for a major nonconformity … 1 for good practice, so that descending is gravest first.
fn gravity(grade: FindingGrade) -> i64 {
    FindingGrade::ALL.len() as i64 - place(grade)
}

/// Only audits of this status.
#[must_use]
pub fn of_status(status: AuditStatus) -> Condition {
    Condition::one("t.status = ?", place(status))
}

/// Only audits held against this framework.
#[must_use]
pub fn held_against(framework: String) -> Condition {
    Condition::one("t.seq IN (SELECT audit FROM audit_criteria WHERE framework_id = ?)", framework)
}

/// Only findings of this grade.
#[must_use]
pub fn of_grade(grade: FindingGrade) -> Condition {
    Condition::one("t.grade = ?", gravity(grade))
}

/// Only findings of this status.
#[must_use]
pub fn at_status(status: FindingStatus) -> Condition {
    Condition::one("t.status = ?", place(status))
}

/// Only findings whose work is late on a day, or only the others: [`Finding::is_overdue`] in the database's words.
#[must_use]
pub fn overdue(late: bool, today: Date) -> Condition {
    let sql = if late {
        "(t.status < ? AND t.due_date <> '' AND t.due_date < ?)"
    } else {
        "NOT (t.status < ? AND t.due_date <> '' AND t.due_date < ?)"
    };
    Condition { sql, values: vec![Sql::Integer(place(FindingStatus::Resolved)), Sql::Text(today.to_string())] }
}

/// Where the workspace is at home.
///
/// # Errors
/// The database's.
pub fn zone(connection: &Connection) -> Result<TimeZone, Error> {
    let name = meta::get(connection, setting::TIME_ZONE)?;
    Ok(name.and_then(|name| TimeZone::get(&name).ok()).unwrap_or(TimeZone::UTC))
}

/// The day it is, where the workspace is at home.
///
/// # Errors
/// The database's.
pub fn today(connection: &Connection, now: Timestamp) -> Result<Date, Error> {
    Ok(now.to_zoned_datetime(zone(connection)?).date())
}

/// The next number of a year, for a record made at `at`.
///
/// # Errors
/// The database's.
pub fn next_number(tx: &Tx<'_>, kind: Kind, at: Timestamp) -> Result<i64, Error> {
    let year = today(tx.connection, at)?.year();
    Ok(yearly_number(year, meta::next_number_of(tx.connection, kind, year)?))
}

/// Adds an audit under the next number of the year.
///
/// # Errors
/// Every offending field; the database's.
pub fn create(tx: &Tx<'_>, patch: AuditPatch, id: String) -> Result<Stored<Audit>, Error> {
    check_criteria(tx.connection, &patch, &[])?;
    let number = next_number(tx, Kind::Audit, tx.now)?;
    let audit = Audit::create(patch, id, number, tx.now)?;
    records::create(tx, audit, number, None)
}

/// Changes the fields that are present.
///
/// # Errors
/// 404; 412; every offending field; the database's.
pub fn update(tx: &Tx<'_>, id: &str, patch: AuditPatch, body: &Value, expected: Option<i64>) -> Result<Stored<Audit>, Error> {
    let old = records::get_expected::<Audit>(tx.connection, id, expected, body)?;
    check_criteria(tx.connection, &patch, &old.record.criteria)?;
    let mut audit = old.record.clone();
    audit.apply(patch, tx.now)?;
    records::replace(tx, &old, audit, None, None)
}

/// Removes an audit with its findings, as one step that undo takes back.
///
/// # Errors
/// The database's.
pub fn delete(tx: &Tx<'_>, old: &Stored<Audit>, action: Action) -> Result<(), Error> {
    // The step is named after the audit, so the audit goes first; undo then brings it back last, and the counts with it.
    records::delete(tx, old, action)?;
    for finding in findings_of(tx.connection, &old.record.id)? {
        records::delete(tx, &finding, action)?;
    }
    Ok(())
}

fn findings_of(connection: &Connection, audit: &str) -> Result<Vec<Stored<Finding>>, Error> {
    records::where_is(connection, "t.audit_id = ?1", audit)
}

/// Only what comes new has to be there: what was linked before may have gone since.
fn added(wanted: Option<&Vec<String>>, had: &[String]) -> Vec<String> {
    wanted.into_iter().flatten().filter(|id| !had.contains(id)).cloned().collect()
}

fn check_criteria(connection: &Connection, patch: &AuditPatch, had: &[String]) -> Result<(), Error> {
    for id in added(patch.criteria.as_ref(), had) {
        if frameworks::find_json(connection, &id)?.is_none() {
            return Err(Error::field("criteria", format!("names a framework that does not exist: {id}")));
        }
    }
    Ok(())
}

/// Raises a finding in an audit, under the next number of the year.
///
/// # Errors
/// 404 where there is no such audit; every offending field; the database's.
pub fn raise(tx: &Tx<'_>, audit: &str, patch: FindingPatch, id: String) -> Result<Stored<Finding>, Error> {
    records::get_json::<Audit>(tx.connection, audit)?;
    check_links(tx.connection, &patch, None)?;
    let reason = patch.reason.clone().flatten();
    let number = next_number(tx, Kind::Finding, tx.now)?;
    let finding = Finding::create(patch, id, audit.to_owned(), number, &tx.who.actor, tx.now)?;
    records::create(tx, finding, number, reason.as_deref())
}

/// Changes the fields that are present.
///
/// # Errors
/// 404; 412; every offending field; the database's.
pub fn update_finding(tx: &Tx<'_>, id: &str, patch: FindingPatch, body: &Value, expected: Option<i64>) -> Result<Stored<Finding>, Error> {
    let old = records::get_expected::<Finding>(tx.connection, id, expected, body)?;
    check_links(tx.connection, &patch, Some(&old.record))?;
    let reason = patch.reason.clone().flatten();
    let mut finding = old.record.clone();
    finding.apply(patch, &tx.who.actor, tx.now)?;
    records::replace(tx, &old, finding, None, reason.as_deref())
}

fn check_links(connection: &Connection, patch: &FindingPatch, had: Option<&Finding>) -> Result<(), Error> {
    let mut problems = Problems::default();
    let had = |ids: fn(&Finding) -> &Vec<String>| had.map_or(&[][..], |finding| ids(finding));
    for id in added(patch.control_ids.as_ref(), had(|finding| &finding.control_ids)) {
        if frameworks::control_json(connection, &id)?.is_none() {
            problems.add("control_ids", format!("names a control that does not exist: {id}"));
            break;
        }
    }
    let risks = added(patch.risk_ids.as_ref(), had(|finding| &finding.risk_ids));
    records::check_links::<Risk>(connection, &mut problems, "risk_ids", Some(&risks))?;
    let evidence = added(patch.evidence_ids.as_ref(), had(|finding| &finding.evidence_ids));
    records::check_links::<Document>(connection, &mut problems, "evidence_ids", Some(&evidence))?;
    Ok(problems.check()?)
}

/// How many audits are not closed.
///
/// # Errors
/// The database's.
pub fn open_count(connection: &Connection) -> Result<u64, Error> {
    super::lists::count(connection, &AUDITS, &[Condition::one("t.status < ?", place(AuditStatus::Closed))])
}

/// How many findings still need work.
///
/// # Errors
/// The database's.
pub fn open_findings(connection: &Connection) -> Result<u64, Error> {
    super::lists::count(connection, &FINDINGS, &[Condition::one("t.is_open = ?", 1)])
}
