//! Incidents and their append-only timelines.

use super::history::{Action, Kind, difference};
use super::lists::{Condition, Sort, Table};
use super::meta;
use super::risks::{Stored, stale};
use super::writer::{Change, Tx};
use crate::error::Error;
use amtia_domain::incident::{EntryKind, Incident, IncidentPatch, IncidentStatus, Severity, StatusChange, TimelineEntry};
use amtia_domain::time::rfc3339;
use amtia_domain::words::Word;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params, params};
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

/// Only incidents of this status.
#[must_use]
pub fn of_status(status: IncidentStatus) -> Condition {
    Condition::one("t.status = ?", status_number(status))
}

/// The JSON, revision and number of one incident.
///
/// # Errors
/// The database's.
pub fn find_json(connection: &Connection, id: &str) -> Result<Option<(String, i64, i64)>, Error> {
    connection
        .prepare_cached("SELECT json, rev, seq FROM incidents WHERE id = ?1")
        .and_then(|mut statement| statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional())
        .map_err(db)
}

/// One incident.
///
/// # Errors
/// 404 where there is none; the database's.
pub fn get(connection: &Connection, id: &str) -> Result<Stored<Incident>, Error> {
    let (json, rev, seq) = find_json(connection, id)?.ok_or_else(|| Error::no_record("incident"))?;
    let record = serde_json::from_str(&json).map_err(Error::internal)?;
    Ok(Stored { record, json, rev, seq })
}

/// Reports an incident under the next number, with the first entry of its timeline.
///
/// # Errors
/// Every offending field; the database's.
pub fn create(tx: &Tx<'_>, patch: IncidentPatch, id: String) -> Result<Stored<Incident>, Error> {
    check_links(tx.connection, &patch)?;
    let number = meta::next_number(tx.connection, Kind::Incident)?;
    let incident = Incident::create(patch, id, number, tx.now)?;
    let text = incident.description.clone();
    let stored = insert(tx, incident, 1, Action::Created)?;
    append(tx, &stored.record.id, &Entry { text, to: Some(stored.record.severity.word().into()), ..Entry::of(EntryKind::Reported) })?;
    Ok(stored)
}

fn insert(tx: &Tx<'_>, incident: Incident, rev: i64, action: Action) -> Result<Stored<Incident>, Error> {
    let number: i64 = incident.reference.trim_start_matches("INC-").parse().map_err(Error::internal)?;
    let stored = put(tx.connection, incident, number, rev, true)?;
    index_text(tx.connection, number, &stored.record)?;
    let whole = serde_json::to_value(&stored.record).map_err(Error::internal)?;
    record(tx, &stored, action, None, Some(&whole), None, &["incident.created"])?;
    Ok(stored)
}

/// Brings in an incident with a timeline that was written elsewhere: the sample's, an import's.
///
/// # Errors
/// The database's.
pub fn bring(tx: &Tx<'_>, incident: Incident, timeline: &[TimelineEntry]) -> Result<Stored<Incident>, Error> {
    let stored = insert(tx, incident, 1, Action::Created)?;
    for entry in timeline {
        put_entry(tx.connection, &stored.record.id, entry)?;
    }
    Ok(stored)
}

/// Brings a removed incident back under its own number; its timeline was never removed.
pub(super) fn restore(tx: &Tx<'_>, incident: Incident, rev: i64, action: Action) -> Result<Stored<Incident>, Error> {
    insert(tx, incident, rev, action)
}

/// Changes the fields that are present; the timeline tells what matters of it.
///
/// # Errors
/// 404; 412; every offending field; the database's.
pub fn update(tx: &Tx<'_>, id: &str, patch: IncidentPatch, body: &Value, expected: Option<i64>) -> Result<Stored<Incident>, Error> {
    let old = get(tx.connection, id)?;
    if expected.is_some_and(|rev| rev != old.rev) {
        return Err(stale("incident", &old.json, body));
    }
    check_links(tx.connection, &patch)?;
    let mut incident = old.record.clone();
    incident.apply(patch, tx.now)?;
    let stored = replace(tx, &old, incident, Action::Updated, None, &[])?;
    tell(tx, &old.record, &stored.record)?;
    Ok(stored)
}

