//! Assets: what they are made of in the file, what they are part of, and what goes with one that is removed.

use super::history::{Action, Kind};
use super::lists::{Condition, Sort, Table};
use super::records::{self, Link, Record, Shape, Stored, number_in};
use super::undo::Way;
use super::writer::Tx;
use crate::error::Error;
use amtia_domain::asset::{Asset, AssetPatch};
use amtia_domain::incident::Incident;
use amtia_domain::risk::Risk;
use amtia_domain::time::rfc3339;
use amtia_domain::vulnerability::Vulnerability;
use amtia_domain::words::Word;
use jiff::Timestamp;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, params_from_iter};
use serde_json::{Value, json};

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// The list of assets.
pub static ASSETS: Table = Table {
    name: "assets",
    text: "assets_text",
    sorts: &[
        Sort { field: "created_at", column: "seq" },
        Sort { field: "ref", column: "seq" },
        Sort { field: "updated_at", column: "updated_at" },
        Sort { field: "name", column: "name" },
        Sort { field: "type", column: "type" },
        Sort { field: "owner", column: "owner" },
        Sort { field: "confidentiality", column: "confidentiality" },
        Sort { field: "integrity", column: "integrity" },
        Sort { field: "availability", column: "availability" },
        Sort { field: "criticality", column: "criticality" },
    ],
};

static SHAPE: Shape = Shape::new(
    Kind::Asset,
    &ASSETS,
    &["name", "type", "owner", "confidentiality", "integrity", "availability", "criticality", "parent_id", "updated_at"],
    &["reference", "name", "description", "owner"],
    &[Link { table: "asset_tags", member: "tag", record: "asset" }],
);

impl Record for Asset {
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
        &self.name
    }

    fn number(&self) -> Option<i64> {
        number_in(&self.reference)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    fn columns(&self) -> Vec<ToSqlOutput<'_>> {
        let need = |step: Option<u8>| ToSqlOutput::from(i64::from(step.unwrap_or(0)));
        vec![
            self.name.as_str().into(),
            self.kind.map_or("", Word::word).into(),
            self.owner.as_deref().unwrap_or("").into(),
            need(self.confidentiality),
            need(self.integrity),
            need(self.availability),
            need(self.criticality),
            self.parent_id.as_deref().unwrap_or("").into(),
            rfc3339(self.updated_at).into(),
        ]
    }

    fn texts(&self) -> Vec<Option<&str>> {
        vec![Some(&self.reference), Some(&self.name), self.description.as_deref(), self.owner.as_deref()]
    }

    fn links(&self) -> Vec<&[String]> {
        vec![&self.tags]
    }

    fn settle(&mut self, connection: &Connection) -> Result<(), Error> {
        let Some(parent) = &self.parent_id else { return Ok(()) };
        let mut above = connection
            .prepare_cached(
                "WITH RECURSIVE above (id, parent_id) AS (
                    SELECT id, parent_id FROM assets WHERE id = ?1 UNION SELECT a.id, a.parent_id FROM assets a JOIN above b ON a.id = b.parent_id)
                 SELECT id FROM above",
            )
            .map_err(db)?;
        let mut above: Vec<String> = above.query_map([parent], |row| row.get(0)).and_then(Iterator::collect).map_err(db)?;
        // A new asset is not in the table yet, and may name itself all the same.
        if *parent == self.id && above.is_empty() {
            above.push(self.id.clone());
        }
        Ok(self.check_parent(&above)?)
    }

    fn may_go(&self, connection: &Connection, _way: Way) -> Result<(), Error> {
        let used = "SELECT EXISTS (SELECT 1 FROM vulnerabilities WHERE asset_id = ?1) OR EXISTS (SELECT 1 FROM assets WHERE parent_id = ?1)
                 OR EXISTS (SELECT 1 FROM risk_assets WHERE asset_id = ?1) OR EXISTS (SELECT 1 FROM incident_assets WHERE asset_id = ?1)";
        if records::holds(connection, used, &self.id)? {
            return Err(Error::Stale {
                message: format!("Others have linked to {} since. Nothing was changed; delete the asset if it should go.", self.reference),
                details: Vec::new(),
            });
        }
        Ok(())
    }
}

/// Adds an asset under the next number.
///
/// # Errors
/// Every offending field; the database's.
pub fn create(tx: &Tx<'_>, patch: AssetPatch, id: String) -> Result<Stored<Asset>, Error> {
    let number = records::next_number::<Asset>(tx)?;
    records::create(tx, Asset::create(patch, id, number, tx.now)?, number, None)
}

/// Changes the fields that are present.
///
/// # Errors
/// 404; 412; every offending field; the database's.
pub fn update(tx: &Tx<'_>, id: &str, patch: AssetPatch, body: &Value, expected: Option<i64>) -> Result<Stored<Asset>, Error> {
    let old = records::get_expected::<Asset>(tx.connection, id, expected, body)?;
    let mut asset = old.record.clone();
    asset.apply(patch, tx.now);
    records::replace(tx, &old, asset, None, None)
}

