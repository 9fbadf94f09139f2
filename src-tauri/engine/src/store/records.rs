//! What every kept record has in common: its row, links and full text, its revision, and its place in history, trail and
//! outbox. A kind of record says what it is made of ([`Record`]); everything else is written once, here.

use super::history::{Action, Kind, difference};
use super::writer::{Change, Tx};
use super::{matrices::KeptMatrix, meta, undo, verify};

pub use super::shape::{Link, Record, Shape};
use crate::error::Error;
use amtia_domain::words::Word;
use amtia_domain::{
    Problems, acceptance::Acceptance, assessed_control::AssessedControl, assessment::Assessment, asset::Asset, audit::Audit,
};
use amtia_domain::{
    document::Document, finding::Finding, incident::Incident, risk::Risk, vulnerability::Vulnerability, workshop::Workshop,
};
use rusqlite::types::{ToSqlOutput, Value as Sql};
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};
use serde_json::Value;

/// Every kind that undo can take back and verify checks. A new kind is one line here.
pub(super) static KEPT: &[Kept] = &[
    Kept::of::<Risk>(),
    Kept::of::<Acceptance>(),
    Kept::of::<Incident>(),
    Kept::of::<Asset>(),
    Kept::of::<Vulnerability>(),
    Kept::of::<Assessment>(),
    Kept::of::<AssessedControl>(),
    Kept::of::<Document>(),
    Kept::of::<Audit>(),
    Kept::of::<Finding>(),
    Kept::of::<KeptMatrix>(),
    Kept::of::<Workshop>(),
];

/// What undo and verify do with one kind.
pub(super) struct Kept {
    pub(super) shape: fn() -> &'static Shape,
    pub(super) turn: fn(&Tx<'_>, &undo::Turn<'_>) -> Result<(), Error>,
    pub(super) may_go: fn(&Connection, &Value, undo::Way) -> Result<(), Error>,
    pub(super) misfiled: fn(&Connection) -> rusqlite::Result<u64>,
    pub(super) derived: fn() -> &'static [&'static str],
    /// A record's JSON as this version writes it: a history that is older than a field does not tell of it.
    pub(super) renewed: fn(Value) -> Value,
}

impl Kept {
    const fn of<R: Record>() -> Self {
        Self {
            shape: R::shape,
            turn: undo::turn::<R>,
            may_go: undo::may_go::<R>,
            derived: R::derived,
            misfiled: verify::misfiled::<R>,
            renewed: renewed::<R>,
        }
    }
}

fn renewed<R: Record>(json: Value) -> Value {
    serde_json::from_value::<R>(json.clone()).ok().and_then(|record| serde_json::to_value(record).ok()).unwrap_or(json)
}

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// A record with its revision and number.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored<T> {
    /// The record.
    pub record: T,
    /// Its JSON as answered.
    pub json: String,
    /// Counts its changes; the `ETag`.
    pub rev: i64,
    /// Its number in the workspace.
    pub seq: i64,
}

/// The number at the end of a reference: 142 of `R-0142`.
#[must_use]
pub fn number_in(reference: &str) -> Option<i64> {
    reference.rsplit('-').next()?.parse().ok()
}

/// The kind, in history and trail.
#[must_use]
pub fn kind<R: Record>() -> Kind {
    R::shape().kind
}

/// The kind in words, for a message.
#[must_use]
pub fn noun<R: Record>() -> String {
    R::shape().kind.word().replace('_', " ")
}

/// The JSON, revision and number of one record.
///
/// # Errors
/// The database's.
pub fn find_json<R: Record>(connection: &Connection, id: &str) -> Result<Option<(String, i64, i64)>, Error> {
    connection
        .prepare_cached(&R::shape().statements().find)
        .and_then(|mut statement| statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional())
        .map_err(db)
}

/// The JSON of a record of any kind, where that kind is kept.
pub(super) fn json_of(connection: &Connection, kind: Kind, id: &str) -> Result<Option<String>, Error> {
    let Some(shape) = KEPT.iter().map(|kept| (kept.shape)()).find(|shape| shape.kind == kind) else { return Ok(None) };
    connection
        .prepare_cached(&shape.statements().find)
        .and_then(|mut statement| statement.query_row([id], |row| row.get(0)).optional())
        .map_err(db)
}

/// As [`find_json`], where there must be one.
///
/// # Errors
/// 404 where there is none; the database's.
pub fn get_json<R: Record>(connection: &Connection, id: &str) -> Result<(String, i64, i64), Error> {
    find_json::<R>(connection, id)?.ok_or_else(|| Error::no_record(&noun::<R>()))
}

