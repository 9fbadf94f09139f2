//! A risk scenario and its assessments (ISO 31000:2018 clause 6.4, ISO/IEC 27005:2022 clause 7).

use crate::acceptance::AcceptanceMark;
use crate::input::{Input, Patch, Problems, set};
use crate::matrix::{Level, Matrix, View};
use crate::plan::{AssessmentSource, PlannedAction};
use crate::time::{instant, rfc3339};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

crate::words! {
    /// Where a risk stands in its treatment process.
    RiskStatus {
        /// Named, not yet analysed.
        Identified = "identified",
        /// Likelihood and impact are known.
        Analysed = "analysed",
        /// A treatment is under way.
        InTreatment = "in_treatment",
        /// Treated or accepted, watched.
        Monitored = "monitored",
        /// No longer relevant.
        Closed = "closed",
    }
}

crate::words! {
    /// What is done about a risk.
    Treatment {
        /// Not decided.
        Open = "open",
        /// Controls reduce it.
        Mitigate = "mitigate",
        /// Borne knowingly.
        Accept = "accept",
        /// Shared, for example by insurance or contract.
        Transfer = "transfer",
        /// The activity is given up.
        Avoid = "avoid",
    }
}

/// Likelihood and impact as judged, with what follows from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RiskAssessment)]
pub struct Assessment {
    /// A whole step of the likelihood scale, from 1.
    #[schema(minimum = 1, maximum = 7)]
    pub likelihood: u8,
    /// A whole step of the impact scale, from 1.
    #[schema(minimum = 1, maximum = 7)]
    pub impact: u8,
    /// From the workspace's matrix.
    #[schema(read_only)]
    pub level: Level,
    /// Likelihood × impact.
    #[schema(read_only)]
    pub score: u16,
}

impl Assessment {
    /// Judges a cell by the matrix; `None` outside it.
    #[must_use]
    pub fn new(matrix: &Matrix, likelihood: u8, impact: u8) -> Option<Self> {
        let level = matrix.level(likelihood, impact)?;
        Some(Self { likelihood, impact, level, score: Matrix::score(likelihood, impact) })
    }
}

/// A risk scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Risk {
    /// UUIDv7.
    pub id: String,
    /// The short reference people say aloud, such as `R-0142`; assigned once, never reused.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What could happen, in one line.
    pub name: String,
    /// Cause, event and consequence.
    pub description: Option<String>,
    /// The category it is filed under.
    pub category: Option<String>,
    /// Display name of who answers for it.
    pub owner: Option<String>,
    /// Where it stands.
    pub status: RiskStatus,
    /// What is done about it.
    pub treatment: Treatment,
    /// Current likelihood, or null while not assessed.
    #[schema(minimum = 1, maximum = 7)]
    pub likelihood: Option<u8>,
    /// Current impact, or null while not assessed.
    #[schema(minimum = 1, maximum = 7)]
    pub impact: Option<u8>,
    /// Current level, from the matrix.
    pub level: Option<Level>,
    /// Current score, likelihood × impact.
    pub score: Option<u16>,
    /// With no controls.
    pub inherent: Option<Assessment>,
    /// Expected once all planned actions are done.
    pub residual: Option<Assessment>,
    /// What the owner aims for.
    pub target: Option<Assessment>,
    /// Why the current assessment is what it is.
    pub rationale: Option<String>,
    /// Why the inherent one is.
    #[serde(default)]
    pub inherent_rationale: Option<String>,
    /// Why the residual one is.
    #[serde(default)]
    pub residual_rationale: Option<String>,
    /// Why the target is.
    #[serde(default)]
    pub target_rationale: Option<String>,
    /// Where it stood before the plan: with the controls in place, none of the plan's actions done. See [`crate::plan`].
    #[serde(default)]
    pub baseline: Option<Assessment>,
    /// Whether the current assessment was judged or follows from the actions done.
    #[serde(default)]
    pub current_from: AssessmentSource,
    /// Whether the residual assessment was judged or follows from all planned actions.
    #[serde(default)]
    pub residual_from: AssessmentSource,
    /// The treatment plan, in the order of making.
    #[serde(default)]
    pub actions: Vec<PlannedAction>,
    /// The acceptance that was accepted last and not revoked, if any. Follows from the risk's acceptances.
    #[serde(default)]
    #[schema(read_only)]
    pub acceptance: Option<AcceptanceMark>,
    /// Assets it touches.
    pub asset_ids: Vec<String>,
    /// Controls that act on it.
    pub control_ids: Vec<String>,
    /// Documents that tell of it.
    #[serde(default)]
    pub document_ids: Vec<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// When it is looked at again, `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub review_date: Option<Date>,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// Likelihood and impact as sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Judgement {
    /// A whole step of the likelihood scale, from 1.
    #[schema(minimum = 1, maximum = 7)]
    pub likelihood: u8,
    /// A whole step of the impact scale, from 1.
    #[schema(minimum = 1, maximum = 7)]
    pub impact: u8,
}

