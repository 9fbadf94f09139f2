//! Risks: what they are made of in the file, and what changing one takes.

use super::acceptances;
use super::history::{Action, Kind};
use super::records::{self, Link, Record, Shape, Stored, number_in};
use super::risk_lists::RISKS;
use super::undo::Way;
use super::writer::Tx;
use crate::error::Error;
use amtia_domain::Problems;
use amtia_domain::asset::Asset;
use amtia_domain::checks::Borne;
use amtia_domain::document::Document;
use amtia_domain::finding::Finding;
use amtia_domain::incident::Incident;
use amtia_domain::matrix::{Level, Matrix, View};
use amtia_domain::plan::ActionPatch;
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
        "no_owner",
        "residual_above",
        "done_unchanged",
        "unplanned_score",
        "review_due",
        "borne",
    ],
    &["reference", "name", "description", "category", "owner", "rationale"],
    &[
        Link { table: "risk_tags", member: "tag", record: "risk" },
        Link { table: "risk_controls", member: "control_id", record: "risk" },
        Link { table: "risk_assets", member: "asset_id", record: "risk" },
        Link { table: "risk_documents", member: "document_id", record: "risk" },
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
        let flags = [self.lacks_owner(), self.residual_is_above(), self.done_is_unchanged()];
        columns.extend(flags.map(|flag| ToSqlOutput::from(i64::from(flag))));
        columns.push(i64::from(self.unplanned_score()).into());
        columns.push(super::documents::day(self.review_due()));
        columns.push(match self.borne() {
            Borne::NotAsked => "".into(),
            Borne::Nobody => "none".into(),
            Borne::Void => "void".into(),
            Borne::Until(_) => super::documents::day(self.acceptance.as_ref().map(|mark| mark.expires_on)),
        });
        columns
    }

    fn texts(&self) -> Vec<Option<&str>> {
        let texts = [&self.description, &self.category, &self.owner, &self.rationale].map(Option::as_deref);
        [Some(self.reference.as_str()), Some(self.name.as_str())].into_iter().chain(texts).collect()
    }

    fn links(&self) -> Vec<&[String]> {
        vec![&self.tags, &self.control_ids, &self.asset_ids, &self.document_ids]
    }

    fn settle(&mut self, connection: &Connection) -> Result<(), Error> {
        records::keep_existing::<Asset>(connection, &mut self.asset_ids)?;
        // What undo brings back was perhaps judged by another matrix.
        super::matrices::fit(connection, self)?;
        self.acceptance = acceptances::mark_of(connection, self)?;
        Ok(())
    }

    fn derived() -> &'static [&'static str] {
        &["acceptance"]
    }

    fn may_go(&self, connection: &Connection, _way: Way) -> Result<(), Error> {
        let reference = &self.reference;
        let linked =
            "SELECT EXISTS (SELECT 1 FROM incident_risks WHERE risk_id = ?1) OR EXISTS (SELECT 1 FROM finding_risks WHERE risk_id = ?1)";
        let message = if !acceptances::of_risk(connection, &self.id)?.is_empty() {
            format!("An acceptance of {reference} was begun since. Nothing was changed; delete the risk if it should go.")
        } else if records::holds(connection, linked, &self.id)? {
            format!("Others have linked to {reference} since. Nothing was changed; delete the risk if it should go.")
        } else {
            return Ok(());
        };
        Err(Error::Stale { message, details: Vec::new() })
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
    check_links(tx.connection, &patch, None)?;
    let reason = patch.reason.clone().flatten();
    let number = records::next_number::<Risk>(tx)?;
    let risk = Risk::create(patch, id, number, tx.now, matrix)?;
    records::create(tx, risk, number, reason.as_deref())
}

/// As [`create`], with a plan that is there from the start: the sample's.
///
/// # Errors
/// As [`create`], and those of `plan`.
pub fn bring(
    tx: &Tx<'_>,
    patch: RiskPatch,
    matrix: &Matrix,
    plan: impl FnOnce(&mut Risk) -> Result<(), Error>,
) -> Result<Stored<Risk>, Error> {
    let number = records::next_number::<Risk>(tx)?;
    let mut risk = Risk::create(patch, crate::ids::new(tx.now), number, tx.now, matrix)?;
    plan(&mut risk)?;
    risk.updated_at = tx.now;
    records::create(tx, risk, number, None)
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
    check_links(tx.connection, &patch, Some(&old.record))?;
    let reason = patch.reason.clone().flatten();
    let mut risk = old.record.clone();
    risk.apply(patch, tx.now, matrix)?;
    records::replace(tx, &old, risk, None, reason.as_deref())
}

/// Adds an action to the plan of a risk; what follows the plan moves with it.
///
/// # Errors
/// 404; 412 where `expected` is not the revision; a control that is not there; a plan that is full; the database's.
pub fn add_action(tx: &Tx<'_>, id: &str, patch: ActionPatch, expected: Option<i64>, matrix: &Matrix) -> Result<Stored<Risk>, Error> {
    let old = records::get_expected::<Risk>(tx.connection, id, expected, &Value::Null)?;
    check_control(tx.connection, patch.control_id.as_ref())?;
    let reason = patch.reason.clone().flatten();
    let mut risk = old.record.clone();
    risk.add_action(patch, crate::ids::new(tx.now), tx.now, matrix)?;
    records::replace(tx, &old, risk, None, reason.as_deref())
}