/// Changes the status by the state machine.
///
/// # Errors
/// 404; 412; a refused transition (400); the database's.
pub fn change_status(tx: &Tx<'_>, id: &str, change: &StatusChange, body: &Value, expected: Option<i64>) -> Result<Stored<Incident>, Error> {
    let old = get(tx.connection, id)?;
    if expected.is_some_and(|rev| rev != old.rev) {
        return Err(stale("incident", &old.json, body));
    }
    let mut incident = old.record.clone();
    if !incident.change_status(change, tx.now)? {
        return Ok(old);
    }
    let arrives = incident.status == IncidentStatus::Resolved;
    let events: &[&'static str] = if arrives { &["incident.resolved"] } else { &[] };
    let stored = replace(tx, &old, incident, Action::StatusChanged, change.note.as_deref(), events)?;
    let (from, to) = (old.record.status.word().to_owned(), stored.record.status.word().to_owned());
    append(tx, id, &Entry { text: change.note.clone(), from: Some(from), to: Some(to), ..Entry::of(EntryKind::Status) })?;
    Ok(stored)
}

/// Writes a comment into the timeline.
///
/// # Errors
/// 404; the database's.
pub fn comment(tx: &Tx<'_>, id: &str, text: String, at: Option<Timestamp>) -> Result<TimelineEntry, Error> {
    let incident = get(tx.connection, id)?;
    // A comment cannot be taken back: the timeline is only ever added to.
    tx.outside_undo();
    let entry = append(tx, id, &Entry { text: Some(text), at, ..Entry::of(EntryKind::Comment) })?;
    let after = serde_json::to_value(&entry).map_err(Error::internal)?;
    record(tx, &incident, Action::Commented, None, Some(&after), None, &["incident.updated"])?;
    Ok(entry)
}

/// Removes an incident; history and timeline keep it.
///
/// # Errors
/// 404; 412; the database's.
pub fn delete(tx: &Tx<'_>, id: &str, expected: Option<i64>, action: Action) -> Result<Stored<Incident>, Error> {
    let old = get(tx.connection, id)?;
    if expected.is_some_and(|rev| rev != old.rev) {
        return Err(stale("incident", &old.json, &Value::Null));
    }
    forget_text(tx.connection, old.seq)?;
    tx.connection
        .prepare_cached("DELETE FROM incidents WHERE seq = ?1")
        .and_then(|mut statement| statement.execute([old.seq]))
        .map_err(db)?;
    let whole = serde_json::to_value(&old.record).map_err(Error::internal)?;
    let gone = Stored { rev: old.rev + 1, ..old.clone() };
    record(tx, &gone, action, Some(&whole), None, None, &["incident.deleted"])?;
    Ok(old)
}

/// Writes a changed incident over its old state. Without a difference nothing is written.
pub(super) fn replace(
    tx: &Tx<'_>,
    old: &Stored<Incident>,
    incident: Incident,
    action: Action,
    reason: Option<&str>,
    events: &[&'static str],
) -> Result<Stored<Incident>, Error> {
    let (was, now) = difference(
        &serde_json::to_value(&old.record).map_err(Error::internal)?,
        &serde_json::to_value(&incident).map_err(Error::internal)?,
    );
    if now.as_object().is_none_or(serde_json::Map::is_empty) {
        return Ok(old.clone());
    }
    let stored = put(tx.connection, incident, old.seq, old.rev + 1, false)?;
    forget_text(tx.connection, old.seq)?;
    index_text(tx.connection, old.seq, &stored.record)?;
    let mut all = vec!["incident.updated"];
    all.extend_from_slice(events);
    record(tx, &stored, action, Some(&was), Some(&now), reason, &all)?;
    Ok(stored)
}

/// Tells the timeline that a change was taken back or made again.
pub(super) fn tell_undo(tx: &Tx<'_>, old: &Incident, new: &Incident) -> Result<(), Error> {
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

fn record(
    tx: &Tx<'_>,
    stored: &Stored<Incident>,
    action: Action,
    before: Option<&Value>,
    after: Option<&Value>,
    reason: Option<&str>,
    events: &[&'static str],
) -> Result<(), Error> {
    let (id, label, name) = (&stored.record.id, &stored.record.reference, &stored.record.title);
    tx.record(&Change { kind: Kind::Incident, id, label, name, rev: stored.rev, action, before, after, reason, events }).map(drop)
}

fn check_links(connection: &Connection, patch: &IncidentPatch) -> Result<(), Error> {
    if patch.asset_ids.as_ref().is_some_and(|ids| !ids.is_empty()) {
        return Err(Error::field("asset_ids", "names an asset that does not exist"));
    }
    for id in patch.risk_ids.iter().flatten() {
        if super::risks::find_json(connection, id)?.is_none() {
            return Err(Error::field("risk_ids", format!("names a risk that does not exist: {id}")));
        }
    }
    Ok(())
}

fn put(connection: &Connection, incident: Incident, seq: i64, rev: i64, new: bool) -> Result<Stored<Incident>, Error> {
    const INSERT: &str =
        "INSERT INTO incidents (seq, id, rev, json, title, severity, status, is_open, lead, tlp, occurred_at, detected_at, updated_at)
        VALUES (:seq, :id, :rev, :json, :title, :severity, :status, :open, :lead, :tlp, :occurred, :detected, :updated)";
    const UPDATE: &str =
        "UPDATE incidents SET rev = :rev, json = :json, title = :title, severity = :severity, status = :status, is_open = :open,
        lead = :lead, tlp = :tlp, occurred_at = :occurred, detected_at = :detected, updated_at = :updated WHERE seq = :seq AND id = :id";
    let json = serde_json::to_string(&incident).map_err(Error::internal)?;
    let time = |at: Option<Timestamp>| at.map(rfc3339).unwrap_or_default();
    let mut statement = connection.prepare_cached(if new { INSERT } else { UPDATE }).map_err(db)?;
    statement
        .execute(named_params! {
            ":seq": seq, ":id": incident.id, ":rev": rev, ":json": json, ":title": incident.title, ":severity": severity_number(incident.severity),
            ":status": status_number(incident.status), ":open": incident.status.is_open(), ":lead": incident.lead.as_deref().unwrap_or(""),
            ":tlp": incident.tlp.map_or("", Word::word), ":occurred": time(incident.occurred_at), ":detected": time(incident.detected_at), ":updated": rfc3339(incident.updated_at),
        })
        .map_err(db)?;
    if !new {
        connection
            .prepare_cached("DELETE FROM incident_risks WHERE incident = ?1")
            .and_then(|mut clear| clear.execute([seq]))
            .map_err(db)?;
    }
    for risk in &incident.risk_ids {
        connection
            .prepare_cached("INSERT INTO incident_risks (risk_id, incident) VALUES (?1, ?2)")
            .and_then(|mut link| link.execute(params![risk, seq]))
            .map_err(db)?;
    }
    Ok(Stored { record: incident, json, rev, seq })
}

fn index_text(connection: &Connection, seq: i64, incident: &Incident) -> Result<(), Error> {
    connection
        .prepare_cached("INSERT INTO incidents_text (rowid, reference, title, description, lead) VALUES (?1, ?2, ?3, ?4, ?5)")
        .and_then(|mut insert| insert.execute(params![seq, incident.reference, incident.title, incident.description, incident.lead]))
        .map(drop)
        .map_err(db)
}

fn forget_text(connection: &Connection, seq: i64) -> Result<(), Error> {
    connection
        .prepare_cached("DELETE FROM incidents_text WHERE rowid = ?1")
        .and_then(|mut statement| statement.execute([seq]))
        .map(drop)
        .map_err(db)
}
