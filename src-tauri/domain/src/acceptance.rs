//! Acceptance of a risk: who bears it knowingly, until when, and what exactly was accepted (ISO 31000:2018 6.5.2,
//! ISO/IEC 27005:2022 8.6.3).
//!
//! created → submitted → accepted or rejected; accepted → revoked or expired. Submitting binds it to the state of the risk
//! ([`Material`]); it is accepted only in that state, and void as soon as the risk is in another. That it expires is no act of
//! anybody: from the day after its expiry on an accepted one reads as expired ([`Acceptance::status_on`]), and nothing is written.
//! Who decides is somebody other than who submitted it, or the acceptance says that the workspace has a single person.

use crate::input::{Input, Patch, Problems, set};
use crate::risk::{Assessment, Risk};
use crate::time::{instant, instant_option};
use crate::words::Word;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

crate::words! {
    /// Where an acceptance stands.
    AcceptanceStatus {
        /// Being written.
        Created = "created",
        /// Waits for a decision, bound to the risk as it was.
        Submitted = "submitted",
        /// In force until it expires.
        Accepted = "accepted",
        /// The approver said no.
        Rejected = "rejected",
        /// Taken back.
        Revoked = "revoked",
        /// Its time is over.
        Expired = "expired",
    }
}

/// The state of a risk that an acceptance is bound to: its scores, its scope, its assets. The target is an aim and no part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AcceptedState)]
pub struct Material {
    /// What could happen.
    pub name: String,
    /// Cause, event and consequence.
    pub description: Option<String>,
    /// With no controls.
    pub inherent: Option<Assessment>,
    /// Today.
    pub current: Option<Assessment>,
    /// Once all planned actions are done.
    pub residual: Option<Assessment>,
    /// Assets it touches, sorted.
    pub asset_ids: Vec<String>,
}

impl Material {
    /// Of a risk as it is.
    #[must_use]
    pub fn of(risk: &Risk) -> Self {
        let mut asset_ids = risk.asset_ids.clone();
        asset_ids.sort_unstable();
        Self {
            name: risk.name.clone(),
            description: risk.description.clone(),
            inherent: risk.inherent,
            current: risk.assessment(crate::matrix::View::Current),
            residual: risk.residual,
            asset_ids,
        }
    }

    /// The text whose SHA-256 an acceptance is bound to: this state as JSON, its fields in this order.
    #[must_use]
    pub fn canonical(&self) -> String {
        serde_json::to_value(self).map(|value| value.to_string()).unwrap_or_default()
    }

    /// The fields in which it differs from another, by their names in a risk; `current` for likelihood and impact.
    #[must_use]
    pub fn differing(&self, other: &Self) -> Vec<&'static str> {
        let fields = [
            ("name", self.name != other.name),
            ("description", self.description != other.description),
            ("inherent", self.inherent != other.inherent),
            ("current", self.current != other.current),
            ("residual", self.residual != other.residual),
            ("asset_ids", self.asset_ids != other.asset_ids),
        ];
        fields.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
    }
}

/// What a risk tells of the acceptance that was accepted last and not revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AcceptanceMark {
    /// The acceptance.
    pub id: String,
    /// The last day on which it is in force, `YYYY-MM-DD`.
    #[schema(value_type = String, format = Date)]
    pub expires_on: Date,
    /// Whether the risk is no longer in the state that was accepted.
    pub void: bool,
}

/// An acceptance of one risk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Acceptance {
    /// UUIDv7.
    pub id: String,
    /// The short reference people say aloud, such as `RA-0007`.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The risk.
    pub risk_id: String,
    /// Where it stands.
    pub status: AcceptanceStatus,
    /// Why the risk is borne.
    pub justification: Option<String>,
    /// Display name of who is asked to decide.
    pub approver: Option<String>,
    /// The last day on which it is in force, `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub expires_on: Option<Date>,
    /// Recorded where nobody else works in this workspace: who submits decides as well.
    pub single_person: bool,
    /// Who submitted it.
    pub submitted_by: Option<String>,
    /// When.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub submitted_at: Option<Timestamp>,
    /// The risk as it was submitted.
    pub state: Option<Material>,
    /// SHA-256 of that state, in hexadecimal.
    pub state_hash: Option<String>,
    /// Who accepted or rejected it.
    pub decided_by: Option<String>,
    /// When.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Timestamp>,
    /// What was said with the decision.
    pub decision_note: Option<String>,
    /// Who took it back.
    pub revoked_by: Option<String>,
    /// When.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
    /// Why.
    pub revocation_note: Option<String>,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// The fields of an acceptance that may be written. Absent fields stay as they are; null clears.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AcceptancePatch {
    /// Up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub justification: Patch<String>,
    /// A display name.
    #[schema(value_type = Option<String>, max_length = 200)]
    pub approver: Patch<String>,
    /// `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub expires_on: Patch<Date>,
    /// Whether nobody else works in this workspace.
    pub single_person: Option<bool>,
}

