//! A risk under another matrix.

use super::{Assessment, Risk};
use crate::matrix::{Mapping, Matrix, View};
use crate::plan::ActionStatus;

impl Risk {
    /// Judges the whole risk by a matrix whose steps the mapping leads to: every view and where its plan begins go where their
    /// steps go, the effects of its actions are told in the new steps, and what follows the plan is what the plan gives.
    pub fn rejudge(&mut self, mapping: &Mapping, matrix: &Matrix) {
        self.translate_effects(mapping);
        let judge = |was: Assessment| {
            let (likelihood, impact) = mapping.place((was.likelihood, was.impact));
            Assessment::new(matrix, likelihood, impact)
        };
        self.set_current(self.assessment(View::Current).and_then(judge));
        for view in [&mut self.inherent, &mut self.residual, &mut self.target, &mut self.baseline] {
            *view = view.and_then(judge);
        }
        self.follow_plan(matrix);
    }

    /// An effect becomes the new steps between where its action began and where it led, what is done before what is not: so the
    /// sums lead from the new baseline to where the mapping puts what follows the plan. A plan that has not begun is told from
    /// the highest step down. Where the mapping moves no step that a plan reaches, its effects stay.
    fn translate_effects(&mut self, mapping: &Mapping) {
        let top = (mapping.likelihood.len(), mapping.impact.len());
        let top = (u8::try_from(top.0).unwrap_or(u8::MAX), u8::try_from(top.1).unwrap_or(u8::MAX));
        let began = self.baseline.map_or(top, |baseline| (baseline.likelihood, baseline.impact));
        let (mut likelihood, mut impact) = (began.0, began.1);
        for turn in [Turn::Done, Turn::Open, Turn::Cancelled] {
            for action in self.actions.iter_mut().filter(|action| Turn::of(action.status) == turn) {
                if turn == Turn::Cancelled {
                    // It counts nowhere: each is told for itself.
                    (likelihood, impact) = began;
                }
                action.lowers_likelihood =
                    translated(&mut likelihood, action.lowers_likelihood, began.0, |step| mapping.place((step, 1)).0);
                action.lowers_impact = translated(&mut impact, action.lowers_impact, began.1, |step| mapping.place((1, step)).1);
            }
        }
    }
}

/// In which order effects are taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Done,
    Open,
    Cancelled,
}

impl Turn {
    fn of(status: ActionStatus) -> Self {
        match status {
            ActionStatus::Done => Self::Done,
            ActionStatus::Planned | ActionStatus::InProgress => Self::Open,
            ActionStatus::Cancelled => Self::Cancelled,
        }
    }
}

/// The new steps of an effect that leads down from `at`, which goes where it leads.
fn translated(at: &mut u8, effect: u8, began: u8, new: impl Fn(u8) -> u8) -> u8 {
    if (1..=began).all(|step| new(step) == step) {
        return effect;
    }
    let from = *at;
    *at = from.saturating_sub(effect).max(1);
    new(from).saturating_sub(new(*at))
}

#[cfg(test)]
mod tests;
