//! Whether a matrix can stand, and what there is to say about one that can.

use super::{Level, Matrix, STEPS_MAX, STEPS_MIN, Shades, Step};
use crate::colour::{Rgb, Sight};
use crate::input::Problems;
use crate::words::Word;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const LABEL_MAX: usize = 60;
const DESCRIPTION_MAX: usize = 2_000;
/// Colours nearer to each other than this (distance in OKLab, in hundredths) are taken for one another.
const ALIKE: f64 = 5.0;

crate::words! {
    /// What there is to say about a matrix that can stand.
    RemarkKind {
        /// A cell's level is lower than that of a cell with less likelihood or impact.
        LevelFalls = "level_falls",
        /// A level stands in no cell.
        LevelUnused = "level_unused",
        /// Two neighbouring levels look alike to some.
        ColoursAlike = "colours_alike",
        /// In a grey print the order of two neighbouring levels is not that of the others.
        OrderBroken = "order_broken",
    }
}

/// Something to say about a matrix. None of it hinders keeping it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MatrixRemark)]
pub struct Remark {
    /// What it is about.
    pub kind: RemarkKind,
    /// The levels that it is about.
    pub levels: Vec<Level>,
    /// To whom the colours look alike.
    pub sight: Option<Sight>,
    /// Step of likelihood of the cell that it is about.
    pub likelihood: Option<u8>,
    /// Step of impact of the cell that it is about.
    pub impact: Option<u8>,
}

impl Remark {
    fn of_levels(kind: RemarkKind, levels: &[Level], sight: Option<Sight>) -> Self {
        Self { kind, levels: levels.to_vec(), sight, likelihood: None, impact: None }
    }
}

fn check_text(problems: &mut Problems, field: &str, text: &str, least: usize, most: usize) {
    let length = text.trim().chars().count();
    if length < least || length > most || text.contains('\0') {
        let message =
            if least > 0 { format!("must have {least} to {most} characters") } else { format!("must have at most {most} characters") };
        problems.add(field, message);
    }
}

impl Matrix {
    /// Reads a matrix as it was sent; what follows from the rest (`value`, `key`, the `detail` of a step with a range) is set anew.
    ///
    /// # Errors
    /// Every offending field, as `likelihood[2].label`.
    pub fn read(sent: serde_json::Value) -> Result<Self, Problems> {
        let mut matrix: Self = serde_json::from_value(sent)
            .map_err(|_| Problems::one("matrix", "must have the members that the API's description names, each of its type"))?;
        matrix.tidy();
        matrix.check()?;
        Ok(matrix)
    }

