//! What a register of risks takes from the workspace and leaves in it: who is meant by a row, what a link is called, why
//! changes were made, and which columns held what the last time.

use super::connection::Room;
use super::history::{Action, Kind};
use super::lists::{Condition, match_expression};
use super::records::{self, Stored};
use super::writer::{Change, Tx};
use super::{frameworks, meta};
use crate::error::Error;
use crate::register::{Accepted, Linked, Note};
use amtia_domain::acceptance::Acceptance;
use amtia_domain::document::Document;
use amtia_domain::plan::PlannedAction;
use amtia_domain::risk::Risk;
use amtia_domain::time::rfc3339;
use amtia_domain::words::Word;
use jiff::Timestamp;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};
use serde_json::{Value, json};
use std::collections::HashMap;

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// What is asked of each row of a file names its index: SQLite remembers how few rows a table had when the file was last closed,
/// and would read all of them for each of very many that came since.
const BY_OBJECT: &str = "INDEXED BY history_by_object";

/// The risk of a reference, where the reference is one of ours.
///
/// # Errors
/// The database's.
pub fn by_reference(connection: &Connection, reference: &str) -> Result<Option<Stored<Risk>>, Error> {
    let Some(number) = number_of(reference) else { return Ok(None) };
    let found: Option<String> = connection
        .prepare_cached("SELECT id FROM risks WHERE seq = ?1")
        .and_then(|mut statement| statement.query_row([number], |row| row.get(0)).optional())
        .map_err(db)?;
    found.map(|id| records::get::<Risk>(connection, &id)).transpose()
}

/// The risk of an id.
///
/// # Errors
/// The database's.
pub fn by_id(connection: &Connection, id: &str) -> Result<Option<Stored<Risk>>, Error> {
    let found = records::find_json::<Risk>(connection, id)?;
    found.map(|(json, rev, seq)| Ok(Stored { record: serde_json::from_str(&json).map_err(Error::internal)?, json, rev, seq })).transpose()
}

/// The number of a reference of ours: 142 of `R-0142`.
#[must_use]
pub fn number_of(reference: &str) -> Option<i64> {
    let digits = reference.strip_prefix("R-").or_else(|| reference.strip_prefix("r-"))?;
    let number = digits.parse().ok().filter(|number| *number > 0)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(number)
}

/// Names of links that are remembered: a file can name millions.
const KNOWN: usize = 50_000;

/// Remembers what a name was found to be; where it would be too many, all others are asked for again.
fn keep<K: Eq + std::hash::Hash, V: Clone>(known: &mut HashMap<K, V>, name: K, found: V) -> V {
    if known.len() == KNOWN {
        known.clear();
    }
    known.insert(name, found.clone());
    found
}

/// Links found by name, each once.
#[derive(Default)]
pub struct Links {
    controls: HashMap<String, Option<String>>,
    assets: HashMap<(String, bool), Result<String, AssetTrouble>>,
}

/// Why an asset was not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssetTrouble {
    /// There is none.
    Missing,
    /// Its reference is another's here.
    Other,
    /// Several have this name.
    Several,
}

impl Links {
    /// The id of a control by `framework:reference`, the framework's own id of it, or its id here.
    ///
    /// # Errors
    /// The database's.
    pub fn control(&mut self, connection: &Connection, name: &str) -> Result<Option<String>, Error> {
        if let Some(known) = self.controls.get(name) {
            return Ok(known.clone());
        }
        let found = match name.split_once(':') {
            Some((framework, reference)) => match unique_control(connection, framework.trim(), reference.trim())? {
                Some(id) => Some(id),
                None => control_by_source(connection, framework.trim(), reference.trim())?,
            },
            None => frameworks::control_json(connection, name)?.map(|_| name.to_owned()),
        };
        Ok(keep(&mut self.controls, name.to_owned(), found))
    }

    /// The id of an asset by reference and name. `at_home` says that the row speaks of this workspace, where a reference alone
    /// tells: in another one the same reference may be another asset, so the name must be the same as well.
    ///
    /// # Errors
    /// The database's.
    pub fn asset(&mut self, connection: &Connection, name: &str, at_home: bool) -> Result<Result<String, AssetTrouble>, Error> {
        let key = (name.to_owned(), at_home);
        if let Some(known) = self.assets.get(&key) {
            return Ok(known.clone());
        }
        let found = asset(connection, name, at_home)?;
        Ok(keep(&mut self.assets, key, found))
    }
}