/// One record.
///
/// # Errors
/// 404 where there is none; the database's.
pub fn get<R: Record>(connection: &Connection, id: &str) -> Result<Stored<R>, Error> {
    let (json, rev, seq) = get_json::<R>(connection, id)?;
    let record = serde_json::from_str(&json).map_err(Error::internal)?;
    Ok(Stored { record, json, rev, seq })
}

/// One record that is about to change, at the revision that the caller has seen. `body` is what the caller wants to set.
///
/// # Errors
/// 404; 412 where `expected` is not the revision; the database's.
pub fn get_expected<R: Record>(connection: &Connection, id: &str, expected: Option<i64>, body: &Value) -> Result<Stored<R>, Error> {
    let stored = get::<R>(connection, id)?;
    if expected.is_some_and(|rev| rev != stored.rev) {
        return Err(stale(&noun::<R>(), &stored.json, body));
    }
    Ok(stored)
}

/// Keeps of these ids those of records that are there.
///
/// # Errors
/// The database's.
pub(super) fn keep_existing<R: Record>(connection: &Connection, ids: &mut Vec<String>) -> Result<(), Error> {
    let mut kept = Vec::with_capacity(ids.len());
    for id in ids.drain(..) {
        if find_json::<R>(connection, &id)?.is_some() {
            kept.push(id);
        }
    }
    *ids = kept;
    Ok(())
}

/// These ids but one.
pub(super) fn without(ids: &[String], gone: &str) -> Vec<String> {
    ids.iter().filter(|id| *id != gone).cloned().collect()
}

/// Every one of these ids must be a record of this kind: a link names what is there. Adds what is wrong to the problems.
///
/// # Errors
/// The database's.
pub fn check_links<R: Record>(connection: &Connection, problems: &mut Problems, field: &str, ids: Option<&[String]>) -> Result<(), Error> {
    for id in ids.unwrap_or_default() {
        if find_json::<R>(connection, id)?.is_none() {
            let noun = noun::<R>();
            let one = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { format!("an {noun}") } else { format!("a {noun}") };
            problems.add(field, format!("names {one} that does not exist: {id}"));
            break;
        }
    }
    Ok(())
}

/// Every record that meets a fixed condition over the table `t` with one value, in the order of making.
///
/// # Errors
/// The database's.
pub fn where_is<R: Record>(connection: &Connection, condition: &'static str, value: &str) -> Result<Vec<Stored<R>>, Error> {
    let statement = format!("SELECT t.json, t.rev, t.seq FROM {} t WHERE {condition} ORDER BY t.id", R::shape().list.name);
    let mut statement = connection.prepare_cached(&statement).map_err(db)?;
    let rows = statement.query_map([value], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))).map_err(db)?;
    rows.map(|row| {
        let (json, rev, seq) = row.map_err(db)?;
        Ok(Stored { record: serde_json::from_str(&json).map_err(Error::internal)?, json, rev, seq })
    })
    .collect()
}

/// Whether a question of one id, `SELECT EXISTS …`, is answered by yes.
///
/// # Errors
/// The database's.
pub(super) fn holds(connection: &Connection, question: &'static str, id: &str) -> Result<bool, Error> {
    connection.prepare_cached(question).and_then(|mut statement| statement.query_row([id], |row| row.get(0))).map_err(db)
}

/// The next number of this kind.
///
/// # Errors
/// The database's.
pub fn next_number<R: Record>(tx: &Tx<'_>) -> Result<i64, Error> {
    meta::next_number(tx.connection, R::shape().kind)
}

/// Adds a record under a number from [`next_number`], settled.
///
/// # Errors
/// Those of [`Record::settle`]; the database's.
pub fn create<R: Record>(tx: &Tx<'_>, record: R, number: i64, reason: Option<&str>) -> Result<Stored<R>, Error> {
    insert(tx, record, number, 1, Action::Created, reason)
}

/// Brings a removed record back as it was, under its own number where its reference tells it.
pub(super) fn restore<R: Record>(tx: &Tx<'_>, record: R, rev: i64, action: Action) -> Result<Stored<R>, Error> {
    let number = match record.number() {
        Some(number) => number,
        None => next_number::<R>(tx)?,
    };
    insert(tx, record, number, rev, action, None)
}

