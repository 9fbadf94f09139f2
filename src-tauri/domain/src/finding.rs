//! Findings of an audit: grades, follow-up and four eyes (ISO 19011:2018 6.4.8, ISO/IEC 17021-1:2015 9.4.9 and 9.6.3).

use crate::audit::yearly_reference;
use crate::input::{Input, Patch, Problems, set};
use crate::time::{instant, instant_option};
use crate::words::Word;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

crate::words! {
    /// How the auditors judge what they found; the gravest first.
    FindingGrade {
        /// A requirement is not met, in a way that puts the whole in doubt.
        MajorNonconformity = "major_nonconformity",
        /// A requirement is not met, in a single lapse.
        MinorNonconformity = "minor_nonconformity",
        /// Met, but heading somewhere that it will not be.
        Observation = "observation",
        /// Met, and could be done better.
        OpportunityForImprovement = "opportunity_for_improvement",
        /// Met, and worth writing down.
        Conformity = "conformity",
        /// Done better than asked.
        GoodPractice = "good_practice",
    }
}

crate::words! {
    /// Where the follow-up stands; the order is the forward direction, `dismissed` stands outside it.
    FindingStatus {
        /// Raised.
        Open = "open",
        /// Somebody answers for it.
        Assigned = "assigned",
        /// Being worked on.
        InProgress = "in_progress",
        /// Its owner says it is done.
        Resolved = "resolved",
        /// Somebody else has looked and agrees.
        Verified = "verified",
        /// Filed.
        Closed = "closed",
        /// Not pursued.
        Dismissed = "dismissed",
    }
}

impl FindingGrade {
    /// Whether a requirement is not met: what then has to be done is fixed.
    #[must_use]
    pub fn is_nonconformity(self) -> bool {
        matches!(self, Self::MajorNonconformity | Self::MinorNonconformity)
    }

    /// Whether somebody has to do something about it.
    #[must_use]
    pub fn asks_for_work(self) -> bool {
        !matches!(self, Self::Conformity | Self::GoodPractice)
    }
}

impl FindingStatus {
    /// Whether the follow-up goes on.
    #[must_use]
    pub fn is_open(self) -> bool {
        !self.is_settled() && self != Self::Dismissed
    }

    /// Whether somebody has looked and agreed.
    fn is_settled(self) -> bool {
        matches!(self, Self::Verified | Self::Closed)
    }
}

/// Findings of one audit by grade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FindingCounts {
    /// See [`FindingGrade::MajorNonconformity`].
    pub major_nonconformity: u32,
    /// See [`FindingGrade::MinorNonconformity`].
    pub minor_nonconformity: u32,
    /// See [`FindingGrade::Observation`].
    pub observation: u32,
    /// See [`FindingGrade::OpportunityForImprovement`].
    pub opportunity_for_improvement: u32,
    /// See [`FindingGrade::Conformity`].
    pub conformity: u32,
    /// See [`FindingGrade::GoodPractice`].
    pub good_practice: u32,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// UUIDv7.
    pub id: String,
    /// The short reference people say aloud, such as `F-2026-17`: the year it was raised and its number in that year.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The audit that it was raised in.
    pub audit_id: String,
    /// What was found, in one line.
    pub title: String,
    /// How it is judged.
    pub grade: FindingGrade,
    /// Where the follow-up stands.
    pub status: FindingStatus,
    /// The evidence seen, and the requirement it was held against.
    pub description: Option<String>,
    /// Why it could happen.
    pub root_cause: Option<String>,
    /// What was put right at once.
    pub correction: Option<String>,
    /// What keeps it from happening again.
    pub corrective_action: Option<String>,
    /// How it was checked that the action works, and what came of it.
    pub effectiveness: Option<String>,
    /// Display name of who answers for it.
    pub owner: Option<String>,
    /// When it has to be done, `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub due_date: Option<Date>,
    /// Controls that it concerns.
    pub control_ids: Vec<String>,
    /// Risks that it concerns.
    pub risk_ids: Vec<String>,
    /// Documents that show what was done.
    pub evidence_ids: Vec<String>,
    /// Who verified it: never its owner where it is a nonconformity.
    pub verified_by: Option<String>,
    /// When.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub verified_at: Option<Timestamp>,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// The fields of a finding that may be written. Absent fields stay as they are; null clears.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct FindingPatch {
    /// 1–200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub title: Option<String>,
    /// See [`FindingGrade`].
    pub grade: Option<FindingGrade>,
    /// Forward steps may be skipped. Going back, reopening and dismissing need a reason; a nonconformity is verified or closed
    /// only when complete, by somebody who is not its owner.
    pub status: Option<FindingStatus>,
    /// Up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub description: Patch<String>,
    /// Up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub root_cause: Patch<String>,
    /// Up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub correction: Patch<String>,
    /// Up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub corrective_action: Patch<String>,
    /// Up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub effectiveness: Patch<String>,
    /// A display name.
    #[schema(value_type = Option<String>, max_length = 200)]
    pub owner: Patch<String>,
    /// `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub due_date: Patch<Date>,
    /// Ids of controls.
    #[schema(max_items = 200)]
    pub control_ids: Option<Vec<String>>,
    /// Ids of risks.
    #[schema(max_items = 200)]
    pub risk_ids: Option<Vec<String>>,
    /// Ids of documents.
    #[schema(max_items = 200)]
    pub evidence_ids: Option<Vec<String>>,
    /// Why it is changed; kept in the history, not in the finding.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub reason: Patch<String>,
}