/// The fields of a risk that may be written. Absent fields stay as they are; null clears.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct RiskPatch {
    /// 1–200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub description: Patch<String>,
    /// Up to 200 characters.
    #[schema(value_type = Option<String>, max_length = 200)]
    pub category: Patch<String>,
    /// A display name.
    #[schema(value_type = Option<String>, max_length = 200)]
    pub owner: Patch<String>,
    /// See [`RiskStatus`].
    pub status: Option<RiskStatus>,
    /// See [`Treatment`].
    pub treatment: Option<Treatment>,
    /// Current likelihood; comes with impact or not at all.
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 7)]
    pub likelihood: Patch<u8>,
    /// Current impact; comes with likelihood or not at all.
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 7)]
    pub impact: Patch<u8>,
    /// With no controls.
    #[schema(value_type = Option<Judgement>)]
    pub inherent: Patch<Judgement>,
    /// Once all planned actions are done.
    #[schema(value_type = Option<Judgement>)]
    pub residual: Patch<Judgement>,
    /// What the owner aims for.
    #[schema(value_type = Option<Judgement>)]
    pub target: Patch<Judgement>,
    /// Why the current assessment is what it is: up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub rationale: Patch<String>,
    /// Up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub inherent_rationale: Patch<String>,
    /// Up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub residual_rationale: Patch<String>,
    /// Up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub target_rationale: Patch<String>,
    /// Where it stood before the plan.
    #[schema(value_type = Option<Judgement>)]
    pub baseline: Patch<Judgement>,
    /// `plan` lets the current assessment follow the actions done; setting it by hand makes it `hand`.
    pub current_from: Option<AssessmentSource>,
    /// `plan` lets the residual assessment follow all planned actions; setting it by hand makes it `hand`.
    pub residual_from: Option<AssessmentSource>,
    /// Ids of assets.
    pub asset_ids: Option<Vec<String>>,
    /// Ids of controls.
    pub control_ids: Option<Vec<String>>,
    /// Ids of documents.
    pub document_ids: Option<Vec<String>>,
    /// Free labels.
    pub tags: Option<Vec<String>>,
    /// `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub review_date: Patch<Date>,
    /// Why the change is made: kept with the history entry, not a field of the record.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub reason: Patch<String>,
}

/// A new risk: a name, and any field that may be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewRisk {
    /// What could happen, 1–200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Everything else.
    #[serde(flatten)]
    pub fields: RiskPatch,
}

const READ_ONLY: &[&str] = &["id", "ref", "level", "score", "actions", "acceptance", "created_at", "updated_at"];

fn cell(assessment: Option<Assessment>) -> Option<(u8, u8)> {
    assessment.map(|assessment| (assessment.likelihood, assessment.impact))
}

