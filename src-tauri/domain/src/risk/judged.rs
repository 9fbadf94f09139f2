//! How a risk is judged in each view.

use super::{Assessment, Judgement, Risk};
use crate::input::Problems;
use crate::matrix::{Matrix, View};

/// A judgement by the matrix in force, which may be another than the one that the body was read by.
pub(super) fn judged(matrix: &Matrix, view: &str, judgement: Judgement) -> Result<Assessment, Problems> {
    let Judgement { likelihood, impact } = judgement;
    Assessment::new(matrix, likelihood, impact).ok_or_else(|| {
        let beyond = likelihood > matrix.likelihood_steps();
        let (field, most) = if beyond { ("likelihood", matrix.likelihood_steps()) } else { ("impact", matrix.impact_steps()) };
        Problems::one(&format!("{view}{field}"), format!("must be 1 to {most}"))
    })
}

impl Risk {
    /// Puts today's assessment where it is, whoever says so.
    pub fn set_current(&mut self, current: Option<Assessment>) {
        self.likelihood = current.map(|a| a.likelihood);
        self.impact = current.map(|a| a.impact);
        self.level = current.map(|a| a.level);
        self.score = current.map(|a| a.score);
    }

    /// The assessment of one view.
    #[must_use]
    pub fn assessment(&self, view: View) -> Option<Assessment> {
        match view {
            View::Current => {
                Some(Assessment { likelihood: self.likelihood?, impact: self.impact?, level: self.level?, score: self.score? })
            }
            View::Inherent => self.inherent,
            View::Residual => self.residual,
            View::Target => self.target,
        }
    }
}
