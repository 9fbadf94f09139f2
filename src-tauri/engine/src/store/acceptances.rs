//! Acceptances of risks: their steps, and what their risks tell of them.

use super::audits::today;
use super::history::{Action, Kind};
use super::lists::{Sort, Table};
use super::records::{self, Record, Shape, Stored, number_in};
use super::writer::Tx;
use crate::crypto;
use crate::error::Error;
use crate::store::api_keys;
use amtia_domain::acceptance::{Acceptance, AcceptanceMark, AcceptancePatch, AcceptanceStatus, AcceptanceStep, Material, Step};
use amtia_domain::risk::{Risk, Treatment};
use amtia_domain::time::rfc3339;
use amtia_domain::words::Word;
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

/// The list of acceptances.
pub static ACCEPTANCES: Table =
    Table { name: "acceptances", text: "", sorts: &[Sort { field: "created_at", column: "seq" }, Sort { field: "ref", column: "seq" }] };

static SHAPE: Shape = Shape::new(Kind::Acceptance, &ACCEPTANCES, &["risk_id", "status", "expires_on", "updated_at"], &[], &[]);

impl Record for Acceptance {
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
        self.justification.as_deref().unwrap_or("")
    }

    fn number(&self) -> Option<i64> {
        number_in(&self.reference)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    fn columns(&self) -> Vec<ToSqlOutput<'_>> {
        vec![
            self.risk_id.as_str().into(),
            place(self.status).into(),
            super::documents::day(self.expires_on),
            rfc3339(self.updated_at).into(),
        ]
    }

    fn action(changed: &[&str]) -> Action {
        if changed.contains(&"status") { Action::StatusChanged } else { Action::Updated }
    }

    fn settle(&mut self, connection: &Connection) -> Result<(), Error> {
        records::get_json::<Risk>(connection, &self.risk_id).map(drop)
    }

    fn follow(&self, tx: &Tx<'_>) -> Result<(), Error> {
        records::settle_derived::<Risk>(tx, &self.risk_id)
    }
}

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

fn place(status: AcceptanceStatus) -> i64 {
    AcceptanceStatus::ALL.iter().position(|have| *have == status).map_or(0, |place| place as i64)
}

fn hash_of(material: &Material) -> String {
    crypto::hex(&crypto::sha256(&[material.canonical().as_bytes()]))
}

/// What a risk tells of the acceptance that was accepted last, unless it was revoked: the one before it was replaced by it and
/// does not come back.
///
/// # Errors
/// The database's.
pub(super) fn mark_of(connection: &Connection, risk: &Risk) -> Result<Option<AcceptanceMark>, Error> {
    let json: Option<String> = connection
        .prepare_cached("SELECT json FROM acceptances WHERE risk_id = ?1 AND status IN (?2, ?3) ORDER BY seq DESC LIMIT 1")
        .and_then(|mut statement| {
            let taken = params![risk.id, place(AcceptanceStatus::Accepted), place(AcceptanceStatus::Revoked)];
            statement.query_row(taken, |row| row.get(0)).optional()
        })
        .map_err(db)?;
    let Some(json) = json else { return Ok(None) };
    let acceptance: Acceptance = serde_json::from_str(&json).map_err(Error::internal)?;
    Ok(acceptance.mark(&hash_of(&Material::of(risk))))
}

/// Every acceptance of a risk, the newest first.
///
/// # Errors
/// The database's.
pub fn of_risk(connection: &Connection, risk: &str) -> Result<Vec<Stored<Acceptance>>, Error> {
    let mut all = records::where_is::<Acceptance>(connection, "t.risk_id = ?1", risk)?;
    all.reverse();
    Ok(all)
}

/// An acceptance as it is answered: with its status on that day, and in which fields its risk is no longer what was submitted.
///
/// # Errors
/// The database's.
pub fn seen(connection: &Connection, acceptance: &Acceptance, today: Date) -> Result<Value, Error> {
    let risk = records::get::<Risk>(connection, &acceptance.risk_id)?.record;
    let status = acceptance.status_on(today);
    let bound = matches!(status, AcceptanceStatus::Submitted | AcceptanceStatus::Accepted | AcceptanceStatus::Expired);
    let differing = acceptance.state.as_ref().filter(|_| bound).map(|state| state.differing(&Material::of(&risk))).unwrap_or_default();
    let mut value = serde_json::to_value(acceptance).map_err(Error::internal)?;
    value["status"] = json!(status);
    value["void"] = json!(!differing.is_empty());
    value["void_fields"] = json!(differing);
    Ok(value)
}