/// A step of an acceptance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AcceptanceStep {
    /// `submitted`, `accepted`, `rejected` or `revoked`.
    pub status: AcceptanceStatus,
    /// What is said with it; required to reject and to revoke.
    #[schema(max_length = 20000)]
    pub note: Option<String>,
}

impl AcceptancePatch {
    /// Reads a body.
    ///
    /// # Errors
    /// Every offending field.
    pub fn read(body: Map<String, Value>) -> Result<Self, Problems> {
        let mut input = Input::new(body);
        let patch = Self {
            justification: input.text("justification"),
            approver: input.short("approver"),
            expires_on: input.date("expires_on"),
            single_person: if input.has("single_person") { input.flag("single_person") } else { None },
        };
        const READ_ONLY: &[&str] = &[
            "id",
            "ref",
            "risk_id",
            "status",
            "submitted_by",
            "submitted_at",
            "state",
            "state_hash",
            "decided_by",
            "decided_at",
            "decision_note",
            "revoked_by",
            "revoked_at",
            "revocation_note",
            "void",
            "void_fields",
            "created_at",
            "updated_at",
        ];
        input.finish(READ_ONLY)?;
        Ok(patch)
    }
}

impl AcceptanceStep {
    /// Reads a body.
    ///
    /// # Errors
    /// Every offending field.
    pub fn read(body: Map<String, Value>) -> Result<Self, Problems> {
        let mut input = Input::new(body);
        if !input.has("status") {
            input.problems.add("status", "is required");
        }
        let status = input.fixed_choice("status");
        let note = input.text("note").flatten();
        input.finish(&[])?;
        Ok(Self { status: status.unwrap_or(AcceptanceStatus::Created), note })
    }
}

/// Who takes a step, when, and on which risk.
pub struct Step<'a> {
    /// The actor's display name.
    pub actor: &'a str,
    /// When.
    pub now: Timestamp,
    /// The day it is where the workspace is at home.
    pub today: Date,
    /// The risk as it is.
    pub risk: Material,
    /// SHA-256 of [`Material::canonical`], in hexadecimal.
    pub hash: String,
}