/// A new finding: a title, a grade, and any field that may be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewFinding {
    /// What was found, 1–200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// How it is judged.
    pub grade: FindingGrade,
    /// Everything else.
    #[serde(flatten)]
    pub fields: FindingPatch,
}

const READ_ONLY: &[&str] = &["id", "ref", "audit_id", "verified_by", "verified_at", "created_at", "updated_at"];

impl FindingPatch {
    /// Reads a body. With `creating`, title and grade are required.
    ///
    /// # Errors
    /// Every offending field.
    pub fn read(body: serde_json::Map<String, serde_json::Value>, creating: bool) -> Result<Self, Problems> {
        let mut input = Input::new(body);
        for field in ["title", "grade"] {
            if creating && !input.has(field) {
                input.problems.add(field, "is required");
            }
        }
        let patch = Self {
            title: input.name("title"),
            grade: input.fixed_choice("grade"),
            status: input.fixed_choice("status"),
            description: input.text("description"),
            root_cause: input.text("root_cause"),
            correction: input.text("correction"),
            corrective_action: input.text("corrective_action"),
            effectiveness: input.text("effectiveness"),
            owner: input.short("owner"),
            due_date: input.date("due_date"),
            control_ids: input.list("control_ids"),
            risk_ids: input.list("risk_ids"),
            evidence_ids: input.list("evidence_ids"),
            reason: input.text("reason"),
        };
        input.finish(READ_ONLY)?;
        Ok(patch)
    }
}

impl Finding {
    /// A new finding, raised by `actor`. `number` is from [`crate::audit::yearly_number`].
    ///
    /// # Errors
    /// Every offending field.
    pub fn create(patch: FindingPatch, id: String, audit_id: String, number: i64, actor: &str, now: Timestamp) -> Result<Self, Problems> {
        let (Some(title), Some(grade)) = (patch.title.clone(), patch.grade) else {
            let field = if patch.title.is_none() { "title" } else { "grade" };
            return Err(Problems::one(field, "is required"));
        };
        let mut finding = Self {
            id,
            reference: yearly_reference("F", number),
            audit_id,
            title,
            grade,
            status: FindingStatus::Open,
            description: None,
            root_cause: None,
            correction: None,
            corrective_action: None,
            effectiveness: None,
            owner: None,
            due_date: None,
            control_ids: Vec::new(),
            risk_ids: Vec::new(),
            evidence_ids: Vec::new(),
            verified_by: None,
            verified_at: None,
            created_at: now,
            updated_at: now,
        };
        finding.apply(patch, actor, now)?;
        Ok(finding)
    }

