//! Deliveries through a receiver that fails now and then, while the sender is killed again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::ledger::Client;
use super::program::{Server, Workspace};
use super::{Numbers, alone};
use crate::receiver::{Receiver, Say};

/// How often the receiver fails one message at the most: fewer than the tries it gets.
const FAILURES: u32 = 4;
/// Risks made by one key, fewer than it may make in a minute.
const EACH: u64 = 900;

#[derive(Default)]
struct Ledger {
    /// How often each message was refused.
    refused: BTreeMap<String, u32>,
    /// The names of the risks whose event was taken.
    taken: BTreeSet<String>,
    /// Messages taken more than once.
    again: u32,
}

#[test]
fn each_event_arrives_at_least_once_through_kills_and_a_flaky_receiver() {
    let _alone = alone();
    let deliveries: u64 = if std::env::var_os("AMTIA_LONG").is_some() { 10_000 } else { 120 };
    let ledger = Arc::<Mutex<Ledger>>::default();
    let (kept, numbers) = (Arc::clone(&ledger), Mutex::new(Numbers::new(5)));
    let receiver = Receiver::new(move |heard| {
        let (id, body) = (heard.id().to_owned(), heard.json());
        let lot = numbers.lock().unwrap_or_else(PoisonError::into_inner).between(0, 10);
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = kept.refused.entry(id).or_default();
        if lot < 4 && *refused < FAILURES {
            *refused += 1;
            return match lot {
                0 => Say::HangUp,
                1 => Say::Status(500),
                2 => Say::Status(429),
                _ => Say::Status(302),
            };
        }
        if !kept.taken.insert(body["data"]["name"].as_str().expect("a name").to_owned()) {
            kept.again += 1;
        }
        Say::Status(200)
    });
    let mut workspace = Workspace::new(usize::try_from(deliveries.div_ceil(EACH)).expect("a few"));
    let made = workspace.amtia(&["key", "create"], &["--name", "admin", "--role", "admin", "--json"]);
    workspace.keys.push(super::program::key(&made));
    let admin = workspace.keys.last().expect("a key").clone();
    const ENVIRONMENT: &[(&str, &str)] = &[("AMTIA_TEST_RETRY_MS", "40")];

    let mut server = Server::start(&workspace, None, ENVIRONMENT);
    let client = Client::sign_in(server.url(), &admin).expect("the server answers");
    let hook = json!({ "url": receiver.url(), "events": ["risk.created"], "allow_private": true });
    let (status, made) = client.send("POST", "/webhooks", &hook).expect("the server answers");
    assert_eq!(status, 201, "a webhook is made: {made}");
    let hook = format!("/webhooks/{}", made["id"].as_str().expect("an id"));

    let mut numbers = Numbers::new(17);
    let mut acknowledged = BTreeSet::new();
    let (mut kills, mut next) = (0, 0);
    while next < deliveries {
        let writer = usize::try_from(next / EACH).expect("a few");
        let client = Client::sign_in(server.url(), &workspace.keys[writer]).expect("the server answers");
        // A burst of changes, and then the end, while deliveries are on their way.
        let burst = numbers.between(10, 40 + deliveries / 40).min(deliveries - next).min(EACH - next % EACH);
        for _ in 0..burst {
            let name = format!("Event {next}");
            let (status, answer) = client.send("POST", "/risks", &json!({ "name": name })).expect("the server answers");
            assert_eq!(status, 201, "a risk is created: {answer}");
            acknowledged.insert(name);
            next += 1;
        }
        thread::sleep(Duration::from_millis(numbers.between(0, 120)));
        server.kill();
        kills += 1;
        server = Server::start(&workspace, None, ENVIRONMENT);
    }
    let client = Client::sign_in(server.url(), &admin).expect("the server answers");
    let begun = Instant::now();
    loop {
        let (_, hook) = client.send("GET", &hook, &serde_json::Value::Null).expect("the server answers");
        assert_eq!(hook["active"], true, "a receiver that takes most is not given up: {hook}");
        if hook["waiting"] == 0 {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60 + deliveries / 20), "still waiting: {hook}");
        // Each look counts against the key's limit.
        thread::sleep(Duration::from_millis(300));
    }
    let ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
    let lost: Vec<&String> = acknowledged.difference(&ledger.taken).collect();
    assert!(lost.is_empty(), "after {kills} kills, {} of {} never arrived: {lost:?}", lost.len(), acknowledged.len());
    let refused: u32 = ledger.refused.values().sum();
    assert!(kills >= 3 && refused > 10, "{kills} kills, {refused} refusals: too few to prove anything");
    assert!(u64::from(ledger.again) < deliveries / 2, "most arrive once: {} came again", ledger.again);
    drop(ledger);
    assert!(server.stop().success(), "it stops cleanly");
    workspace.assert_sound("after the deliveries");
}
