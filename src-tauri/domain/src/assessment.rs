//! Assessments of a framework: what is in scope, where they stand, how far they are and how good.
//!
//! **Progress** is the share of assessable controls in scope whose result is known, in whole percent, rounded down, so
//! that 100 means all. **Score** is the share that complies among the controls that were judged, a partly compliant one
//! counted half and those that do not apply left out, in whole percent, rounded to the nearest; nothing judged is no score.

use crate::input::{Input, Patch, Problems, set};
use crate::time::instant;
use crate::words::Word;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

crate::words! {
    /// Where an assessment stands; the order is the forward direction.
    AssessmentStatus {
        /// Agreed, not begun.
        Planned = "planned",
        /// Controls are being judged.
        InProgress = "in_progress",
        /// Somebody checks the assesseds.
        InReview = "in_review",
        /// Over.
        Completed = "completed",
    }
}

/// What of the framework is assessed: `full`, or the ids or references of some of its groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Scope {
    /// The word `full`.
    Full(Full),
    /// Ids or references of groups; what lies below each is in scope.
    Groups(Vec<String>),
}

crate::words! {
    /// The whole framework.
    Full {
        /// Every assessable control.
        Full = "full",
    }
}

impl Scope {
    fn read(input: &mut Input) -> Option<Self> {
        const WRONG: &str = "must be full or a list of 1 to 200 groups of the framework";
        match input.bare("scope")? {
            Value::String(word) if word == Full::Full.word() => Some(Self::Full(Full::Full)),
            Value::Array(items) if (1..=crate::input::LIST_MAX).contains(&items.len()) => {
                let mut groups: Vec<String> = Vec::new();
                for item in &items {
                    match item.as_str().map(str::trim) {
                        Some(text) if !text.is_empty() && text.chars().count() <= crate::input::NAME_MAX => {
                            if !groups.iter().any(|have| have == text) {
                                groups.push(text.to_owned());
                            }
                        }
                        _ => {
                            input.problems.add("scope", WRONG);
                            return None;
                        }
                    }
                }
                Some(Self::Groups(groups))
            }
            _ => {
                input.problems.add("scope", WRONG);
                None
            }
        }
    }
}

/// How many controls in scope have which result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Assessable controls in scope.
    pub controls: u64,
    /// Met.
    pub compliant: u64,
    /// Met in part.
    pub partially_compliant: u64,
    /// Not met.
    pub non_compliant: u64,
    /// Left out, with a justification.
    pub not_applicable: u64,
}

impl Tally {
    /// Controls whose result is known.
    #[must_use]
    pub fn assessed(&self) -> u64 {
        self.judged() + self.not_applicable
    }

    fn judged(&self) -> u64 {
        self.compliant + self.partially_compliant + self.non_compliant
    }

    /// The share of controls whose result is known, in whole percent, rounded down.
    #[must_use]
    pub fn progress(&self) -> u8 {
        (self.assessed() * 100).checked_div(self.controls).map_or(0, |percent| percent.min(100) as u8)
    }

    /// The share that complies among those judged, partly counted half, in whole percent, rounded to the nearest.
    #[must_use]
    pub fn score(&self) -> Option<u8> {
        // In halves: (2c + p) of 2j, and half a percent more before the cut.
        let halves = self.compliant * 2 + self.partially_compliant;
        (halves * 100 + self.judged()).checked_div(self.judged() * 2).map(|percent| percent as u8)
    }
}