/// Changes one action of a risk's plan: others may change the others meanwhile.
///
/// # Errors
/// 404 for the risk and for the action; 412 where `expected` is not the revision; a control that is not there; the database's.
pub fn change_action(
    tx: &Tx<'_>,
    (id, action): (&str, &str),
    patch: ActionPatch,
    expected: Option<i64>,
    matrix: &Matrix,
) -> Result<Stored<Risk>, Error> {
    let old = records::get_expected::<Risk>(tx.connection, id, expected, &Value::Null)?;
    let had = old.record.actions.iter().find(|had| had.id == action).ok_or_else(no_action)?;
    if patch.control_id.as_ref().is_some_and(|control| *control != had.control_id) {
        check_control(tx.connection, patch.control_id.as_ref())?;
    }
    let reason = patch.reason.clone().flatten();
    let mut risk = old.record.clone();
    risk.change_action(action, patch, tx.now, matrix).ok_or_else(no_action)?;
    records::replace(tx, &old, risk, None, reason.as_deref())
}

/// Takes one action out of a risk's plan.
///
/// # Errors
/// As [`change_action`].
pub fn remove_action(tx: &Tx<'_>, (id, action): (&str, &str), expected: Option<i64>, matrix: &Matrix) -> Result<Stored<Risk>, Error> {
    let old = records::get_expected::<Risk>(tx.connection, id, expected, &Value::Null)?;
    let mut risk = old.record.clone();
    risk.remove_action(action, tx.now, matrix).ok_or_else(no_action)?;
    records::replace(tx, &old, risk, None, None)
}

/// Whether there is such a risk with such an action.
///
/// # Errors
/// 404 for either; the database's.
pub fn has_action(connection: &Connection, id: &str, action: &str) -> Result<(), Error> {
    let risk = records::get::<Risk>(connection, id)?.record;
    if risk.actions.iter().any(|had| had.id == action) { Ok(()) } else { Err(no_action()) }
}

fn no_action() -> Error {
    Error::NotFound("The plan has no such action.".into())
}

fn check_control(connection: &Connection, control: Option<&Option<String>>) -> Result<(), Error> {
    match control {
        Some(Some(id)) if super::frameworks::control_json(connection, id)?.is_none() => {
            Err(Error::field("control_id", format!("names a control that does not exist: {id}")))
        }
        _ => Ok(()),
    }
}

/// Which side of a history entry is wanted back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What the fields held before the change.
    Before,
    /// What the change left.
    After,
}

/// Gives the fields that one entry of a risk's history tells of the values that they had then, as a new change.
///
/// # Errors
/// 404; 412 where `expected` is not the revision; an entry that is not this risk's or has no such side; values that no longer fit,
/// places of a matrix of another size among them; the database's.
pub fn restore(tx: &Tx<'_>, id: &str, entry: i64, side: Side, expected: Option<i64>, matrix: &Matrix) -> Result<Stored<Risk>, Error> {
    let old = records::get_expected::<Risk>(tx.connection, id, expected, &Value::Null)?;
    let told = super::history::entry(tx.connection, Kind::Risk, id, entry)?;
    let fields = told.and_then(|told| if side == Side::Before { told.before } else { told.after });
    let Some(Value::Object(fields)) = fields else {
        return Err(Error::field("entry", "names no entry of this history that has such a side"));
    };
    super::matrices::refuse_other_scales(tx.connection, entry, side, &fields)?;
    let risk = old.record.restored(&fields, tx.now, matrix)?;
    records::replace(tx, &old, risk, Some(Action::Restored), None)
}

/// Removes a risk, in one step with its acceptances and the links to it: incidents and findings no longer name it. Undo brings all of it back.
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
    for acceptance in acceptances::of_risk(tx.connection, id)? {
        records::delete(tx, &acceptance, action)?;
    }
    records::delete(tx, risk, action)
}

pub(super) fn check_links(connection: &Connection, patch: &RiskPatch, had: Option<&Risk>) -> Result<(), Error> {
    let mut problems = Problems::default();
    // Only what comes new has to be there: a document that was linked may have gone since.
    let had = had.map_or(&[][..], |risk| &risk.document_ids);
    let documents: Vec<String> = patch.document_ids.iter().flatten().filter(|id| !had.contains(id)).cloned().collect();
    records::check_links::<Document>(connection, &mut problems, "document_ids", Some(&documents))?;
    records::check_links::<Asset>(connection, &mut problems, "asset_ids", patch.asset_ids.as_deref())?;
    for id in patch.control_ids.iter().flatten() {
        if super::frameworks::control_json(connection, id)?.is_none() {
            problems.add("control_ids", format!("names a control that does not exist: {id}"));
            break;
        }
    }
    Ok(problems.check()?)
}