/// Removes an asset, in one step with what only makes sense with it: its vulnerabilities go, its parts stand alone, and
/// risks and incidents no longer name it. Undo brings all of it back.
///
/// # Errors
/// The database's.
pub fn remove(tx: &Tx<'_>, asset: &Stored<Asset>, action: Action) -> Result<(), Error> {
    records::open_step(tx, asset, action)?;
    let id = &asset.record.id;
    for vulnerability in records::where_is::<Vulnerability>(tx.connection, "t.asset_id = ?1", id)? {
        records::delete(tx, &vulnerability, action)?;
    }
    for part in records::where_is::<Asset>(tx.connection, "t.parent_id = ?1", id)? {
        let alone = Asset { parent_id: None, updated_at: tx.now, ..part.record.clone() };
        records::replace(tx, &part, alone, None, None)?;
    }
    for risk in records::where_is::<Risk>(tx.connection, "t.seq IN (SELECT risk FROM risk_assets WHERE asset_id = ?1)", id)? {
        let freed = Risk { asset_ids: records::without(&risk.record.asset_ids, id), updated_at: tx.now, ..risk.record.clone() };
        records::replace(tx, &risk, freed, None, None)?;
    }
    for incident in records::where_is::<Incident>(tx.connection, "t.seq IN (SELECT incident FROM incident_assets WHERE asset_id = ?1)", id)?
    {
        let freed = Incident { asset_ids: records::without(&incident.record.asset_ids, id), updated_at: tx.now, ..incident.record.clone() };
        records::replace(tx, &incident, freed, None, None)?;
    }
    records::delete(tx, asset, action)
}

/// Only assets that a risk names.
#[must_use]
pub fn of_risk(risk: String) -> Condition {
    Condition::one("t.id IN (SELECT l.asset_id FROM risk_assets l JOIN risks r ON r.seq = l.risk WHERE r.id = ?)", risk)
}

/// Only assets that an incident names.
#[must_use]
pub fn of_incident(incident: String) -> Condition {
    Condition::one("t.id IN (SELECT l.asset_id FROM incident_assets l JOIN incidents i ON i.seq = l.incident WHERE i.id = ?)", incident)
}

/// Where assets stand: for each of these ids, the open vulnerabilities by severity, whether any was ever recorded, and the
/// highest current score among its risks.
///
/// # Errors
/// The database's.
pub fn standing(connection: &Connection, ids: &[String]) -> Result<Vec<Value>, Error> {
    let mut open = connection
        .prepare_cached("SELECT severity, count(*) FROM vulnerabilities WHERE asset_id = ?1 AND is_open = 1 GROUP BY severity")
        .map_err(db)?;
    let mut ever = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM vulnerabilities WHERE asset_id = ?1)").map_err(db)?;
    let mut worst = connection
        .prepare_cached(
            "SELECT r.json FROM risk_assets l JOIN risks r ON r.seq = l.risk WHERE l.asset_id = ?1 AND r.current_score > 0
             ORDER BY r.current_score DESC, r.seq LIMIT 1",
        )
        .map_err(db)?;
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        let mut counts = [0_u64; 5];
        let mut rows = open.query([id]).map_err(db)?;
        while let Some(row) = rows.next().map_err(db)? {
            let severity: usize = row.get(0).map_err(db)?;
            if let Some(count) = counts.get_mut(severity) {
                *count = row.get(1).map_err(db)?;
            }
        }
        let scanned: bool = ever.query_row([id], |row| row.get(0)).map_err(db)?;
        let mut risks = worst.query_map([id], |row| row.get::<_, String>(0)).map_err(db)?;
        let risk: Option<Value> = risks.next().transpose().map_err(db)?.and_then(|json| serde_json::from_str(&json).ok());
        let [none, low, medium, high, critical] = counts;
        all.push(json!({
            "asset_id": id,
            "vulnerabilities": { "critical": critical, "high": high, "medium": medium, "low": low, "none": none },
            "any_vulnerability": scanned,
            "highest_risk": risk.map(|risk| json!({ "id": risk["id"], "ref": risk["ref"], "score": risk["score"], "level": risk["level"] })),
        }));
    }
    Ok(all)
}

/// The values in use, with counts.
///
/// # Errors
/// The database's.
pub fn facets(connection: &Connection) -> Result<Value, Error> {
    let of = |text: &str| -> Result<Vec<Value>, Error> {
        let mut statement = connection.prepare_cached(text).map_err(db)?;
        let none: [&str; 0] = [];
        let rows = statement
            .query_map(params_from_iter(none), |row| Ok(json!({ "value": row.get::<_, String>(0)?, "count": row.get::<_, u64>(1)? })))
            .map_err(db)?;
        rows.collect::<Result<_, _>>().map_err(db)
    };
    Ok(json!({
        "types": of("SELECT type, count(*) FROM assets WHERE type > '' GROUP BY type")?,
        "owners": of("SELECT owner, count(*) FROM assets WHERE owner > '' GROUP BY owner")?,
        "tags": of("SELECT tag, count(*) FROM asset_tags GROUP BY tag")?,
    }))
}