fn insert<R: Record>(tx: &Tx<'_>, mut record: R, seq: i64, rev: i64, action: Action, reason: Option<&str>) -> Result<Stored<R>, Error> {
    let (shape, connection) = (R::shape(), tx.connection);
    record.settle(connection)?;
    let stored = insert_row(connection, record, seq, rev)?;
    let links = stored.record.links();
    for ((_, add), members) in shape.statements().links.iter().zip(&links) {
        link(connection, add, seq, members)?;
    }
    index_text(tx, seq, &stored.record)?;
    let whole = serde_json::to_value(&stored.record).map_err(Error::internal)?;
    let created = format!("{}.created", shape.kind.word());
    let mut events = vec![created.as_str()];
    events.extend_from_slice(R::events(None, &stored.record));
    note(tx, &stored, action, (None, Some(&whole)), reason, &events)?;
    stored.record.follow(tx)?;
    Ok(stored)
}

/// Writes a changed record over its old state, settled. Without a difference nothing is written.
///
/// # Errors
/// Those of [`Record::settle`]; the database's.
pub fn replace<R: Record>(
    tx: &Tx<'_>,
    old: &Stored<R>,
    mut record: R,
    action: Option<Action>,
    reason: Option<&str>,
) -> Result<Stored<R>, Error> {
    record.settle(tx.connection)?;
    let (was, now) = differing(&old.record, &record)?;
    let fields: Vec<&str> = now.as_object().into_iter().flat_map(|fields| fields.keys().map(String::as_str)).collect();
    if fields.is_empty() {
        return Ok(old.clone());
    }
    let action = action.unwrap_or_else(|| R::action(&fields));
    let stored = overwrite(tx, old, record, old.rev + 1)?;
    let updated = format!("{}.updated", R::shape().kind.word());
    let mut events = vec![updated.as_str()];
    events.extend_from_slice(R::events(Some(&old.record), &stored.record));
    note(tx, &stored, action, (Some(&was), Some(&now)), reason, &events)?;
    R::changed(tx, &old.record, &stored.record, action)?;
    stored.record.follow(tx)?;
    Ok(stored)
}

/// Writes anew what follows from other records ([`Record::derived`]): no change of the record, so neither revision nor history.
///
/// # Errors
/// The database's.
pub fn settle_derived<R: Record>(tx: &Tx<'_>, id: &str) -> Result<(), Error> {
    let Some((json, rev, seq)) = find_json::<R>(tx.connection, id)? else { return Ok(()) };
    let old: Stored<R> = Stored { record: serde_json::from_str(&json).map_err(Error::internal)?, json, rev, seq };
    let mut settled = old.record.clone();
    settled.settle(tx.connection)?;
    tx.touch(R::shape().kind.word());
    overwrite(tx, &old, settled, old.rev).map(drop)
}

fn overwrite<R: Record>(tx: &Tx<'_>, old: &Stored<R>, record: R, rev: i64) -> Result<Stored<R>, Error> {
    let (statements, connection) = (R::shape().statements(), tx.connection);
    let stored = update_row(connection, old, record, rev)?;
    for ((clear, add), (was, now)) in statements.links.iter().zip(old.record.links().into_iter().zip(stored.record.links())) {
        if was != now {
            connection.prepare_cached(clear).and_then(|mut clear| clear.execute([old.seq])).map_err(db)?;
            link(connection, add, old.seq, now)?;
        }
    }
    if old.record.texts() != stored.record.texts() {
        forget_text::<R>(tx, old.seq)?;
        index_text(tx, old.seq, &stored.record)?;
    }
    Ok(stored)
}

/// Opens the undo step of a change that begins with other records, under the name of the one that it is about.
///
/// # Errors
/// The database's.
pub fn open_step<R: Record>(tx: &Tx<'_>, about: &Stored<R>, action: Action) -> Result<(), Error> {
    let record = &about.record;
    let (kind, id, label, name) = (R::shape().kind, record.id(), record.label(), record.name());
    tx.open_step(&Change { kind, id, label, name, rev: about.rev, action, before: None, after: None, reason: None, events: &[] }).map(drop)
}

/// Removes a record; its history keeps it whole, so that undo brings it back.
///
/// # Errors
/// The database's.
pub fn delete<R: Record>(tx: &Tx<'_>, old: &Stored<R>, action: Action) -> Result<(), Error> {
    let shape = R::shape();
    forget_text::<R>(tx, old.seq)?;
    tx.connection.prepare_cached(&shape.statements().delete).and_then(|mut delete| delete.execute([old.seq])).map_err(db)?;
    let whole = serde_json::to_value(&old.record).map_err(Error::internal)?;
    let gone = Stored { rev: old.rev + 1, ..old.clone() };
    let deleted = format!("{}.deleted", shape.kind.word());
    note(tx, &gone, action, (Some(&whole), None), None, &[&deleted])?;
    old.record.follow(tx)
}

