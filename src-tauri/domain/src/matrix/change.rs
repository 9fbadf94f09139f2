//! A new matrix in place of the one in force: which step becomes which, and what that makes of each risk.

use super::{Matrix, Step, View};
use crate::input::Problems;
use crate::risk::{Assessment, Risk};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which new step each step of the scales in force becomes, the lowest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MatrixMapping)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// For each step of likelihood in force, a step of the new scale.
    pub likelihood: Vec<u8>,
    /// For each step of impact in force, a step of the new scale.
    pub impact: Vec<u8>,
}

crate::words! {
    /// What a new matrix makes of a risk.
    Fate {
        /// Its current level rises.
        Raised = "raised",
        /// Its current level falls.
        Lowered = "lowered",
        /// Its current level stays; its steps or its score do not.
        Rescored = "rescored",
        /// Nothing changes but in the inherent, residual or target view, or in its treatment plan.
        OtherViews = "other_views",
        /// Everything stays.
        Unchanged = "unchanged",
    }
}

/// A new matrix in place of another.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The matrix in force.
    pub from: &'a Matrix,
    /// The new one.
    pub to: &'a Matrix,
    /// Which step becomes which.
    pub mapping: &'a Mapping,
}

/// Where the middle of a step of a scale of `old` lies on a scale of `new`; between two steps the higher one.
fn alike(step: usize, old: usize, new: usize) -> u8 {
    // (step - ½) × new ÷ old + ½, rounded half up, in whole numbers: the floor of (step - ½) × new ÷ old, and one more.
    let place = (2 * step - 1) * new / (2 * old) + 1;
    u8::try_from(place.min(new)).unwrap_or(u8::MAX)
}

impl Mapping {
    /// Steps of the same name become each other where the scales share all their names; otherwise each step becomes the one
    /// that lies where it lay, the higher of two.
    #[must_use]
    pub fn suggested(from: &Matrix, to: &Matrix) -> Self {
        let of = |from: &[Step], to: &[Step]| -> Vec<u8> {
            let named = |step: &Step| to.iter().find(|new| new.label == step.label).map(|new| new.value);
            let by_name: Option<Vec<u8>> = from.iter().map(named).collect();
            by_name
                .filter(|steps| from.len() != to.len() && steps.is_sorted())
                .unwrap_or_else(|| (1..=from.len()).map(|step| alike(step, from.len(), to.len())).collect())
        };
        Self { likelihood: of(&from.likelihood, &to.likelihood), impact: of(&from.impact, &to.impact) }
    }

    /// Whether it says of each step in force what becomes of it, and keeps their order.
    ///
    /// # Errors
    /// Every offending field.
    pub fn check(&self, from: &Matrix, to: &Matrix) -> Result<(), Problems> {
        let mut problems = Problems::default();
        let axes = [
            ("mapping.likelihood", &self.likelihood, from.likelihood_steps(), to.likelihood_steps()),
            ("mapping.impact", &self.impact, from.impact_steps(), to.impact_steps()),
        ];
        for (field, steps, old, new) in axes {
            if steps.len() != usize::from(old) {
                problems.add(field, format!("must name a step for each of the {old} in force"));
            } else if steps.iter().any(|step| !(1..=new).contains(step)) {
                problems.add(field, format!("must name steps from 1 to {new}"));
            } else if !steps.is_sorted() {
                problems.add(field, "must not turn the order of steps around");
            }
        }
        problems.check()
    }

    /// Each step of a matrix stays what it is; what lies beyond becomes the highest.
    #[must_use]
    pub fn within(matrix: &Matrix) -> Self {
        Self { likelihood: (1..=matrix.likelihood_steps()).collect(), impact: (1..=matrix.impact_steps()).collect() }
    }

    /// The new cell of an old one; a step beyond the old scales goes where their highest goes.
    #[must_use]
    pub fn place(&self, (likelihood, impact): (u8, u8)) -> (u8, u8) {
        let of = |steps: &[u8], step: u8| steps.get(usize::from(step).saturating_sub(1)).or(steps.last()).copied().unwrap_or(1);
        (of(&self.likelihood, likelihood), of(&self.impact, impact))
    }
}

/// How a risk is judged: current first, then inherent, residual and target.
pub type Views = [Option<Assessment>; 4];

/// Every view of a risk.
#[must_use]
pub fn views(risk: &Risk) -> Views {
    [View::Current, View::Inherent, View::Residual, View::Target].map(|view| risk.assessment(view))
}

impl Change<'_> {
    /// What becomes of an assessment.
    #[must_use]
    pub fn assessment(&self, before: Assessment) -> Option<Assessment> {
        let (likelihood, impact) = self.mapping.place((before.likelihood, before.impact));
        Assessment::new(self.to, likelihood, impact)
    }

    /// What becomes of a risk.
    #[must_use]
    pub fn risk(&self, before: &Risk) -> Risk {
        let mut after = before.clone();
        after.rejudge(self.mapping, self.to);
        after
    }
}

