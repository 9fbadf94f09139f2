//! The treatment plan of a risk: actions with an expected effect, and the assessments that follow from them
//! (ISO 31000:2018 6.5.3, ISO/IEC 27005:2022 8.6).
//!
//! The rule. A plan begins at its **baseline**: where the risk stands with the controls in place and none of the plan's
//! actions done. It is taken from the current assessment when the first action comes (or, where that is not assessed yet, when it
//! is; the effect of actions done by then is added again), and can be set by hand. From it follow, never below the first step:
//!
//! - current  = baseline − the effects of the actions **done**,
//! - residual = baseline − the effects of **all** actions but those cancelled.
//!
//! Effects add up by axis, in steps. An assessment that is set by hand stays as set and says so ([`AssessmentSource::Hand`]); it follows
//! again when told to. A residual that was judged before there was a plan counts as set by hand. When the last action goes, the
//! assessments stay as they are and nothing follows any more.

use crate::input::{Input, Patch, Problems, set};
use crate::matrix::Matrix;
use crate::risk::{Assessment, Risk};
use crate::time::instant_option;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Actions in one plan at the most.
pub const ACTIONS_MAX: usize = 100;
/// Steps by which an action lowers one axis at the most: a scale has seven at the most.
pub const EFFECT_MAX: u8 = 6;

crate::words! {
    /// Where an assessment comes from.
    #[derive(Default)]
    AssessmentSource {
        /// Judged by a person.
        #[default]
        Hand = "hand",
        /// Follows from the plan's actions.
        Plan = "plan",
    }
}

crate::words! {
    /// Where an action of a treatment plan stands.
    ActionStatus {
        /// Agreed, not begun.
        Planned = "planned",
        /// Begun.
        InProgress = "in_progress",
        /// Done: its effect counts in the current assessment.
        Done = "done",
        /// Given up: its effect counts nowhere.
        Cancelled = "cancelled",
    }
}

/// One action of a treatment plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = TreatmentAction)]
pub struct PlannedAction {
    /// UUIDv7.
    pub id: String,
    /// What is to be done, in one line.
    pub title: String,
    /// How, and what it takes.
    pub description: Option<String>,
    /// Display name of who does it.
    pub owner: Option<String>,
    /// When it has to be done, `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub due_date: Option<Date>,
    /// Where it stands.
    pub status: ActionStatus,
    /// Per cent of the work done, 0–100; 100 when it is done.
    #[schema(minimum = 0, maximum = 100)]
    pub progress: u8,
    /// Steps by which it is expected to lower the likelihood.
    #[schema(minimum = 0, maximum = 6)]
    pub lowers_likelihood: u8,
    /// Steps by which it is expected to lower the impact.
    #[schema(minimum = 0, maximum = 6)]
    pub lowers_impact: u8,
    /// The control that it puts in place.
    pub control_id: Option<String>,
    /// When it was done.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub done_at: Option<Timestamp>,
}

/// The fields of an action that may be written. Absent fields stay as they are; null clears.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = TreatmentActionPatch)]
pub struct ActionPatch {
    /// 1–200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub title: Option<String>,
    /// Up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub description: Patch<String>,
    /// A display name.
    #[schema(value_type = Option<String>, max_length = 200)]
    pub owner: Patch<String>,
    /// `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub due_date: Patch<Date>,
    /// See [`ActionStatus`].
    pub status: Option<ActionStatus>,
    /// Per cent of the work done. Above 0, what was only planned is in progress; 100 alone makes it not done.
    #[schema(value_type = Option<u8>, minimum = 0, maximum = 100)]
    pub progress: Patch<u8>,
    /// Steps; null is none.
    #[schema(value_type = Option<u8>, minimum = 0, maximum = 6)]
    pub lowers_likelihood: Patch<u8>,
    /// Steps; null is none.
    #[schema(value_type = Option<u8>, minimum = 0, maximum = 6)]
    pub lowers_impact: Patch<u8>,
    /// The id of a control.
    #[schema(value_type = Option<String>, max_length = 200)]
    pub control_id: Patch<String>,
    /// Why the change is made: kept with the history entry.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub reason: Patch<String>,
}

