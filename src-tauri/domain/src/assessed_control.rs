//! What is found of one control in an assessment, and the gap that it leaves.
//!
//! **Gap severity** follows from the result (not compliant: high, partly compliant: medium, compliant below the target
//! maturity: low) and is one step worse where the target lies three or more levels of maturity away.

use crate::framework::Control;
use crate::input::{Input, Patch, Problems, set};
use crate::time::{instant, instant_option};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// The highest level of maturity: none, initial, managed, defined, quantitatively managed, optimizing.
pub const MATURITY_MOST: u8 = 5;
/// From this distance to the target on, a gap is one step worse.
const FAR: i8 = 3;

crate::words! {
    /// What was found of one control.
    ControlResult {
        /// Nothing yet.
        NotAssessed = "not_assessed",
        /// It is met.
        Compliant = "compliant",
        /// It is met in part.
        PartiallyCompliant = "partially_compliant",
        /// It is not met.
        NonCompliant = "non_compliant",
        /// It does not concern the organisation; that needs a justification.
        NotApplicable = "not_applicable",
    }
}

crate::words! {
    /// How bad a gap is.
    GapSeverity {
        /// Everything else waits.
        Critical = "critical",
        /// Next.
        High = "high",
        /// Planned.
        Medium = "medium",
        /// When it fits.
        Low = "low",
    }
}

/// What is recorded of one control in one assessment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssessedControl {
    /// The assessment and the control.
    pub id: String,
    /// The assessment.
    pub assessment_id: String,
    /// The control.
    pub control_id: String,
    /// Its reference in its framework.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// What was found.
    pub result: ControlResult,
    /// Current maturity, 0 to 5.
    pub maturity: Option<u8>,
    /// Target maturity, 0 to 5.
    pub target: Option<u8>,
    /// Why it was judged so.
    pub justification: Option<String>,
    /// What shows it.
    pub evidence: Option<String>,
    /// What is missing.
    pub missing_evidence: Option<String>,
    /// What is planned to close the gap.
    pub planned_control: Option<String>,
    /// Display name of who closes it.
    pub owner: Option<String>,
    /// When it should be closed.
    pub due_date: Option<Date>,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    pub created_at: Timestamp,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    pub updated_at: Timestamp,
}

/// The fields of a control's result that may be written. Absent fields stay as they are; null clears.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ResultPatch {
    /// See [`ControlResult`]; `not_applicable` needs a justification.
    pub result: Option<ControlResult>,
    /// Current maturity.
    #[schema(value_type = Option<u8>, minimum = 0, maximum = 5)]
    pub maturity: Patch<u8>,
    /// Target maturity.
    #[schema(value_type = Option<u8>, minimum = 0, maximum = 5)]
    pub target: Patch<u8>,
    /// Up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub justification: Patch<String>,
    /// What shows it, up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub evidence: Patch<String>,
    /// What is missing, up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub missing_evidence: Patch<String>,
    /// What is planned to close the gap, up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub planned_control: Patch<String>,
    /// A display name.
    #[schema(value_type = Option<String>, max_length = 200)]
    pub owner: Patch<String>,
    /// `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub due_date: Patch<Date>,
}

const RESULT_READ_ONLY: &[&str] =
    &["assessment_id", "control_id", "ref", "title", "description", "parent_id", "position", "delta", "gap", "updated_at"];

impl ResultPatch {
    /// Reads a body.
    ///
    /// # Errors
    /// Every offending field.
    pub fn read(body: serde_json::Map<String, Value>) -> Result<Self, Problems> {
        let mut input = Input::new(body);
        let patch = Self {
            result: input.fixed_choice("result"),
            maturity: input.whole("maturity", 0, MATURITY_MOST),
            target: input.whole("target", 0, MATURITY_MOST),
            justification: input.text("justification"),
            evidence: input.text("evidence"),
            missing_evidence: input.text("missing_evidence"),
            planned_control: input.text("planned_control"),
            owner: input.short("owner"),
            due_date: input.date("due_date"),
        };
        input.finish(RESULT_READ_ONLY)?;
        Ok(patch)
    }
}