impl RiskPatch {
    /// Reads a body. With `creating`, a name is required.
    ///
    /// # Errors
    /// Every offending field.
    pub fn read(body: serde_json::Map<String, serde_json::Value>, matrix: &Matrix, creating: bool) -> Result<Self, Problems> {
        let mut input = Input::new(body);
        if creating && !input.has("name") {
            input.problems.add("name", "is required");
        }
        let (l_max, i_max) = (matrix.likelihood_steps(), matrix.impact_steps());
        let judgement = |input: &mut Input, field: &str| {
            input
                .nested(field, |inner| {
                    let (had_l, had_i) = (inner.has("likelihood"), inner.has("impact"));
                    let pair = (inner.step("likelihood", l_max).flatten(), inner.step("impact", i_max).flatten());
                    if let (Some(likelihood), Some(impact)) = pair {
                        return Some(Judgement { likelihood, impact });
                    }
                    if !had_l || !had_i || inner.problems.0.is_empty() {
                        inner.problems.add(field, "needs both likelihood and impact");
                    }
                    None
                })
                .map(Option::flatten)
        };
        let inherent = judgement(&mut input, "inherent");
        let residual = judgement(&mut input, "residual");
        let target = judgement(&mut input, "target");
        let baseline = judgement(&mut input, "baseline");
        let patch = Self {
            name: input.name("name"),
            description: input.text("description"),
            category: input.short("category"),
            owner: input.short("owner"),
            status: input.fixed_choice("status"),
            treatment: input.fixed_choice("treatment"),
            likelihood: input.step("likelihood", l_max),
            impact: input.step("impact", i_max),
            inherent,
            residual,
            target,
            rationale: input.text("rationale"),
            inherent_rationale: input.text("inherent_rationale"),
            residual_rationale: input.text("residual_rationale"),
            target_rationale: input.text("target_rationale"),
            baseline,
            current_from: input.fixed_choice("current_from"),
            residual_from: input.fixed_choice("residual_from"),
            asset_ids: input.list("asset_ids"),
            control_ids: input.list("control_ids"),
            document_ids: input.list("document_ids"),
            tags: input.list("tags"),
            review_date: input.date("review_date"),
            reason: input.text("reason"),
        };
        input.finish(READ_ONLY)?;
        Ok(patch)
    }
}

impl Risk {
    /// A new risk. `number` is the next of the workspace's sequence.
    ///
    /// # Errors
    /// Every offending field.
    pub fn create(patch: RiskPatch, id: String, number: i64, now: Timestamp, matrix: &Matrix) -> Result<Self, Problems> {
        Self::create_with(patch, Vec::new(), id, number, now, matrix)
    }

    /// As [`Risk::create`], with a plan that is there from the start.
    ///
    /// # Errors
    /// Every offending field.
    pub fn create_with(
        patch: RiskPatch,
        plan: Vec<PlannedAction>,
        id: String,
        number: i64,
        now: Timestamp,
        matrix: &Matrix,
    ) -> Result<Self, Problems> {
        let mut risk = Self {
            id,
            reference: Self::reference_of(number),
            name: String::new(),
            description: None,
            category: None,
            owner: None,
            status: RiskStatus::Identified,
            treatment: Treatment::Open,
            likelihood: None,
            impact: None,
            level: None,
            score: None,
            inherent: None,
            residual: None,
            target: None,
            rationale: None,
            inherent_rationale: None,
            residual_rationale: None,
            target_rationale: None,
            baseline: None,
            current_from: AssessmentSource::Hand,
            residual_from: AssessmentSource::Hand,
            actions: Vec::new(),
            acceptance: None,
            asset_ids: Vec::new(),
            control_ids: Vec::new(),
            document_ids: Vec::new(),
            tags: Vec::new(),
            review_date: None,
            created_at: now,
            updated_at: now,
        };
        if patch.name.is_none() {
            return Err(Problems::one("name", "is required"));
        }
        let status_given = patch.status.is_some();
        risk.apply_with(patch, Some(plan), now, matrix)?;
        if !status_given && risk.score.is_some() {
            risk.status = RiskStatus::Analysed;
        }
        Ok(risk)
    }

    /// `R-0142` of 142.
    #[must_use]
    pub fn reference_of(number: i64) -> String {
        format!("R-{number:04}")
    }

    /// Changes the fields that are present; what follows the plan is then what the plan gives ([`crate::plan`]).
    ///
    /// # Errors
    /// Every offending field; the risk is then unchanged.
    pub fn apply(&mut self, patch: RiskPatch, now: Timestamp, matrix: &Matrix) -> Result<(), Problems> {
        self.apply_with(patch, None, now, matrix)
    }

