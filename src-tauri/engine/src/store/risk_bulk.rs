//! One change of many risks: each one's fate, and writing those that change, in one step.

use super::history::{Action, Kind};
use super::lists::Condition;
use super::records::{self, Record, Stored};
use super::writer::{Change, Tx};
use super::{matrices, risk_lists, risks};
use crate::error::Error;
use amtia_domain::matrix::Matrix;
use amtia_domain::risk::{BulkChange, BulkFate, Risk};
use amtia_domain::time::rfc3339;
use amtia_domain::words::Word;
use jiff::Timestamp;
use rusqlite::Connection;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// Which risks.
#[derive(Clone, Debug)]
pub enum Which {
    /// These, in this order.
    Ids(Vec<String>),
    /// Those that meet the conditions, by number.
    Filter {
        /// Conditions, all of which hold.
        conditions: Vec<Condition>,
        /// Words to find.
        words: Option<String>,
    },
}

/// What is to change, and what the caller saw before.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What changes.
    pub change: BulkChange,
    /// What the caller saw of a risk, by id: fields of the record, or its `revision`.
    pub seen: HashMap<String, Map<String, Value>>,
    /// The entry of the history up to which the caller saw all of it.
    pub as_of: Option<i64>,
}

/// Which rows are told.
#[derive(Clone, Debug)]
pub struct Page {
    /// Of these fates; of all where it is empty.
    pub fates: Vec<BulkFate>,
    /// After this place: how many of the ids, or a number of a risk.
    pub after: Option<i64>,
    /// Rows at the most.
    pub limit: usize,
}

/// One risk and what becomes of it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RiskBulkRow)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Its reference, unless it is gone.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// Its name, unless it is gone.
    pub name: Option<String>,
    /// What becomes of it.
    pub fate: BulkFate,
    /// Its revision, after the change where it was made; null where it is gone.
    pub revision: Option<i64>,
    /// The fields that differ, as they are now.
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    pub before: Value,
    /// As the change leaves them, or would.
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    pub after: Value,
    /// Whether the edge of the map held it back.
    pub held_back: bool,
    /// Whether its acceptance is void with this change.
    pub voids_acceptance: bool,
    /// Why it does not change: what a change of it alone would be refused with.
    pub message: Option<String>,
    /// `[{field, message}]`; for one that was changed since, `[{field, message, yours, current}]`.
    #[schema(value_type = Vec<Value>)]
    pub problems: Vec<Value>,
}

/// What became of all of them, or would.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Risks by fate, every fate.
    pub fates: BTreeMap<&'static str, u64>,
    /// Risks whose acceptance is void with this change.
    pub acceptances_void: u64,
    /// Risks that the edge of the map held back.
    pub held_back: u64,
    /// The rows that were asked for.
    pub rows: Vec<Row>,
    /// Where the next page starts, where there is one.
    pub next: Option<i64>,
    /// The last entry of the history that was seen.
    pub as_of: i64,
}

/// What the change would make of the risks. With `page.after` only the rows of that page are looked at.
///
/// # Errors
/// The database's.
pub fn foresee(connection: &Connection, now: Timestamp, which: &Which, wanted: &Wanted, page: &Page) -> Result<Outcome, Error> {
    let matrix = matrices::in_force(connection)?;
    visit(connection, which, page, |id| judge(connection, now, &matrix, wanted, id).map(|judged| judged.row))
}

/// Changes the risks that can be changed, in one step.
///
/// # Errors
/// The database's.
pub fn perform(tx: &Tx<'_>, which: &Which, wanted: &Wanted, page: &Page) -> Result<Outcome, Error> {
    let matrix = matrices::in_force(tx.connection)?;
    visit(tx.connection, which, page, |id| {
        let Judged { mut row, change } = judge(tx.connection, tx.now, &matrix, wanted, id)?;
        if let Some((old, new)) = change {
            row.revision = Some(records::replace(tx, &old, new, None, wanted.change.reason())?.rev);
        }
        Ok(row)
    })
}

