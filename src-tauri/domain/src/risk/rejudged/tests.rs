use super::*;
use crate::matrix::{Change, Fate, Level, Preset};
use crate::plan::{ActionPatch, AssessmentSource};
use crate::risk::RiskPatch;
use crate::words::Word;
use jiff::Timestamp;
use serde_json::{Value, json};

/// A risk of the standard matrix that began on a cell, with actions: status, steps of likelihood, steps of impact.
fn planned(began: Option<(u8, u8)>, actions: &[(&str, u8, u8)]) -> Risk {
    let (matrix, now) = (Matrix::standard(), Timestamp::UNIX_EPOCH);
    let mut body = json!({ "name": "R" });
    if let Some((likelihood, impact)) = began {
        (body["likelihood"], body["impact"]) = (likelihood.into(), impact.into());
    }
    let fields = |body: Value| body.as_object().cloned().expect("an object");
    let patch = RiskPatch::read(fields(body), &matrix, true).expect("a risk");
    let mut risk = Risk::create(patch, "r".into(), 1, now, &matrix).expect("a risk");
    for (place, (status, likelihood, impact)) in actions.iter().enumerate() {
        let action = json!({ "title": "A", "status": status, "lowers_likelihood": likelihood, "lowers_impact": impact });
        let action = ActionPatch::read(fields(action), true).expect("an action");
        risk.add_action(action, place.to_string(), now, &matrix).expect("it is added");
    }
    risk
}

fn effects(risk: &Risk) -> Vec<(u8, u8)> {
    risk.actions.iter().map(|action| (action.lowers_likelihood, action.lowers_impact)).collect()
}

fn cell(assessment: Option<Assessment>) -> Option<(u8, u8)> {
    assessment.map(|assessment| (assessment.likelihood, assessment.impact))
}

#[test]
fn what_follows_a_plan_goes_where_its_steps_go_and_keeps_following() {
    let from = Matrix::standard();
    let plans: &[&[(&str, u8, u8)]] = &[
        &[("done", 1, 0)],
        &[("planned", 2, 1), ("done", 1, 1)],
        &[("done", 6, 6), ("in_progress", 1, 1)],
        &[("cancelled", 3, 3), ("planned", 1, 2), ("done", 2, 0), ("done", 0, 1)],
    ];
    for preset in Preset::ALL {
        let to = preset.matrix();
        let mapping = Mapping::suggested(&from, &to);
        for (began, plan) in (1..=5).flat_map(|l| (1..=5).map(move |i| (l, i))).flat_map(|at| plans.iter().map(move |plan| (at, plan))) {
            let before = planned(Some(began), plan);
            assert_eq!(before.current_from, AssessmentSource::Plan, "it follows");
            let mut after = before.clone();
            after.rejudge(&mapping, &to);
            let told = format!("{preset:?}, {began:?}, {plan:?}");
            assert_eq!(cell(after.baseline), Some(mapping.place(began)), "{told}");
            for view in [View::Current, View::Residual] {
                let expected = cell(before.assessment(view)).map(|at| mapping.place(at));
                assert_eq!(cell(after.assessment(view)), expected, "{told}: {view:?}");
            }
            let stays = (after.planned_current(&to), after.planned_residual(&to));
            assert_eq!((after.assessment(View::Current), after.residual), stays, "{told}: the plan gives what is there");
            assert_eq!((after.current_from, after.residual_from), (before.current_from, before.residual_from), "{told}: it still follows");
        }
    }
}

#[test]
fn effects_are_told_in_the_new_steps() {
    let (from, to) = (Matrix::standard(), Preset::Simple.matrix());
    let mapping = Mapping::suggested(&from, &to);
    assert_eq!(mapping.likelihood, [1, 1, 2, 3, 3], "of five steps three");
    let mut risk = planned(Some((5, 4)), &[("planned", 2, 1), ("done", 1, 1), ("cancelled", 4, 4)]);
    risk.rejudge(&mapping, &to);
    // Done first: 5 → 4 is 3 → 3, 4 → 3 is 3 → 2; then 4 → 2 is 3 → 1 and 3 → 2 is 2 → 1. What was given up is told for itself.
    assert_eq!(effects(&risk), [(2, 1), (0, 1), (2, 2)]);
    let mut none = planned(None, &[("planned", 1, 3)]);
    none.rejudge(&mapping, &to);
    assert_eq!(effects(&none), [(0, 2)], "a plan that has not begun is told from the highest step down");
}

#[test]
fn a_matrix_of_the_same_steps_changes_levels_alone() {
    let from = Matrix::standard();
    let mut to = from.clone();
    to.grid[4][4] = Level::High;
    let mapping = Mapping::suggested(&from, &to);
    let change = Change { from: &from, to: &to, mapping: &mapping };
    let before = planned(Some((5, 5)), &[("done", 6, 1), ("planned", 1, 1)]);
    let after = change.risk(&before);
    assert_eq!(effects(&after), effects(&before), "steps mean what they meant, beyond the first one too");
    assert_eq!((before.baseline.map(|at| at.level), after.baseline.map(|at| at.level)), (Some(Level::Critical), Some(Level::High)));
    assert_eq!(Fate::of(&before, &after), Fate::OtherViews, "a plan that begins elsewhere is a change");
    let mut same = before.clone();
    same.rejudge(&Mapping::within(&from), &from);
    assert_eq!(same, before, "nothing changes under the same matrix");
}

#[test]
fn what_lies_beyond_a_matrix_takes_its_highest_steps() {
    let small = Preset::Simple.matrix();
    let mut risk = planned(Some((5, 4)), &[("done", 2, 2)]);
    risk.rejudge(&Mapping::within(&small), &small);
    assert_eq!((cell(risk.baseline), cell(risk.assessment(View::Current))), (Some((3, 3)), Some((3, 2))));
    assert_eq!(effects(&risk), [(0, 1)], "and its plan leads from there to where it stands");
    assert_eq!(risk.current_from, AssessmentSource::Plan);
}