impl AssessedControl {
    /// Nothing yet of this control.
    #[must_use]
    pub fn new(assessment_id: &str, control: &Control, now: Timestamp) -> Self {
        Self {
            id: Self::id_of(assessment_id, &control.id),
            assessment_id: assessment_id.to_owned(),
            control_id: control.id.clone(),
            reference: control.reference.clone(),
            title: control.title.clone(),
            result: ControlResult::NotAssessed,
            maturity: None,
            target: None,
            justification: None,
            evidence: None,
            missing_evidence: None,
            planned_control: None,
            owner: None,
            due_date: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// A control has one result in an assessment.
    #[must_use]
    pub fn id_of(assessment_id: &str, control_id: &str) -> String {
        format!("{assessment_id}.{control_id}")
    }

    /// Changes the fields that are present.
    ///
    /// # Errors
    /// A control that does not apply, without saying why; the result is then unchanged.
    pub fn apply(&mut self, patch: ResultPatch, now: Timestamp) -> Result<(), Problems> {
        let result = patch.result.unwrap_or(self.result);
        let justified = patch.justification.as_ref().unwrap_or(&self.justification).is_some();
        if result == ControlResult::NotApplicable && !justified {
            return Err(Problems::one("justification", "is required where a control does not apply"));
        }
        self.result = result;
        set(&mut self.maturity, patch.maturity);
        set(&mut self.target, patch.target);
        set(&mut self.justification, patch.justification);
        set(&mut self.evidence, patch.evidence);
        set(&mut self.missing_evidence, patch.missing_evidence);
        set(&mut self.planned_control, patch.planned_control);
        set(&mut self.owner, patch.owner);
        set(&mut self.due_date, patch.due_date);
        self.updated_at = now;
        Ok(())
    }

    /// How far the target lies above the current maturity, where both are known.
    #[must_use]
    pub fn delta(&self) -> Option<i8> {
        let level = |level: Option<u8>| level.and_then(|level| i8::try_from(level).ok());
        Some(level(self.target)? - level(self.maturity)?)
    }

    /// How bad the gap is that this result leaves, or none where it leaves none.
    #[must_use]
    pub fn gap(&self) -> Option<GapSeverity> {
        use GapSeverity::{Critical, High, Low, Medium};
        let delta = self.delta().unwrap_or(0);
        let far = delta >= FAR;
        match self.result {
            ControlResult::NonCompliant => Some(if far { Critical } else { High }),
            ControlResult::PartiallyCompliant => Some(if far { High } else { Medium }),
            ControlResult::Compliant if delta > 0 => Some(if far { Medium } else { Low }),
            ControlResult::Compliant | ControlResult::NotAssessed | ControlResult::NotApplicable => None,
        }
    }
}

/// One control in scope with its result, or `not_assessed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AssessmentResult {
    /// The assessment.
    pub assessment_id: String,
    /// The control.
    pub control_id: String,
    /// Its reference.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// What it asks for.
    pub description: Option<String>,
    /// The group or control above it.
    pub parent_id: Option<String>,
    /// Its place in the framework.
    pub position: u32,
    /// What was found.
    pub result: ControlResult,
    /// Current maturity, 0 to 5.
    pub maturity: Option<u8>,
    /// Target maturity, 0 to 5.
    pub target: Option<u8>,
    /// How far the target lies above the current maturity.
    pub delta: Option<i8>,
    /// How bad the gap is, where there is one.
    pub gap: Option<GapSeverity>,
    /// Why it was judged so.
    pub justification: Option<String>,
    /// What shows it.
    pub evidence: Option<String>,
    /// What is missing.
    pub missing_evidence: Option<String>,
    /// What is planned to close the gap.
    pub planned_control: Option<String>,
    /// Display name of who closes it.
    pub owner: Option<String>,
    /// When it should be closed, `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub due_date: Option<Date>,
    /// When it was last changed, RFC 3339, UTC.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub updated_at: Option<Timestamp>,
}

impl AssessmentResult {
    /// A control, with what was found of it if anything was.
    #[must_use]
    pub fn of(assessment_id: &str, control: Control, found: Option<AssessedControl>) -> Self {
        let updated_at = found.as_ref().map(|found| found.updated_at);
        let found = found.unwrap_or_else(|| AssessedControl::new(assessment_id, &control, Timestamp::UNIX_EPOCH));
        Self {
            assessment_id: assessment_id.to_owned(),
            control_id: control.id,
            reference: control.reference,
            title: control.title,
            description: control.description,
            parent_id: control.parent_id,
            position: control.position,
            result: found.result,
            maturity: found.maturity,
            target: found.target,
            delta: found.delta(),
            gap: found.gap(),
            justification: found.justification,
            evidence: found.evidence,
            missing_evidence: found.missing_evidence,
            planned_control: found.planned_control,
            owner: found.owner,
            due_date: found.due_date,
            updated_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Word;
    use serde_json::{Value, json};

    fn control() -> Control {
        Control {
            id: "c".into(),
            framework_id: "f".into(),
            reference: Some("A.5.1".into()),
            title: Some("Policies".into()),
            description: None,
            parent_id: None,
            assessable: true,
            withdrawn: false,
            depth: 1,
            position: 0,
            source_id: "a.5.1".into(),
            child_count: 0,
            mappings: Vec::new(),
            successors: Vec::new(),
            created_at: String::new(),
            updated_at: String::new(),
        }
    }

    fn judged(body: Value) -> Result<AssessedControl, Problems> {
        let Value::Object(map) = body else { panic!("a test body is an object") };
        let mut assessed = AssessedControl::new("a", &control(), Timestamp::UNIX_EPOCH);
        assessed.apply(ResultPatch::read(map)?, Timestamp::UNIX_EPOCH)?;
        Ok(assessed)
    }

    #[test]
    fn every_offending_field_is_named_at_once() {
        let problems = judged(json!({"result": "yes", "maturity": 6, "target": -1, "effort": "large"})).expect_err("refused");
        let fields: Vec<&str> = problems.0.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(fields, ["result", "maturity", "target", "effort"]);
    }

    #[test]
    fn what_does_not_apply_says_why() {
        assert_eq!(judged(json!({"result": "not_applicable"})).expect_err("refused").0[0].field, "justification", "it is named");
        let mut one = judged(json!({"result": "not_applicable", "justification": "No software is made here"})).expect("with its reason");
        let patch = ResultPatch { justification: Some(None), ..ResultPatch::default() };
        assert!(one.apply(patch, Timestamp::UNIX_EPOCH).is_err(), "the reason cannot be taken away alone");
        assert!(one.justification.is_some(), "and stays");
    }

    #[test]
    fn a_gap_is_as_bad_as_its_result_and_one_step_worse_where_the_target_is_far() {
        for (result, maturity, target, expected) in [
            ("non_compliant", Some(0), Some(3), Some("critical")),
            ("non_compliant", Some(1), Some(3), Some("high")),
            ("non_compliant", None, None, Some("high")),
            ("partially_compliant", Some(2), Some(3), Some("medium")),
            ("partially_compliant", Some(1), Some(4), Some("high")),
            ("compliant", Some(3), Some(4), Some("low")),
            ("compliant", Some(2), Some(5), Some("medium")),
            ("compliant", Some(4), Some(4), None),
            ("compliant", Some(4), None, None),
            ("not_assessed", Some(0), Some(5), None),
        ] {
            let one = judged(json!({"result": result, "maturity": maturity, "target": target})).expect("valid");
            assert_eq!(one.gap().map(Word::word), expected, "{result} at {maturity:?} of {target:?}");
        }
        assert_eq!(judged(json!({"maturity": 4, "target": 2})).expect("valid").delta(), Some(-2), "above the target is no gap");
    }
}
