//! Risks: rows, links, full text, history.

use super::history::{Action, Kind, difference};
use super::meta;
use super::writer::{Change, Tx};
use crate::error::Error;
use amtia_domain::matrix::{Level, Matrix, View};
use amtia_domain::risk::{Risk, RiskPatch};
use amtia_domain::words::Word;
use rusqlite::{Connection, OptionalExtension, named_params, params};
use serde_json::Value;

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

/// The JSON, revision and number of one risk.
///
/// # Errors
/// The database's.
pub fn find_json(connection: &Connection, id: &str) -> Result<Option<(String, i64, i64)>, Error> {
    connection
        .prepare_cached("SELECT json, rev, seq FROM risks WHERE id = ?1")
        .and_then(|mut statement| statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional())
        .map_err(db)
}

/// One risk.
///
/// # Errors
/// 404 where there is none; the database's.
pub fn get(connection: &Connection, id: &str) -> Result<Stored<Risk>, Error> {
    let (json, rev, seq) = find_json(connection, id)?.ok_or_else(|| Error::no_record("risk"))?;
    let record = serde_json::from_str(&json).map_err(Error::internal)?;
    Ok(Stored { record, json, rev, seq })
}

/// Adds a risk under the next number.
///
/// # Errors
/// Every offending field; the database's.
pub fn create(tx: &Tx<'_>, patch: RiskPatch, id: String, matrix: &Matrix) -> Result<Stored<Risk>, Error> {
    check_links(tx.connection, &patch)?;
    let reason = patch.reason.clone().flatten();
    let number = meta::next_number(tx.connection, Kind::Risk)?;
    let risk = Risk::create(patch, id, number, tx.now, matrix)?;
    let stored = put(tx.connection, risk, number, 1, true)?;
    index_text(tx.connection, number, &stored.record)?;
    note(tx, &stored, Action::Created, None, reason.as_deref(), &["risk.created"])?;
    Ok(stored)
}

/// Changes the fields that are present.
///
/// # Errors
/// 404; 412 where `expected` is not the revision; every offending field; the database's.
pub fn update(
    tx: &Tx<'_>,
    id: &str,
    patch: RiskPatch,
    body: &Value,
    expected: Option<i64>,
    matrix: &Matrix,
) -> Result<Stored<Risk>, Error> {
    let old = get(tx.connection, id)?;
    if expected.is_some_and(|rev| rev != old.rev) {
        return Err(stale("risk", &old.json, body));
    }
    check_links(tx.connection, &patch)?;
    let reason = patch.reason.clone().flatten();
    let mut risk = old.record.clone();
    risk.apply(patch, tx.now, matrix)?;
    replace(tx, &old, risk, None, reason.as_deref())
}

/// Writes a changed risk over its old state. Without a difference nothing is written.
pub(super) fn replace(
    tx: &Tx<'_>,
    old: &Stored<Risk>,
    risk: Risk,
    action: Option<Action>,
    reason: Option<&str>,
) -> Result<Stored<Risk>, Error> {
    let before = serde_json::to_value(&old.record).map_err(Error::internal)?;
    let after = serde_json::to_value(&risk).map_err(Error::internal)?;
    let (was, now) = difference(&before, &after);
    let fields: Vec<&str> = now.as_object().map(|map| map.keys().map(String::as_str).collect()).unwrap_or_default();
    if fields.is_empty() {
        return Ok(old.clone());
    }
    let action = action.unwrap_or(if Risk::is_move(&fields) { Action::Moved } else { Action::Updated });
    let text_changed = fields.iter().any(|field| ["name", "description", "category", "owner", "rationale"].contains(field));
    let stored = put(tx.connection, risk, old.seq, old.rev + 1, false)?;
    if text_changed {
        forget_text(tx.connection, old.seq)?;
        index_text(tx.connection, old.seq, &stored.record)?;
    }
    note(tx, &stored, action, Some((was, now)), reason, &["risk.updated"])?;
    Ok(stored)
}

/// Removes a risk; its history keeps it whole, so that undo brings it back under its number.
///
/// # Errors
/// 404; 412; the database's.
pub fn delete(tx: &Tx<'_>, id: &str, expected: Option<i64>, action: Action) -> Result<Stored<Risk>, Error> {
    let old = get(tx.connection, id)?;
    if expected.is_some_and(|rev| rev != old.rev) {
        return Err(stale("risk", &old.json, &Value::Null));
    }
    forget_text(tx.connection, old.seq)?;
    tx.connection.prepare_cached("DELETE FROM risks WHERE seq = ?1").and_then(|mut statement| statement.execute([old.seq])).map_err(db)?;
    let whole = serde_json::to_value(&old.record).map_err(Error::internal)?;
    tx.record(&Change {
        kind: Kind::Risk,
        id,
        label: &old.record.reference,
        name: &old.record.name,
        rev: old.rev + 1,
        action,
        before: Some(&whole),
        after: None,
        reason: None,
        events: &["risk.deleted"],
    })?;
    Ok(old)
}

/// Brings a removed risk back as it was, under its own number.
pub(super) fn restore(tx: &Tx<'_>, risk: Risk, rev: i64, action: Action) -> Result<Stored<Risk>, Error> {
    let number: i64 = risk.reference.trim_start_matches("R-").parse().map_err(Error::internal)?;
    let stored = put(tx.connection, risk, number, rev, true)?;
    index_text(tx.connection, number, &stored.record)?;
    note(tx, &stored, action, None, None, &["risk.created"])?;
    Ok(stored)
}

