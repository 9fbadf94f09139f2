use super::*;
use FindingGrade::{Conformity, GoodPractice, MajorNonconformity, MinorNonconformity, Observation, OpportunityForImprovement};
use FindingStatus::{Assigned, Closed, Dismissed, InProgress, Open, Resolved, Verified};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn patch(grade: FindingGrade) -> FindingPatch {
    FindingPatch { title: Some("t".into()), grade: Some(grade), ..FindingPatch::default() }
}

fn finding(grade: FindingGrade) -> Finding {
    Finding::create(patch(grade), "id".into(), "audit".into(), crate::audit::yearly_number(2026, 17), "Ines Okafor", NOW).expect("valid")
}

fn complete() -> FindingPatch {
    let text = |text: &str| Some(Some(text.to_owned()));
    FindingPatch {
        root_cause: text("r"),
        correction: text("c"),
        corrective_action: text("a"),
        effectiveness: text("e"),
        owner: text("Hugo Marchetti"),
        due_date: Some(Some("2026-03-01".parse().expect("a date"))),
        evidence_ids: Some(vec!["d".into()]),
        ..FindingPatch::default()
    }
}

fn to(status: FindingStatus, reason: Option<&str>) -> FindingPatch {
    FindingPatch { status: Some(status), reason: Some(reason.map(str::to_owned)), ..FindingPatch::default() }
}

fn fields(result: Result<(), Problems>) -> Vec<String> {
    result.err().map(|problems| problems.0.into_iter().map(|problem| problem.field).collect()).unwrap_or_default()
}

#[test]
fn a_nonconformity_is_settled_only_complete_and_by_another() {
    const ALL: [&str; 7] = ["correction", "root_cause", "corrective_action", "owner", "due_date", "evidence_ids", "effectiveness"];
    for grade in [MajorNonconformity, MinorNonconformity] {
        for status in [Verified, Closed] {
            let mut bare = finding(grade);
            assert_eq!(fields(bare.apply(to(status, None), "Ines Okafor", NOW)), ALL, "everything that is missing, at once");
            assert_eq!((bare.status, &bare.verified_by), (Open, &None), "nothing is kept of it");
            let mut whole = finding(grade);
            whole.apply(complete(), "Ines Okafor", NOW).expect("fields");
            for owner in ["Hugo Marchetti", " hugo marchetti"] {
                assert_eq!(fields(whole.apply(to(status, None), owner, NOW)), ["verified_by"], "not by its owner");
            }
            whole.apply(to(status, None), "Ines Okafor", NOW).expect("complete, by another");
            assert_eq!((whole.verified_by.as_deref(), whole.verified_at), (Some("Ines Okafor"), Some(NOW)), "who and when");
            for (field, cleared) in [
                ("root_cause", FindingPatch { root_cause: Some(None), ..FindingPatch::default() }),
                ("evidence_ids", FindingPatch { evidence_ids: Some(Vec::new()), ..FindingPatch::default() }),
                ("verified_by", FindingPatch { owner: Some(Some("Ines Okafor".into())), ..FindingPatch::default() }),
            ] {
                assert_eq!(fields(whole.apply(cleared, "Ines Okafor", NOW)), [field], "nor taken away afterwards");
            }
            whole.apply(to(Open, Some("It came back")), "Ines Okafor", NOW).expect("reopened");
            assert_eq!((whole.verified_by, whole.verified_at), (None, None), "and has to be verified anew");
        }
    }
}

#[test]
fn other_grades_ask_for_none_of_it() {
    for grade in [Observation, OpportunityForImprovement, Conformity, GoodPractice] {
        let mut finding = finding(grade);
        finding.apply(to(Closed, None), "Ines Okafor", NOW).expect("closed as it is");
        assert_eq!(finding.verified_by, None, "nobody verified it");
        let graver = FindingPatch { grade: Some(MajorNonconformity), ..FindingPatch::default() };
        assert_eq!(fields(finding.apply(graver, "Ines Okafor", NOW)).len(), 8, "a closed one cannot become a nonconformity as it is");
    }
}

#[test]
fn transitions_follow_the_table() {
    // from, to, with a reason, without
    let cases = [
        (Open, Assigned, true, true),
        (Open, Resolved, true, true),
        (Open, Closed, true, true),
        (Open, Dismissed, true, false),
        (Resolved, InProgress, true, false),
        (Verified, Resolved, true, false),
        (Verified, Dismissed, true, false),
        (Closed, Open, true, false),
        (Closed, Verified, false, false),
        (Closed, Dismissed, false, false),
        (Dismissed, Open, true, false),
        (Dismissed, Assigned, false, false),
        (Dismissed, Dismissed, true, true),
    ];
    for (from, status, with, without) in cases {
        for (reason, expected) in [(Some("r"), with), (None, without)] {
            let mut finding = finding(Observation);
            finding.owner = Some("Hugo Marchetti".into());
            finding.status = from;
            let result = finding.apply(to(status, reason), "Ines Okafor", NOW);
            assert_eq!(result.is_ok(), expected, "{from:?} → {status:?} with {reason:?}: {result:?}");
            assert_eq!(finding.status, if expected { status } else { from });
        }
    }
    let mut nobodys = finding(Observation);
    assert_eq!(fields(nobodys.apply(to(Assigned, None), "Ines Okafor", NOW)), ["owner"], "an assigned finding has an owner");
}

#[test]
fn overdue_and_open_follow_status_grade_and_day() {
    let day = |text: &str| text.parse::<Date>().expect("a date");
    let mut one = finding(MinorNonconformity);
    assert!(!one.is_overdue(day("2026-03-02")), "nothing is due");
    one.due_date = Some(day("2026-03-01"));
    for (status, overdue, open) in [
        (Open, true, true),
        (Assigned, true, true),
        (InProgress, true, true),
        (Resolved, false, true),
        (Verified, false, false),
        (Closed, false, false),
        (Dismissed, false, false),
    ] {
        one.status = status;
        assert_eq!(one.is_overdue(day("2026-03-02")), overdue, "{status:?} the day after");
        assert!(!one.is_overdue(day("2026-03-01")), "{status:?} on the day itself");
        assert_eq!(one.is_open(), open, "{status:?}");
    }
    assert!(!finding(GoodPractice).is_open() && !finding(Conformity).is_open(), "praise asks for no work");
}

#[test]
fn everything_wrong_is_told_at_once() {
    let body = serde_json::json!({ "grade": "bad", "due_date": "soon", "risk_ids": 1, "colour": 1, "verified_by": "ignored" });
    let problems = FindingPatch::read(body.as_object().expect("an object").clone(), true).expect_err("wrong");
    let fields: Vec<&str> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["title", "grade", "due_date", "risk_ids", "colour"]);
}