/// An assessment of one framework.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Assessment {
    /// UUIDv7.
    pub id: String,
    /// The framework.
    pub framework_id: String,
    /// What of it is assessed.
    pub scope: Scope,
    /// What people call it.
    pub name: String,
    /// Where it stands.
    pub status: AssessmentStatus,
    /// When it should be over, `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub due_date: Option<Date>,
    /// The share of controls whose result is known, in percent.
    #[schema(minimum = 0, maximum = 100)]
    pub progress: u8,
    /// The share that complies among those judged, in percent.
    #[schema(minimum = 0, maximum = 100)]
    pub score: Option<u8>,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// The fields of an assessment that may be written. Absent fields stay as they are; null clears.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AssessmentPatch {
    /// The framework; it cannot be changed later.
    #[schema(min_length = 1, max_length = 200)]
    pub framework_id: Option<String>,
    /// What of it is assessed.
    pub scope: Option<Scope>,
    /// 1–200 characters; the framework's name and the day, if left out.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Forward steps may be skipped; back leads to in_progress, or to planned while nothing is assessed.
    pub status: Option<AssessmentStatus>,
    /// `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub due_date: Patch<Date>,
}

/// A new assessment: a framework, a scope, and any field that may be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewAssessment {
    /// The framework's id, such as `iso-27001`.
    #[schema(min_length = 1, max_length = 200)]
    pub framework_id: String,
    /// `full`, or a list of groups.
    pub scope: Scope,
    /// Everything else.
    #[serde(flatten)]
    pub fields: AssessmentPatch,
}

const READ_ONLY: &[&str] = &["id", "progress", "score", "created_at", "updated_at"];

impl AssessmentPatch {
    /// Reads a body. With `creating`, framework and scope are required.
    ///
    /// # Errors
    /// Every offending field.
    pub fn read(body: serde_json::Map<String, Value>, creating: bool) -> Result<Self, Problems> {
        let mut input = Input::new(body);
        for field in ["framework_id", "scope"] {
            if creating && !input.has(field) {
                input.problems.add(field, "is required");
            }
        }
        let patch = Self {
            framework_id: input.name("framework_id"),
            scope: Scope::read(&mut input),
            name: input.name("name"),
            status: input.fixed_choice("status"),
            due_date: input.date("due_date"),
        };
        input.finish(READ_ONLY)?;
        Ok(patch)
    }
}

impl Assessment {
    /// A new assessment. `default_name` is what it is called where the body says nothing.
    ///
    /// # Errors
    /// Every offending field.
    pub fn create(patch: AssessmentPatch, id: String, default_name: String, now: Timestamp) -> Result<Self, Problems> {
        let (Some(framework_id), Some(scope)) = (patch.framework_id.clone(), patch.scope.clone()) else {
            let field = if patch.framework_id.is_none() { "framework_id" } else { "scope" };
            return Err(Problems::one(field, "is required"));
        };
        let mut assessment = Self {
            id,
            framework_id,
            scope,
            name: default_name,
            status: AssessmentStatus::Planned,
            due_date: None,
            progress: 0,
            score: None,
            created_at: now,
            updated_at: now,
        };
        assessment.apply(patch, now)?;
        Ok(assessment)
    }

