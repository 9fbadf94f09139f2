use super::*;
use crate::acceptance::AcceptanceMark;
use crate::matrix::Matrix;
use crate::plan::ActionPatch;
use crate::risk::RiskPatch;
use jiff::Timestamp;
use serde_json::{Value, json};

fn object(value: &Value) -> serde_json::Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

fn risk(body: &Value, actions: &[Value]) -> Risk {
    let (matrix, now) = (Matrix::standard(), Timestamp::UNIX_EPOCH);
    let mut whole = json!({ "name": "a", "owner": "Ines" });
    for (field, value) in object(body) {
        whole[field] = value;
    }
    let patch = RiskPatch::read(object(&whole), &matrix, true).expect("valid");
    let mut risk = Risk::create(patch, "r".into(), 1, now, &matrix).expect("valid");
    for (place, action) in actions.iter().enumerate() {
        let mut action = action.clone();
        action["title"] = json!("t");
        let patch = ActionPatch::read(object(&action), true).expect("valid");
        risk.add_action(patch, place.to_string(), now, &matrix).expect("added");
    }
    risk
}

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

#[test]
fn each_check_finds_what_it_says_and_nothing_in_a_closed_risk() {
    let today = day("2026-06-30");
    let cases: [(Value, Vec<Value>, Vec<Check>); 15] = [
        (json!({}), vec![], vec![]),
        (json!({ "owner": null }), vec![], vec![Check::NoOwner]),
        (json!({ "likelihood": 2, "impact": 5 }), vec![], vec![]),
        (json!({ "likelihood": 3, "impact": 4 }), vec![], vec![Check::AboveAppetite]),
        (json!({ "likelihood": 3, "impact": 4, "treatment": "mitigate" }), vec![], vec![Check::AboveAppetite]),
        (json!({ "likelihood": 3, "impact": 4 }), vec![json!({})], vec![]),
        (json!({ "likelihood": 3, "impact": 4 }), vec![json!({ "status": "cancelled" })], vec![Check::AboveAppetite]),
        (json!({ "likelihood": 3, "impact": 4, "treatment": "accept" }), vec![], vec![Check::NotAccepted]),
        (json!({ "likelihood": 1, "impact": 4, "residual": { "likelihood": 1, "impact": 5 } }), vec![], vec![Check::ResidualAbove]),
        (json!({ "likelihood": 1, "impact": 4, "residual": { "likelihood": 2, "impact": 2 } }), vec![], vec![]),
        (json!({ "review_date": "2026-06-30" }), vec![], vec![]),
        (json!({ "review_date": "2026-06-29" }), vec![], vec![Check::ReviewOverdue]),
        (
            json!({ "likelihood": 2, "impact": 2, "residual": { "likelihood": 2, "impact": 2 } }),
            vec![json!({ "lowers_impact": 1, "status": "done" })],
            vec![Check::ResidualAbove, Check::DoneUnchanged],
        ),
        (json!({ "likelihood": 2, "impact": 2 }), vec![json!({ "lowers_impact": 1, "status": "done" })], vec![]),
        (json!({ "likelihood": 2, "impact": 2, "residual": { "likelihood": 2, "impact": 2 } }), vec![json!({ "status": "done" })], vec![]),
    ];
    for (body, actions, expected) in cases {
        let mut one = risk(&body, &actions);
        assert_eq!(one.checks(10, today), expected, "{body} {actions:?}");
        one.status = RiskStatus::Closed;
        assert_eq!(one.checks(10, today), [], "closed: {body}");
    }
}

#[test]
fn a_current_left_where_the_plan_began_is_told() {
    let mut one = risk(&json!({ "likelihood": 4, "impact": 2 }), &[json!({ "lowers_likelihood": 1, "status": "done" })]);
    assert_eq!(one.checks(20, day("2026-06-30")), []);
    let matrix = Matrix::standard();
    let patch = RiskPatch::read(object(&json!({ "likelihood": 4 })), &matrix, false).expect("valid");
    one.apply(patch, Timestamp::UNIX_EPOCH, &matrix).expect("set by hand");
    assert_eq!(one.checks(20, day("2026-06-30")), [Check::DoneUnchanged]);
}

#[test]
fn an_acceptance_is_void_before_it_is_expired() {
    let mut one = risk(&json!({ "likelihood": 5, "impact": 5, "treatment": "accept" }), &[]);
    let found = |one: &Risk, on: &str| one.checks(10, day(on));
    one.acceptance = Some(AcceptanceMark { id: "i".into(), expires_on: day("2026-06-30"), void: false });
    assert_eq!(found(&one, "2026-06-30"), []);
    assert_eq!(found(&one, "2026-07-01"), [Check::AcceptanceExpired]);
    one.acceptance = one.acceptance.map(|mark| AcceptanceMark { void: true, ..mark });
    assert_eq!(found(&one, "2026-07-01"), [Check::AcceptanceVoid]);
    one.treatment = Treatment::Transfer;
    assert_eq!(found(&one, "2026-07-01"), [Check::AboveAppetite], "no longer accepted: a plan is asked for");
}