/// A new action: a title, and any field that may be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = NewTreatmentAction)]
pub struct NewAction {
    /// What is to be done, 1–200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// Everything else.
    #[serde(flatten)]
    pub fields: ActionPatch,
}

impl ActionPatch {
    /// Reads a body. With `creating`, a title is required.
    ///
    /// # Errors
    /// Every offending field.
    pub fn read(body: Map<String, Value>, creating: bool) -> Result<Self, Problems> {
        let mut input = Input::new(body);
        if creating && !input.has("title") {
            input.problems.add("title", "is required");
        }
        let patch = Self {
            title: input.name("title"),
            description: input.text("description"),
            owner: input.short("owner"),
            due_date: input.date("due_date"),
            status: input.fixed_choice("status"),
            progress: input.whole("progress", 0, 100),
            lowers_likelihood: input.whole("lowers_likelihood", 0, EFFECT_MAX),
            lowers_impact: input.whole("lowers_impact", 0, EFFECT_MAX),
            control_id: input.short("control_id"),
            reason: input.text("reason"),
        };
        input.finish(&["id", "done_at"])?;
        Ok(patch)
    }
}

impl PlannedAction {
    fn new(id: String, title: String) -> Self {
        Self {
            id,
            title,
            description: None,
            owner: None,
            due_date: None,
            status: ActionStatus::Planned,
            progress: 0,
            lowers_likelihood: 0,
            lowers_impact: 0,
            control_id: None,
            done_at: None,
        }
    }

    /// Whether anything is expected of it.
    #[must_use]
    pub fn has_effect(&self) -> bool {
        self.lowers_likelihood > 0 || self.lowers_impact > 0
    }

    /// Whether its work is late on a day.
    #[must_use]
    pub fn is_overdue(&self, today: Date) -> bool {
        matches!(self.status, ActionStatus::Planned | ActionStatus::InProgress) && self.due_date.is_some_and(|due| due < today)
    }

    fn apply(&mut self, patch: ActionPatch, now: Timestamp) {
        set(&mut self.title, patch.title);
        set(&mut self.description, patch.description);
        set(&mut self.owner, patch.owner);
        set(&mut self.due_date, patch.due_date);
        set(&mut self.lowers_likelihood, patch.lowers_likelihood.map(Option::unwrap_or_default));
        set(&mut self.lowers_impact, patch.lowers_impact.map(Option::unwrap_or_default));
        set(&mut self.control_id, patch.control_id);
        let progress = patch.progress.map(Option::unwrap_or_default);
        set(&mut self.progress, progress);
        match patch.status {
            Some(status) => self.status = status,
            // Work that is told of has begun; work taken back from what was done is not done.
            None if progress.is_some_and(|progress| progress > 0) && self.status == ActionStatus::Planned => {
                self.status = ActionStatus::InProgress;
            }
            None if progress.is_some_and(|progress| progress < 100) && self.status == ActionStatus::Done => {
                self.status = ActionStatus::InProgress;
            }
            None => {}
        }
        if self.status == ActionStatus::Done {
            self.progress = 100;
            self.done_at = self.done_at.or(Some(now));
        } else {
            self.done_at = None;
        }
    }
}

impl Risk {
    /// Adds an action to the plan.
    ///
    /// # Errors
    /// A title that is missing; a plan that is full.
    pub fn add_action(&mut self, patch: ActionPatch, id: String, now: Timestamp, matrix: &Matrix) -> Result<(), Problems> {
        if self.actions.len() >= ACTIONS_MAX {
            return Err(Problems::one("actions", format!("must have at most {ACTIONS_MAX} members")));
        }
        let Some(title) = patch.title.clone() else { return Err(Problems::one("title", "is required")) };
        let mut action = PlannedAction::new(id, title);
        // Before the action is judged, so that one that comes as done lowers what stands now.
        if self.actions.is_empty() && self.baseline.is_none() {
            self.actions.push(action.clone());
            self.begin_plan(matrix);
            self.actions.clear();
        }
        action.apply(patch, now);
        self.actions.push(action);
        self.plan_changed(now, matrix);
        Ok(())
    }

