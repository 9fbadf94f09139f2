use super::*;
use crate::matrix::Matrix;
use crate::risk::RiskPatch;
use AcceptanceStatus::{Accepted, Created, Expired, Rejected, Revoked, Submitted};
use serde_json::json;

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

fn risk(body: Value) -> Risk {
    let matrix = Matrix::standard();
    let patch = RiskPatch::read(object(body), &matrix, true).expect("valid");
    Risk::create(patch, "r".into(), 1, Timestamp::UNIX_EPOCH, &matrix).expect("valid")
}

fn high() -> Risk {
    risk(json!({ "name": "a", "likelihood": 4, "impact": 4, "asset_ids": ["2", "1"] }))
}

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn step<'a>(actor: &'a str, on: &str, risk: &Risk) -> Step<'a> {
    let material = Material::of(risk);
    Step { actor, now: Timestamp::UNIX_EPOCH, today: day(on), hash: material.canonical(), risk: material }
}

fn written(body: Value) -> Acceptance {
    let patch = AcceptancePatch::read(object(body)).expect("valid");
    Acceptance::create(patch, "i".into(), "r".into(), 7, Timestamp::UNIX_EPOCH)
}

fn ready() -> Acceptance {
    written(json!({ "justification": "Costs more than it saves", "approver": "Ines Okafor", "expires_on": "2026-06-30" }))
}

fn fields(refused: Result<(), Problems>) -> Vec<String> {
    refused.expect_err("refused").0.into_iter().map(|problem| problem.field).collect()
}

#[test]
fn what_is_submitted_is_whole_and_asks_another() {
    let risk = high();
    let mut bare = written(json!({}));
    assert_eq!((bare.reference.as_str(), bare.status), ("RA-0007", Created));
    assert_eq!(fields(bare.go(Submitted, None, step("Hugo", "2026-01-01", &risk))), ["justification", "approver", "expires_on"]);
    let mut own = ready();
    assert_eq!(fields(own.go(Submitted, None, step(" ines okafor", "2026-01-01", &risk))), ["approver"], "whoever submits asks another");
    own.apply(AcceptancePatch { single_person: Some(true), ..AcceptancePatch::default() }, Timestamp::UNIX_EPOCH).expect("said");
    own.go(Submitted, None, step("Ines Okafor", "2026-01-01", &risk)).expect("a single person");
    own.go(Accepted, None, step("Ines Okafor", "2026-01-01", &risk)).expect("decides as well");
    assert!(own.single_person, "and it is recorded");
    assert_eq!(fields(ready().go(Submitted, None, step("Hugo", "2026-07-01", &risk))), ["expires_on"], "no expiry in the past");
}

#[test]
fn the_steps_are_those_of_the_rule() {
    let risk = high();
    let at = |to: AcceptanceStatus| {
        let mut one = ready();
        let way: &[AcceptanceStatus] = match to {
            Created => &[],
            Submitted => &[Submitted],
            Accepted | Expired => &[Submitted, Accepted],
            Rejected => &[Submitted, Rejected],
            Revoked => &[Submitted, Accepted, Revoked],
        };
        for (place, next) in way.iter().enumerate() {
            let actor = if place == 0 { "Hugo" } else { "Ines Okafor" };
            one.go(*next, Some("why".into()), step(actor, "2026-01-01", &risk)).expect("a step");
        }
        one
    };
    for from in AcceptanceStatus::ALL {
        for to in AcceptanceStatus::ALL {
            let on = if *from == Expired { "2026-07-01" } else { "2026-06-30" };
            let allowed = matches!((from, to), (Created | Submitted, Submitted) | (Submitted, Accepted | Rejected) | (Accepted, Revoked));
            let mut one = at(*from);
            let went = one.go(*to, Some("why".into()), step("Ines", on, &risk));
            assert_eq!(went.is_ok(), allowed, "{from:?} to {to:?}: {went:?}");
            let stands = if allowed { to } else { from };
            assert_eq!(one.status_on(day(on)), *stands, "{from:?} to {to:?}");
        }
    }
    assert_eq!(fields(at(Submitted).go(Rejected, None, step("Ines", "2026-01-01", &risk))), ["note"]);
    assert_eq!(fields(at(Accepted).go(Revoked, None, step("Ines", "2026-01-01", &risk))), ["note"]);
    assert_eq!(at(Accepted).status_on(day("2026-06-30")), Accepted, "in force on its last day");
    assert_eq!(at(Accepted).status_on(day("2026-07-01")), Expired);
    assert_eq!(at(Revoked).status_on(day("2026-07-01")), Revoked);
}