/// Writes history, trail, events and undo step of a change that was made.
///
/// # Errors
/// The database's.
pub(super) fn note<R: Record>(
    tx: &Tx<'_>,
    stored: &Stored<R>,
    action: Action,
    (before, after): (Option<&Value>, Option<&Value>),
    reason: Option<&str>,
    events: &[&str],
) -> Result<(), Error> {
    let record = &stored.record;
    let (kind, id, label, name) = (R::shape().kind, record.id(), record.label(), record.name());
    tx.record(&Change { kind, id, label, name, rev: stored.rev, action, before, after, reason, events }).map(drop)
}

/// The fields in which two states of a record differ, but for those that follow from others.
pub(super) fn differing<R: Record>(old: &R, new: &R) -> Result<(Value, Value), Error> {
    let value = |record: &R| serde_json::to_value(record).map_err(Error::internal);
    let (mut was, mut now) = difference(&value(old)?, &value(new)?);
    for field in R::derived() {
        for side in [&mut was, &mut now] {
            side.as_object_mut().map(|fields| fields.shift_remove(*field));
        }
    }
    Ok((was, now))
}

/// 412 with both values of every field that the body wanted to set.
#[must_use]
pub fn stale(kind: &str, current_json: &str, body: &Value) -> Error {
    let current: Value = serde_json::from_str(current_json).unwrap_or(Value::Null);
    let details = body.as_object().map_or_else(Vec::new, |fields| {
        let differs = fields.iter().filter(|(field, yours)| current.get(field) != Some(yours));
        differs.map(|(field, yours)| serde_json::json!({ "field": field, "message": "changed since you read it", "yours": yours, "current": current.get(field) })).collect()
    });
    Error::Stale {
        message: format!("The {kind} was changed since you read it. Nothing was saved; both values are in the details."),
        details,
    }
}

/// A record's JSON is rendered here and nowhere else.
fn render<R: Record>(record: &R) -> Result<String, Error> {
    serde_json::to_string(record).map_err(Error::internal)
}

fn insert_row<R: Record>(connection: &Connection, record: R, seq: i64, rev: i64) -> Result<Stored<R>, Error> {
    let json = render(&record)?;
    let mut values: Vec<ToSqlOutput<'_>> = vec![seq.into(), record.id().into(), rev.into(), json.as_str().into()];
    values.extend(record.columns());
    let statement = &R::shape().statements().insert;
    connection.prepare_cached(statement).and_then(|mut statement| statement.execute(params_from_iter(&values))).map_err(db)?;
    drop(values);
    Ok(Stored { record, json, rev, seq })
}

/// Sets the columns that differ: SQLite writes every index of a column that is set, whether its value is another or not.
fn update_row<R: Record>(connection: &Connection, old: &Stored<R>, record: R, rev: i64) -> Result<Stored<R>, Error> {
    let (shape, json, seq) = (R::shape(), render(&record)?, old.seq);
    let mut values: Vec<ToSqlOutput<'_>> = vec![seq.into(), record.id().into(), rev.into(), json.as_str().into()];
    let mut statement = format!("UPDATE {} SET rev = ?3, json = ?4", shape.list.name);
    for ((column, was), now) in shape.columns.iter().zip(old.record.columns()).zip(record.columns()) {
        if was != now {
            values.push(now);
            statement.push_str(&format!(", {column} = ?{}", values.len()));
        }
    }
    statement.push_str(" WHERE seq = ?1 AND id = ?2");
    connection.prepare_cached(&statement).and_then(|mut statement| statement.execute(params_from_iter(&values))).map_err(db)?;
    drop(values);
    Ok(Stored { record, json, rev, seq })
}

fn link(connection: &Connection, add: &str, seq: i64, members: &[String]) -> Result<(), Error> {
    for member in members {
        connection.prepare_cached(add).and_then(|mut add| add.execute(params![member, seq])).map_err(db)?;
    }
    Ok(())
}

fn index_text<R: Record>(tx: &Tx<'_>, seq: i64, record: &R) -> Result<(), Error> {
    if R::shape().texts.is_empty() {
        return Ok(());
    }
    let mut values: Vec<Sql> = vec![seq.into()];
    values.extend(record.texts().into_iter().map(|text| Sql::from(text.unwrap_or("").to_owned())));
    tx.write_text(&R::shape().statements().index, values)
}

fn forget_text<R: Record>(tx: &Tx<'_>, seq: i64) -> Result<(), Error> {
    if R::shape().texts.is_empty() { Ok(()) } else { tx.write_text(&R::shape().statements().forget, vec![seq.into()]) }
}
