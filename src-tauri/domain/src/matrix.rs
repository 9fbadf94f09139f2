//! The risk matrix: two scales, a grid of levels, an appetite and a tolerance (ISO 31000, ISO/IEC 27005).

mod change;
mod check;
mod meanings;
mod presets;
mod ranges;
mod shades;

pub use change::{Change, Fate, Mapping, Views, views};
pub use check::{Remark, RemarkKind};
pub use presets::{Preset, known_key};
pub use ranges::{Language, Ranges};
pub use shades::{Shade, Shades};

use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use utoipa::ToSchema;

/// Steps of a scale at the least.
pub const STEPS_MIN: usize = 3;
/// Steps of a scale at the most.
pub const STEPS_MAX: usize = 7;

crate::words! {
    /// How much attention a risk needs; derived from the matrix, never accepted as input.
    Level {
        /// Scores 1–3 in the standard matrix.
        VeryLow = "very_low",
        /// Scores 4–6.
        Low = "low",
        /// Scores 8–10.
        Medium = "medium",
        /// Scores 12–16.
        High = "high",
        /// Scores 20–25.
        Critical = "critical",
    }
}

crate::words! {
    /// Which assessment of a risk is looked at.
    View {
        /// Today, with the controls and actions done.
        Current = "current",
        /// With no controls.
        Inherent = "inherent",
        /// Expected once all planned actions are done.
        Residual = "residual",
        /// What the owner aims for.
        Target = "target",
    }
}

crate::words! {
    /// What the numbers of the likelihood scale count.
    LikelihoodUnit {
        /// The chance that it happens within a year: 0 to 1.
        Probability = "probability",
        /// How many times it happens in a year on average.
        Frequency = "frequency",
    }
}

/// One step of a scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// From 1 up; follows from its place.
    #[serde(default)]
    #[schema(read_only)]
    pub value: u8,
    /// Stable name by which a translation is found; empty for a step under a name of one's own.
    #[serde(default)]
    #[schema(read_only)]
    pub key: String,
    /// What people call it, 1–60 characters.
    pub label: String,
    /// What it means in a few words: its range where it has one, up to 60 characters.
    #[serde(default)]
    pub detail: String,
    /// What it means at length, up to 2,000 characters.
    #[serde(default)]
    pub description: String,
    /// Where its range begins: a probability, a frequency per year or an amount of money; null where it is open below.
    #[serde(default)]
    pub low: Option<f64>,
    /// Where its range ends; null where it is open above.
    #[serde(default)]
    pub high: Option<f64>,
}

/// A level and what people call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LevelLabel {
    /// The level.
    pub level: Level,
    /// What people call it, 1–60 characters.
    pub label: String,
    /// A colour of one's own, `#rrggbb`; null for the one that the app gives it in either theme.
    #[serde(default)]
    pub colour: Option<String>,
}

/// A risk matrix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// The likelihood scale, lowest first: 3 to 7 steps.
    #[schema(min_items = 3, max_items = 7)]
    pub likelihood: Vec<Step>,
    /// The impact scale, lowest first: 3 to 7 steps.
    #[schema(min_items = 3, max_items = 7)]
    pub impact: Vec<Step>,
    /// What the ranges of the likelihood scale count.
    pub likelihood_unit: LikelihoodUnit,
    /// In which money the ranges of the impact scale are told (ISO 4217).
    #[schema(min_length = 3, max_length = 3)]
    pub currency: String,
    /// The levels in use, lowest first.
    #[schema(min_items = 2, max_items = 5)]
    pub levels: Vec<LevelLabel>,
    /// `grid[likelihood-1][impact-1]`.
    pub grid: Vec<Vec<Level>>,
    /// Scores above it need treatment or acceptance.
    pub appetite: u16,
    /// Scores above it need escalation.
    pub tolerance: u16,
}