    /// Changes one action. `None` where the plan has no such action.
    #[must_use]
    pub fn change_action(&mut self, id: &str, patch: ActionPatch, now: Timestamp, matrix: &Matrix) -> Option<()> {
        self.actions.iter_mut().find(|action| action.id == id)?.apply(patch, now);
        self.plan_changed(now, matrix);
        Some(())
    }

    /// Takes one action out of the plan. `None` where the plan has no such action.
    #[must_use]
    pub fn remove_action(&mut self, id: &str, now: Timestamp, matrix: &Matrix) -> Option<()> {
        let place = self.actions.iter().position(|action| action.id == id)?;
        self.actions.remove(place);
        self.plan_changed(now, matrix);
        Some(())
    }

    fn plan_changed(&mut self, now: Timestamp, matrix: &Matrix) {
        if self.actions.is_empty() {
            (self.baseline, self.current_from, self.residual_from) = (None, AssessmentSource::Hand, AssessmentSource::Hand);
        }
        self.begin_plan(matrix);
        self.follow_plan(matrix);
        self.updated_at = now;
    }

    /// Takes the baseline where there is a plan without one and the risk is assessed.
    pub(crate) fn begin_plan(&mut self, matrix: &Matrix) {
        let (Some(likelihood), Some(impact)) = (self.likelihood, self.impact) else { return };
        if self.actions.is_empty() || self.baseline.is_some() {
            return;
        }
        let (less_likelihood, less_impact) = self.effect(|status| status == ActionStatus::Done);
        self.baseline = Assessment::new(
            matrix,
            likelihood.saturating_add(less_likelihood).min(matrix.likelihood_steps()),
            impact.saturating_add(less_impact).min(matrix.impact_steps()),
        );
        // At the end of a scale the effect of what was done is not wholly in what was judged: the judgement then stays.
        let same = self.planned_current(matrix).is_some_and(|planned| (planned.likelihood, planned.impact) == (likelihood, impact));
        self.current_from = if same { AssessmentSource::Plan } else { AssessmentSource::Hand };
        if self.residual.is_none() {
            self.residual_from = AssessmentSource::Plan;
        }
    }

    /// Sets what follows the plan to what the plan gives.
    pub(crate) fn follow_plan(&mut self, matrix: &Matrix) {
        if self.current_from == AssessmentSource::Plan
            && let Some(current) = self.planned_current(matrix)
        {
            self.set_current(Some(current));
        }
        if self.residual_from == AssessmentSource::Plan
            && let Some(residual) = self.planned_residual(matrix)
        {
            self.residual = Some(residual);
        }
    }

    /// What the plan gives for today; `None` without a plan that has begun.
    #[must_use]
    pub fn planned_current(&self, matrix: &Matrix) -> Option<Assessment> {
        self.planned(matrix, |status| status == ActionStatus::Done)
    }

    /// What the plan gives once everything in it is done; `None` without a plan that has begun.
    #[must_use]
    pub fn planned_residual(&self, matrix: &Matrix) -> Option<Assessment> {
        self.planned(matrix, |status| status != ActionStatus::Cancelled)
    }

    fn planned(&self, matrix: &Matrix, counts: fn(ActionStatus) -> bool) -> Option<Assessment> {
        let baseline = self.baseline.filter(|_| !self.actions.is_empty())?;
        let (less_likelihood, less_impact) = self.effect(counts);
        let lowered = |from: u8, by: u8| from.saturating_sub(by).max(1);
        Assessment::new(matrix, lowered(baseline.likelihood, less_likelihood), lowered(baseline.impact, less_impact))
    }

    fn effect(&self, counts: fn(ActionStatus) -> bool) -> (u8, u8) {
        self.actions.iter().filter(|action| counts(action.status)).fold((0, 0), |(likelihood, impact): (u8, u8), action| {
            (likelihood.saturating_add(action.lowers_likelihood), impact.saturating_add(action.lowers_impact))
        })
    }
}

mod told;
pub use told::{ToldAction, Untold, told};

#[cfg(test)]
mod tests;
