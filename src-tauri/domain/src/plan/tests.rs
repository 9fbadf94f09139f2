use super::*;
use crate::risk::RiskPatch;
use serde_json::json;

fn risk(body: Value) -> Risk {
    let Value::Object(map) = body else { panic!("a test body is an object") };
    let matrix = Matrix::standard();
    let patch = RiskPatch::read(map, &matrix, true).expect("the body is valid");
    Risk::create(patch, "r".into(), 1, Timestamp::UNIX_EPOCH, &matrix).expect("the risk is valid")
}

fn put(risk: &mut Risk, body: Value) -> Result<(), Problems> {
    let Value::Object(map) = body else { panic!("a test body is an object") };
    let matrix = Matrix::standard();
    risk.apply(RiskPatch::read(map, &matrix, false)?, Timestamp::UNIX_EPOCH, &matrix)
}

fn patch(body: Value) -> ActionPatch {
    let Value::Object(map) = body else { panic!("a test body is an object") };
    ActionPatch::read(map, false).expect("the action is valid")
}

fn add(risk: &mut Risk, id: &str, body: Value) {
    let mut body = body;
    body["title"] = json!(id);
    risk.add_action(patch(body), id.into(), Timestamp::UNIX_EPOCH, &Matrix::standard()).expect("it is added");
}

fn change(risk: &mut Risk, id: &str, body: Value) {
    risk.change_action(id, patch(body), Timestamp::UNIX_EPOCH, &Matrix::standard()).expect("it is there");
}

type Cell = Option<(u8, u8)>;

fn cells(risk: &Risk) -> (Cell, Cell) {
    (risk.likelihood.zip(risk.impact), risk.residual.map(|a| (a.likelihood, a.impact)))
}

#[test]
fn current_follows_the_actions_done_and_residual_all_planned_ones() {
    let mut risk = risk(json!({ "name": "a", "likelihood": 5, "impact": 4 }));
    add(&mut risk, "one", json!({ "lowers_likelihood": 2 }));
    assert_eq!(cells(&risk), (Some((5, 4)), Some((3, 4))), "nothing is done yet");
    assert_eq!((risk.current_from, risk.residual_from), (AssessmentSource::Plan, AssessmentSource::Plan));
    add(&mut risk, "two", json!({ "lowers_impact": 1, "lowers_likelihood": 1 }));
    assert_eq!(cells(&risk), (Some((5, 4)), Some((2, 3))));
    change(&mut risk, "one", json!({ "status": "done" }));
    assert_eq!(cells(&risk), (Some((3, 4)), Some((2, 3))));
    assert_eq!(risk.score, Some(12), "level and score go with the cell");
    change(&mut risk, "two", json!({ "status": "cancelled" }));
    assert_eq!(cells(&risk), (Some((3, 4)), Some((3, 4))), "what is given up counts nowhere");
    change(&mut risk, "one", json!({ "status": "in_progress" }));
    assert_eq!(cells(&risk), (Some((5, 4)), Some((3, 4))), "what is done no more counts no more");
    let baseline = risk.baseline.map(|a| (a.likelihood, a.impact));
    assert_eq!(baseline, Some((5, 4)), "the baseline stays what it was");
}

#[test]
fn effects_end_at_the_first_step() {
    let mut risk = risk(json!({ "name": "a", "likelihood": 2, "impact": 3 }));
    add(&mut risk, "one", json!({ "lowers_likelihood": 6, "lowers_impact": 6, "status": "done" }));
    add(&mut risk, "two", json!({ "lowers_likelihood": 6 }));
    assert_eq!(cells(&risk), (Some((1, 1)), Some((1, 1))));
}

#[test]
fn what_is_set_by_hand_stays_until_it_follows_again() {
    let mut risk = risk(json!({ "name": "a", "likelihood": 4, "impact": 4, "residual": { "likelihood": 1, "impact": 1 } }));
    add(&mut risk, "one", json!({ "lowers_likelihood": 1 }));
    assert_eq!((risk.residual_from, cells(&risk).1), (AssessmentSource::Hand, Some((1, 1))), "judged before there was a plan");
    put(&mut risk, json!({ "likelihood": 5, "impact": 5 })).expect("set");
    assert_eq!(risk.current_from, AssessmentSource::Hand);
    change(&mut risk, "one", json!({ "status": "done" }));
    assert_eq!(cells(&risk).0, Some((5, 5)), "an action does not move it");
    put(&mut risk, json!({ "name": "b", "likelihood": 5, "impact": 5 })).expect("set");
    assert_eq!(risk.current_from, AssessmentSource::Hand, "the same value again changes nothing");
    put(&mut risk, json!({ "current_from": "plan", "residual_from": "plan" })).expect("set");
    assert_eq!(cells(&risk), (Some((3, 4)), Some((3, 4))));
    put(&mut risk, json!({ "baseline": { "likelihood": 5, "impact": 2 } })).expect("set");
    assert_eq!(cells(&risk), (Some((4, 2)), Some((4, 2))), "both follow another beginning");
}