impl Fate {
    /// What became of a risk that was judged so, and then so.
    #[must_use]
    pub fn between(before: &Views, after: &Views) -> Self {
        match (before[0], after[0]) {
            (Some(before), Some(after)) if after.level > before.level => Self::Raised,
            (Some(before), Some(after)) if after.level < before.level => Self::Lowered,
            (before, after) if before != after => Self::Rescored,
            _ if before != after => Self::OtherViews,
            _ => Self::Unchanged,
        }
    }

    /// What became of a risk whose treatment plan may have changed with it.
    #[must_use]
    pub fn of(before: &Risk, after: &Risk) -> Self {
        match Self::between(&views(before), &views(after)) {
            Self::Unchanged if before != after => Self::OtherViews,
            fate => fate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::{Level, Preset};

    fn to(preset: Preset) -> (Matrix, Matrix, Mapping) {
        let (from, to) = (Matrix::standard(), preset.matrix());
        let mapping = Mapping::suggested(&from, &to);
        (from, to, mapping)
    }

    #[test]
    fn a_step_becomes_the_one_that_lies_where_it_lay() {
        for (old, new, expected) in [
            (5, 5, vec![1, 2, 3, 4, 5]),
            (5, 3, vec![1, 1, 2, 3, 3]),
            (5, 4, vec![1, 2, 3, 3, 4]),
            (4, 5, vec![1, 2, 4, 5]),
            (3, 5, vec![1, 3, 5]),
            (3, 7, vec![2, 4, 6]),
            (7, 3, vec![1, 1, 2, 2, 2, 3, 3]),
            (4, 3, vec![1, 2, 2, 3]),
        ] {
            let steps: Vec<u8> = (1..=old).map(|step| alike(step, old, new)).collect();
            assert_eq!(steps, expected, "{old} steps on {new}");
            assert!(steps.is_sorted() && steps.iter().all(|step| usize::from(*step) <= new), "in order and within");
        }
    }

    #[test]
    fn a_step_that_is_added_leaves_the_others_where_their_names_are() {
        let from = Matrix::standard();
        let mut wider = from.clone();
        wider.impact.push(Step { label: "Catastrophic".into(), low: Some(2e7), high: None, ..from.impact[4].clone() });
        wider.impact[4].high = Some(2e7);
        wider.tidy();
        assert_eq!(Mapping::suggested(&from, &wider).impact, [1, 2, 3, 4, 5], "nothing moves by itself into the new step");
    }

    #[test]
    fn a_mapping_says_of_each_step_what_becomes_of_it_in_order() {
        let (from, to, good) = to(Preset::Simple);
        assert_eq!(good.check(&from, &to), Ok(()));
        for (likelihood, impact, fields) in [
            (vec![1, 2, 3], vec![1, 1, 2, 3, 3], vec!["mapping.likelihood"]),
            (vec![1, 1, 2, 3, 4], vec![0, 1, 2, 3, 3], vec!["mapping.likelihood", "mapping.impact"]),
            (vec![1, 1, 2, 3, 3], vec![3, 1, 2, 3, 3], vec!["mapping.impact"]),
        ] {
            let problems = Mapping { likelihood, impact }.check(&from, &to).expect_err("refused");
            assert_eq!(problems.0.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(), fields);
        }
    }

    #[test]
    fn each_fate_is_told_from_the_current_view_and_then_from_the_others() {
        let (from, to, mapping) = to(Preset::Simple);
        let fate_of = |change: &Change<'_>, places: [Option<(u8, u8)>; 4]| {
            let before = places.map(|place| place.and_then(|(likelihood, impact)| Assessment::new(change.from, likelihood, impact)));
            Fate::between(&before, &before.map(|before| before.and_then(|before| change.assessment(before))))
        };
        let change = Change { from: &from, to: &to, mapping: &mapping };
        for (places, fate) in [
            ([Some((5, 5)), None, None, None], Fate::Lowered),
            ([Some((1, 1)), None, None, None], Fate::Raised),
            ([Some((4, 4)), None, None, None], Fate::Rescored),
            ([None, Some((5, 5)), None, None], Fate::OtherViews),
            ([None; 4], Fate::Unchanged),
        ] {
            assert_eq!(fate_of(&change, places), fate, "{places:?}");
        }
        let mut painted = from.clone();
        painted.grid[3][3] = Level::Critical;
        let same = Mapping::suggested(&from, &painted);
        let change = Change { from: &from, to: &painted, mapping: &same };
        assert_eq!(fate_of(&change, [Some((4, 4)), Some((5, 5)), None, None]), Fate::Raised, "a cell that is painted anew");
        assert_eq!(fate_of(&change, [Some((4, 3)), Some((4, 4)), None, None]), Fate::OtherViews);
        assert_eq!(fate_of(&change, [Some((4, 3)), None, None, None]), Fate::Unchanged);
    }
}