/// A risk by id, or by number.
enum Named<'a> {
    Id(&'a str),
    Number(i64),
}

/// Goes through the risks and gathers what becomes of each.
fn visit(
    connection: &Connection,
    which: &Which,
    page: &Page,
    mut fate_of: impl FnMut(Named<'_>) -> Result<Row, Error>,
) -> Result<Outcome, Error> {
    let mut outcome = Outcome { fates: BulkFate::ALL.iter().map(|fate| (fate.word(), 0)).collect(), ..Outcome::default() };
    let after = page.after.unwrap_or(0);
    let mut last = after;
    let mut take = |place: i64, row: Row| {
        *outcome.fates.entry(row.fate.word()).or_default() += 1;
        outcome.acceptances_void += u64::from(row.voids_acceptance);
        outcome.held_back += u64::from(row.held_back);
        if !page.fates.is_empty() && !page.fates.contains(&row.fate) {
            return true;
        }
        if outcome.rows.len() < page.limit {
            outcome.rows.push(row);
            last = place;
            return true;
        }
        outcome.next = Some(last);
        // The first page counts all of them.
        page.after.is_none()
    };
    match which {
        Which::Ids(ids) => {
            for (place, id) in (1_i64..).zip(ids).skip_while(|(place, _)| *place <= after) {
                if !take(place, fate_of(Named::Id(id))?) {
                    break;
                }
            }
        }
        Which::Filter { conditions, words } => {
            let mut numbers = risk_lists::numbers(connection, conditions, words.as_deref())?;
            numbers.sort_unstable();
            for number in numbers.into_iter().map(i64::from).filter(|number| *number > after) {
                if !take(number, fate_of(Named::Number(number))?) {
                    break;
                }
            }
        }
    }
    let entries = "SELECT coalesce(max(seq), 0) FROM history";
    outcome.as_of = connection.prepare_cached(entries).and_then(|mut last| last.query_row([], |row| row.get(0))).map_err(db)?;
    Ok(outcome)
}

struct Judged {
    row: Row,
    /// The risk as it is and as it is to be, where it changes.
    change: Option<(Stored<Risk>, Risk)>,
}

/// What becomes of one, by the rules of a change of it alone.
fn judge(connection: &Connection, now: Timestamp, matrix: &Matrix, wanted: &Wanted, named: Named<'_>) -> Result<Judged, Error> {
    let old = match named {
        Named::Number(number) => matrices::risk(connection, number)?,
        Named::Id(id) => match records::get::<Risk>(connection, id) {
            Ok(old) => old,
            Err(Error::NotFound(message)) => return Ok(gone(id, message)),
            Err(other) => return Err(other),
        },
    };
    let mut row = Row {
        id: old.record.id.clone(),
        reference: Some(old.record.reference.clone()),
        name: Some(old.record.name.clone()),
        fate: BulkFate::Unchanged,
        revision: Some(old.rev),
        before: json!({}),
        after: json!({}),
        held_back: false,
        voids_acceptance: false,
        message: None,
        problems: Vec::new(),
    };
    let new = match changed(connection, now, matrix, wanted, &old.record) {
        Ok((new, held)) => {
            row.held_back = held;
            new
        }
        Err(cause @ Error::BadRequest { .. }) => {
            row.fate = BulkFate::Refused;
            row.message = Some(cause.to_string());
            if let Error::BadRequest { details, .. } = cause {
                row.problems = details.iter().map(|problem| json!(problem)).collect();
            }
            return Ok(Judged { row, change: None });
        }
        Err(other) => return Err(other),
    };
    (row.before, row.after) = records::differing(&old.record, &new)?;
    if row.after.as_object().is_none_or(Map::is_empty) {
        return Ok(Judged { row, change: None });
    }
    if let Some(problems) = stale(connection, wanted, &old, &row)? {
        row.fate = BulkFate::Stale;
        row.held_back = false;
        if let Error::Stale { message, .. } = records::stale(&records::noun::<Risk>(), &old.json, &Value::Null) {
            row.message = Some(message);
        }
        row.problems = problems;
        return Ok(Judged { row, change: None });
    }
    row.fate = BulkFate::Changed;
    let held_good = |risk: &Risk| risk.acceptance.as_ref().is_some_and(|mark| !mark.void);
    row.voids_acceptance = held_good(&old.record) && !held_good(&new);
    Ok(Judged { row, change: Some((old, new)) })
}

fn gone(id: &str, message: String) -> Judged {
    let row = Row {
        id: id.to_owned(),
        reference: None,
        name: None,
        fate: BulkFate::Gone,
        revision: None,
        before: json!({}),
        after: json!({}),
        held_back: false,
        voids_acceptance: false,
        message: Some(message),
        problems: Vec::new(),
    };
    Judged { row, change: None }
}

/// The risk as the change leaves it, settled as it will be written.
fn changed(connection: &Connection, now: Timestamp, matrix: &Matrix, wanted: &Wanted, old: &Risk) -> Result<(Risk, bool), Error> {
    let (patch, held) = wanted.change.of(old, matrix)?;
    risks::check_links(connection, &patch, Some(old))?;
    let mut new = old.clone();
    new.apply(patch, now, matrix)?;
    new.settle(connection)?;
    Ok((new, held))
}

/// The fields that hold something else than the caller saw, with both values, where the risk was changed since.
fn stale(connection: &Connection, wanted: &Wanted, old: &Stored<Risk>, row: &Row) -> Result<Option<Vec<Value>>, Error> {
    let conflict = |field: &str, yours: &Value, current: &Value| json!({ "field": field, "message": "changed since you read it", "yours": yours, "current": current });
    let mut problems = Vec::new();
    let mut other_revision = false;
    if let Some(seen) = wanted.seen.get(&row.id) {
        let current: Value = serde_json::from_str(&old.json).map_err(Error::internal)?;
        for (field, saw) in seen {
            if field == "revision" {
                other_revision = saw.as_i64() != Some(old.rev);
            } else if !holds(&current[field.as_str()], saw) {
                problems.push(conflict(field, row.after.get(field).unwrap_or(saw), &current[field.as_str()]));
            }
        }
    }
    if let Some(as_of) = wanted.as_of {
        let since = "SELECT EXISTS (SELECT 1 FROM history WHERE kind = 'risk' AND object_id = ?1 AND seq > ?2 AND action <> 'commented')";
        other_revision |= connection
            .prepare_cached(since)
            .and_then(|mut since| since.query_row(rusqlite::params![row.id, as_of], |row| row.get::<_, bool>(0)))
            .map_err(db)?;
    }
    if other_revision && problems.is_empty() {
        // Nobody said which fields were looked at: those that would change.
        let fields = row.after.as_object().into_iter().flatten();
        problems.extend(fields.map(|(field, after)| conflict(field, after, &row.before[field.as_str()])));
    }
    Ok((other_revision || !problems.is_empty()).then_some(problems))
}

/// Whether a value is what was seen of it: of an object that which was told.
fn holds(current: &Value, saw: &Value) -> bool {
    match (current, saw) {
        (Value::Object(current), Value::Object(saw)) => saw.iter().all(|(field, value)| current.get(field) == Some(value)),
        _ => current == saw,
    }
}

/// Keeps why these risks were changed, said after it was done: an entry in each one's history, beside what undo takes back.
///
/// # Errors
/// 404 where one is not there; the database's.
pub fn say_why(tx: &Tx<'_>, ids: &[String], reason: &str) -> Result<(), Error> {
    let after = json!({ "noted_at": rfc3339(tx.now), "noted_by": tx.who.actor });
    for id in ids {
        let Stored { record, rev, .. } = records::get::<Risk>(tx.connection, id)?;
        tx.record_beside(&Change {
            kind: Kind::Risk,
            id,
            label: &record.reference,
            name: &record.name,
            rev,
            action: Action::Commented,
            before: None,
            after: Some(&after),
            reason: Some(reason),
            events: &[],
        })?;
    }
    Ok(())
}