/// The control of a reference that only one of the framework has.
fn unique_control(connection: &Connection, framework: &str, reference: &str) -> Result<Option<String>, Error> {
    let mut statement = connection
        .prepare_cached("SELECT c.id FROM controls c JOIN frameworks f ON f.seq = c.framework WHERE f.id = ?1 AND f.hidden = 0 AND c.reference = ?2 LIMIT 2")
        .map_err(db)?;
    let found: Vec<String> =
        statement.query_map([framework, reference], |row| row.get(0)).and_then(|rows| rows.collect::<Result<_, _>>()).map_err(db)?;
    Ok(<[String; 1]>::try_from(found).ok().map(|[id]| id))
}

fn control_by_source(connection: &Connection, framework: &str, source: &str) -> Result<Option<String>, Error> {
    connection
        .prepare_cached(
            "SELECT c.id FROM controls c JOIN frameworks f ON f.seq = c.framework
             WHERE f.id = ?1 AND f.hidden = 0 AND json_extract(c.json, '$.source_id') = ?2 LIMIT 1",
        )
        .and_then(|mut statement| statement.query_row([framework, source], |row| row.get(0)).optional())
        .map_err(db)
}

fn asset(connection: &Connection, name: &str, at_home: bool) -> Result<Result<String, AssetTrouble>, Error> {
    let by_id = |id: &str| {
        let mut statement = connection.prepare_cached("SELECT id FROM assets WHERE id = ?1").map_err(db)?;
        statement.query_row([id], |row| row.get::<_, String>(0)).optional().map_err(db)
    };
    let by_number = |number: i64| {
        let mut statement = connection.prepare_cached("SELECT id, name FROM assets WHERE seq = ?1").map_err(db)?;
        statement.query_row([number], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))).optional().map_err(db)
    };
    let by_name = |name: &str| -> Result<Result<String, AssetTrouble>, Error> {
        let mut statement = connection.prepare_cached("SELECT id FROM assets WHERE name = ?1 LIMIT 2").map_err(db)?;
        let found: Vec<String> = statement.query_map([name], |row| row.get(0)).and_then(Iterator::collect).map_err(db)?;
        Ok(match <[String; 1]>::try_from(found) {
            Ok([id]) => Ok(id),
            Err(none) if none.is_empty() => Err(AssetTrouble::Missing),
            Err(_) => Err(AssetTrouble::Several),
        })
    };
    let (first, rest) = name.split_once(' ').map_or((name, ""), |(first, rest)| (first, rest.trim()));
    let number = first.strip_prefix("AS-").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(number) = number.and_then(|digits| digits.parse().ok()) {
        let here = by_number(number)?;
        return match here {
            Some((id, have)) if at_home || rest.is_empty() || have == rest => Ok(Ok(id)),
            here => match by_name(rest)? {
                Err(AssetTrouble::Missing) if here.is_some() => Ok(Err(AssetTrouble::Other)),
                found => Ok(found),
            },
        };
    }
    match by_id(name)? {
        Some(id) => Ok(Ok(id)),
        None => by_name(name),
    }
}

/// What links are called, each looked up once.
#[derive(Default)]
struct Called {
    controls: HashMap<String, String>,
    assets: HashMap<String, String>,
}

impl Called {
    fn control(&mut self, connection: &Connection, id: &str) -> Result<String, Error> {
        if let Some(name) = self.controls.get(id) {
            return Ok(name.clone());
        }
        let row: Option<(String, String, String)> = connection
            .prepare_cached(
                "SELECT f.id, c.reference, json_extract(c.json, '$.source_id') FROM controls c JOIN frameworks f ON f.seq = c.framework
                 WHERE c.id = ?1 AND f.hidden = 0",
            )
            .and_then(|mut statement| statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional())
            .map_err(db)?;
        // A control of a framework that was taken back keeps its id, by which it is found when the framework is back.
        let mut name = id.to_owned();
        if let Some((framework, reference, source)) = row {
            for candidate in [&reference, &source] {
                let called = format!("{framework}:{candidate}");
                if !candidate.is_empty() && Links::default().control(connection, &called)?.as_deref() == Some(id) {
                    name = called;
                    break;
                }
            }
        }
        self.controls.insert(id.to_owned(), name.clone());
        Ok(name)
    }

