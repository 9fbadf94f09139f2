//! Undo and redo: a new write that restores earlier values, by the same actor, refused where another changed them since.

use super::frameworks;
use super::history::{Action, Kind, Who};
use super::matrices;
use super::records::{self, KEPT, Record};
use super::writer::{Change, Tx};
use crate::error::Error;
use amtia_domain::words::Word;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde_json::{Map, Value, json};

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// A step that can be taken back or made again.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = UndoStep)]
pub struct Step {
    #[serde(skip)]
    id: i64,
    /// What was done.
    pub action: String,
    /// The kind of record.
    pub kind: String,
    /// Its id.
    #[serde(rename = "id")]
    pub object_id: String,
    /// What people call it.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Its name or title.
    pub name: String,
    /// How many changes of records it is made of: it is named by the first.
    pub changes: u64,
}

/// What undo and redo would do now.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Steps {
    /// What undo takes back.
    pub undo: Option<Step>,
    /// What redo makes again.
    pub redo: Option<Step>,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Take the last step back.
    Undo,
    /// Make the last step taken back again.
    Redo,
}

pub(super) fn open_step(connection: &Connection, actor: i64, change: &Change<'_>) -> Result<i64, Error> {
    connection
        .prepare_cached("UPDATE steps SET state = 'dead' WHERE actor = ?1 AND state = 'undone'")
        .and_then(|mut s| s.execute([actor]))
        .map_err(db)?;
    connection
        .prepare_cached("INSERT INTO steps (actor, action, kind, object, label, name, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'done')")
        .and_then(|mut insert| {
            insert.insert(params![actor, change.action.word(), change.kind.word(), change.id, change.label, change.name])
        })
        .map_err(db)
}

/// A step as it is told. Its changes are counted in the index `history_by_step` alone.
const COLUMNS: &str = "SELECT id, action, kind, object, label, name, (SELECT count(*) FROM history h WHERE h.step = s.id)";

/// What undo and redo would do for this actor.
///
/// # Errors
/// The database's.
pub fn steps(connection: &Connection, who: &Who) -> Result<Steps, Error> {
    let actor: Option<i64> = connection
        .prepare_cached("SELECT id FROM actors WHERE name = ?1")
        .and_then(|mut s| s.query_row([&who.actor], |row| row.get(0)).optional())
        .map_err(db)?;
    let Some(actor) = actor else { return Ok(Steps { undo: None, redo: None }) };
    // Undone steps are always the newest ones: undo takes the newest done, redo the oldest undone.
    let step = |sql: &str| {
        let row = |row: &rusqlite::Row<'_>| {
            Ok(Step {
                id: row.get(0)?,
                action: row.get(1)?,
                kind: row.get(2)?,
                object_id: row.get(3)?,
                reference: row.get(4)?,
                name: row.get(5)?,
                changes: row.get(6)?,
            })
        };
        connection.prepare_cached(sql).and_then(|mut statement| statement.query_row([actor], row).optional()).map_err(db)
    };
    Ok(Steps {
        undo: step(&format!("{COLUMNS} FROM steps s WHERE actor = ?1 AND state = 'done' ORDER BY id DESC LIMIT 1"))?,
        redo: step(&format!("{COLUMNS} FROM steps s WHERE actor = ?1 AND state = 'undone' ORDER BY id LIMIT 1"))?,
    })
}

struct Entry {
    action: Action,
    kind: Kind,
    id: String,
    rev: i64,
    before: Option<Value>,
    after: Option<Value>,
}

impl Entry {
    /// What is there now and what is to be, going this way.
    fn sides(&self, way: Way) -> (Option<&Value>, Option<&Value>) {
        let (before, after) = (self.before.as_ref(), self.after.as_ref());
        if way == Way::Undo { (after, before) } else { (before, after) }
    }
}

/// Takes the actor's last step back, or makes it again. Answers the step.
///
/// # Errors
/// 404 when there is none; 412 with both values where somebody else changed the record since.
pub fn perform(tx: &Tx<'_>, way: Way) -> Result<Step, Error> {
    let steps = steps(tx.connection, tx.who)?;
    let (step, nothing) = match way {
        Way::Undo => (steps.undo, "There is nothing to undo."),
        Way::Redo => (steps.redo, "There is nothing to redo."),
    };
    let step = step.ok_or_else(|| Error::NotFound(nothing.into()))?;
    tx.outside_undo();
    let mut entries = entries(tx.connection, step.id)?;
    if way == Way::Undo {
        entries.reverse();
    }
    // Risks are judged by the matrix, so it turns first.
    entries.sort_by_key(|entry| entry.kind != Kind::Matrix);
    for entry in &entries {
        apply(tx, way, entry)?;
    }
    if entries.first().is_some_and(|entry| entry.kind == Kind::Matrix) {
        matrices::fit_strays(tx, if way == Way::Undo { Action::Undone } else { Action::Redone })?;
    }
    // What goes along with a record may go before or after it, so this is asked of the whole step.
    for entry in &entries {
        refuse_built_on(tx, way, entry)?;
    }
    let state = if way == Way::Undo { "undone" } else { "done" };
    tx.connection.execute("UPDATE steps SET state = ?2 WHERE id = ?1", params![step.id, state]).map_err(db)?;
    Ok(step)
}