    /// Changes the fields that are present, the status by its rules: forward steps may be skipped; back leads to
    /// in_progress, or to planned while nothing is assessed.
    ///
    /// # Errors
    /// Every offending field; the assessment is then unchanged.
    pub fn apply(&mut self, patch: AssessmentPatch, now: Timestamp) -> Result<(), Problems> {
        use AssessmentStatus::{InProgress, Planned};
        let mut problems = Problems::default();
        if patch.framework_id.as_ref().is_some_and(|framework| *framework != self.framework_id) {
            problems.add("framework_id", "cannot be changed; make a new assessment");
        }
        let to = patch.status.unwrap_or(self.status);
        if to < self.status && to != InProgress && !(to == Planned && self.progress == 0) {
            problems.add("status", format!("cannot go back from {} to {}, only to in_progress", self.status.word(), to.word()));
        }
        problems.check()?;
        self.status = to;
        set(&mut self.scope, patch.scope);
        set(&mut self.name, patch.name);
        set(&mut self.due_date, patch.due_date);
        self.updated_at = now;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(body: Value) -> serde_json::Map<String, Value> {
        let Value::Object(map) = body else { panic!("a test body is an object") };
        map
    }

    fn assessment(body: Value) -> Assessment {
        let patch = AssessmentPatch::read(object(body), true).expect("valid");
        Assessment::create(patch, "id".into(), "Some framework".into(), Timestamp::UNIX_EPOCH).expect("valid")
    }

    #[test]
    fn every_offending_field_is_named_at_once() {
        let cases = [
            (json!({}), vec!["framework_id", "scope"]),
            (json!({"framework_id": 7, "scope": "some"}), vec!["framework_id", "scope"]),
            (json!({"framework_id": "f", "scope": []}), vec!["scope"]),
            (json!({"framework_id": "f", "scope": ["A.5", 6]}), vec!["scope"]),
            (json!({"framework_id": "f", "scope": null, "status": "done", "due_date": "soon"}), vec!["scope", "status", "due_date"]),
        ];
        for (body, expected) in cases {
            let problems = AssessmentPatch::read(object(body.clone()), true).expect_err("each of these is refused");
            let fields: Vec<&str> = problems.0.iter().map(|p| p.field.as_str()).collect();
            assert_eq!(fields, expected, "{body}");
        }
    }

    #[test]
    fn a_scope_travels_as_it_was_sent() {
        for scope in [json!("full"), json!(["A.5", "A.8"])] {
            let made = assessment(json!({"framework_id": "f", "scope": scope}));
            assert_eq!(serde_json::to_value(&made.scope).expect("JSON"), scope, "written");
            assert_eq!(serde_json::from_value::<Scope>(scope).expect("read"), made.scope, "and read again");
        }
    }

    #[test]
    fn the_status_goes_forward_freely_and_back_only_to_work() {
        let statuses = AssessmentStatus::ALL;
        for (from_at, from) in statuses.iter().enumerate() {
            for (to_at, to) in statuses.iter().enumerate() {
                for progress in [0, 40] {
                    let mut one = assessment(json!({"framework_id": "f", "scope": "full"}));
                    (one.status, one.progress) = (*from, progress);
                    let patch = AssessmentPatch { status: Some(*to), ..AssessmentPatch::default() };
                    let may =
                        to_at >= from_at || *to == AssessmentStatus::InProgress || (*to == AssessmentStatus::Planned && progress == 0);
                    assert_eq!(one.apply(patch, Timestamp::UNIX_EPOCH).is_ok(), may, "{from:?} to {to:?} at {progress} %");
                    assert_eq!(one.status, if may { *to } else { *from }, "{from:?} to {to:?}: what is kept");
                }
            }
        }
        let mut one = assessment(json!({"framework_id": "f", "scope": "full"}));
        let other = AssessmentPatch { framework_id: Some("g".into()), ..AssessmentPatch::default() };
        assert_eq!(one.apply(other, Timestamp::UNIX_EPOCH).expect_err("refused").0[0].field, "framework_id", "the framework stays");
    }

    #[test]
    fn progress_counts_what_is_known_and_score_what_complies() {
        let tally = |controls, compliant, partially_compliant, non_compliant, not_applicable| Tally {
            controls,
            compliant,
            partially_compliant,
            non_compliant,
            not_applicable,
        };
        for (tally, progress, score) in [
            (tally(93, 0, 0, 0, 0), 0, None),
            (tally(93, 65, 15, 10, 3), 100, Some(81)),
            (tally(93, 64, 15, 10, 3), 98, Some(80)),
            (tally(10, 0, 0, 0, 10), 100, None),
            (tally(4, 1, 1, 0, 0), 50, Some(75)),
            (tally(3, 0, 1, 2, 0), 100, Some(17)),
            (tally(3, 0, 0, 3, 0), 100, Some(0)),
            (tally(0, 0, 0, 0, 0), 0, None),
        ] {
            assert_eq!((tally.progress(), tally.score()), (progress, score), "{tally:?}");
        }
    }
}
