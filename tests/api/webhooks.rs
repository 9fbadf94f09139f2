//! Webhooks over the API: what may be a target, who is told what, and what the log says.

use super::{At, Bed};
use crate::receiver::{Heard, Receiver, Say};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const EVERY_EVENT: [&str; 6] =
    ["risk.created", "risk.updated", "incident.created", "incident.resolved", "assessment.completed", "audit.finding"];

/// A webhook for these events: its path and its secret.
fn hook(bed: &Bed, receiver: &Receiver, events: &[&str]) -> (String, String) {
    let body = json!({ "url": receiver.url(), "events": events, "allow_private": true, "description": "A test's" });
    let made = bed.send("POST", "/v1/webhooks", &body).expect(201, "a webhook is made");
    (format!("/v1/webhooks/{}", made["id"].as_str().expect("an id")), made["secret"].as_str().expect("a secret").to_owned())
}

fn verified(heard: &Heard, secret: &str) -> bool {
    Webhook::new(secret).expect("a secret").verify(&heard.body, &heard.headers).is_ok()
}

/// Waits until the log says so.
fn until(bed: &Bed, path: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let found = bed.get(path).expect(200, what);
        if holds(&found) {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}: {found}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn no_hostile_target_is_taken() {
    let corpus: Value = serde_json::from_str(include_str!("../data/webhook_targets.json")).expect("the corpus is JSON");
    let texts = |name: &str| -> Vec<String> {
        corpus[name].as_array().expect("a list").iter().map(|text| text.as_str().expect("text").to_owned()).collect()
    };
    let (never, by_consent) = (texts("never"), texts("by_consent"));
    assert!(never.len() + by_consent.len() >= 200, "{} targets", never.len() + by_consent.len());
    let bed = Bed::new(false);
    let ask = |url: &str, consent: bool| {
        bed.send("POST", "/v1/webhooks", &json!({ "url": url, "events": ["risk.created"], "allow_private": consent }))
    };
    for url in &never {
        for consent in [false, true] {
            let answer = ask(url, consent);
            assert_eq!((answer.status, answer.fields()), (400, vec!["url".to_owned()]), "{url:?}, consent {consent}");
        }
    }
    for url in &by_consent {
        let answer = ask(url, false);
        assert_eq!((answer.status, answer.fields()), (400, vec!["url".to_owned()]), "{url:?} without consent");
    }
    assert_eq!(bed.get("/v1/webhooks").json()["total"], 0, "none of them passed");
    // The same through a change of a webhook that was good.
    let made = ask("https://example.com/in", false).expect(201, "a good target");
    let path = format!("/v1/webhooks/{}", made["id"].as_str().expect("an id"));
    for url in never.iter().chain(&by_consent) {
        assert_eq!(bed.send("PUT", &path, &json!({ "url": url })).status, 400, "{url:?} by a change");
    }
    for url in &by_consent {
        ask(url, true).expect(201, &format!("{url:?} by consent"));
    }
}

#[test]
fn the_six_events_are_told_signed_with_the_record_as_the_change_left_it_and_nothing_else_is() {
    let bed = Bed::new(false);
    let receiver = Receiver::glad();
    let (path, secret) = hook(&bed, &receiver, &EVERY_EVENT);
    let risk = bed.send("POST", "/v1/risks", &json!({ "name": "First name" })).expect(201, "made");
    let risk_path = format!("/v1/risks/{}", risk["id"].as_str().expect("an id"));
    let changed = bed.send("PUT", &risk_path, &json!({ "name": "Second name" })).expect(200, "changed");
    bed.send("PUT", &risk_path, &json!({ "name": "Third name" })).expect(200, "changed again");
    let incident = bed.send("POST", "/v1/incidents", &json!({ "title": "An incident", "severity": "high" })).expect(201, "reported");
    let incident_path = format!("/v1/incidents/{}", incident["id"].as_str().expect("an id"));
    bed.send("PUT", &incident_path, &json!({ "lead": "Ines Okafor" })).expect(200, "no event of the six");
    let resolved = bed.send("PUT", &format!("{incident_path}/status"), &json!({ "status": "resolved" })).expect(200, "resolved");
    bed.ask(At::Window, "DELETE", &risk_path, &[], None).expect(204, "no event of the six");
    let expected = [
        ("risk.created", risk),
        ("risk.updated", changed),
        ("risk.updated", Value::Null),
        ("incident.created", incident),
        ("incident.resolved", resolved),
    ];
    receiver.wait_for(expected.len(), "each change tells its event");
    until(&bed, &path, "nothing waits", |hook| hook["waiting"] == 0);
    let heard = receiver.all();
    assert_eq!(heard.len(), expected.len(), "no more than those: {:?}", heard.iter().map(Heard::json).collect::<Vec<_>>());
    for (event, record) in &expected {
        let told = heard.iter().map(Heard::json).any(|body| body["type"] == *event && (record.is_null() || body["data"] == *record));
        assert!(told, "{event} with {record}");
    }
    for one in &heard {
        assert!(verified(one, &secret), "signed by Standard Webhooks");
        assert!(!verified(one, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "and by nobody else's secret");
        let body = one.json();
        let fields: Vec<&String> = body.as_object().expect("an object").keys().collect();
        assert_eq!(fields, ["type", "timestamp", "data"], "and holds these fields alone");
    }
    let ids: BTreeSet<&str> = heard.iter().map(Heard::id).collect();
    assert_eq!(ids.len(), heard.len(), "each delivery has an id of its own");
}

#[test]
fn a_secret_is_shown_once_and_both_sign_after_a_rotation() {
    let bed = Bed::new(false);
    let receiver = Receiver::glad();
    let (path, first) = hook(&bed, &receiver, &["risk.created"]);
    let rotated = bed.send("POST", &format!("{path}/rotate"), &json!({})).expect(200, "rotated");
    let second = rotated["secret"].as_str().expect("a secret").to_owned();
    assert!(first != second && second.starts_with("whsec_"), "another secret");
    assert!(rotated["previous_secret_until"].is_string(), "and until when both count");
    bed.risk(&json!({ "name": "One" }));
    let heard = receiver.wait_for(1, "told");
    assert!(verified(&heard[0], &first) && verified(&heard[0], &second), "both sign");
    let third = bed.send("POST", &format!("{path}/rotate"), &json!({})).expect(200, "rotated again")["secret"].clone();
    bed.risk(&json!({ "name": "Two" }));
    let heard = receiver.wait_for(2, "told");
    assert!(verified(&heard[1], &second) && verified(&heard[1], third.as_str().expect("a secret")), "the last two");
    assert!(!verified(&heard[1], &first), "and not the one before");
    for (method, of) in
        [("GET", "/v1/webhooks".to_owned()), ("GET", path.clone()), ("PUT", path.clone()), ("GET", format!("{path}/deliveries"))]
    {
        let answer = bed.ask(At::Window, method, &of, &[], (method == "PUT").then(|| "{\"description\":\"Other\"}".to_owned()));
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        assert!(answer.status == 200 && !text.contains("whsec_"), "{method} {of} shows no secret: {text}");
    }
}

#[test]
fn a_test_event_is_tried_once_also_while_the_webhook_is_paused() {
    let bed = Bed::new(false);
    let answer = Arc::new(AtomicU16::new(500));
    let say = Arc::clone(&answer);
    let receiver = Receiver::new(move |_| Say::Status(say.load(Ordering::SeqCst)));
    let (path, secret) = hook(&bed, &receiver, &["risk.created"]);
    bed.send("PUT", &path, &json!({ "active": false })).expect(200, "paused");
    bed.risk(&json!({ "name": "While paused" }));
    let sent = bed.send("POST", &format!("{path}/test"), &json!({})).expect(201, "a test is sent");
    assert_eq!((&sent["event"], &sent["state"]), (&json!("webhook.test"), &json!("pending")), "it waits for its try");
    let log = until(&bed, &format!("{path}/deliveries"), "it was tried", |log| log["data"][0]["state"] == "failed");
    assert_eq!(
        (&log["total"], &log["data"][0]["status"], &log["data"][0]["attempts"]),
        (&json!(1), &json!(500), &json!(1)),
        "once, and nothing of the risk"
    );
    answer.store(204, Ordering::SeqCst);
    bed.send("POST", &format!("{path}/test"), &json!({})).expect(201, "another");
    until(&bed, &format!("{path}/deliveries"), "it arrived", |log| log["data"][0]["state"] == "delivered");
    let heard = receiver.all();
    assert!(heard.iter().all(|one| one.json()["type"] == "webhook.test" && verified(one, &secret)), "signed as any other");
    assert_eq!(bed.get(&path).json()["active"], false, "a failed test disables nothing");
}

#[test]
fn a_receiver_that_is_gone_is_told_nothing_more_until_a_person_says_so() {
    let bed = Bed::new(false);
    let answer = Arc::new(AtomicU16::new(410));
    let say = Arc::clone(&answer);
    let receiver = Receiver::new(move |_| Say::Status(say.load(Ordering::SeqCst)));
    let (path, _) = hook(&bed, &receiver, &["risk.created"]);
    bed.risk(&json!({ "name": "One" }));
    let gone = until(&bed, &path, "disabled at once", |hook| hook["active"] == false);
    assert_eq!((&gone["disabled_reason"], gone["disabled_at"].is_string()), (&json!("gone"), true), "visibly, with its reason");
    let first = receiver.wait_for(1, "told once")[0].id().to_owned();
    bed.risk(&json!({ "name": "Two" }));
    let log = bed.get(&format!("{path}/deliveries")).expect(200, "the log");
    assert_eq!((&log["total"], &log["data"][0]["state"]), (&json!(1), &json!("failed")), "nothing was queued since");
    answer.store(200, Ordering::SeqCst);
    let on = bed.send("PUT", &path, &json!({ "active": true })).expect(200, "a person says so");
    assert_eq!((&on["active"], &on["disabled_reason"]), (&json!(true), &Value::Null), "and it is on again");
    let again = bed.send("POST", &format!("{path}/deliveries/{first}/redeliver"), &json!({})).expect(200, "sent again");
    assert_eq!((&again["id"], &again["state"]), (&json!(first), &json!("pending")), "under its own id");
    let detail = until(&bed, &format!("{path}/deliveries/{first}"), "it arrived", |one| one["state"] == "delivered");
    let tried: Vec<(u64, u64)> = detail["tries"]
        .as_array()
        .expect("tries")
        .iter()
        .map(|one| (one["number"].as_u64().unwrap_or(0), one["status"].as_u64().unwrap_or(0)))
        .collect();
    assert_eq!(tried, [(2, 200), (1, 410)], "the log keeps both tries, newest first");
    assert_eq!(detail["body"]["type"], "risk.created", "and what was sent");
    let history = bed.send("PUT", &path, &json!({ "description": "Known" })).expect(200, "changed");
    assert_eq!(history["description"], "Known", "it lives on");
}

#[test]
fn the_log_pages_newest_first_and_goes_with_its_webhook() {
    let bed = Bed::new(false);
    let receiver = Receiver::glad();
    let (path, _) = hook(&bed, &receiver, &["risk.created"]);
    for number in 0..5 {
        bed.risk(&json!({ "name": format!("Risk {number}") }));
    }
    until(&bed, &path, "nothing waits", |hook| hook["waiting"] == 0);
    let all = bed.all(&format!("{path}/deliveries"));
    let first = bed.get(&format!("{path}/deliveries?limit=2")).expect(200, "a page");
    assert_eq!((all.len(), &first["total"]), (5, &json!(5)), "an exact total");
    let next =
        bed.get(&format!("{path}/deliveries?limit=2&cursor={}", first["next_cursor"].as_str().expect("more"))).expect(200, "the next");
    assert_eq!(json!([first["data"][0], first["data"][1], next["data"][0], next["data"][1]]), json!(all[..4]), "the same order");
    assert!(all[0]["created_at"].as_str() >= all[4]["created_at"].as_str(), "newest first");
    for one in &all {
        assert_eq!(
            (&one["state"], &one["status"], &one["late"], &one["next_attempt_at"]),
            (&json!("delivered"), &json!(200), &json!(false), &Value::Null)
        );
    }
    assert_eq!(bed.get(&format!("{path}/deliveries?state=failed")).json()["total"], 0, "by state");
    bed.ask(At::Window, "DELETE", &path, &[], None).expect(204, "deleted");
    assert_eq!(bed.get(&format!("{path}/deliveries")).status, 404, "its log went with it");
    bed.risk(&json!({ "name": "Told to nobody" }));
    assert_eq!(receiver.all().len(), 5, "and nobody is told");
}

#[test]
fn what_a_paused_webhook_still_owed_waits_for_it() {
    let bed = Bed::new(false);
    let answer = Arc::new(AtomicU16::new(503));
    let say = Arc::clone(&answer);
    let receiver = Receiver::new(move |_| Say::Status(say.load(Ordering::SeqCst)));
    let (path, _) = hook(&bed, &receiver, &["risk.created"]);
    bed.risk(&json!({ "name": "Owed" }));
    let log = until(&bed, &format!("{path}/deliveries"), "tried once", |log| log["data"][0]["attempts"] == 1);
    assert!(log["data"][0]["next_attempt_at"].is_string(), "and again later: {log}");
    bed.send("PUT", &path, &json!({ "active": false })).expect(200, "paused");
    answer.store(200, Ordering::SeqCst);
    thread::sleep(Duration::from_secs(7));
    assert_eq!(bed.get(&path).json()["waiting"], 1, "it waits, although its time has come");
    bed.send("PUT", &path, &json!({ "active": true })).expect(200, "on again");
    until(&bed, &format!("{path}/deliveries"), "it arrived", |log| log["data"][0]["state"] == "delivered");
}
