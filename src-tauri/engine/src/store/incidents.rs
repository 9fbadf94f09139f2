//! Incidents and their append-only timelines.

use super::history::{Action, Kind, difference};
use super::lists::{Condition, Sort, Table};
use super::records::{self, Link, Record, Shape, Stored, number_in};
use super::writer::Tx;
use crate::error::Error;
use amtia_domain::Problems;
use amtia_domain::asset::Asset;
use amtia_domain::incident::{EntryKind, Incident, IncidentPatch, IncidentStatus, Severity, StatusChange, TimelineEntry};
use amtia_domain::risk::Risk;
use amtia_domain::time::rfc3339;
use amtia_domain::words::Word;
use jiff::Timestamp;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, params};
use serde_json::Value;

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// The list of incidents.
pub static INCIDENTS: Table = Table {
    name: "incidents",
    text: "incidents_text",
    sorts: &[
        Sort { field: "created_at", column: "seq" },
        Sort { field: "ref", column: "seq" },
        Sort { field: "updated_at", column: "updated_at" },
        Sort { field: "title", column: "title" },
        Sort { field: "severity", column: "severity" },
        Sort { field: "status", column: "status" },
        Sort { field: "lead", column: "lead" },
        Sort { field: "occurred_at", column: "occurred_at" },
        Sort { field: "detected_at", column: "detected_at" },
    ],
};

static SHAPE: Shape = Shape::new(
    Kind::Incident,
    &INCIDENTS,
    &["title", "severity", "status", "is_open", "lead", "tlp", "occurred_at", "detected_at", "updated_at"],
    &["reference", "title", "description", "lead"],
    &[
        Link { table: "incident_risks", member: "risk_id", record: "incident" },
        Link { table: "incident_assets", member: "asset_id", record: "incident" },
    ],
);

impl Record for Incident {
    fn shape() -> &'static Shape {
        &SHAPE
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
        number_in(&self.reference)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    fn columns(&self) -> Vec<ToSqlOutput<'_>> {
        let time = |at: Option<Timestamp>| ToSqlOutput::from(at.map(rfc3339).unwrap_or_default());
        vec![
            self.title.as_str().into(),
            severity_number(self.severity).into(),
            status_number(self.status).into(),
            i64::from(self.status.is_open()).into(),
            self.lead.as_deref().unwrap_or("").into(),
            self.tlp.map_or("", Word::word).into(),
            time(self.occurred_at),
            time(self.detected_at),
            rfc3339(self.updated_at).into(),
        ]
    }

    fn texts(&self) -> Vec<Option<&str>> {
        vec![Some(&self.reference), Some(&self.title), self.description.as_deref(), self.lead.as_deref()]
    }

    fn links(&self) -> Vec<&[String]> {
        vec![&self.risk_ids, &self.asset_ids]
    }

    fn settle(&mut self, connection: &Connection) -> Result<(), Error> {
        records::keep_existing::<Risk>(connection, &mut self.risk_ids)?;
        records::keep_existing::<Asset>(connection, &mut self.asset_ids)
    }

    fn events(old: Option<&Self>, new: &Self) -> &'static [&'static str] {
        let arrives = old.is_some_and(|old| old.status != new.status) && new.status == IncidentStatus::Resolved;
        if arrives { &["incident.resolved"] } else { &[] }
    }

    /// The timeline tells what matters of it; a change of status tells itself, with its note.
    fn changed(tx: &Tx<'_>, old: &Self, new: &Self, action: Action) -> Result<(), Error> {
        match action {
            Action::StatusChanged => Ok(()),
            Action::Undone | Action::Redone => tell_undo(tx, old, new),
            _ => tell(tx, old, new),
        }
    }
}

/// 4 critical … 1 low, so that descending is worst first.
fn severity_number(severity: Severity) -> i64 {
    Severity::ALL.iter().rev().position(|have| *have == severity).map_or(0, |place| place as i64 + 1)
}

fn status_number(status: IncidentStatus) -> i64 {
    IncidentStatus::ALL.iter().position(|have| *have == status).map_or(0, |place| place as i64)
}