    /// Whether its work is late on a day. What its owner calls done is not late.
    #[must_use]
    pub fn is_overdue(&self, today: Date) -> bool {
        self.status < FindingStatus::Resolved && self.due_date.is_some_and(|due| due < today)
    }

    /// Whether somebody still has to do something about it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status.is_open() && self.grade.asks_for_work()
    }

    /// Changes the fields that are present, as `actor`.
    ///
    /// # Errors
    /// Every offending field; the finding is then unchanged.
    pub fn apply(&mut self, patch: FindingPatch, actor: &str, now: Timestamp) -> Result<(), Problems> {
        let mut next = self.clone();
        set(&mut next.title, patch.title);
        set(&mut next.grade, patch.grade);
        set(&mut next.description, patch.description);
        set(&mut next.root_cause, patch.root_cause);
        set(&mut next.correction, patch.correction);
        set(&mut next.corrective_action, patch.corrective_action);
        set(&mut next.effectiveness, patch.effectiveness);
        set(&mut next.owner, patch.owner);
        set(&mut next.due_date, patch.due_date);
        set(&mut next.control_ids, patch.control_ids);
        set(&mut next.risk_ids, patch.risk_ids);
        set(&mut next.evidence_ids, patch.evidence_ids);
        let mut problems = Problems::default();
        if let Some(to) = patch.status {
            next.change_status(to, patch.reason.flatten().is_some(), actor, now, &mut problems);
        }
        next.check(&mut problems);
        problems.check()?;
        next.updated_at = now;
        *self = next;
        Ok(())
    }

    fn change_status(&mut self, to: FindingStatus, reasoned: bool, actor: &str, now: Timestamp, problems: &mut Problems) {
        use FindingStatus::{Closed, Dismissed, Open, Verified};
        let from = self.status;
        if from == to {
            return;
        }
        if matches!(from, Closed | Dismissed) && to != Open {
            problems.add("status", format!("a {} finding can only be reopened, to open", from.word()));
            return;
        }
        if (to == Dismissed || to < from) && !reasoned {
            let verb = if to == Dismissed { "to dismiss it" } else { "to go back" };
            problems.add("reason", format!("is required {verb}"));
        }
        self.status = to;
        if !to.is_settled() {
            (self.verified_by, self.verified_at) = (None, None);
        } else if self.verified_by.is_none() && (to == Verified || self.grade.is_nonconformity()) {
            (self.verified_by, self.verified_at) = (Some(actor.to_owned()), Some(now));
        }
    }

    /// What has to hold whatever was changed.
    fn check(&self, problems: &mut Problems) {
        if self.status == FindingStatus::Assigned && self.owner.is_none() {
            problems.add("owner", "is required: an assigned finding has an owner");
        }
        if !(self.grade.is_nonconformity() && self.status.is_settled()) {
            return;
        }
        let missing = [
            ("correction", self.correction.is_none()),
            ("root_cause", self.root_cause.is_none()),
            ("corrective_action", self.corrective_action.is_none()),
            ("owner", self.owner.is_none()),
            ("due_date", self.due_date.is_none()),
            ("evidence_ids", self.evidence_ids.is_empty()),
            ("effectiveness", self.effectiveness.is_none()),
        ];
        for (field, _) in missing.into_iter().filter(|(_, missing)| *missing) {
            problems.add(field, format!("is required before a nonconformity is {}", self.status.word()));
        }
        let same = |verifier: &String, owner: &String| verifier.trim().to_lowercase() == owner.trim().to_lowercase();
        match (&self.verified_by, &self.owner) {
            (Some(verifier), Some(owner)) if same(verifier, owner) => {
                problems.add("verified_by", format!("must be somebody other than the owner, {owner}"));
            }
            (None, _) => problems.add("verified_by", "is required: a nonconformity is verified first"),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
