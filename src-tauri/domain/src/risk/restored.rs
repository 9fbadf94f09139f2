//! A risk with values that its history tells of.

use super::{Assessment, Risk};
use crate::input::Problems;
use crate::matrix::{Level, Matrix};
use crate::plan::AssessmentSource;
use jiff::Timestamp;

impl Risk {
    /// The risk with fields as they once were, as its history tells them: levels are judged anew, and what follows the plan is
    /// what the plan gives. Its name, its making and what follows from other records stay.
    ///
    /// # Errors
    /// A cell that the matrix no longer has; fields that no risk holds.
    pub fn restored(&self, fields: &serde_json::Map<String, serde_json::Value>, now: Timestamp, matrix: &Matrix) -> Result<Self, Problems> {
        const KEPT: &[&str] = &["id", "ref", "acceptance", "created_at", "updated_at"];
        let unreadable = |_| Problems::one("entry", "holds values that a risk no longer takes");
        let mut whole = serde_json::to_value(self).map_err(unreadable)?;
        for (field, value) in fields.iter().filter(|(field, _)| !KEPT.contains(&field.as_str())) {
            whole[field] = value.clone();
        }
        let mut risk: Self = serde_json::from_value(whole).map_err(unreadable)?;
        // A place that comes back without its source was chosen: as for a move, the plan no longer gives it.
        let tells = |names: &[&str]| names.iter().any(|name| fields.contains_key(*name));
        if tells(&["likelihood", "impact"]) && !tells(&["current_from"]) {
            risk.current_from = AssessmentSource::Hand;
        }
        if tells(&["residual"]) && !tells(&["residual_from"]) {
            risk.residual_from = AssessmentSource::Hand;
        }
        let judged = |field: &str, had: Option<Assessment>| match had {
            None => Ok(None),
            Some(had) => match Assessment::new(matrix, had.likelihood, had.impact) {
                Some(judged) => Ok(Some(judged)),
                None => Err(Problems::one(field, "stands on a cell that the matrix no longer has")),
            },
        };
        let current = risk.likelihood.zip(risk.impact).map(|(likelihood, impact)| Assessment {
            likelihood,
            impact,
            level: Level::VeryLow,
            score: Matrix::score(likelihood, impact),
        });
        risk.set_current(judged("likelihood", current)?);
        risk.inherent = judged("inherent", risk.inherent)?;
        risk.residual = judged("residual", risk.residual)?;
        risk.target = judged("target", risk.target)?;
        risk.baseline = judged("baseline", risk.baseline)?;
        risk.begin_plan(matrix);
        risk.follow_plan(matrix);
        risk.updated_at = now;
        Ok(risk)
    }
}