    /// Whether it can stand.
    ///
    /// # Errors
    /// Every offending field.
    pub fn check(&self) -> Result<(), Problems> {
        let mut problems = Problems::default();
        for (axis, scale) in [("likelihood", &self.likelihood), ("impact", &self.impact)] {
            if !(STEPS_MIN..=STEPS_MAX).contains(&scale.len()) {
                problems.add(axis, format!("must have {STEPS_MIN} to {STEPS_MAX} steps"));
            }
            let most = (axis == "likelihood" && self.likelihood_unit == super::LikelihoodUnit::Probability).then_some(1.0);
            check_scale(&mut problems, axis, scale, most);
        }
        if self.currency.len() != 3 || !self.currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            problems.add("currency", "must be three capital letters, such as EUR");
        }
        self.check_levels(&mut problems);
        let square = self.grid.len() == self.likelihood.len() && self.grid.iter().all(|row| row.len() == self.impact.len());
        if !square {
            problems.add("grid", "must have a row for each step of likelihood and in it a level for each step of impact");
        }
        if let Some(stranger) = self.grid.iter().flatten().find(|level| self.label_of(**level).is_none()) {
            problems.add("grid", format!("names a level that is not among the levels: {}", stranger.word()));
        }
        let most = self.highest_score();
        for (field, score) in [("appetite", self.appetite), ("tolerance", self.tolerance)] {
            if score > most {
                problems.add(field, format!("must be 0 to {most}"));
            }
        }
        if self.tolerance < self.appetite {
            problems.add("tolerance", "must not be below the appetite");
        }
        problems.check()
    }

    fn check_levels(&self, problems: &mut Problems) {
        let rising = self.levels.windows(2).all(|pair| pair[0].level < pair[1].level);
        if !(2..=Level::ALL.len()).contains(&self.levels.len()) || !rising {
            problems.add("levels", "must be two to five levels, the lowest first");
        }
        for (place, label) in self.levels.iter().enumerate() {
            let field = |name: &str| format!("levels[{place}].{name}");
            check_text(problems, &field("label"), &label.label, 1, LABEL_MAX);
            if self.levels[..place].iter().any(|other| other.label.trim().eq_ignore_ascii_case(label.label.trim())) {
                problems.add(&field("label"), "is a name that stands above already");
            }
            if label.colour.as_deref().is_some_and(|colour| Rgb::parse(colour).is_none()) {
                problems.add(&field("colour"), "must be a colour, #rrggbb");
            }
        }
    }

    /// What there is to say about it.
    #[must_use]
    pub fn remarks(&self) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for likelihood in 1..=self.likelihood_steps() {
            for impact in 1..=self.impact_steps() {
                let here = self.level(likelihood, impact);
                let below = [self.level(likelihood - 1, impact), self.level(likelihood, impact - 1)];
                if let Some(here) = here
                    && let Some(higher) = below.into_iter().flatten().max().filter(|below| *below > here)
                {
                    let cell = (Some(likelihood), Some(impact));
                    remarks.push(Remark {
                        kind: RemarkKind::LevelFalls,
                        levels: vec![here, higher],
                        sight: None,
                        likelihood: cell.0,
                        impact: cell.1,
                    });
                }
            }
        }
        for label in &self.levels {
            if !self.grid.iter().flatten().any(|level| *level == label.level) {
                remarks.push(Remark::of_levels(RemarkKind::LevelUnused, &[label.level], None));
            }
        }
        if self.levels.iter().any(|label| label.colour.is_some()) {
            self.look_at_colours(&mut remarks);
        }
        remarks
    }

    fn look_at_colours(&self, remarks: &mut Vec<Remark>) {
        let themes: [fn(&Shades) -> &str; 2] = [|shades| &shades.light.solid, |shades| &shades.dark.solid];
        for theme in themes {
            let colours: Vec<(Level, Rgb)> =
                self.levels.iter().filter_map(|label| Some((label.level, Rgb::parse(theme(&Shades::of(label)))?))).collect();
            let mut found = Vec::new();
            for sight in Sight::ALL {
                let alike = |pair: &&[(Level, Rgb)]| pair[0].1.seen(*sight).distance(pair[1].1.seen(*sight)) < ALIKE;
                let pairs = colours.windows(2).filter(alike);
                found.extend(pairs.map(|pair| Remark::of_levels(RemarkKind::ColoursAlike, &[pair[0].0, pair[1].0], Some(*sight))));
            }
            let light: Vec<f64> = colours.iter().map(|(_, colour)| colour.luminance()).collect();
            let falls = light.first() > light.last();
            for (place, pair) in light.windows(2).enumerate() {
                if (pair[0] > pair[1]) != falls {
                    found.push(Remark::of_levels(RemarkKind::OrderBroken, &[colours[place].0, colours[place + 1].0], Some(Sight::Grey)));
                }
            }
            remarks.extend(found.into_iter().filter(|remark| !remarks.contains(remark)).collect::<Vec<_>>());
        }
    }
}