fn entries(connection: &Connection, step: i64) -> Result<Vec<Entry>, Error> {
    let mut statement = connection
        .prepare_cached("SELECT action, kind, object_id, rev, before, after FROM history WHERE step = ?1 ORDER BY seq")
        .map_err(db)?;
    let rows = statement
        .query_map([step], |row| {
            let json = |index: usize| -> rusqlite::Result<Option<Value>> {
                Ok(row.get::<_, Option<String>>(index)?.and_then(|text| serde_json::from_str(&text).ok()))
            };
            let (action, kind): (String, String) = (row.get(0)?, row.get(1)?);
            Ok((action, kind, row.get(2)?, row.get(3)?, json(4)?, json(5)?))
        })
        .map_err(db)?;
    let mut entries = Vec::new();
    for row in rows {
        let (action, kind, id, rev, before, after) = row.map_err(db)?;
        let action = Action::from_word(&action).ok_or_else(|| Error::internal("unknown action in history"))?;
        let kind = Kind::from_word(&kind).ok_or_else(|| Error::internal("unknown kind in history"))?;
        entries.push(Entry { action, kind, id, rev, before, after });
    }
    Ok(entries)
}

/// One change of one record, to be taken back or made again.
pub(super) struct Turn<'a> {
    action: Action,
    id: &'a str,
    rev: i64,
    from: Option<&'a Value>,
    to: Option<&'a Value>,
}

fn apply(tx: &Tx<'_>, way: Way, entry: &Entry) -> Result<(), Error> {
    let action = if way == Way::Undo { Action::Undone } else { Action::Redone };
    let (from, to) = entry.sides(way);
    if let Some(kept) = KEPT.iter().find(|kept| (kept.shape)().kind == entry.kind) {
        return (kept.turn)(tx, &Turn { action, id: &entry.id, rev: entry.rev, from, to });
    }
    if entry.kind == Kind::Framework {
        let hide = matches!(entry.action, Action::Imported | Action::Created) == (way == Way::Undo);
        return frameworks::set_hidden(tx, &entry.id, hide, None, action).map(drop);
    }
    Err(Error::bad("This change cannot be taken back."))
}

fn refuse_built_on(tx: &Tx<'_>, way: Way, entry: &Entry) -> Result<(), Error> {
    let kept = KEPT.iter().find(|kept| (kept.shape)().kind == entry.kind);
    match (kept, entry.sides(way)) {
        (Some(kept), (Some(gone), None)) => (kept.may_go)(tx.connection, gone, way),
        _ => Ok(()),
    }
}

/// Whether a record of this JSON may stay gone.
pub(super) fn may_go<R: Record>(connection: &Connection, gone: &Value, way: Way) -> Result<(), Error> {
    serde_json::from_value::<R>(gone.clone()).map_err(Error::internal)?.may_go(connection, way)
}

/// A record comes or goes whole where one side is absent; otherwise fields change.
pub(super) fn turn<R: Record>(tx: &Tx<'_>, turn: &Turn<'_>) -> Result<(), Error> {
    let whole = |value: &Value| serde_json::from_value::<R>(value.clone()).map_err(Error::internal);
    match (turn.from, turn.to) {
        (Some(left), None) => {
            let noun = records::noun::<R>();
            if records::find_json::<R>(tx.connection, turn.id)?.is_none() {
                return Err(Error::NotFound(format!("The {noun} is no longer there.")));
            }
            let old = records::get::<R>(tx.connection, turn.id)?;
            refuse_changed(&noun, records::differing(&whole(left)?, &old.record)?)?;
            records::delete(tx, &old, turn.action)
        }
        (None, Some(to)) => {
            let rev = last_rev(tx.connection, R::shape().kind, turn.id, turn.rev)? + 1;
            if records::find_json::<R>(tx.connection, turn.id)?.is_some() {
                return Err(conflict(&records::noun::<R>(), Vec::new()));
            }
            records::restore(tx, whole(to)?, rev, turn.action).map(drop)
        }
        (Some(from), Some(to)) => {
            let old = records::get::<R>(tx.connection, turn.id)?;
            let mut record = whole(&set_fields(&records::noun::<R>(), &old.json, from, to)?)?;
            record.touch(tx.now);
            records::replace(tx, &old, record, Some(turn.action), None).map(drop)
        }
        (None, None) => Err(Error::bad("This change cannot be taken back.")),
    }
}

fn last_rev(connection: &Connection, kind: Kind, id: &str, at_least: i64) -> Result<i64, Error> {
    let last: Option<i64> = connection
        .query_row("SELECT max(rev) FROM history WHERE kind = ?1 AND object_id = ?2", [kind.word(), id], |row| row.get(0))
        .map_err(db)?;
    Ok(last.unwrap_or(0).max(at_least))
}

fn conflict(kind: &str, details: Vec<Value>) -> Error {
    Error::Stale {
        message: format!("The {kind} was changed since by somebody else. Nothing was changed; both values are in the details."),
        details,
    }
}

/// A record may only go while it still holds what the change left.
fn refuse_changed(kind: &str, (was, now): (Value, Value)) -> Result<(), Error> {
    let details: Vec<Value> = fields(&now)
        .map(|(field, value)| json!({ "field": field, "message": "was changed since", "yours": was[field], "current": value }))
        .collect();
    if details.is_empty() { Ok(()) } else { Err(conflict(kind, details)) }
}

fn set_fields(kind: &str, json: &str, from: &Value, to: &Value) -> Result<Value, Error> {
    let mut current: Value = serde_json::from_str(json).map_err(Error::internal)?;
    let details: Vec<Value> = fields(from)
        .filter(|(field, left)| current.get(*field) != Some(left))
        .map(|(field, _)| json!({ "field": field, "message": "was changed since", "yours": to.get(field), "current": current.get(field) }))
        .collect();
    if !details.is_empty() {
        return Err(conflict(kind, details));
    }
    for (field, value) in fields(to) {
        current[field] = value.clone();
    }
    Ok(current)
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
