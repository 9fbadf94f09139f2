//! Frameworks and their trees of controls.

use super::history::{Action, Kind};
use super::lists::{Condition, Sort, Table};
use super::records::{Stored, stale};
use super::writer::{Change, Tx};
use crate::error::Error;
use amtia_domain::framework::{Control, ControlDraft, Framework, FrameworkDraft, Mapping, Successor};
use amtia_domain::time::rfc3339;
use amtia_domain::words::Word;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// The list of frameworks.
pub static FRAMEWORKS: Table = Table {
    name: "frameworks",
    text: "",
    sorts: &[
        Sort { field: "created_at", column: "seq" },
        Sort { field: "updated_at", column: "updated_at" },
        Sort { field: "name", column: "name" },
        Sort { field: "publisher", column: "publisher" },
    ],
};

/// The list of controls; the default order is the publisher's.
pub static CONTROLS: Table = Table {
    name: "controls",
    text: "controls_text",
    sorts: &[
        Sort { field: "position", column: "position" },
        Sort { field: "ref", column: "reference" },
        Sort { field: "title", column: "title" },
        Sort { field: "created_at", column: "seq" },
    ],
};

/// Only frameworks that were not taken back.
#[must_use]
pub fn visible() -> Condition {
    Condition { sql: "t.hidden = 0", values: Vec::new() }
}

/// A framework's JSON, revision and number.
///
/// # Errors
/// The database's.
pub fn find_json(connection: &Connection, id: &str) -> Result<Option<(String, i64, i64)>, Error> {
    connection
        .prepare_cached("SELECT json, rev, seq FROM frameworks WHERE id = ?1 AND hidden = 0")
        .and_then(|mut statement| statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional())
        .map_err(db)
}

/// What a workspace holds under an identity: slug, fingerprint and number.
///
/// # Errors
/// The database's.
pub fn find_identity(connection: &Connection, identity: &str) -> Result<Option<(String, Vec<u8>, i64)>, Error> {
    connection
        .query_row("SELECT id, fingerprint, seq FROM frameworks WHERE identity = ?1 AND hidden = 0", [identity], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()
        .map_err(db)
}

/// A slug that is not taken: the wanted one, or it with a number appended.
///
/// # Errors
/// The database's.
pub fn free_slug(connection: &Connection, wanted: &str) -> Result<String, Error> {
    let taken =
        |slug: &str| connection.query_row("SELECT count(*) FROM frameworks WHERE id = ?1", [slug], |row| row.get::<_, i64>(0)).map_err(db);
    let mut slug = wanted.to_owned();
    let mut number = 2;
    while taken(&slug)? > 0 {
        slug = format!("{wanted}-{number}");
        number += 1;
    }
    Ok(slug)
}

/// The nodes of a stored framework as drafts, in order, for comparing with a file.
///
/// # Errors
/// The database's.
pub fn drafts(connection: &Connection, seq: i64) -> Result<Vec<ControlDraft>, Error> {
    let mut statement = connection.prepare("SELECT json, parent, seq FROM controls WHERE framework = ?1 ORDER BY position").map_err(db)?;
    let rows = statement
        .query_map([seq], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, i64>(2)?)))
        .map_err(db)?;
    let mut places = std::collections::HashMap::new();
    let mut nodes = Vec::new();
    for row in rows {
        let (text, parent, number) = row.map_err(db)?;
        let control: Control = serde_json::from_str(&text).map_err(Error::internal)?;
        places.insert(number, nodes.len());
        nodes.push(ControlDraft {
            source_id: control.source_id,
            parent: parent.and_then(|parent| places.get(&parent).copied()),
            reference: control.reference,
            title: control.title,
            description: control.description,
            assessable: control.assessable,
            withdrawn: control.withdrawn,
            is_control: control.assessable || control.withdrawn,
            mappings: control.mappings,
            successors: control.successors,
        });
    }
    Ok(nodes)
}

