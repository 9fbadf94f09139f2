//! Records: partial updates, revisions, idempotency, the incident's status machine.

use super::{Doors, incident, risk};
use amtia_engine::Role;
use serde_json::{Value, json};

#[test]
fn a_put_changes_what_is_present_and_null_clears() {
    let doors = Doors::empty();
    let made = risk(&doors, &json!({ "name": "a", "owner": "Priya Raman", "likelihood": 2, "impact": 3, "tags": ["x"] }));
    let path = format!("/v1/risks/{}", made.id());
    assert_eq!(made.header("location"), Some(path.as_str()), "201 says where the record is");
    let put = doors.window(
        "PUT",
        &path,
        Some(&json!({ "impact": 5, "owner": null, "id": "mine", "level": "low", "score": 1, "created_at": "x" })),
    );
    assert_eq!(put.status, 200, "read-only fields are ignored: {put:?}");
    assert_eq!(put.body["id"].as_str(), Some(made.id()), "the id stays");
    assert_eq!((put.body["score"].as_i64(), &put.body["level"]), (Some(10), &json!("medium")), "likelihood was kept");
    assert_eq!(
        (&put.body["owner"], &put.body["name"], &put.body["tags"]),
        (&Value::Null, &json!("a"), &json!(["x"])),
        "null clears, absent keeps"
    );
    let half = doors.window("PUT", &path, Some(&json!({ "likelihood": null })));
    assert_eq!(half.status, 400, "likelihood and impact come together: {half:?}");
    let cleared = doors.window("PUT", &path, Some(&json!({ "likelihood": null, "impact": null })));
    assert_eq!((cleared.status, &cleared.body["level"]), (200, &Value::Null), "or not at all");
}

#[test]
fn a_stale_edit_is_told_with_both_values() {
    let doors = Doors::empty();
    let made = risk(&doors, &json!({ "name": "a" }));
    let path = format!("/v1/risks/{}", made.id());
    let etag = doors.window("GET", &path, None).header("etag").expect("a record has an ETag").to_owned();
    let other = doors.window("PUT", &path, Some(&json!({ "name": "theirs" })));
    assert_ne!(other.header("etag"), Some(etag.as_str()), "a change makes a new revision");
    let stale = doors.window_with("PUT", &path, Some(&json!({ "name": "mine" })), &[("if-match", &etag)]);
    assert_eq!(stale.status, 412, "{stale:?}");
    let detail = &stale.body["error"]["details"][0];
    assert_eq!((&detail["field"], &detail["yours"], &detail["current"]), (&json!("name"), &json!("mine"), &json!("theirs")), "both values");
    assert_eq!(doors.window("GET", &path, None).body["name"], "theirs", "nothing was saved");
    let fresh = other.header("etag").unwrap_or("").to_owned();
    assert_eq!(
        doors.window_with("PUT", &path, Some(&json!({ "name": "mine" })), &[("if-match", &fresh)]).status,
        200,
        "the fresh one passes"
    );
}

#[test]
fn a_change_of_nothing_writes_nothing() {
    let doors = Doors::empty();
    let made = risk(&doors, &json!({ "name": "a" }));
    let path = format!("/v1/risks/{}", made.id());
    let before = doors.window("GET", &path, None);
    let same = doors.window("PUT", &path, Some(&json!({ "name": "a" })));
    assert_eq!(same.header("etag"), before.header("etag"), "no new revision");
    let history = doors.window("GET", &format!("{path}/history"), None);
    assert_eq!(history.body["total"], 1, "no history: {history:?}");
}

#[test]
fn a_keyed_post_is_answered_once_and_replayed_after() {
    let mut doors = Doors::empty();
    let post = |doors: &Doors, body: &Value, key: &str| doors.window_with("POST", "/v1/risks", Some(body), &[("idempotency-key", key)]);
    let first = post(&doors, &json!({ "name": "a" }), "k1");
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, Some("false")), "{first:?}");
    let again = post(&doors, &json!({ "name": "a" }), "k1");
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, Some("true")), "{again:?}");
    assert_eq!((again.id(), again.header("location")), (first.id(), first.header("location")), "the same answer");
    assert_eq!(post(&doors, &json!({ "name": "b" }), "k1").status, 400, "another body under the same key");
    let refused = post(&doors, &json!({ "name": "" }), "k2");
    assert_eq!((refused.status, refused.header("idempotency-replayed")), (400, Some("false")), "a refusal carries the header too");
    doors.reopen();
    assert_eq!(post(&doors, &json!({ "name": "a" }), "k1").id(), first.id(), "kept with the change, so also after a restart");
    assert_eq!(doors.window("GET", "/v1/risks", None).body["total"], 1, "one risk came of it all");
    doors.later(24 * 3_600_000 + 1_000);
    assert_ne!(post(&doors, &json!({ "name": "a" }), "k1").id(), first.id(), "after a day the key is free again");
}