fn note(
    tx: &Tx<'_>,
    stored: &Stored<Risk>,
    action: Action,
    changed: Option<(Value, Value)>,
    reason: Option<&str>,
    events: &[&'static str],
) -> Result<(), Error> {
    let (before, after) = match changed {
        Some((before, after)) => (Some(before), after),
        None => (None, serde_json::to_value(&stored.record).map_err(Error::internal)?),
    };
    tx.record(&Change {
        kind: Kind::Risk,
        id: &stored.record.id,
        label: &stored.record.reference,
        name: &stored.record.name,
        rev: stored.rev,
        action,
        before: before.as_ref(),
        after: Some(&after),
        reason,
        events,
    })
    .map(drop)
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

fn check_links(connection: &Connection, patch: &RiskPatch) -> Result<(), Error> {
    if patch.asset_ids.as_ref().is_some_and(|ids| !ids.is_empty()) {
        return Err(Error::field("asset_ids", "names an asset that does not exist"));
    }
    for id in patch.control_ids.iter().flatten() {
        if super::frameworks::control_json(connection, id)?.is_none() {
            return Err(Error::field("control_ids", format!("names a control that does not exist: {id}")));
        }
    }
    Ok(())
}

fn number_of(level: Option<Level>) -> i64 {
    level.and_then(|level| Level::ALL.iter().position(|have| *have == level)).map_or(0, |place| place as i64 + 1)
}

/// Writes the row and its link tables. The JSON is rendered here and nowhere else.
fn put(connection: &Connection, risk: Risk, seq: i64, rev: i64, new: bool) -> Result<Stored<Risk>, Error> {
    const INSERT: &str = "INSERT INTO risks (seq, id, rev, json, name, category, owner, status, treatment, review_date, updated_at,
        current_likelihood, current_impact, current_score, current_level, inherent_likelihood, inherent_impact, inherent_score, inherent_level,
        residual_likelihood, residual_impact, residual_score, residual_level, target_likelihood, target_impact, target_score, target_level)
        VALUES (:seq, :id, :rev, :json, :name, :category, :owner, :status, :treatment, :review_date, :updated_at,
        :cl, :ci, :cs, :cv, :il, :ii, :is, :iv, :rl, :ri, :rs, :rv, :tl, :ti, :ts, :tv)";
    const UPDATE: &str = "UPDATE risks SET rev = :rev, json = :json, name = :name, category = :category, owner = :owner, status = :status,
        treatment = :treatment, review_date = :review_date, updated_at = :updated_at,
        current_likelihood = :cl, current_impact = :ci, current_score = :cs, current_level = :cv,
        inherent_likelihood = :il, inherent_impact = :ii, inherent_score = :is, inherent_level = :iv,
        residual_likelihood = :rl, residual_impact = :ri, residual_score = :rs, residual_level = :rv,
        target_likelihood = :tl, target_impact = :ti, target_score = :ts, target_level = :tv WHERE seq = :seq AND id = :id";
    let json = serde_json::to_string(&risk).map_err(Error::internal)?;
    let cell = |view: View| {
        risk.assessment(view)
            .map_or((0, 0, 0, 0), |a| (i64::from(a.likelihood), i64::from(a.impact), i64::from(a.score), number_of(Some(a.level))))
    };
    let (c, i, r, t) = (cell(View::Current), cell(View::Inherent), cell(View::Residual), cell(View::Target));
    let review = risk.review_date.map(|date| date.to_string()).unwrap_or_default();
    let mut statement = connection.prepare_cached(if new { INSERT } else { UPDATE }).map_err(db)?;
    statement
        .execute(named_params! {
            ":seq": seq, ":id": risk.id, ":rev": rev, ":json": json, ":name": risk.name, ":category": risk.category.as_deref().unwrap_or(""),
            ":owner": risk.owner.as_deref().unwrap_or(""), ":status": risk.status.word(), ":treatment": risk.treatment.word(), ":review_date": review, ":updated_at": risk.updated(),
            ":cl": c.0, ":ci": c.1, ":cs": c.2, ":cv": c.3, ":il": i.0, ":ii": i.1, ":is": i.2, ":iv": i.3,
            ":rl": r.0, ":ri": r.1, ":rs": r.2, ":rv": r.3, ":tl": t.0, ":ti": t.1, ":ts": t.2, ":tv": t.3,
        })
        .map_err(db)?;
    let relink = |table_clear: &str, table_insert: &str, members: &[String]| -> rusqlite::Result<()> {
        if !new {
            connection.prepare_cached(table_clear)?.execute([seq])?;
        }
        for member in members {
            connection.prepare_cached(table_insert)?.execute(params![member, seq])?;
        }
        Ok(())
    };
    relink("DELETE FROM risk_tags WHERE risk = ?1", "INSERT INTO risk_tags (tag, risk) VALUES (?1, ?2)", &risk.tags).map_err(db)?;
    relink("DELETE FROM risk_controls WHERE risk = ?1", "INSERT INTO risk_controls (control_id, risk) VALUES (?1, ?2)", &risk.control_ids)
        .map_err(db)?;
    Ok(Stored { record: risk, json, rev, seq })
}

fn index_text(connection: &Connection, seq: i64, risk: &Risk) -> Result<(), Error> {
    connection
        .prepare_cached(
            "INSERT INTO risks_text (rowid, reference, name, description, category, owner, rationale) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .and_then(|mut insert| {
            insert.execute(params![seq, risk.reference, risk.name, risk.description, risk.category, risk.owner, risk.rationale])
        })
        .map(drop)
        .map_err(db)
}

fn forget_text(connection: &Connection, seq: i64) -> Result<(), Error> {
    connection
        .prepare_cached("DELETE FROM risks_text WHERE rowid = ?1")
        .and_then(|mut statement| statement.execute([seq]))
        .map(drop)
        .map_err(db)
}
