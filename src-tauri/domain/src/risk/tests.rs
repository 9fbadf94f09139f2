use super::*;
use serde_json::{Value, json};

fn read(body: Value, creating: bool) -> Result<RiskPatch, Problems> {
    let Value::Object(map) = body else { panic!("a test body is an object") };
    RiskPatch::read(map, &Matrix::standard(), creating)
}

fn risk(body: Value) -> Risk {
    let patch = read(body, true).expect("the body is valid");
    Risk::create(patch, "id".into(), 142, Timestamp::UNIX_EPOCH, &Matrix::standard()).expect("the risk is valid")
}

#[test]
fn every_offending_field_is_named_at_once() {
    let cases = [
        (json!({}), vec!["name"]),
        (json!({"name": ""}), vec!["name"]),
        (json!({"name": 7, "impact": 6, "likelihood": "x"}), vec!["name", "likelihood", "impact"]),
        (json!({"name": "a", "status": "new", "treatment": "reduce"}), vec!["status", "treatment"]),
        (json!({"name": "a", "colour": "red"}), vec!["colour"]),
        (json!({"name": "a", "review_date": "2026-02-30", "tags": "x"}), vec!["tags", "review_date"]),
        (json!({"name": "a", "inherent": {"likelihood": 9, "impact": 1}}), vec!["inherent.likelihood"]),
        (json!({"name": "a", "target": {"likelihood": 2}}), vec!["target"]),
        (json!({"name": "x".repeat(201)}), vec!["name"]),
        (json!({"name": "a", "likelihood": 0, "impact": 2.5}), vec!["likelihood", "impact"]),
    ];
    for (body, expected) in cases {
        let problems = read(body.clone(), true).expect_err("each of these is refused");
        let fields: Vec<&str> = problems.0.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(fields, expected, "{body}");
    }
}

#[test]
fn level_and_score_follow_from_the_matrix_and_are_never_taken_from_outside() {
    let risk = risk(
        json!({"name": "a", "likelihood": 4, "impact": 5, "level": "low", "score": 1, "inherent": {"likelihood": 5, "impact": 5, "score": 2}}),
    );
    assert_eq!((risk.score, risk.level), (Some(20), Some(Level::Critical)), "4 × 5");
    assert_eq!(risk.inherent.map(|a| a.score), Some(25), "5 × 5");
    assert_eq!(risk.status, RiskStatus::Analysed, "an assessed risk is analysed");
    assert_eq!(risk.reference, "R-0142", "the reference comes from the sequence");
}

#[test]
fn a_patch_changes_what_is_present_and_null_clears() {
    let mut risk = risk(json!({"name": "a", "owner": "Priya Raman", "likelihood": 2, "impact": 2}));
    let patch = read(json!({"owner": null, "impact": 5}), false).expect("valid");
    risk.apply(patch, Timestamp::UNIX_EPOCH, &Matrix::standard()).expect("valid");
    assert_eq!((risk.owner.as_deref(), risk.name.as_str(), risk.score), (None, "a", Some(10)), "likelihood was kept");
}

#[test]
fn likelihood_and_impact_come_together_or_not_at_all() {
    let patch = read(json!({"name": "a", "likelihood": 2}), true).expect("each field alone is valid");
    let refused = Risk::create(patch, "id".into(), 1, Timestamp::UNIX_EPOCH, &Matrix::standard()).expect_err("impact is missing");
    assert_eq!(refused.0[0].field, "impact", "the missing one is named");
}
