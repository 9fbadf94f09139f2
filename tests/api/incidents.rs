//! Incidents: the whole table of transitions, and a timeline that tells each change.

use super::{At, Bed};
use serde_json::{Value, json};

const STATUSES: [&str; 8] = ["new", "triaged", "contained", "eradicated", "recovered", "resolved", "closed", "dismissed"];

/// DOMAIN: what a transition needs. `None` where no note helps.
fn needs(from: &str, to: &str) -> Option<&'static str> {
    let place = |status: &str| STATUSES.iter().position(|name| *name == status).expect("a status");
    match (from, to) {
        (from, to) if from == to => Some("nothing"),
        ("closed" | "dismissed", "triaged") => Some("note"),
        ("closed" | "dismissed", _) => None,
        (_, "dismissed") => Some("reason"),
        (from, to) if place(to) > place(from) => Some("nothing"),
        _ => Some("note"),
    }
}

fn brought_to(bed: &Bed, status: &str) -> String {
    let made = bed.send("POST", "/v1/incidents", &json!({ "title": "One", "severity": "high" })).expect(201, "made");
    let path = format!("/v1/incidents/{}", made["id"].as_str().expect("an id"));
    let body = if status == "dismissed" { json!({ "status": status, "reason": "duplicate" }) } else { json!({ "status": status }) };
    bed.send("PUT", &format!("{path}/status"), &body).expect(200, status);
    path
}

#[test]
fn every_pair_of_statuses_follows_the_table() {
    let bed = Bed::new(false);
    for from in STATUSES {
        for to in STATUSES {
            let path = brought_to(&bed, from);
            let put = |body: Value| bed.send("PUT", &format!("{path}/status"), &body);
            let bare = put(json!({ "status": to }));
            let need = needs(from, to);
            assert_eq!(bare.status, if need == Some("nothing") { 200 } else { 400 }, "{from} to {to} with nothing said");
            match need {
                Some("nothing") => {}
                Some(field) => {
                    assert_eq!(bare.fields(), [field], "{from} to {to}: what is missing is named");
                    assert_eq!(put(json!({ "status": to, "note": "   " })).status, 400, "{from} to {to}: a blank note is none");
                    let body = if field == "note" {
                        json!({ "status": to, "note": "It came back" })
                    } else {
                        json!({ "status": to, "reason": "false_positive" })
                    };
                    put(body).expect(200, &format!("{from} to {to} with its {field}"));
                }
                None => {
                    assert_eq!(put(json!({ "status": to, "note": "Please", "reason": "duplicate" })).status, 400, "{from} to {to} never");
                }
            }
            let expected = if need.is_some() { to } else { from };
            let record = bed.get(&path).json();
            assert_eq!(record["status"], expected, "{from} to {to}: what is kept");
            let reason = if expected == "dismissed" && from != "dismissed" {
                json!("false_positive")
            } else if expected == "dismissed" {
                json!("duplicate")
            } else {
                json!(null)
            };
            assert_eq!(record["dismissal_reason"], reason, "{from} to {to}: the reason stays only with a dismissed one");
            let over = matches!(expected, "resolved" | "closed") || (expected == "dismissed" && matches!(from, "resolved" | "closed"));
            assert_eq!(record["resolved_at"].is_null(), !over, "{from} to {to}: resolved_at");
        }
    }
    for body in [json!({}), json!({ "status": "asleep" }), json!({ "status": null }), json!({ "status": "triaged", "colour": 1 })] {
        let path = brought_to(&bed, "new");
        assert_eq!(bed.send("PUT", &format!("{path}/status"), &body).status, 400, "{body}");
    }
}

#[test]
fn the_timeline_tells_each_change_newest_first_and_keeps_event_time_apart_from_entry_time() {
    let bed = Bed::new(false);
    let path = brought_to(&bed, "triaged");
    bed.send("PUT", &path, &json!({ "severity": "critical" })).expect(200, "severity");
    bed.send("PUT", &path, &json!({ "lead": "Ines Okafor" })).expect(200, "lead");
    bed.send("PUT", &path, &json!({ "description": "More is known" })).expect(200, "another field");
    let at = "2020-02-03T04:05:06.000Z";
    let entry =
        bed.send("POST", &format!("{path}/comments"), &json!({ "text": "First seen in the log", "at": at })).expect(201, "a comment");
    assert_eq!(entry["at"], at, "when it happened");
    assert_ne!(entry["entered_at"], at, "is not when it was written down");
    let line = bed.get(&format!("{path}/timeline")).expect(200, "timeline");
    let entries = line["data"].as_array().expect("a list");
    for (kind, from, to) in [
        ("reported", json!(null), json!("high")),
        ("status", json!("new"), json!("triaged")),
        ("severity", json!("high"), json!("critical")),
        ("lead", json!(null), json!("Ines Okafor")),
        ("changed", json!(null), json!("More is known")),
        ("comment", json!(null), json!(null)),
    ] {
        let found = entries.iter().filter(|entry| entry["kind"] == kind && entry["from"] == from && entry["to"] == to).count();
        assert_eq!(found, 1, "{kind} is told once, with both values: {entries:?}");
    }
    let times: Vec<&str> = entries.iter().map(|entry| entry["at"].as_str().expect("a time")).collect();
    assert!(times.iter().rev().is_sorted(), "newest first: {times:?}");
    assert_eq!(entries.last().expect("entries")["kind"], "comment", "an event of 2020 is the oldest, whenever it was entered");
    assert!(entries.iter().all(|entry| entry["actor"] == "Hugo Marchetti"), "each names who");
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = bed.get(&format!("{path}/timeline?limit=2{cursor}")).expect(200, "a page");
        pages.extend(page["data"].as_array().expect("a list").iter().map(|entry| entry["id"].clone()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(pages, entries.iter().map(|entry| entry["id"].clone()).collect::<Vec<_>>(), "pages give the same, each once");
    for body in [
        json!({}),
        json!({ "text": "" }),
        json!({ "text": null }),
        json!({ "text": "x", "at": "yesterday" }),
        json!({ "text": "x".repeat(20_001) }),
    ] {
        assert_eq!(bed.send("POST", &format!("{path}/comments"), &body).status, 400, "a comment must be one");
    }
    assert_eq!(bed.ask(At::Window, "DELETE", &path, &[], None).status, 204, "deleted");
    assert_eq!(bed.get(&format!("{path}/timeline")).status, 404, "and its timeline no longer shown");
}
