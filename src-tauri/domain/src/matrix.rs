//! The risk matrix: two scales, a grid of levels, an appetite and a tolerance (ISO 31000, ISO/IEC 27005).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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

/// One step of a scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Step {
    /// From 1 up.
    pub value: u8,
    /// Stable name by which a translation is found.
    pub key: String,
    /// What people call it.
    pub label: String,
    /// What it means: a frequency, an amount.
    pub detail: String,
}

/// A level and what people call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LevelLabel {
    /// The level.
    pub level: Level,
    /// What people call it.
    pub label: String,
}

/// A risk matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Matrix {
    /// The likelihood scale, lowest first.
    pub likelihood: Vec<Step>,
    /// The impact scale, lowest first.
    pub impact: Vec<Step>,
    /// The levels in use, lowest first.
    pub levels: Vec<LevelLabel>,
    /// `grid[likelihood-1][impact-1]`.
    pub grid: Vec<Vec<Level>>,
    /// Scores above it need treatment or acceptance.
    pub appetite: u16,
    /// Scores above it need escalation.
    pub tolerance: u16,
}

impl Matrix {
    /// The 5×5 matrix a new workspace starts with, in the manner of ISO/IEC 27005 annex E.
    #[must_use]
    pub fn standard() -> Self {
        let steps = |rows: [(&str, &str, &str); 5]| {
            (1u8..)
                .zip(rows)
                .map(|(value, (key, label, detail))| Step {
                    value,
                    key: key.to_owned(),
                    label: label.to_owned(),
                    detail: detail.to_owned(),
                })
                .collect()
        };
        let labels = [
            (Level::VeryLow, "Very low"),
            (Level::Low, "Low"),
            (Level::Medium, "Medium"),
            (Level::High, "High"),
            (Level::Critical, "Critical"),
        ];
        Self {
            likelihood: steps([
                ("rare", "Rare", "< 2 % / yr"),
                ("unlikely", "Unlikely", "2–10 %"),
                ("possible", "Possible", "10–30 %"),
                ("likely", "Likely", "30–70 %"),
                ("almost_certain", "Almost certain", "> 70 %"),
            ]),
            impact: steps([
                ("minor", "Minor", "< €50k"),
                ("limited", "Limited", "€50k–250k"),
                ("serious", "Serious", "€250k–1m"),
                ("major", "Major", "€1m–5m"),
                ("critical", "Critical", "> €5m"),
            ]),
            levels: labels.into_iter().map(|(level, label)| LevelLabel { level, label: label.to_owned() }).collect(),
            grid: (1..=5u16).map(|likelihood| (1..=5u16).map(|impact| Self::standard_level(likelihood * impact)).collect()).collect(),
            appetite: 10,
            tolerance: 16,
        }
    }

    fn standard_level(score: u16) -> Level {
        match score {
            0..=3 => Level::VeryLow,
            4..=7 => Level::Low,
            8..=11 => Level::Medium,
            12..=19 => Level::High,
            20.. => Level::Critical,
        }
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