#[test]
fn a_plan_before_the_first_assessment_begins_with_it() {
    let mut risk = risk(json!({ "name": "a" }));
    add(&mut risk, "one", json!({ "lowers_impact": 2, "status": "done" }));
    add(&mut risk, "two", json!({ "lowers_impact": 1 }));
    assert_eq!((cells(&risk), risk.baseline), ((None, None), None));
    put(&mut risk, json!({ "likelihood": 3, "impact": 2 })).expect("set");
    assert_eq!(cells(&risk), (Some((3, 2)), Some((3, 1))), "judged with the first action done");
    assert_eq!(risk.baseline.map(|a| (a.likelihood, a.impact)), Some((3, 4)));
    // At the end of the scale what was judged stays as judged.
    let mut high = self::risk(json!({ "name": "a" }));
    add(&mut high, "one", json!({ "lowers_impact": 2, "status": "done" }));
    put(&mut high, json!({ "likelihood": 3, "impact": 5 })).expect("set");
    assert_eq!((cells(&high).0, high.current_from), (Some((3, 5)), AssessmentSource::Hand));
}

#[test]
fn nothing_follows_without_a_plan() {
    let mut risk = risk(json!({ "name": "a", "likelihood": 3, "impact": 3 }));
    let refused = put(&mut risk, json!({ "current_from": "plan" })).expect_err("there is no plan");
    assert_eq!(refused.0[0].field, "current_from");
    add(&mut risk, "one", json!({ "lowers_impact": 1, "status": "done" }));
    risk.remove_action("one", Timestamp::UNIX_EPOCH, &Matrix::standard()).expect("it is there");
    assert_eq!(cells(&risk), (Some((3, 2)), Some((3, 2))), "what was reached stays");
    assert_eq!((risk.baseline, risk.current_from, risk.residual_from), (None, AssessmentSource::Hand, AssessmentSource::Hand));
    assert!(risk.remove_action("one", Timestamp::UNIX_EPOCH, &Matrix::standard()).is_none());
}

#[test]
fn progress_and_status_agree() {
    let mut risk = risk(json!({ "name": "a" }));
    add(&mut risk, "one", json!({}));
    let of = |risk: &Risk| (risk.actions[0].status, risk.actions[0].progress, risk.actions[0].done_at.is_some());
    assert_eq!(of(&risk), (ActionStatus::Planned, 0, false));
    for (body, expected) in [
        (json!({ "progress": 40 }), (ActionStatus::InProgress, 40, false)),
        (json!({ "progress": 100 }), (ActionStatus::InProgress, 100, false)),
        (json!({ "status": "done" }), (ActionStatus::Done, 100, true)),
        (json!({ "progress": 100 }), (ActionStatus::Done, 100, true)),
        (json!({ "progress": 80 }), (ActionStatus::InProgress, 80, false)),
        (json!({ "status": "done", "progress": 10 }), (ActionStatus::Done, 100, true)),
        (json!({ "status": "planned", "progress": null }), (ActionStatus::Planned, 0, false)),
    ] {
        change(&mut risk, "one", body.clone());
        assert_eq!(of(&risk), expected, "{body}");
    }
    let day = |text: &str| text.parse::<Date>().expect("a day");
    change(&mut risk, "one", json!({ "due_date": "2026-05-04" }));
    assert!(risk.actions[0].is_overdue(day("2026-05-05")) && !risk.actions[0].is_overdue(day("2026-05-04")));
}

#[test]
fn every_offending_field_of_an_action_is_named() {
    let wrong = json!({ "title": "", "status": "open", "progress": 101, "lowers_likelihood": 7, "due_date": "soon", "colour": 1 });
    let Value::Object(map) = wrong else { panic!("an object") };
    let fields: Vec<String> = ActionPatch::read(map, true).expect_err("refused").0.into_iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["title", "due_date", "status", "progress", "lowers_likelihood", "colour"]);
}