/// Begins an acceptance of a risk.
///
/// # Errors
/// 404 where there is no such risk; one that is not decided yet; the database's.
pub fn create(tx: &Tx<'_>, risk: &str, patch: AcceptancePatch, id: String) -> Result<Stored<Acceptance>, Error> {
    records::get_json::<Risk>(tx.connection, risk)?;
    if let Some(open) = of_risk(tx.connection, risk)?.into_iter().find(|one| one.record.is_open()) {
        return Err(Error::bad(format!("The risk has {} already, which is not decided yet.", open.record.reference)));
    }
    let number = records::next_number::<Acceptance>(tx)?;
    records::create(tx, Acceptance::create(patch, id, risk.to_owned(), number, tx.now), number, None)
}

/// Brings in an acceptance that was given elsewhere, by (submitter, approver): the sample's. One that was given for another
/// `state` of the risk is void from the start.
///
/// # Errors
/// 404 where there is no such risk; the database's.
pub fn bring(tx: &Tx<'_>, risk: &str, patch: AcceptancePatch, (by, approver): (&str, &str), other: bool) -> Result<(), Error> {
    let mut state = Material::of(&records::get::<Risk>(tx.connection, risk)?.record);
    if other {
        state.description = None;
        state.asset_ids.clear();
        state.inherent = None;
    }
    let number = records::next_number::<Acceptance>(tx)?;
    let mut acceptance = Acceptance::create(patch, crate::ids::new(tx.now), risk.to_owned(), number, tx.now);
    acceptance.status = AcceptanceStatus::Accepted;
    (acceptance.submitted_by, acceptance.submitted_at) = (Some(by.to_owned()), Some(tx.now));
    (acceptance.decided_by, acceptance.decided_at) = (Some(approver.to_owned()), Some(tx.now));
    acceptance.state_hash = Some(hash_of(&state));
    acceptance.state = Some(state);
    records::create(tx, acceptance, number, None).map(drop)
}

/// Changes the fields that are present.
///
/// # Errors
/// 404; 412; one that was decided; the database's.
pub fn update(tx: &Tx<'_>, id: &str, patch: AcceptancePatch, body: &Value, expected: Option<i64>) -> Result<Stored<Acceptance>, Error> {
    let old = records::get_expected::<Acceptance>(tx.connection, id, expected, body)?;
    let mut acceptance = old.record.clone();
    acceptance.apply(patch, tx.now)?;
    records::replace(tx, &old, acceptance, None, None)
}

/// Refuses that the caller is alone where somebody else may decide: who holds a live key that writes, or, for a key, the person at
/// this device.
fn alone(tx: &Tx<'_>) -> Result<(), Error> {
    let names = api_keys::writing(tx.connection, tx.now)?;
    let refused = |message: String| Err(Error::field("single_person", message));
    if names.contains(&tx.who.actor) {
        return refused("does not hold: the person at this device may decide here too; name who is to decide as its approver".into());
    }
    match names.first() {
        Some(other) => refused(format!(
            "does not hold: {other} may decide here too; name who is to decide as its approver, or revoke the key that nobody else uses"
        )),
        None => Ok(()),
    }
}

/// Takes a step. In the same undo step the risk is treated as accepted from its acceptance on, and open again from its revocation.
///
/// # Errors
/// 404; 412; every reason why it cannot be taken; the database's.
pub fn go(tx: &Tx<'_>, id: &str, step: AcceptanceStep, body: &Value, expected: Option<i64>) -> Result<Stored<Acceptance>, Error> {
    let old = records::get_expected::<Acceptance>(tx.connection, id, expected, body)?;
    let material = Material::of(&records::get::<Risk>(tx.connection, &old.record.risk_id)?.record);
    let mut acceptance = old.record.clone();
    let note = step.note.clone();
    if acceptance.single_person && step.status != AcceptanceStatus::Revoked {
        alone(tx)?;
    }
    let taken = Step { actor: &tx.who.actor, now: tx.now, today: today(tx.connection, tx.now)?, hash: hash_of(&material), risk: material };
    acceptance.go(step.status, step.note, taken)?;
    let stored = records::replace(tx, &old, acceptance, None, note.as_deref())?;
    let risk = records::get::<Risk>(tx.connection, &stored.record.risk_id)?;
    let treatment = match step.status {
        AcceptanceStatus::Accepted => Treatment::Accept,
        AcceptanceStatus::Revoked if risk.record.treatment == Treatment::Accept => Treatment::Open,
        _ => return Ok(stored),
    };
    let treated = Risk { treatment, updated_at: tx.now, ..risk.record.clone() };
    records::replace(tx, &risk, treated, None, None)?;
    Ok(stored)
}

/// Removes an acceptance that was not decided. A decision is kept.
///
/// # Errors
/// One that was decided; the database's.
pub fn remove(tx: &Tx<'_>, acceptance: &Stored<Acceptance>, action: Action) -> Result<(), Error> {
    if !acceptance.record.is_open() {
        return Err(Error::bad(format!("{} was decided and is kept. Revoke it instead.", acceptance.record.reference)));
    }
    records::delete(tx, acceptance, action)
}