/// Only incidents of this severity.
#[must_use]
pub fn of_severity(severity: Severity) -> Condition {
    Condition::one("t.severity = ?", severity_number(severity))
}

/// Only incidents that touch this risk.
#[must_use]
pub fn touching(risk: String) -> Condition {
    Condition::one("t.seq IN (SELECT incident FROM incident_risks WHERE risk_id = ?)", risk)
}

/// Only incidents that affect this asset.
#[must_use]
pub fn affecting(asset: String) -> Condition {
    Condition::one("t.seq IN (SELECT incident FROM incident_assets WHERE asset_id = ?)", asset)
}

/// Only incidents of this status.
#[must_use]
pub fn of_status(status: IncidentStatus) -> Condition {
    Condition::one("t.status = ?", status_number(status))
}

/// Reports an incident under the next number, with the first entry of its timeline.
///
/// # Errors
/// Every offending field; the database's.
pub fn create(tx: &Tx<'_>, patch: IncidentPatch, id: String) -> Result<Stored<Incident>, Error> {
    check_links(tx.connection, &patch)?;
    let number = records::next_number::<Incident>(tx)?;
    let incident = Incident::create(patch, id, number, tx.now)?;
    let text = incident.description.clone();
    let stored = records::create(tx, incident, number, None)?;
    append(tx, &stored.record.id, &Entry { text, to: Some(stored.record.severity.word().into()), ..Entry::of(EntryKind::Reported) })?;
    Ok(stored)
}

/// Brings in an incident with a timeline that was written elsewhere: the sample's, an import's.
///
/// # Errors
/// The database's.
pub fn bring(tx: &Tx<'_>, incident: Incident, number: i64, timeline: &[TimelineEntry]) -> Result<Stored<Incident>, Error> {
    let stored = records::create(tx, incident, number, None)?;
    for entry in timeline {
        put_entry(tx.connection, &stored.record.id, entry)?;
    }
    Ok(stored)
}

/// Changes the fields that are present; the timeline tells what matters of it.
///
/// # Errors
/// 404; 412; every offending field; the database's.
pub fn update(tx: &Tx<'_>, id: &str, patch: IncidentPatch, body: &Value, expected: Option<i64>) -> Result<Stored<Incident>, Error> {
    let old = records::get_expected::<Incident>(tx.connection, id, expected, body)?;
    check_links(tx.connection, &patch)?;
    let mut incident = old.record.clone();
    incident.apply(patch, tx.now)?;
    records::replace(tx, &old, incident, None, None)
}

/// Changes the status by the state machine.
///
/// # Errors
/// 404; 412; a refused transition (400); the database's.
pub fn change_status(tx: &Tx<'_>, id: &str, change: &StatusChange, body: &Value, expected: Option<i64>) -> Result<Stored<Incident>, Error> {
    let old = records::get_expected::<Incident>(tx.connection, id, expected, body)?;
    let mut incident = old.record.clone();
    if !incident.change_status(change, tx.now)? {
        return Ok(old);
    }
    let stored = records::replace(tx, &old, incident, Some(Action::StatusChanged), change.note.as_deref())?;
    let (from, to) = (old.record.status.word().to_owned(), stored.record.status.word().to_owned());
    append(tx, id, &Entry { text: change.note.clone(), from: Some(from), to: Some(to), ..Entry::of(EntryKind::Status) })?;
    Ok(stored)
}

/// Writes a comment into the timeline.
///
/// # Errors
/// 404; the database's.
pub fn comment(tx: &Tx<'_>, id: &str, text: String, at: Option<Timestamp>) -> Result<TimelineEntry, Error> {
    let incident = records::get::<Incident>(tx.connection, id)?;
    // A comment cannot be taken back: the timeline is only ever added to.
    tx.outside_undo();
    let entry = append(tx, id, &Entry { text: Some(text), at, ..Entry::of(EntryKind::Comment) })?;
    let after = serde_json::to_value(&entry).map_err(Error::internal)?;
    records::note(tx, &incident, Action::Commented, (None, Some(&after)), None, &["incident.updated"])?;
    Ok(entry)
}