#[test]
fn what_was_is_restored_and_judged_anew() {
    let mut risk = risk(json!({ "name": "a", "likelihood": 4, "impact": 4 }));
    add(&mut risk, "one", json!({ "lowers_likelihood": 1, "status": "done" }));
    let matrix = Matrix::standard();
    let fields = |value: Value| value.as_object().cloned().expect("an object");
    let before = fields(
        json!({ "name": "Z", "actions": [], "likelihood": 4, "impact": 4, "level": "low", "score": 1, "baseline": null, "current_from": "hand", "id": "x" }),
    );
    let back = risk.restored(&before, Timestamp::UNIX_EPOCH, &matrix).expect("restored");
    assert_eq!((back.name.as_str(), back.score, back.actions.len(), back.id.as_str()), ("Z", Some(16), 0, "r"));
    assert_eq!(back.level, matrix.level(4, 4), "the level is the matrix's");
    let gone = fields(json!({ "target": { "likelihood": 7, "impact": 1, "level": "low", "score": 7 } }));
    assert_eq!(risk.restored(&gone, Timestamp::UNIX_EPOCH, &matrix).expect_err("no such cell").0[0].field, "target");
    assert!(risk.restored(&fields(json!({ "status": "unknown" })), Timestamp::UNIX_EPOCH, &matrix).is_err());
}

fn told_of(title: &str, id: Option<&str>, body: Value) -> ToldAction {
    let mut body = body;
    body["title"] = json!(title);
    ToldAction { id: id.map(str::to_owned), patch: patch(body), done_at: None }
}

#[test]
fn what_is_told_of_a_plan_comes_and_changes_and_nothing_goes() {
    let mut risk = risk(json!({ "name": "a", "likelihood": 4, "impact": 4 }));
    for id in ["one", "two", "two of one title"] {
        add(&mut risk, id, json!({ "owner": "Mara" }));
    }
    risk.actions[2].title = "two".into();
    let (past, now) = (Timestamp::from_second(1_000).expect("a time"), Timestamp::from_second(2_000).expect("a time"));
    let mut number = 0;
    let mut fresh = || {
        number += 1;
        format!("fresh {number}")
    };
    let done = ToldAction { done_at: Some(past), ..told_of("renamed", Some("one"), json!({ "status": "done" })) };
    let all = [
        told_of("two", None, json!({ "owner": "first" })),
        told_of("two", None, json!({ "owner": "second" })),
        told_of("two", None, json!({ "owner": "third" })),
        done.clone(),
        told_of("two", Some("elsewhere"), json!({})),
    ];
    let plan = told(&risk.actions, &all, &mut fresh, now).expect("a plan");
    let seen: Vec<_> = plan.iter().map(|action| (action.id.as_str(), action.title.as_str(), action.owner.as_deref())).collect();
    assert_eq!(
        seen,
        [
            ("one", "renamed", Some("Mara")),
            ("two", "two", Some("first")),
            ("two of one title", "two", Some("second")),
            ("fresh 1", "two", Some("third")),
            ("elsewhere", "two", None),
        ]
    );
    assert_eq!(plan[0].done_at, Some(past), "as told, of one that was not done here");
    let later = ToldAction { done_at: Some(now), ..done };
    let again = told(&plan, &[later], &mut fresh, now).expect("a plan");
    assert_eq!(again, plan, "when it was done is known, and what is not told of stays");
    let nameless = ToldAction { id: Some("new".into()), ..ToldAction::default() };
    for (told_of, why) in [
        (vec![all[4].clone(), all[0].clone(), all[4].clone()], Untold::Again(2, 0)),
        (vec![all[0].clone(), nameless], Untold::NoTitle(1)),
        (vec![told_of("more", None, json!({})); ACTIONS_MAX], Untold::TooMany(ACTIONS_MAX - 3)),
    ] {
        assert_eq!(told(&risk.actions, &told_of, &mut fresh, now), Err(why));
    }
}

#[test]
fn what_is_said_of_a_source_is_not_overruled_by_what_begins_the_plan() {
    let mut risk = risk(json!({ "name": "a" }));
    add(&mut risk, "one", json!({ "lowers_likelihood": 1 }));
    put(&mut risk, json!({ "likelihood": 4, "impact": 4, "current_from": "hand", "residual_from": "hand" })).expect("set");
    assert_eq!((risk.current_from, risk.residual_from), (AssessmentSource::Hand, AssessmentSource::Hand));
    assert_eq!((risk.baseline.map(|at| at.likelihood), risk.residual), (Some(4), None), "it has begun all the same");
    put(&mut risk, json!({ "residual_from": "plan" })).expect("set");
    put(&mut risk, json!({ "likelihood": null, "impact": null, "baseline": null })).expect("set");
    assert_eq!(risk.residual_from, AssessmentSource::Hand, "without a beginning there is nothing to follow");
}
