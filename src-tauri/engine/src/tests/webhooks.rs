//! Deliveries on a virtual clock, to receivers that a test plays.

use super::Bed;
use crate::outbound::{Answered, Message, Post};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A network in which each target answers what a test says; nothing, while it says nothing.
#[derive(Clone, Default)]
struct Network {
    answers: Arc<Mutex<HashMap<String, Answered>>>,
    heard: Arc<Mutex<Vec<(String, String)>>>,
}

impl Network {
    fn say(&self, url: &str, answer: Answered) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned(), answer);
    }

    /// What this target was told: the id of each message, as often as it came.
    fn heard(&self, url: &str) -> Vec<String> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.iter().filter(|(to, _)| to == url).map(|(_, id)| id.clone()).collect()
    }

    fn post(&self) -> Post {
        let network = self.clone();
        Arc::new(move |message: Message| {
            network.heard.lock().unwrap_or_else(PoisonError::into_inner).push((message.url.clone(), message.id));
            let answer = network.answers.lock().unwrap_or_else(PoisonError::into_inner).get(&message.url).cloned();
            Box::pin(async move {
                match answer {
                    Some(answer) => answer,
                    None => std::future::pending().await,
                }
            })
        })
    }
}

const ONE: &str = "https://one.example.com/in";
const TWO: &str = "https://two.example.com/in";

fn hook(bed: &Bed, url: &str) -> String {
    let body = json!({ "url": url, "events": ["risk.created"] });
    let made = bed.done("POST", "/v1/webhooks", Some(&body));
    format!("/v1/webhooks/{}", made["id"].as_str().expect("an id"))
}

fn risk(bed: &Bed, name: &str) {
    bed.done("POST", "/v1/risks", Some(&json!({ "name": name })));
}

