//! One change of many risks: the same fields for all of them, and a place on the map that all go to or a way that all go.

use super::{Judgement, Risk, RiskPatch};
use crate::input::{Input, Patch, Problems};
use crate::matrix::{Matrix, View};
use serde_json::{Map, Value};

crate::words! {
    /// What a change of many risks makes of one.
    BulkFate {
        /// Fields change.
        Changed = "changed",
        /// It holds all of it already.
        Unchanged = "unchanged",
        /// A rule forbids it.
        Refused = "refused",
        /// It is not there.
        Gone = "gone",
        /// Somebody changed it since the caller saw it.
        Stale = "stale",
    }
}

/// The most steps that a way along a scale can have: from one end of the longest scale to the other.
const STEPS_MOST: u8 = crate::matrix::STEPS_MAX as u8 - 1;

/// Where all go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// To one cell.
    Cell(Judgement),
    /// By steps of likelihood and of impact, each from where it stands.
    Steps(i8, i8),
}

/// A change of many risks.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkChange {
    patch: RiskPatch,
    moves: Option<(View, Target)>,
}

/// A body as it came: what belongs to the change of many.
#[derive(Debug, Default)]
pub struct BulkBody {
    /// Fields of [`RiskPatch`], the reason left out.
    pub changes: Option<Value>,
    /// `{view, likelihood, impact}`: the cell that all go to.
    pub to: Option<Value>,
    /// `{view, likelihood, impact}`: steps up or down, each from where it stands.
    pub by: Option<Value>,
    /// Why, kept with each change.
    pub reason: Option<Value>,
}

impl BulkChange {
    /// Reads what is to change.
    ///
    /// # Errors
    /// Every offending field, named as it stands in the body: `changes.owner`, `move.impact`.
    pub fn read(body: BulkBody, matrix: &Matrix) -> Result<Self, Problems> {
        let BulkBody { changes, to, by, reason } = body;
        let mut problems = Problems::default();
        let mut outer = Input::new([("to", to), ("by", by)].into_iter().filter_map(|(name, value)| Some((name.into(), value?))).collect());
        let to = outer.nested("to", |inner| {
            let view = inner.fixed_choice("view").unwrap_or(View::Current);
            let step = |inner: &mut Input, field: &str, max| {
                let given = inner.has(field);
                let step = inner.whole(field, 1, max);
                if !given || step == Some(None) {
                    inner.problems.add(&format!("to.{field}"), "is required");
                }
                step.flatten().unwrap_or(1)
            };
            let likelihood = step(inner, "likelihood", matrix.likelihood_steps());
            (view, Target::Cell(Judgement { likelihood, impact: step(inner, "impact", matrix.impact_steps()) }))
        });
        let by = outer.nested("by", |inner| {
            let view = inner.fixed_choice("view").unwrap_or(View::Current);
            let likelihood = inner.offset("likelihood", STEPS_MOST).unwrap_or(0);
            (view, Target::Steps(likelihood, inner.offset("impact", STEPS_MOST).unwrap_or(0)))
        });
        for mut problem in outer.problems.0 {
            problem.field = match problem.field.strip_prefix("to") {
                Some(rest) => format!("move{rest}"),
                None => format!("move_{}", problem.field),
            };
            problems.0.push(problem);
        }
        let (to, by) = (to.flatten(), by.flatten());
        if to.is_some() && by.is_some() {
            problems.add("move_by", "does not come together with move");
        }
        let moves = to.or(by);
        let fields = match changes {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(fields)) => fields,
            Some(_) => {
                problems.add("changes", "must be an object or null");
                Map::new()
            }
        };
        if fields.is_empty() && moves.is_none() && problems.0.is_empty() {
            problems.add("changes", "is required, or a move");
        }
        if fields.contains_key("reason") {
            problems.add("changes.reason", "stands beside the changes");
        }
        let patch = RiskPatch::read(fields, matrix, false).unwrap_or_else(|found| {
            problems.0.extend(found.0.into_iter().map(|mut problem| {
                problem.field = format!("changes.{}", problem.field);
                problem
            }));
            RiskPatch::default()
        });
        let twice = moves.is_some_and(|(view, _)| match view {
            View::Current => patch.likelihood.is_some() || patch.impact.is_some(),
            View::Inherent => patch.inherent.is_some(),
            View::Residual => patch.residual.is_some(),
            View::Target => patch.target.is_some(),
        });
        if twice {
            problems.add("changes", "sets the place that the move sets too");
        }
        let mut said = Input::new(reason.into_iter().map(|reason| ("reason".to_owned(), reason)).collect());
        let reason: Patch<String> = said.text("reason");
        problems.0.extend(said.problems.0);
        problems.check()?;
        Ok(Self { patch: RiskPatch { reason: None, ..patch }, moves }.because(reason.flatten()))
    }

    fn because(mut self, reason: Option<String>) -> Self {
        self.patch.reason = reason.map(Some);
        self
    }

    /// Why, in the person's words.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.patch.reason.as_ref().and_then(Option::as_deref)
    }

    /// What this change is for one risk, as a change of it alone would bring it; and whether the edge of the map held it back.
    ///
    /// # Errors
    /// A way from nowhere.
    pub fn of(&self, risk: &Risk, matrix: &Matrix) -> Result<(RiskPatch, bool), Problems> {
        let mut patch = self.patch.clone();
        let Some((view, target)) = self.moves else { return Ok((patch, false)) };
        let (place, held) = match target {
            Target::Cell(place) => (place, false),
            Target::Steps(likelihood, impact) => {
                let from = risk
                    .assessment(view)
                    .ok_or_else(|| Problems::one("move_by", "needs a place to start from: the risk is not assessed in this view"))?;
                let (likelihood, short) = along(from.likelihood, likelihood, matrix.likelihood_steps());
                let (impact, low) = along(from.impact, impact, matrix.impact_steps());
                (Judgement { likelihood, impact }, short || low)
            }
        };
        match view {
            View::Current => (patch.likelihood, patch.impact) = (Some(Some(place.likelihood)), Some(Some(place.impact))),
            View::Inherent => patch.inherent = Some(Some(place)),
            View::Residual => patch.residual = Some(Some(place)),
            View::Target => patch.target = Some(Some(place)),
        }
        Ok((patch, held))
    }
}

/// Steps along a scale, no further than its ends; and whether an end held.
fn along(from: u8, steps: i8, last: u8) -> (u8, bool) {
    let wanted = i16::from(from) + i16::from(steps);
    let reached = wanted.clamp(1, i16::from(last));
    (u8::try_from(reached).unwrap_or(last), reached != wanted)
}