/// Tells the timeline that a change was taken back or made again.
fn tell_undo(tx: &Tx<'_>, old: &Incident, new: &Incident) -> Result<(), Error> {
    let (was, now) = difference(&serde_json::to_value(old).map_err(Error::internal)?, &serde_json::to_value(new).map_err(Error::internal)?);
    for (field, value) in now.as_object().into_iter().flatten() {
        if matches!(field.as_str(), "resolved_at" | "dismissal_reason") {
            continue;
        }
        let entry = Entry { field: Some(field.clone()), from: plain(&was[field]), to: plain(value), ..Entry::of(EntryKind::Undone) };
        append(tx, &new.id, &entry)?;
    }
    Ok(())
}

fn tell(tx: &Tx<'_>, old: &Incident, new: &Incident) -> Result<(), Error> {
    let (was, now) = difference(&serde_json::to_value(old).map_err(Error::internal)?, &serde_json::to_value(new).map_err(Error::internal)?);
    for (field, value) in now.as_object().into_iter().flatten() {
        let kind = match field.as_str() {
            "severity" => EntryKind::Severity,
            "lead" => EntryKind::Lead,
            _ => EntryKind::Changed,
        };
        append(tx, &new.id, &Entry { field: Some(field.clone()), from: plain(&was[field]), to: plain(value), ..Entry::of(kind) })?;
    }
    Ok(())
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => Some(items.len().to_string()),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => Some(value.to_string()),
    }
}

struct Entry {
    at: Option<Timestamp>,
    kind: EntryKind,
    text: Option<String>,
    from: Option<String>,
    to: Option<String>,
    field: Option<String>,
}

impl Entry {
    fn of(kind: EntryKind) -> Self {
        Self { at: None, kind, text: None, from: None, to: None, field: None }
    }
}

fn append(tx: &Tx<'_>, id: &str, entry: &Entry) -> Result<TimelineEntry, Error> {
    let entry = TimelineEntry {
        id: crate::ids::new(tx.now),
        at: entry.at.unwrap_or(tx.now),
        entered_at: tx.now,
        actor: tx.who.actor.clone(),
        kind: entry.kind,
        text: entry.text.clone(),
        from: entry.from.clone(),
        to: entry.to.clone(),
        field: entry.field.clone(),
    };
    put_entry(tx.connection, id, &entry)?;
    Ok(entry)
}

fn put_entry(connection: &Connection, id: &str, entry: &TimelineEntry) -> Result<(), Error> {
    let json = serde_json::to_string(entry).map_err(Error::internal)?;
    connection
        .prepare_cached("INSERT INTO incident_entries (incident_id, at, json) VALUES (?1, ?2, ?3)")
        .and_then(|mut insert| insert.execute(params![id, rfc3339(entry.at), json]))
        .map(drop)
        .map_err(db)
}

/// One page of a timeline, newest first: entries before (`at`, number). Answers JSON with both.
///
/// # Errors
/// The database's.
pub fn timeline(
    connection: &Connection,
    id: &str,
    before: Option<(String, i64)>,
    limit: usize,
) -> Result<Vec<(String, String, i64)>, Error> {
    let (at, seq) = before.unwrap_or_else(|| ("9999".to_owned(), i64::MAX));
    let mut statement = connection
        .prepare_cached("SELECT json, at, seq FROM incident_entries WHERE incident_id = ?1 AND (at, seq) < (?2, ?3) ORDER BY at DESC, seq DESC LIMIT ?4")
        .map_err(db)?;
    let rows = statement.query_map(params![id, at, seq, limit as i64], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).map_err(db)?;
    rows.collect::<Result<_, _>>().map_err(db)
}

/// How many incidents still need work.
///
/// # Errors
/// The database's.
pub fn open_count(connection: &Connection) -> Result<u64, Error> {
    super::lists::count(connection, &INCIDENTS, &[Condition::one("t.is_open = ?", 1)])
}

fn check_links(connection: &Connection, patch: &IncidentPatch) -> Result<(), Error> {
    let mut problems = Problems::default();
    records::check_links::<Asset>(connection, &mut problems, "asset_ids", patch.asset_ids.as_deref())?;
    records::check_links::<Risk>(connection, &mut problems, "risk_ids", patch.risk_ids.as_deref())?;
    Ok(problems.check()?)
}