    fn asset(&mut self, connection: &Connection, id: &str) -> Result<String, Error> {
        if let Some(name) = self.assets.get(id) {
            return Ok(name.clone());
        }
        let called: Option<String> = connection
            .prepare_cached("SELECT json ->> 'ref' || ' ' || name FROM assets WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([id], |row| row.get(0)).optional())
            .map_err(db)?;
        let name = called.unwrap_or_else(|| id.to_owned());
        self.assets.insert(id.to_owned(), name.clone());
        Ok(name)
    }
}

/// Hands every risk that meets the conditions to `write`, the first made first, with the names of its links and its notes.
///
/// # Errors
/// More of them than `most`; the database's.
pub fn export<T>(
    connection: &Connection,
    conditions: &[Condition],
    words: Option<&str>,
    most: usize,
    write: impl FnOnce(&mut dyn Iterator<Item = Linked>) -> T,
) -> Result<T, Error> {
    let mut fragments: Vec<&str> = conditions.iter().map(|condition| condition.sql).collect();
    let mut values: Vec<Sql> = conditions.iter().flat_map(|condition| condition.values.iter().cloned()).collect();
    if let Some(typed) = words {
        fragments.push("t.seq IN (SELECT rowid FROM risks_text WHERE risks_text MATCH ?)");
        values.push(Sql::Text(match_expression(typed).unwrap_or_else(|| "\"\"".into())));
    }
    let filter = if fragments.is_empty() { String::new() } else { format!(" WHERE {}", fragments.join(" AND ")) };
    let mut statement = connection.prepare(&format!("SELECT t.json FROM risks t{filter} ORDER BY t.seq LIMIT {}", most + 1)).map_err(db)?;
    let mut rows = statement.query(params_from_iter(values)).map_err(db)?;
    let (mut called, mut count, mut failure) = (Called::default(), 0, None);
    let mut next = || -> Result<Option<Linked>, Error> {
        let Some(row) = rows.next().map_err(db)? else { return Ok(None) };
        count += 1;
        if count > most {
            return Err(Error::bad(format!(
                "More than {most} risks fit, and no more are exported at once. Nothing was exported; set a filter and export in parts."
            )));
        }
        let risk: Risk = serde_json::from_str(row.get_ref(0).and_then(|json| Ok(json.as_str()?)).map_err(db)?).map_err(Error::internal)?;
        let controls = risk.control_ids.iter().map(|id| called.control(connection, id)).collect::<Result<_, _>>()?;
        let assets = risk.asset_ids.iter().map(|id| called.asset(connection, id)).collect::<Result<_, _>>()?;
        let control = |action: &PlannedAction| action.control_id.as_ref().map(|id| called.control(connection, id)).transpose();
        let action_controls = risk.actions.iter().map(control).collect::<Result<_, _>>()?;
        let documents = documents(connection, &risk)?;
        let accepted = accepted(connection, &risk)?;
        let notes = notes(connection, &risk.id)?;
        Ok(Some(Linked { risk, controls, assets, action_controls, documents, accepted, notes }))
    };
    let mut risks = std::iter::from_fn(|| {
        if failure.is_some() {
            return None;
        }
        next().unwrap_or_else(|cause| {
            failure = Some(cause);
            None
        })
    });
    let written = write(&mut risks);
    failure.map_or(Ok(written), Err)
}

/// The documents of a risk that are there, by title.
///
/// # Errors
/// The database's.
pub fn documents(connection: &Connection, risk: &Risk) -> Result<Vec<String>, Error> {
    let mut titles = Vec::with_capacity(risk.document_ids.len());
    for id in &risk.document_ids {
        if let Some((json, ..)) = records::find_json::<Document>(connection, id)? {
            titles.push(serde_json::from_str::<Document>(&json).map_err(Error::internal)?.title);
        }
    }
    Ok(titles)
}

/// The acceptance that a risk tells of.
///
/// # Errors
/// The database's.
pub fn accepted(connection: &Connection, risk: &Risk) -> Result<Option<Accepted>, Error> {
    let Some(mark) = &risk.acceptance else { return Ok(None) };
    let Acceptance { id, reference, decided_by, decided_at, justification, .. } = records::get(connection, &mark.id)?.record;
    let (expires_on, void, decided_at) = (mark.expires_on, mark.void, decided_at.map(rfc3339));
    Ok(Some(Accepted { id, reference, expires_on, void, decided_by, decided_at, justification }))
}

/// When a risk was last changed: what an export says it was made, so that the same risks give the same bytes.
///
/// # Errors
/// The database's.
pub fn last_change(connection: &Connection) -> Result<Timestamp, Error> {
    let last: Option<String> = connection
        .prepare_cached("SELECT max(updated_at) FROM risks")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(db)?;
    Ok(last.and_then(|text| text.parse().ok()).unwrap_or(Timestamp::UNIX_EPOCH))
}

/// The reasons given for a risk's changes, oldest first. One that came from another workspace tells when and by whom there.
///
/// # Errors
/// The database's.
pub fn notes(connection: &Connection, id: &str) -> Result<Vec<Note>, Error> {
    let mut statement = connection
        .prepare_cached(&format!(
            "SELECT coalesce(h.after ->> 'noted_at', h.at), coalesce(h.after ->> 'noted_by', a.name), h.reason
             FROM history h {BY_OBJECT} JOIN actors a ON a.id = h.actor
             WHERE h.kind = ?1 AND h.object_id = ?2 AND h.reason IS NOT NULL ORDER BY 1, h.seq"
        ))
        .map_err(db)?;
    let rows = statement
        .query_map(params![Kind::Risk.word(), id], |row| Ok(Note { at: row.get(0)?, by: row.get(1)?, text: row.get(2)? }))
        .map_err(db)?;
    rows.collect::<Result<_, _>>().map_err(db)
}

/// Keeps the notes of a risk that its history does not have yet, beside what undo takes back: what was said stays said.
/// Answers how many.
///
/// # Errors
/// The database's.
pub fn keep_notes(tx: &Tx<'_>, stored: &Stored<Risk>, notes: &[Note]) -> Result<usize, Error> {
    let mut kept = 0;
    if notes.is_empty() {
        return Ok(kept);
    }
    let mut have = self::notes(tx.connection, &stored.record.id)?;
    for note in notes {
        if have.contains(note) {
            continue;
        }
        let after = json!({ "noted_at": note.at, "noted_by": note.by });
        tx.record_beside(&Change {
            kind: Kind::Risk,
            id: &stored.record.id,
            label: &stored.record.reference,
            name: &stored.record.name,
            rev: stored.rev,
            action: Action::Commented,
            before: None,
            after: Some(&after),
            reason: Some(&note.text),
            events: &[],
        })?;
        have.push(note.clone());
        kept += 1;
    }
    Ok(kept)
}

/// Adds a risk that came from a file, under the number that its reference tells. An id that was here before goes on with its
/// revisions.
///
/// # Errors
/// The database's.
pub fn add(tx: &Tx<'_>, risk: Risk, known_id: bool) -> Result<Stored<Risk>, Error> {
    let last: i64 = if known_id {
        tx.connection
            .prepare_cached(&format!("SELECT coalesce(max(rev), 0) FROM history {BY_OBJECT} WHERE kind = ?1 AND object_id = ?2"))
            .and_then(|mut statement| statement.query_row([Kind::Risk.word(), &risk.id], |row| row.get(0)))
            .map_err(db)?
    } else {
        0
    };
    records::restore(tx, risk, last + 1, Action::Imported)
}

/// Does work that writes risks by the thousand.
///
/// # Errors
/// Those of `work`; the database's.
pub fn many<T>(tx: &Tx<'_>, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let _room = Room::make(tx.connection).map_err(db)?;
    work()
}

/// Opens the step under which everything of an import is taken back.
///
/// # Errors
/// The database's.
pub fn open_step(tx: &Tx<'_>, import: &str, file: &str) -> Result<(), Error> {
    let change = Change {
        kind: Kind::Risk,
        id: import,
        label: "",
        name: file,
        rev: 0,
        action: Action::Imported,
        before: None,
        after: None,
        reason: None,
        events: &[],
    };
    tx.open_step(&change).map(drop)
}

/// The number that the next risk gets.
///
/// # Errors
/// The database's.
pub fn next_number(connection: &Connection) -> Result<i64, Error> {
    meta::peek_number(connection, Kind::Risk)
}

/// Sets the number that the next risk gets; it never falls.
///
/// # Errors
/// The database's.
pub fn set_next_number(connection: &Connection, number: i64) -> Result<(), Error> {
    meta::advance_number(connection, Kind::Risk, number)
}

/// Where mappings are kept, the newest first.
const MAPPINGS: &str = "register_mappings";
/// Headings that are remembered at the most.
const REMEMBERED: usize = 50;

/// What the columns under a heading held the last time.
///
/// # Errors
/// The database's.
pub fn remembered(connection: &Connection, fingerprint: &str) -> Result<Option<Value>, Error> {
    let known = mappings(connection)?;
    Ok(known.into_iter().find(|entry| entry["head"] == fingerprint).map(|entry| entry["mapping"].clone()))
}

/// Remembers what the columns under a heading hold.
///
/// # Errors
/// The database's.
pub fn remember(tx: &Tx<'_>, fingerprint: &str, mapping: Value) -> Result<(), Error> {
    let mut known = mappings(tx.connection)?;
    known.retain(|entry| entry["head"] != fingerprint);
    known.insert(0, json!({ "head": fingerprint, "mapping": mapping }));
    known.truncate(REMEMBERED);
    meta::set(tx.connection, MAPPINGS, &Value::Array(known).to_string())
}

fn mappings(connection: &Connection) -> Result<Vec<Value>, Error> {
    let text = meta::get(connection, MAPPINGS)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_names_are_remembered_than_fit() {
        let mut known = HashMap::new();
        for name in 0..2 * KNOWN + 3 {
            assert_eq!(keep(&mut known, name, name + 1), name + 1);
            assert!(known.len() <= KNOWN && known.get(&name) == Some(&(name + 1)), "the last is known");
        }
    }
}