/// Stores a framework with its tree, as one change. `file` is the imported file, deflated.
///
/// # Errors
/// The database's; a cancelled import (`going` answers false), after which nothing is stored.
pub fn create(
    tx: &Tx<'_>,
    draft: &FrameworkDraft,
    fingerprint: &[u8],
    file: Option<&[u8]>,
    going: &dyn Fn(usize) -> bool,
) -> Result<Stored<Framework>, Error> {
    let connection = tx.connection;
    let at = rfc3339(tx.now);
    let framework = Framework {
        id: free_slug(connection, &draft.slug)?,
        name: draft.name.clone(),
        version: draft.version.clone(),
        publisher: draft.publisher.clone(),
        description: draft.description.clone(),
        control_count: u32::try_from(draft.nodes.iter().filter(|node| node.is_control).count()).map_err(Error::internal)?,
        source: draft.source,
        locale: draft.locale.clone(),
        created_at: at.clone(),
        updated_at: at.clone(),
    };
    let json = serde_json::to_string(&framework).map_err(Error::internal)?;
    let seq = connection
        .prepare_cached(
            "INSERT INTO frameworks (id, rev, json, identity, fingerprint, name, publisher, source, locale, updated_at, file)
             VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )
        .and_then(|mut insert| {
            insert.insert(params![
                framework.id,
                json,
                draft.identity,
                fingerprint,
                framework.name,
                framework.publisher.as_deref().unwrap_or(""),
                framework.source.word(),
                framework.locale.as_deref().unwrap_or(""),
                at,
                file
            ])
        })
        .map_err(db)?;
    store_nodes(tx, &framework.id, seq, &draft.nodes, going)?;
    let stored = Stored { record: framework, json, rev: 1, seq };
    let after = json!({ "framework": stored.record, "nodes": draft.nodes.len(), "fingerprint": crate::crypto::hex(fingerprint) });
    note(tx, &stored, Action::Imported, None, Some(&after), "framework.created")?;
    Ok(stored)
}