fn until(bed: &Bed, path: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let found = bed.done("GET", path, None);
        if holds(&found) {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}: {found}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn newest(bed: &Bed, hook: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    until(bed, &format!("{hook}/deliveries"), what, |log| holds(&log["data"][0]))["data"][0].clone()
}

/// Sets the clock to a time and wakes whoever waits for it.
fn jump(bed: &Bed, to: &Value) {
    let to: jiff::Timestamp = to.as_str().expect("a time").parse().expect("RFC 3339");
    let now = bed.workspace().store.now();
    bed.pass(to.as_millisecond() - now.as_millisecond());
    bed.workspace().store.announce(&["webhook"]);
}

#[test]
fn ten_tries_over_three_days_then_the_webhook_is_disabled_with_its_reason() {
    let network = Network::default();
    let bed = Bed::with_post(network.post());
    network.say(ONE, Ok(503));
    let hook = hook(&bed, ONE);
    let begun = bed.workspace().store.now();
    risk(&bed, "Told in vain");
    for number in 1..=9 {
        let log = newest(&bed, &hook, "tried", |one| one["attempts"] == number);
        assert_eq!((&log["state"], &log["status"], &log["late"]), (&json!("pending"), &json!(503), &json!(false)), "try {number}");
        jump(&bed, &log["next_attempt_at"]);
    }
    let log = newest(&bed, &hook, "the last try", |one| one["attempts"] == 10);
    assert_eq!((&log["state"], &log["next_attempt_at"]), (&json!("failed"), &Value::Null), "is not tried again");
    let hours = bed.workspace().store.now().duration_since(begun).as_hours();
    assert!((68..=83).contains(&hours), "after {hours} hours");
    let ended = bed.done("GET", &hook, None);
    assert_eq!((&ended["active"], &ended["disabled_reason"]), (&json!(false), &json!("failing")), "disabled, visibly");
    assert_eq!(network.heard(ONE).len(), 10, "ten times in all");
    let told: (String, String) = bed
        .workspace()
        .store
        .read(|connection| {
            let sql =
                "SELECT a.name, h.door FROM history h JOIN actors a ON a.id = h.actor WHERE h.kind = 'webhook' ORDER BY h.seq DESC LIMIT 1";
            Ok(connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("read"))
        })
        .expect("read");
    assert_eq!(told, ("AMTIA Desktop".to_owned(), "engine".to_owned()), "history says who did it");
    assert!(bed.workspace().verify().expect("verified").sound, "and the trail is whole");
}

#[test]
fn one_delivery_that_never_arrives_disables_nothing_while_others_do() {
    let network = Network::default();
    let bed = Bed::with_post(network.post());
    network.say(ONE, Ok(400));
    let hook = hook(&bed, ONE);
    risk(&bed, "Refused every time");
    let refused = newest(&bed, &hook, "tried", |one| one["attempts"] == 1);
    let path = format!("{hook}/deliveries/{}", refused["id"].as_str().expect("an id"));
    network.say(ONE, Ok(200));
    risk(&bed, "Taken");
    newest(&bed, &hook, "taken", |one| one["state"] == "delivered");
    network.say(ONE, Ok(400));
    for number in 1..=9 {
        let log = until(&bed, &path, "tried", |one| one["attempts"] == number);
        jump(&bed, &log["next_attempt_at"]);
    }
    until(&bed, &path, "given up", |one| one["state"] == "failed");
    assert_eq!(bed.done("GET", &hook, None)["active"], true, "the receiver is not failing as a whole");
}

#[test]
fn a_device_that_slept_delivers_late_and_says_so() {
    let network = Network::default();
    let bed = Bed::with_post(network.post());
    network.say(ONE, Err("No connection: offline.".into()));
    let hook = hook(&bed, ONE);
    risk(&bed, "Before the lid was closed");
    let log = newest(&bed, &hook, "tried", |one| one["attempts"] == 1);
    assert_eq!((&log["late"], &log["error"], &log["status"]), (&json!(false), &json!("No connection: offline."), &Value::Null));
    network.say(ONE, Ok(200));
    bed.pass(8 * 3600 * 1000);
    bed.workspace().store.announce(&["webhook"]);
    let log = newest(&bed, &hook, "delivered after the night", |one| one["state"] == "delivered");
    assert_eq!((&log["late"], &log["error"]), (&json!(true), &Value::Null), "late, and it says so");
}

#[test]
fn a_receiver_that_never_answers_holds_up_no_other() {
    let network = Network::default();
    let bed = Bed::with_post(network.post());
    network.say(TWO, Ok(200));
    let (silent, quick) = (hook(&bed, ONE), hook(&bed, TWO));
    for number in 0..40 {
        risk(&bed, &format!("Risk {number}"));
    }
    until(&bed, &quick, "the other has them all", |hook| hook["waiting"] == 0);
    assert_eq!((network.heard(TWO).len(), bed.done("GET", &silent, None)["waiting"].clone()), (40, json!(40)), "while the first waits");
    assert!(network.heard(ONE).len() <= 4, "with few tries under way: {}", network.heard(ONE).len());
}

#[test]
fn what_was_under_way_when_the_engine_ended_is_sent_again_when_it_is_back() {
    let network = Network::default();
    let bed = Bed::with_post(network.post());
    let hook = hook(&bed, ONE);
    risk(&bed, "Under way");
    let begun = Instant::now();
    while network.heard(ONE).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it is sent");
        std::thread::sleep(Duration::from_millis(5));
    }
    // Written, and not yet sent, when everything ends.
    bed.engine.close();
    network.say(ONE, Ok(200));
    bed.engine.open_existing().expect("opened again");
    until(&bed, &hook, "delivered", |hook| hook["waiting"] == 0);
    let heard = network.heard(ONE);
    assert!(heard.len() == 2 && heard[0] == heard[1], "at least once, under one id: {heard:?}");
}

#[test]
fn a_month_later_what_is_settled_is_forgotten_and_what_waits_is_not() {
    let network = Network::default();
    let bed = Bed::with_post(network.post());
    network.say(ONE, Ok(200));
    network.say(TWO, Ok(500));
    let (settled, waiting) = (hook(&bed, ONE), hook(&bed, TWO));
    bed.done("PUT", &waiting, Some(&json!({ "active": true })));
    risk(&bed, "Old");
    newest(&bed, &settled, "delivered", |one| one["state"] == "delivered");
    newest(&bed, &waiting, "tried", |one| one["attempts"] == 1);
    bed.done("PUT", &waiting, Some(&json!({ "active": false })));
    bed.pass(31 * 24 * 3600 * 1000);
    bed.workspace().store.announce(&["webhook"]);
    until(&bed, &format!("{settled}/deliveries"), "forgotten", |log| log["total"] == 0);
    assert_eq!(bed.done("GET", &waiting, None)["waiting"], 1, "what is owed stays");
}