#[test]
fn nobody_decides_on_their_own_or_on_another_state() {
    let mut risk = high();
    let mut one = ready();
    one.go(Submitted, None, step("Hugo", "2026-01-01", &risk)).expect("submitted");
    assert_eq!(fields(one.go(Accepted, None, step("hugo ", "2026-01-01", &risk))), ["status"], "four eyes");
    assert_eq!(fields(one.go(Rejected, Some("no".into()), step("Hugo", "2026-01-01", &risk))), ["status"], "for a no as well");
    risk.asset_ids.push("3".into());
    let refused = one.go(Accepted, None, step("Ines", "2026-01-01", &risk)).expect_err("another state");
    assert!(refused.0[0].message.contains("asset_ids"), "{refused:?}");
    one.go(Submitted, None, step("Hugo", "2026-01-01", &risk)).expect("submitted again");
    assert_eq!(fields(one.go(Accepted, None, step("Ines", "2026-07-01", &risk))), ["expires_on"], "not after its expiry");
    one.go(Accepted, None, step("Ines", "2026-01-01", &risk)).expect("accepted");
}

#[test]
fn what_is_material_makes_it_void_and_the_rest_does_not() {
    let matrix = Matrix::standard();
    let risk = high();
    let mut one = ready();
    one.go(Submitted, None, step("Hugo", "2026-01-01", &risk)).expect("submitted");
    assert_eq!(one.mark(&Material::of(&risk).canonical()), None, "not accepted yet");
    one.go(Accepted, None, step("Ines", "2026-01-01", &risk)).expect("accepted");
    for (body, void) in [
        (json!({ "likelihood": 5 }), true),
        (json!({ "impact": 3 }), true),
        (json!({ "inherent": { "likelihood": 5, "impact": 5 } }), true),
        (json!({ "residual": { "likelihood": 1, "impact": 1 } }), true),
        (json!({ "name": "b" }), true),
        (json!({ "description": "Another cause" }), true),
        (json!({ "asset_ids": ["1"] }), true),
        (json!({ "asset_ids": ["1", "2"] }), false),
        (json!({ "target": { "likelihood": 1, "impact": 1 } }), false),
        (
            json!({ "owner": "Ines", "status": "monitored", "tags": ["t"], "rationale": "x", "review_date": "2026-05-01", "treatment": "accept" }),
            false,
        ),
    ] {
        let mut changed = risk.clone();
        changed
            .apply(RiskPatch::read(object(body.clone()), &matrix, false).expect("valid"), Timestamp::UNIX_EPOCH, &matrix)
            .expect("valid");
        let mark = one.mark(&Material::of(&changed).canonical()).expect("accepted");
        assert_eq!(mark.void, void, "{body}");
    }
}

#[test]
fn a_change_before_the_decision_takes_the_submission_back() {
    let risk = high();
    let mut one = ready();
    one.go(Submitted, None, step("Hugo", "2026-01-01", &risk)).expect("submitted");
    let patch = |body: Value| AcceptancePatch::read(object(body)).expect("valid");
    one.apply(patch(json!({ "approver": "Ines Okafor" })), Timestamp::UNIX_EPOCH).expect("nothing new");
    assert_eq!(one.status, Submitted);
    one.apply(patch(json!({ "expires_on": "2030-01-01" })), Timestamp::UNIX_EPOCH).expect("changed");
    assert_eq!((one.status, &one.state_hash, &one.submitted_by), (Created, &None, &None));
    one.go(Submitted, None, step("Hugo", "2026-01-01", &risk)).expect("submitted");
    one.go(Accepted, None, step("Ines", "2026-01-01", &risk)).expect("accepted");
    assert_eq!(fields(one.apply(patch(json!({ "expires_on": "2031-01-01" })), Timestamp::UNIX_EPOCH)), ["status"]);
}

#[test]
fn every_offending_field_is_named() {
    let read = AcceptancePatch::read(object(json!({ "approver": 1, "expires_on": "soon", "single_person": "yes", "colour": 1 })));
    assert_eq!(fields(read.map(drop)), ["approver", "expires_on", "single_person", "colour"]);
    assert_eq!(fields(AcceptanceStep::read(object(json!({ "note": 1 }))).map(drop)), ["status", "note"]);
}