#[test]
fn incidents_follow_their_status_machine_and_the_timeline_tells_it() {
    let doors = Doors::empty();
    let made = incident(&doors, "Intrusion attempt");
    assert_eq!((&made.body["ref"], &made.body["status"]), (&json!("INC-0001"), &json!("new")), "{made:?}");
    let path = format!("/v1/incidents/{}", made.id());
    let step =
        |status: &str, note: Option<&str>| doors.window("PUT", &format!("{path}/status"), Some(&json!({ "status": status, "note": note })));
    assert_eq!(step("contained", None).status, 200, "a step may be skipped forward");
    let back = step("triaged", None);
    assert_eq!((back.status, back.fields()), (400, vec!["note"]), "going back needs a note");
    assert_eq!(step("triaged", Some("too early")).status, 200, "with one it goes");
    let resolved = step("resolved", None);
    assert!(resolved.body["resolved_at"].is_string(), "{resolved:?}");
    assert_eq!(step("closed", None).status, 200, "forward");
    assert_eq!(step("recovered", Some("n")).status, 400, "a closed incident can only be reopened");
    let reopened = step("triaged", Some("it came back"));
    assert_eq!((reopened.status, &reopened.body["resolved_at"]), (200, &Value::Null), "reopened");
    assert_eq!(step("dismissed", None).fields(), ["reason"], "dismissing needs a reason");
    assert_eq!(step("dismissed", Some("duplicate")).body["dismissal_reason"], "duplicate", "a note that is a reason serves");
    assert_eq!(step("no such", None).fields(), ["status"], "an unknown status is named");
    let told = doors.window("GET", &format!("{path}/timeline"), None);
    let steps: Vec<(String, String)> = told.body["data"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|entry| entry["kind"] == "status")
        .map(|entry| (entry["from"].as_str().unwrap_or("").to_owned(), entry["to"].as_str().unwrap_or("").to_owned()))
        .collect();
    let expected = [
        ("triaged", "dismissed"),
        ("closed", "triaged"),
        ("resolved", "closed"),
        ("triaged", "resolved"),
        ("contained", "triaged"),
        ("new", "contained"),
    ];
    assert_eq!(steps, expected.map(|(from, to)| (from.to_owned(), to.to_owned())), "newest first, each change once");
    assert_eq!(
        told.body["data"].as_array().and_then(|all| all.last()).map(|entry| entry["kind"].clone()),
        Some(json!("reported")),
        "it begins with the report"
    );
}

#[test]
fn the_timeline_keeps_what_happened_and_when_it_was_written() {
    let doors = Doors::empty();
    let made = incident(&doors, "a");
    let path = format!("/v1/incidents/{}", made.id());
    let put = doors.window("PUT", &path, Some(&json!({ "severity": "critical", "lead": "Sanna Virtanen" })));
    assert_eq!(put.status, 200, "{put:?}");
    let note = doors.window("POST", &format!("{path}/comments"), Some(&json!({ "text": "Rolled back", "at": "2026-01-02T03:04:05Z" })));
    assert_eq!(note.status, 201, "{note:?}");
    assert_ne!(note.body["at"], note.body["entered_at"], "event time and entry time differ");
    assert_eq!(note.body["actor"], "Hugo Marchetti", "who wrote it is recorded");
    let kinds: Vec<Value> = doors.window("GET", &format!("{path}/timeline"), None).body["data"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| entry["kind"].clone())
        .collect();
    assert!(kinds.contains(&json!("severity")) && kinds.contains(&json!("lead")) && kinds.contains(&json!("comment")), "{kinds:?}");
    assert_eq!(
        doors.window("POST", &format!("{path}/comments"), Some(&json!({ "text": " " }))).fields(),
        ["text"],
        "an empty note is refused"
    );
}

#[test]
fn whoever_acts_is_recorded_by_name_and_door() {
    let doors = Doors::empty();
    let token = doors.token(Role::Analyst);
    let made = doors.with(&token, "POST", "/v1/risks", Some(&json!({ "name": "a" })));
    doors.window("PUT", &format!("/v1/risks/{}", made.id()), Some(&json!({ "name": "b", "reason": "clearer" })));
    let history = doors.window("GET", &format!("/v1/risks/{}/history", made.id()), None).body;
    let told: Vec<(&str, &str, &str)> = history["data"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| (entry["actor"].as_str().unwrap_or(""), entry["door"].as_str().unwrap_or(""), entry["action"].as_str().unwrap_or("")))
        .collect();
    assert_eq!(told, [("Hugo Marchetti", "window", "updated"), ("script", "api", "created")], "newest first");
    assert_eq!(
        (&history["data"][0]["before"], &history["data"][0]["after"]),
        (&json!({ "name": "a" }), &json!({ "name": "b" })),
        "what each held"
    );
    assert_eq!(history["data"][0]["reason"], "clearer", "and why");
}