    /// As [`Risk::apply`], together with the whole plan, where that changes as well.
    ///
    /// # Errors
    /// Every offending field; the risk is then unchanged.
    pub fn apply_with(
        &mut self,
        patch: RiskPatch,
        plan: Option<Vec<PlannedAction>>,
        now: Timestamp,
        matrix: &Matrix,
    ) -> Result<(), Problems> {
        let mut next = self.clone();
        set(&mut next.actions, plan);
        let current = match (patch.likelihood.unwrap_or(self.likelihood), patch.impact.unwrap_or(self.impact)) {
            (Some(likelihood), Some(impact)) => Some(judged(matrix, "", Judgement { likelihood, impact })?),
            (None, None) => None,
            (Some(_), None) => return Err(Problems::one("impact", "comes together with likelihood")),
            (None, Some(_)) => return Err(Problems::one("likelihood", "comes together with impact")),
        };
        let other = |view: &str, patch: Patch<Judgement>| -> Result<Patch<Assessment>, Problems> {
            patch.map(|judgement| judgement.map(|judgement| judged(matrix, view, judgement)).transpose()).transpose()
        };
        let (inherent, residual) = (other("inherent.", patch.inherent)?, other("residual.", patch.residual)?);
        let target = other("target.", patch.target)?;
        let baseline = other("baseline.", patch.baseline)?;
        next.set_current(current);
        set(&mut next.inherent, inherent);
        set(&mut next.residual, residual);
        set(&mut next.target, target);
        set(&mut next.baseline, baseline);
        set(&mut next.name, patch.name);
        set(&mut next.description, patch.description);
        set(&mut next.category, patch.category);
        set(&mut next.owner, patch.owner);
        set(&mut next.status, patch.status);
        set(&mut next.treatment, patch.treatment);
        set(&mut next.rationale, patch.rationale);
        set(&mut next.inherent_rationale, patch.inherent_rationale);
        set(&mut next.residual_rationale, patch.residual_rationale);
        set(&mut next.target_rationale, patch.target_rationale);
        set(&mut next.asset_ids, patch.asset_ids);
        set(&mut next.control_ids, patch.control_ids);
        set(&mut next.document_ids, patch.document_ids);
        set(&mut next.tags, patch.tags);
        set(&mut next.review_date, patch.review_date);
        let moved = |view| cell(self.assessment(view)) != cell(next.assessment(view));
        let source = |asked: Option<AssessmentSource>, was: AssessmentSource, moved: bool| {
            asked.unwrap_or(if moved { AssessmentSource::Hand } else { was })
        };
        let current_from = source(patch.current_from, self.current_from, moved(View::Current));
        let residual_from = source(patch.residual_from, self.residual_from, moved(View::Residual));
        (next.current_from, next.residual_from) = (current_from, residual_from);
        next.begin_plan(matrix);
        if next.actions.is_empty() || next.baseline.is_none() {
            for (field, asked) in [("current_from", patch.current_from), ("residual_from", patch.residual_from)] {
                if asked == Some(AssessmentSource::Plan) {
                    return Err(Problems::one(field, "needs a plan: an action, and where the risk stood before it"));
                }
            }
            // There is nothing to follow, and nothing is followed unasked once there is.
            (next.current_from, next.residual_from) = (AssessmentSource::Hand, AssessmentSource::Hand);
        }
        // What begins a plan says where both come from, unless somebody said it.
        set(&mut next.current_from, patch.current_from);
        set(&mut next.residual_from, patch.residual_from);
        next.follow_plan(matrix);
        next.updated_at = now;
        *self = next;
        Ok(())
    }

    /// Whether two states differ only in where the risk stands on the map.
    #[must_use]
    pub fn is_move(changed: &[&str]) -> bool {
        const MOVES: &[&str] =
            &["likelihood", "impact", "level", "score", "inherent", "residual", "target", "current_from", "residual_from"];
        !changed.is_empty() && changed.iter().all(|field| MOVES.contains(field))
    }

    /// `updated_at` as it travels.
    #[must_use]
    pub fn updated(&self) -> String {
        rfc3339(self.updated_at)
    }
}

mod bulk;
mod judged;
mod rejudged;
mod restored;

pub use bulk::{BulkBody, BulkChange, BulkFate};
use judged::judged;

#[cfg(test)]
mod tests;