fn store_nodes(
    tx: &Tx<'_>,
    framework_id: &str,
    framework: i64,
    nodes: &[ControlDraft],
    going: &dyn Fn(usize) -> bool,
) -> Result<(), Error> {
    let connection = tx.connection;
    let at = rfc3339(tx.now);
    let mut children = vec![0u32; nodes.len()];
    for parent in nodes.iter().filter_map(|node| node.parent) {
        children[parent] += 1;
    }
    let mut placed: Vec<(String, i64, u8)> = Vec::with_capacity(nodes.len());
    let mut insert = connection
        .prepare_cached(
            "INSERT INTO controls (id, framework, parent, position, reference, title, assessable, withdrawn, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )
        .map_err(db)?;
    let mut text = connection
        .prepare_cached("INSERT INTO controls_text (rowid, reference, title, description) VALUES (?1, ?2, ?3, ?4)")
        .map_err(db)?;
    for (position, node) in nodes.iter().enumerate() {
        if position % 500 == 0 && !going(position) {
            return Err(Error::bad("The import was cancelled. Nothing was imported."));
        }
        let parent = node.parent.map(|parent| &placed[parent]);
        let control = Control {
            id: crate::ids::new(tx.now),
            framework_id: framework_id.to_owned(),
            reference: node.reference.clone(),
            title: node.title.clone(),
            description: node.description.clone(),
            parent_id: parent.map(|(id, _, _)| id.clone()),
            assessable: node.assessable,
            withdrawn: node.withdrawn,
            depth: parent.map_or(1, |(_, _, depth)| depth + 1),
            position: u32::try_from(position).map_err(Error::internal)?,
            source_id: node.source_id.clone(),
            child_count: children[position],
            mappings: node.mappings.clone(),
            successors: node.successors.clone(),
            created_at: at.clone(),
            updated_at: at.clone(),
        };
        let json = serde_json::to_string(&control).map_err(Error::internal)?;
        let reference = control.reference.as_deref().unwrap_or("");
        let title = control.title.as_deref().unwrap_or("");
        let parent_seq = parent.map(|(_, seq, _)| *seq);
        let seq = insert
            .insert(params![
                control.id,
                framework,
                parent_seq,
                control.position,
                reference,
                title,
                control.assessable,
                control.withdrawn,
                json
            ])
            .map_err(db)?;
        text.execute(params![seq, reference, title, control.description]).map_err(db)?;
        placed.push((control.id, seq, control.depth));
    }
    Ok(())
}

/// Hides a framework (its undo shows it again) or shows it again.
///
/// # Errors
/// 404; 412; one under the same identity that came since; the database's.
pub fn set_hidden(tx: &Tx<'_>, id: &str, hidden: bool, expected: Option<i64>, action: Action) -> Result<Stored<Framework>, Error> {
    let (json, rev, seq): (String, i64, i64) = tx
        .connection
        .query_row("SELECT json, rev, seq FROM frameworks WHERE id = ?1 AND hidden = ?2", params![id, !hidden], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()
        .map_err(db)?
        .ok_or_else(|| Error::no_record("framework"))?;
    if expected.is_some_and(|expected| expected != rev) {
        return Err(stale("framework", &json, &Value::Null));
    }
    let changed = tx.connection.execute("UPDATE frameworks SET hidden = ?2, rev = rev + 1 WHERE seq = ?1", params![seq, hidden]);
    if let Err(cause) = changed {
        return Err(match cause.sqlite_error_code() {
            Some(rusqlite::ErrorCode::ConstraintViolation) => {
                Error::bad("The same framework was imported again since. Remove that one first.")
            }
            _ => db(cause),
        });
    }
    let stored = Stored { record: serde_json::from_str(&json).map_err(Error::internal)?, json, rev: rev + 1, seq };
    let whole = serde_json::to_value(&stored.record).map_err(Error::internal)?;
    let (before, after) = if hidden { (Some(&whole), None) } else { (None, Some(&whole)) };
    note(tx, &stored, action, before, after, if hidden { "framework.deleted" } else { "framework.created" })?;
    Ok(stored)
}

fn note(
    tx: &Tx<'_>,
    stored: &Stored<Framework>,
    action: Action,
    before: Option<&Value>,
    after: Option<&Value>,
    event: &'static str,
) -> Result<(), Error> {
    let (id, name) = (&stored.record.id, &stored.record.name);
    tx.record(&Change {
        kind: Kind::Framework,
        id,
        label: id,
        name,
        rev: stored.rev,
        action,
        before,
        after,
        reason: None,
        events: &[event],
    })
    .map(drop)
}

/// How many frameworks there are.
///
/// # Errors
/// The database's.
pub fn total(connection: &Connection) -> Result<u64, Error> {
    super::lists::count(connection, &FRAMEWORKS, &[visible()])
}

/// A control's JSON and number, of a framework that was not taken back.
///
/// # Errors
/// The database's.
pub fn control_json(connection: &Connection, id: &str) -> Result<Option<(String, i64)>, Error> {
    connection
        .prepare_cached("SELECT c.json, c.seq FROM controls c JOIN frameworks f ON f.seq = c.framework WHERE c.id = ?1 AND f.hidden = 0")
        .and_then(|mut statement| statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .map_err(db)
}

/// The id of a control by its framework's slug and its reference.
///
/// # Errors
/// The database's.
pub fn control_by_reference(connection: &Connection, framework: &str, reference: &str) -> Result<Option<String>, Error> {
    connection
        .prepare_cached("SELECT c.id FROM controls c JOIN frameworks f ON f.seq = c.framework WHERE f.id = ?1 AND c.reference = ?2 AND f.hidden = 0 LIMIT 1")
        .and_then(|mut statement| statement.query_row([framework, reference], |row| row.get(0)).optional())
        .map_err(db)
}

/// A control with its ancestors, its neighbours and the risks it acts on.
///
/// # Errors
/// 404; the database's.
pub fn control(connection: &Connection, id: &str) -> Result<Value, Error> {
    let (json, seq) = control_json(connection, id)?.ok_or_else(|| Error::no_record("control"))?;
    let mut control: Value = serde_json::from_str(&json).map_err(Error::internal)?;
    let brief = |row: &rusqlite::Row<'_>| {
        Ok(json!({ "id": row.get::<_, String>(0)?, "ref": text_or_null(row.get(1)?), "title": text_or_null(row.get(2)?) }))
    };
    let mut path = connection
        .prepare_cached(
            "WITH RECURSIVE above (seq, parent, depth) AS (
                SELECT seq, parent, 0 FROM controls WHERE seq = ?1 UNION ALL SELECT c.seq, c.parent, a.depth + 1 FROM controls c JOIN above a ON c.seq = a.parent)
             SELECT c.id, c.reference, c.title FROM above a JOIN controls c USING (seq) WHERE a.depth > 0 ORDER BY a.depth DESC",
        )
        .map_err(db)?;
    let path: Vec<Value> = path.query_map([seq], brief).and_then(Iterator::collect).map_err(db)?;
    let neighbour =
        |sql: &str| connection.prepare_cached(sql).and_then(|mut statement| statement.query_row([seq], brief).optional()).map_err(db);
    let previous = neighbour(
        "SELECT c.id, c.reference, c.title FROM controls c JOIN controls me ON me.seq = ?1 WHERE c.framework = me.framework AND c.position < me.position ORDER BY c.position DESC LIMIT 1",
    )?;
    let next = neighbour(
        "SELECT c.id, c.reference, c.title FROM controls c JOIN controls me ON me.seq = ?1 WHERE c.framework = me.framework AND c.position > me.position ORDER BY c.position LIMIT 1",
    )?;
    let mut risks = connection.prepare_cached("SELECT r.json FROM risk_controls l JOIN risks r ON r.seq = l.risk WHERE l.control_id = ?1 ORDER BY r.current_score DESC, r.seq LIMIT 50").map_err(db)?;
    let risks: Vec<Value> = risks
        .query_map([id], |row| row.get::<_, String>(0))
        .map_err(db)?
        .map(|row| {
            let risk: Value = serde_json::from_str(&row.map_err(db)?).map_err(Error::internal)?;
            Ok(json!({ "id": risk["id"], "ref": risk["ref"], "name": risk["name"], "score": risk["score"], "level": risk["level"] }))
        })
        .collect::<Result<_, Error>>()?;
    control["successors"] = json!(successors(connection, &control)?);
    control["related"] = json!(related(connection, &control)?);
    control["path"] = json!(path);
    control["previous"] = json!(previous);
    control["next"] = json!(next);
    control["risks"] = json!(risks);
    Ok(control)
}

/// Where a withdrawn control went: each place with the control that holds it, where that is here.
fn successors(connection: &Connection, control: &Value) -> Result<Vec<Value>, Error> {
    let named: Vec<Successor> =
        control.get("successors").map_or(Ok(Vec::new()), |named| serde_json::from_value(named.clone())).map_err(Error::internal)?;
    let mut home = connection
        .prepare_cached(
            "SELECT c.id, c.title FROM controls c JOIN frameworks f ON f.seq = c.framework
             WHERE f.id = ?1 AND json_extract(c.json, '$.source_id') = ?2 LIMIT 1",
        )
        .map_err(db)?;
    let mut placed = |Successor { relation, reference, target }: Successor| {
        let found = home
            .query_row(params![control["framework_id"].as_str(), target], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
            .optional()
            .map_err(db)?;
        let (id, title) = found.unzip();
        Ok(
            json!({ "relation": relation, "ref": reference, "id": id, "title": title.and_then(|title| Some(title).filter(|it| !it.is_empty())) }),
        )
    };
    named.into_iter().map(&mut placed).collect()
}

/// A catalog's links between its own controls (OSCAL's `rel`), which say nothing about another catalog that numbers alike.
const WITHIN: &str = "related";

/// The controls that a control's mappings name: many to one and one to many alike. A crosswalk leads to any framework that
/// is here, a catalog's own links stay in it.
fn related(connection: &Connection, control: &Value) -> Result<Vec<Value>, Error> {
    let mappings: Vec<Mapping> = serde_json::from_value(control["mappings"].clone()).map_err(Error::internal)?;
    if mappings.is_empty() {
        return Ok(Vec::new());
    }
    let targets = |within: bool| {
        let named = mappings.iter().filter(|mapping| (mapping.relation == WITHIN) == within);
        json!(named.map(|mapping| &mapping.target).collect::<Vec<_>>()).to_string()
    };
    let own = control["framework_id"].as_str().unwrap_or_default();
    let mut statement = connection
        .prepare_cached(
            "SELECT c.id, c.reference, c.title, f.id, json_extract(c.json, '$.source_id')
             FROM controls c JOIN frameworks f ON f.seq = c.framework
             WHERE f.hidden = 0 AND (json_extract(c.json, '$.source_id') IN (SELECT value FROM json_each(?1))
                 OR f.id = ?3 AND json_extract(c.json, '$.source_id') IN (SELECT value FROM json_each(?2))) ORDER BY f.name, c.position LIMIT 200",
        )
        .map_err(db)?;
    let rows = statement
        .query_map(params![targets(false), targets(true), own], |row| {
            let source: String = row.get(4)?;
            let relation = mappings.iter().find(|mapping| mapping.target == source).map(|mapping| mapping.relation.clone());
            Ok(json!({ "id": row.get::<_, String>(0)?, "ref": text_or_null(row.get(1)?), "title": text_or_null(row.get(2)?), "framework_id": row.get::<_, String>(3)?, "relation": relation }))
        })
        .map_err(db)?;
    rows.collect::<Result<_, _>>().map_err(db)
}

fn text_or_null(text: String) -> Value {
    if text.is_empty() { Value::Null } else { Value::String(text) }
}
