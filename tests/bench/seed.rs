//! A workspace of realistic risks from a seed, written through the public door.

use std::time::{Duration, Instant};

use amtia_engine::Engine;
use serde_json::{Value, json};

use crate::{product, register};

/// Writers at once: the engine commits what arrives together in one go.
const WRITERS: u64 = 64;
/// Risks written one by one.
const POSTED: u64 = 10_000;
/// Risks of one file.
const OF_ONE_FILE: u64 = 100_000;

const CAUSES: &[&str] = &[
    "An unpatched library",
    "A supplier's insolvency",
    "A lost laptop",
    "A misrouted payment file",
    "An expired certificate",
    "A key employee's departure",
    "A flooded data centre",
    "A model trained on stale data",
    "A phishing campaign",
    "An undocumented change",
    "A cloud region's outage",
    "A shared administrator account",
    "A late regulatory filing",
    "An unencrypted backup",
    "A mistaken access right",
    "A forged invoice",
];
const EVENTS: &[&str] = &[
    "stops card payments",
    "exposes customers' files",
    "delays the closing of the books",
    "blocks the branch network",
    "corrupts the ledger",
    "breaks a service level",
    "voids an insurance cover",
    "leaks credentials",
    "halts onboarding",
    "misprices loans",
    "loses audit evidence",
    "interrupts the call centre",
];
const PLACES: &[&str] = &[
    "in retail banking",
    "in the treasury",
    "at the Lyon site",
    "in the mobile app",
    "at month end",
    "in the data warehouse",
    "for corporate clients",
    "during a migration",
    "in the payment hub",
    "across the group",
];
const CATEGORIES: &[&str] =
    &["Cyber attack", "Third parties", "Fraud", "Data protection", "Continuity", "Payments", "People", "Models", "Cloud", "Regulatory"];
const OWNERS: &[&str] = &[
    "Amélie Durand",
    "Hugo Marchetti",
    "Ines Kowalski",
    "Jonas Weber",
    "Leila Haddad",
    "Marta Silva",
    "Noor de Vries",
    "Olivia Byrne",
    "Pavel Novak",
    "Rosa Ferri",
    "Samir Benali",
    "Tomas Lind",
];
const TREATMENTS: &[&str] = &["open", "mitigate", "accept", "transfer", "avoid"];
const STATUSES: &[&str] = &["identified", "analysed", "in_treatment", "monitored"];

fn pick<'a>(words: &[&'a str], number: u64) -> &'a str {
    words[(number % words.len() as u64) as usize]
}

/// The risk with this number; the same every time.
pub fn risk(number: u64) -> Value {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
    let mut next = || {
        mixed ^= mixed << 13;
        mixed ^= mixed >> 7;
        mixed ^= mixed << 17;
        mixed >> 11
    };
    let (cause, event, place) = (pick(CAUSES, next()), pick(EVENTS, next()), pick(PLACES, next()));
    let (likelihood, impact) = (1 + next() % 5, 1 + next() % 5);
    json!({
        "name": format!("{cause} {event} {place}"),
        "description": format!(
            "{cause} {event} {place}. The control in place is checked every {} weeks; the last test found {} exceptions, and the owner reports to the risk committee.",
            2 + next() % 11,
            next() % 9
        ),
        "category": pick(CATEGORIES, next()),
        "owner": pick(OWNERS, next()),
        "status": pick(STATUSES, next()),
        "treatment": pick(TREATMENTS, next()),
        "likelihood": likelihood,
        "impact": impact,
        "inherent": {"likelihood": likelihood.max(1 + next() % 5), "impact": impact.max(1 + next() % 5)},
        "residual": {"likelihood": 1 + likelihood / 2, "impact": 1 + impact / 2},
        "tags": [pick(CATEGORIES, next()).to_lowercase(), format!("wave {}", next() % 6)],
        "review_date": format!("2027-{:02}-{:02}", 1 + next() % 12, 1 + next() % 28),
    })
}

/// Writes `count` risks, the first by requests and the rest by imports; answers sentences about how fast.
pub async fn risks(engine: &Engine, count: u64) -> Result<Vec<String>, String> {
    let posted = count.min(POSTED);
    let begun = Instant::now();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let engine = engine.clone();
            tokio::spawn(async move {
                for number in (writer..posted).step_by(WRITERS as usize) {
                    product::answer(&engine, "POST", "/v1/risks", Some(&risk(number))).await?;
                }
                Ok::<(), String>(())
            })
        })
        .collect();
    for writer in writers {
        writer.await.map_err(|e| format!("a writer was lost: {e}"))??;
    }
    let each = posted as f64 / begun.elapsed().as_secs_f64();
    let mut said = vec![format!(
        "The first {posted} risks were written through `POST /v1/risks` by {WRITERS} writers: {each:.0} risks a second, each with its history, audit entry and event on the disk before it was acknowledged."
    )];
    let folder = tempfile::tempdir().map_err(|e| format!("no temporary folder: {e}"))?;
    let file = folder.path().join("register.csv");
    let (mut from, mut spent) = (posted, Duration::ZERO);
    while from < count {
        let to = count.min(from + OF_ONE_FILE);
        std::fs::write(&file, register::csv(from..to)).map_err(|e| e.to_string())?;
        let (checked, stored) = register::store(engine, &file, to - from).await?;
        eprintln!("  {to} risks: checked {:.1} s, stored {:.1} s", checked.as_secs_f64(), stored.as_secs_f64());
        spent += checked + stored;
        from = to;
    }
    if from > posted {
        let each = (from - posted) as f64 / spent.as_secs_f64();
        said.push(format!(
            "The others were imported from registers of up to {OF_ONE_FILE} rows (CSV): {each:.0} risks a second, read, checked and stored with history, audit trail and full text."
        ));
    }
    // As after its first day: nothing is asked at start any more.
    product::answer(engine, "PUT", "/v1/workspace", Some(&json!({ "recovery_offered": true }))).await?;
    Ok(said)
}