fn check_scale(problems: &mut Problems, axis: &str, scale: &[Step], most: Option<f64>) {
    let mut end = 0.0;
    for (place, step) in scale.iter().enumerate() {
        let field = |name: &str| format!("{axis}[{place}].{name}");
        check_text(problems, &field("label"), &step.label, 1, LABEL_MAX);
        if scale[..place].iter().any(|other| other.label.eq_ignore_ascii_case(&step.label)) {
            problems.add(&field("label"), "is a name that stands above already");
        }
        check_text(problems, &field("detail"), &step.detail, 0, LABEL_MAX);
        check_text(problems, &field("description"), &step.description, 0, DESCRIPTION_MAX);
        let ends = [("low", step.low), ("high", step.high)];
        for (name, value) in ends.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            let beyond = most.is_some_and(|most| value > most);
            if !value.is_finite() || value < 0.0 || beyond {
                let message = if most.is_some() { "must be 0 to 1" } else { "must be a number from 0 up" };
                problems.add(&field(name), message);
            } else if value < end || (name == "high" && step.low.is_some_and(|low| low >= value)) {
                problems.add(&field(name), "must lie above what stands before it");
            }
            end = value.max(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn sent(change: impl FnOnce(&mut Value)) -> Value {
        let mut sent = serde_json::to_value(Matrix::standard()).expect("a matrix is JSON");
        change(&mut sent);
        sent
    }

    #[test]
    fn every_offending_field_is_named_at_once() {
        let wrong = sent(|sent| {
            sent["likelihood"][1]["label"] = json!("");
            sent["likelihood"][2]["label"] = json!("rare");
            sent["impact"][0]["high"] = json!(-1);
            sent["impact"][2]["low"] = json!(2_000_000);
            sent["currency"] = json!("eur");
            sent["levels"][3]["colour"] = json!("red");
            sent["grid"][0][0] = json!("critical");
            sent["levels"].as_array_mut().expect("levels").truncate(4);
            sent["appetite"] = json!(26);
        });
        let problems = Matrix::read(wrong).expect_err("each of these is refused");
        let fields: Vec<&str> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
        let expected = [
            "likelihood[1].label",
            "likelihood[2].label",
            "impact[0].high",
            "impact[2].high",
            "impact[3].low",
            "currency",
            "levels[3].colour",
            "grid",
            "appetite",
            "tolerance",
        ];
        assert_eq!(fields, expected, "{problems:?}");
    }

    #[test]
    fn a_matrix_has_three_to_seven_steps_on_either_side_and_need_not_be_square() {
        for (rows, columns, stands) in
            [(3, 3, true), (3, 7, true), (7, 7, true), (4, 5, true), (2, 5, false), (5, 2, false), (8, 3, false), (0, 0, false)]
        {
            let step = |place: usize| json!({ "value": 0, "key": "", "label": format!("Step {place}"), "detail": "", "description": "", "low": null, "high": null });
            let asked = sent(|sent| {
                sent["likelihood"] = (0..rows).map(step).collect();
                sent["impact"] = (0..columns).map(step).collect();
                sent["grid"] = json!(vec![vec!["low"; columns]; rows]);
                sent["appetite"] = json!(0);
                sent["tolerance"] = json!(0);
            });
            assert_eq!(Matrix::read(asked).is_ok(), stands, "{rows} × {columns}");
        }
    }

    #[test]
    fn what_is_no_matrix_is_one_problem() {
        for none in [
            json!(null),
            json!([]),
            json!({}),
            sent(|sent| sent["colour"] = json!("red")),
            sent(|sent| sent["grid"][0][0] = json!("severe")),
        ] {
            let problems = Matrix::read(none.clone()).expect_err("it is refused");
            assert_eq!((problems.0.len(), problems.0[0].field.as_str()), (1, "matrix"), "{none}");
        }
    }

    #[test]
    fn a_level_that_falls_as_likelihood_or_impact_rises_is_told() {
        let mut matrix = Matrix::standard();
        matrix.grid[4][4] = Level::Low;
        let remarks = matrix.remarks();
        assert_eq!(remarks.len(), 1, "{remarks:?}");
        assert_eq!((remarks[0].kind, remarks[0].likelihood, remarks[0].impact), (RemarkKind::LevelFalls, Some(5), Some(5)));
        matrix.grid = vec![vec![Level::Low; 5]; 5];
        let unused: Vec<Level> = matrix.remarks().iter().flat_map(|remark| remark.levels.clone()).collect();
        assert_eq!(unused, [Level::VeryLow, Level::Medium, Level::High, Level::Critical], "levels that stand nowhere");
    }

    #[test]
    fn traffic_lights_are_told_to_look_alike_to_some_and_the_palette_is_not() {
        let mut matrix = Matrix::standard();
        let mine = |matrix: &mut Matrix, colours: [&str; 5]| {
            for (label, colour) in matrix.levels.iter_mut().zip(colours) {
                label.colour = Some(colour.to_owned());
            }
        };
        mine(&mut matrix, ["#c4dee6", "#b7c280", "#cc8c2f", "#b54b19", "#791b28"]);
        assert_eq!(matrix.remarks(), [], "the app's own colours stay apart, whoever looks");
        mine(&mut matrix, ["#4f9d45", "#8fae3a", "#c9a227", "#cf7a2b", "#c4473a"]);
        let remarks = matrix.remarks();
        let some = |kind, sight| remarks.iter().any(|remark| remark.kind == kind && remark.sight == Some(sight));
        assert!(some(RemarkKind::OrderBroken, Sight::Grey), "green and red end up equally dark: {remarks:?}");
        assert!(some(RemarkKind::ColoursAlike, Sight::Grey), "{remarks:?}");
        mine(&mut matrix, ["#b7c280", "#b7c280", "#cc8c2f", "#b54b19", "#791b28"]);
        assert!(matrix.remarks().iter().any(|remark| remark.sight == Some(Sight::Full)), "twice the same colour");
    }
}
