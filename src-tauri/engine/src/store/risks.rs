//! Risks: what they are made of in the file, and what changing one takes.

use super::history::{Action, Kind};
use super::records::{self, Link, Record, Shape, Stored, number_in};
use super::risk_lists::RISKS;
use super::writer::Tx;
use crate::error::Error;
use amtia_domain::Problems;
use amtia_domain::asset::Asset;
use amtia_domain::finding::Finding;
use amtia_domain::incident::Incident;
use amtia_domain::matrix::{Level, Matrix, View};
use amtia_domain::risk::{Risk, RiskPatch};
use amtia_domain::words::Word;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::types::ToSqlOutput;
use serde_json::Value;

static SHAPE: Shape = Shape::new(
    Kind::Risk,
    &RISKS,
    &[
        "name",
        "category",
        "owner",
        "status",
        "treatment",
        "review_date",
        "updated_at",
        "current_likelihood",
        "current_impact",
        "current_score",
        "current_level",
        "inherent_likelihood",
        "inherent_impact",
        "inherent_score",
        "inherent_level",
        "residual_likelihood",
        "residual_impact",
        "residual_score",
        "residual_level",
        "target_likelihood",
        "target_impact",
        "target_score",
        "target_level",
    ],
    &["reference", "name", "description", "category", "owner", "rationale"],
    &[
        Link { table: "risk_tags", member: "tag", record: "risk" },
        Link { table: "risk_controls", member: "control_id", record: "risk" },
        Link { table: "risk_assets", member: "asset_id", record: "risk" },
    ],
);

impl Record for Risk {
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
        let review = self.review_date.map(|date| date.to_string()).unwrap_or_default();
        let mut columns: Vec<ToSqlOutput<'_>> = vec![
            self.name.as_str().into(),
            self.category.as_deref().unwrap_or("").into(),
            self.owner.as_deref().unwrap_or("").into(),
            self.status.word().into(),
            self.treatment.word().into(),
            review.into(),
            self.updated().into(),
        ];
        for view in [View::Current, View::Inherent, View::Residual, View::Target] {
            let cell =
                self.assessment(view).map_or([0; 4], |a| [a.likelihood.into(), a.impact.into(), a.score.into(), level_number(a.level)]);
            columns.extend(cell.map(ToSqlOutput::from));
        }
        columns
    }

    fn texts(&self) -> Vec<Option<&str>> {
        let texts = [&self.description, &self.category, &self.owner, &self.rationale].map(Option::as_deref);
        [Some(self.reference.as_str()), Some(self.name.as_str())].into_iter().chain(texts).collect()
    }

    fn links(&self) -> Vec<&[String]> {
        vec![&self.tags, &self.control_ids, &self.asset_ids]
    }

    fn settle(&mut self, connection: &Connection) -> Result<(), Error> {
        records::keep_existing::<Asset>(connection, &mut self.asset_ids)
    }

    fn action(changed: &[&str]) -> Action {
        if Risk::is_move(changed) { Action::Moved } else { Action::Updated }
    }
}

fn level_number(level: Level) -> i64 {
    Level::ALL.iter().position(|have| *have == level).map_or(0, |place| place as i64 + 1)
}

/// Adds a risk under the next number.
///
/// # Errors
/// Every offending field; the database's.
pub fn create(tx: &Tx<'_>, patch: RiskPatch, id: String, matrix: &Matrix) -> Result<Stored<Risk>, Error> {
    check_links(tx.connection, &patch)?;
    let reason = patch.reason.clone().flatten();
    let number = records::next_number::<Risk>(tx)?;
    let risk = Risk::create(patch, id, number, tx.now, matrix)?;
    records::create(tx, risk, number, reason.as_deref())
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
    let old = records::get_expected::<Risk>(tx.connection, id, expected, body)?;
    check_links(tx.connection, &patch)?;
    let reason = patch.reason.clone().flatten();
    let mut risk = old.record.clone();
    risk.apply(patch, tx.now, matrix)?;
    records::replace(tx, &old, risk, None, reason.as_deref())
}

/// Removes a risk, in one step with the links to it: incidents and findings no longer name it. Undo brings all of it back.
///
/// # Errors
/// The database's.
pub fn remove(tx: &Tx<'_>, risk: &Stored<Risk>, action: Action) -> Result<(), Error> {
    records::open_step(tx, risk, action)?;
    let id = &risk.record.id;
    for incident in records::where_is::<Incident>(tx.connection, "t.seq IN (SELECT incident FROM incident_risks WHERE risk_id = ?1)", id)? {
        let freed = Incident { risk_ids: records::without(&incident.record.risk_ids, id), updated_at: tx.now, ..incident.record.clone() };
        records::replace(tx, &incident, freed, None, None)?;
    }
    for finding in records::where_is::<Finding>(tx.connection, "t.seq IN (SELECT finding FROM finding_risks WHERE risk_id = ?1)", id)? {
        let freed = Finding { risk_ids: records::without(&finding.record.risk_ids, id), updated_at: tx.now, ..finding.record.clone() };
        records::replace(tx, &finding, freed, None, None)?;
    }
    records::delete(tx, risk, action)
}

fn check_links(connection: &Connection, patch: &RiskPatch) -> Result<(), Error> {
    let mut problems = Problems::default();
    records::check_links::<Asset>(connection, &mut problems, "asset_ids", patch.asset_ids.as_deref())?;
    for id in patch.control_ids.iter().flatten() {
        if super::frameworks::control_json(connection, id)?.is_none() {
            problems.add("control_ids", format!("names a control that does not exist: {id}"));
            break;
        }
    }
    Ok(problems.check()?)
}