fn same_person(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

impl Acceptance {
    /// A new acceptance of a risk. `number` is the next of the workspace's sequence.
    #[must_use]
    pub fn create(patch: AcceptancePatch, id: String, risk_id: String, number: i64, now: Timestamp) -> Self {
        let mut acceptance = Self {
            id,
            reference: format!("RA-{number:04}"),
            risk_id,
            status: AcceptanceStatus::Created,
            justification: None,
            approver: None,
            expires_on: None,
            single_person: false,
            submitted_by: None,
            submitted_at: None,
            state: None,
            state_hash: None,
            decided_by: None,
            decided_at: None,
            decision_note: None,
            revoked_by: None,
            revoked_at: None,
            revocation_note: None,
            created_at: now,
            updated_at: now,
        };
        acceptance.set(patch);
        acceptance
    }

    fn set(&mut self, patch: AcceptancePatch) {
        set(&mut self.justification, patch.justification);
        set(&mut self.approver, patch.approver);
        set(&mut self.expires_on, patch.expires_on);
        set(&mut self.single_person, patch.single_person);
    }

    /// Whether it is still to be decided.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.status, AcceptanceStatus::Created | AcceptanceStatus::Submitted)
    }

    /// Changes the fields that are present. What was submitted is then to be submitted again: nobody decides on what they have
    /// not been asked.
    ///
    /// # Errors
    /// One that was decided.
    pub fn apply(&mut self, patch: AcceptancePatch, now: Timestamp) -> Result<(), Problems> {
        let mut next = self.clone();
        next.set(patch);
        if next == *self {
            return Ok(());
        }
        if !self.is_open() {
            return Err(Problems::one("status", "can only be changed while the acceptance is created or submitted"));
        }
        next.status = AcceptanceStatus::Created;
        next.forget_submission();
        next.updated_at = now;
        *self = next;
        Ok(())
    }

    fn forget_submission(&mut self) {
        (self.submitted_by, self.submitted_at, self.state, self.state_hash) = (None, None, None, None);
    }

    /// Takes a step.
    ///
    /// # Errors
    /// Every reason why it cannot be taken; it is then unchanged.
    pub fn go(&mut self, to: AcceptanceStatus, note: Option<String>, step: Step<'_>) -> Result<(), Problems> {
        use AcceptanceStatus::{Accepted, Created, Rejected, Revoked, Submitted};
        let mut next = self.clone();
        match (self.status_on(step.today), to) {
            // One that waits may be submitted again: it is then bound to the risk as it is now.
            (Created | Submitted, Submitted) => next.submit(&step)?,
            (Submitted, Accepted) => next.accept(note, &step)?,
            (Submitted, Rejected) => {
                let mut problems = Problems::default();
                if note.is_none() {
                    problems.add("note", "is required to reject");
                }
                next.four_eyes(&step, &mut problems);
                problems.check()?;
                next.decide(Rejected, note, &step);
            }
            (Accepted, Revoked) => {
                if note.is_none() {
                    return Err(Problems::one("note", "is required to revoke"));
                }
                next.status = Revoked;
                (next.revoked_by, next.revoked_at, next.revocation_note) = (Some(step.actor.to_owned()), Some(step.now), note);
            }
            (from, to) => {
                let (from, to) = (from.word(), to.word());
                return Err(Problems::one("status", format!("a {from} acceptance cannot become {to}")));
            }
        }
        next.updated_at = step.now;
        *self = next;
        Ok(())
    }

    fn submit(&mut self, step: &Step<'_>) -> Result<(), Problems> {
        let mut problems = Problems::default();
        for (field, missing) in [
            ("justification", self.justification.is_none()),
            ("approver", self.approver.is_none()),
            ("expires_on", self.expires_on.is_none()),
        ] {
            if missing {
                problems.add(field, "is required before it is submitted");
            }
        }
        if self.expires_on.is_some_and(|day| day < step.today) {
            problems.add("expires_on", "must be today or later");
        }
        if !self.single_person && self.approver.as_ref().is_some_and(|approver| same_person(approver, step.actor)) {
            let submitter = step.actor;
            problems.add(
                "approver",
                format!(
                    "must be somebody other than who submits it, {submitter}; in a workspace of a single person, say so with single_person"
                ),
            );
        }
        problems.check()?;
        self.status = AcceptanceStatus::Submitted;
        (self.submitted_by, self.submitted_at) = (Some(step.actor.to_owned()), Some(step.now));
        (self.state, self.state_hash) = (Some(step.risk.clone()), Some(step.hash.clone()));
        Ok(())
    }

    fn accept(&mut self, note: Option<String>, step: &Step<'_>) -> Result<(), Problems> {
        let mut problems = Problems::default();
        self.four_eyes(step, &mut problems);
        if self.state_hash.as_ref() != Some(&step.hash) {
            let fields = self.state.as_ref().map(|state| state.differing(&step.risk).join(", ")).unwrap_or_default();
            problems.add("status", format!("the risk has changed since it was submitted: {fields}; submit it again"));
        }
        if self.expires_on.is_some_and(|day| day < step.today) {
            problems.add("expires_on", "its expiry has passed; submit it again with a later one");
        }
        problems.check()?;
        self.decide(AcceptanceStatus::Accepted, note, step);
        Ok(())
    }

    fn four_eyes(&self, step: &Step<'_>, problems: &mut Problems) {
        let submitter = self.submitted_by.as_deref().unwrap_or("");
        if !self.single_person && same_person(submitter, step.actor) {
            problems.add("status", format!("is decided by somebody other than {submitter}, who submitted it"));
        }
    }

    fn decide(&mut self, status: AcceptanceStatus, note: Option<String>, step: &Step<'_>) {
        self.status = status;
        (self.decided_by, self.decided_at, self.decision_note) = (Some(step.actor.to_owned()), Some(step.now), note);
    }

    /// Where it stands on a day: what was accepted is expired once its last day is over.
    #[must_use]
    pub fn status_on(&self, today: Date) -> AcceptanceStatus {
        if self.status == AcceptanceStatus::Accepted && self.expires_on.is_some_and(|day| day < today) {
            AcceptanceStatus::Expired
        } else {
            self.status
        }
    }

    /// What its risk tells of it; `None` unless it was accepted and stands. `hash` is that of the risk as it is.
    #[must_use]
    pub fn mark(&self, hash: &str) -> Option<AcceptanceMark> {
        let expires_on = self.expires_on.filter(|_| self.status == AcceptanceStatus::Accepted)?;
        Some(AcceptanceMark { id: self.id.clone(), expires_on, void: self.state_hash.as_deref() != Some(hash) })
    }
}

#[cfg(test)]
mod tests;