impl Matrix {
    /// The 5×5 matrix a new workspace starts with, in the manner of ISO/IEC 27005.
    #[must_use]
    pub fn standard() -> Self {
        // Every risk that is written is judged by it.
        static STANDARD: LazyLock<Matrix> = LazyLock::new(|| Preset::Iso27005.matrix());
        STANDARD.clone()
    }

    /// Steps of the likelihood scale.
    #[must_use]
    pub fn likelihood_steps(&self) -> u8 {
        u8::try_from(self.likelihood.len()).unwrap_or(u8::MAX)
    }

    /// Steps of the impact scale.
    #[must_use]
    pub fn impact_steps(&self) -> u8 {
        u8::try_from(self.impact.len()).unwrap_or(u8::MAX)
    }

    /// The level of a cell, or `None` outside the grid.
    #[must_use]
    pub fn level(&self, likelihood: u8, impact: u8) -> Option<Level> {
        let row = self.grid.get(usize::from(likelihood).checked_sub(1)?)?;
        row.get(usize::from(impact).checked_sub(1)?).copied()
    }

    /// The highest score of the grid.
    #[must_use]
    pub fn highest_score(&self) -> u16 {
        Self::score(self.likelihood_steps(), self.impact_steps())
    }

    /// The score by which a line parts the cells of this level and higher ones from the others best; of two that do it
    /// equally well the lower one, which asks for more care.
    #[must_use]
    pub fn line_below(&self, level: Level) -> u16 {
        let cells = || {
            let row = |(likelihood, row): (u8, &Vec<Level>)| {
                (1u8..).zip(row.clone()).map(move |(impact, level)| (Self::score(likelihood, impact), level)).collect::<Vec<_>>()
            };
            (1u8..).zip(&self.grid).flat_map(row)
        };
        let wrong = |line: &u16| cells().filter(|(score, here)| (*score > *line) != (*here >= level)).count();
        (0..=self.highest_score()).min_by_key(wrong).unwrap_or(0)
    }

    /// What people call a level of this matrix.
    #[must_use]
    pub fn label_of(&self, level: Level) -> Option<&LevelLabel> {
        self.levels.iter().find(|label| label.level == level)
    }

    /// Likelihood × impact.
    #[must_use]
    pub fn score(likelihood: u8, impact: u8) -> u16 {
        u16::from(likelihood) * u16::from(impact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_matrix_bands_are_those_of_the_design() {
        let matrix = Matrix::standard();
        let cases = [
            (1, 1, Level::VeryLow),
            (1, 3, Level::VeryLow),
            (3, 1, Level::VeryLow),
            (2, 2, Level::Low),
            (1, 5, Level::Low),
            (2, 3, Level::Low),
            (2, 4, Level::Medium),
            (3, 3, Level::Medium),
            (5, 2, Level::Medium),
            (3, 4, Level::High),
            (4, 4, Level::High),
            (4, 5, Level::Critical),
            (5, 5, Level::Critical),
        ];
        for (likelihood, impact, level) in cases {
            assert_eq!(matrix.level(likelihood, impact), Some(level), "{likelihood} × {impact}");
        }
    }

    #[test]
    fn a_cell_outside_the_grid_has_no_level() {
        let matrix = Matrix::standard();
        for (likelihood, impact) in [(0, 1), (1, 0), (6, 1), (1, 6), (255, 255)] {
            assert_eq!(matrix.level(likelihood, impact), None, "{likelihood} × {impact} is outside");
        }
    }

    #[test]
    fn levels_never_fall_as_likelihood_or_impact_rises() {
        let matrix = Matrix::standard();
        for likelihood in 1..=5 {
            for impact in 1..=4 {
                assert!(matrix.level(likelihood, impact) <= matrix.level(likelihood, impact + 1), "along impact at {likelihood}");
                assert!(matrix.level(impact, likelihood) <= matrix.level(impact + 1, likelihood), "along likelihood at {likelihood}");
            }
        }
    }
}
