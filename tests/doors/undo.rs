//! Undo and redo: for every kind of change, in order, by the same person only, and across a restart.

use super::{Doors, incident, risk};
use amtia_engine::Role;
use serde_json::{Value, json};

fn undo(doors: &Doors) -> u16 {
    doors.window("POST", "/v1/undo", Some(&json!({}))).status
}

fn redo(doors: &Doors) -> u16 {
    doors.window("POST", "/v1/redo", Some(&json!({}))).status
}

#[test]
fn moves_are_taken_back_and_made_again_in_order_and_across_a_restart() {
    let mut doors = Doors::empty();
    let made = risk(&doors, &json!({ "name": "a", "likelihood": 1, "impact": 1 }));
    let path = format!("/v1/risks/{}", made.id());
    let score = |doors: &Doors| doors.window("GET", &path, None).body["score"].as_i64();
    for (likelihood, impact) in [(2, 2), (3, 3), (4, 4)] {
        doors.window("PUT", &path, Some(&json!({ "likelihood": likelihood, "impact": impact })));
    }
    let offered = doors.window("GET", "/v1/undo", None).body;
    assert_eq!((&offered["undo"]["action"], &offered["undo"]["ref"]), (&json!("moved"), &json!("R-0001")), "{offered}");
    assert_eq!((undo(&doors), score(&doors)), (200, Some(9)), "the last one first");
    doors.reopen();
    assert_eq!((undo(&doors), score(&doors)), (200, Some(4)), "also after a restart");
    assert_eq!((redo(&doors), score(&doors)), (200, Some(9)), "and again");
    doors.window("PUT", &path, Some(&json!({ "likelihood": 5, "impact": 5 })));
    assert_eq!(redo(&doors), 404, "a new change ends what could be made again");
    assert_eq!((undo(&doors), score(&doors)), (200, Some(9)), "before the new change");
    assert_eq!((undo(&doors), score(&doors)), (200, Some(4)), "then the earlier ones");
}

#[test]
fn a_deleted_risk_comes_back_whole_under_its_number() {
    let doors = Doors::empty();
    let made = risk(&doors, &json!({ "name": "a", "likelihood": 4, "impact": 5, "tags": ["x"], "owner": "Priya Raman" }));
    let path = format!("/v1/risks/{}", made.id());
    assert_eq!(doors.window("DELETE", &path, None).status, 204, "deleted");
    assert_eq!(doors.window("GET", &path, None).status, 404, "and gone");
    assert_eq!(doors.window("GET", "/v1/summary", None).body["risks"], 0, "the counts know");
    let next = risk(&doors, &json!({ "name": "b" }));
    assert_eq!(next.body["ref"], "R-0002", "a number is never used twice");
    assert_eq!((undo(&doors), undo(&doors)), (200, 200), "first the new risk, then the deletion");
    let back = doors.window("GET", &path, None);
    let (mut was, mut is) = (made.body.clone(), back.body.clone());
    for record in [&mut was, &mut is] {
        record["updated_at"] = Value::Null;
    }
    assert_eq!(was, is, "whole, under its number");
    assert_eq!(doors.window("GET", "/v1/risks?q=priya", None).body["data"].as_array().map(Vec::len), Some(1), "found by its words again");
    assert_eq!((redo(&doors), doors.window("GET", &path, None).status), (200, 404), "and deleted again");
}

#[test]
fn somebody_elses_change_is_not_overwritten() {
    let doors = Doors::empty();
    let made = risk(&doors, &json!({ "name": "a" }));
    let path = format!("/v1/risks/{}", made.id());
    doors.window("PUT", &path, Some(&json!({ "name": "mine" })));
    let token = doors.token(Role::Analyst);
    doors.with(&token, "PUT", &path, Some(&json!({ "name": "theirs" })));
    let refused = doors.window("POST", "/v1/undo", Some(&json!({})));
    assert_eq!(refused.status, 412, "{refused:?}");
    let detail = &refused.body["error"]["details"][0];
    assert_eq!((&detail["yours"], &detail["current"]), (&json!("a"), &json!("theirs")), "both values");
    assert_eq!(doors.window("GET", &path, None).body["name"], "theirs", "nothing was changed");
    assert_eq!(doors.with(&token, "POST", "/v1/undo", Some(&json!({}))).status, 200, "the other may take their own back");
    assert_eq!(undo(&doors), 200, "then mine can go too");
    assert_eq!(doors.window("GET", &path, None).body["name"], "a", "as it was");
}

#[test]
fn an_incidents_status_is_taken_back_and_the_timeline_says_so() {
    let doors = Doors::empty();
    let made = incident(&doors, "a");
    let path = format!("/v1/incidents/{}", made.id());
    doors.window("PUT", &format!("{path}/status"), Some(&json!({ "status": "resolved" })));
    assert_eq!(undo(&doors), 200, "taken back");
    let is = doors.window("GET", &path, None).body;
    assert_eq!((&is["status"], &is["resolved_at"]), (&json!("new"), &Value::Null), "both fields");
    let told = doors.window("GET", &format!("{path}/timeline"), None).body;
    assert_eq!(told["data"][0]["kind"], "undone", "the timeline is only ever added to: {told}");
    assert_eq!((undo(&doors), doors.window("GET", &path, None).status), (200, 404), "then the report itself");
    assert_eq!((redo(&doors), doors.window("GET", &path, None).status), (200, 200), "and back, timeline and all");
    assert!(
        doors.window("GET", &format!("{path}/timeline"), None).body["data"].as_array().is_some_and(|all| all.len() >= 3),
        "the timeline was kept"
    );
}

#[test]
fn a_removed_framework_comes_back_with_its_controls() {
    let doors = Doors::sample();
    let risks_of = |doors: &Doors| doors.window("GET", "/v1/frameworks/iso-27001/controls?limit=1", None);
    assert_eq!(doors.window("DELETE", "/v1/frameworks/iso-27001", None).status, 204, "removed");
    assert_eq!(risks_of(&doors).status, 404, "and gone");
    assert_eq!(
        doors.window("GET", "/v1/search?q=access", None).body["data"]
            .as_array()
            .map(|all| all.iter().any(|hit| hit["framework_id"] == "iso-27001")),
        Some(false),
        "not found"
    );
    assert_eq!((undo(&doors), risks_of(&doors).status), (200, 200), "brought back");
    assert_eq!(doors.window("GET", "/v1/frameworks", None).body["total"], 3, "as before");
}

#[test]
fn there_is_nothing_to_undo_in_a_new_workspace() {
    let doors = Doors::empty();
    assert_eq!((undo(&doors), redo(&doors)), (404, 404), "making the workspace cannot be undone");
    let sample = Doors::sample();
    assert_eq!(undo(&sample), 404, "nor can the sample");
}
