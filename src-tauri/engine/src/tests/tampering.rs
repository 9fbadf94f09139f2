//! Whoever has the key and edits the file by hand is found out.

use super::{Bed, Numbers};
use crate::store::connection::{open_reader, open_writer};
use crate::store::verify::verify;
use rusqlite::Connection;
use serde_json::json;
use std::path::PathBuf;

/// How many tamperings: 240, or 10,000 in a long run.
fn rounds() -> u64 {
    if std::env::var_os("AMTIA_LONG").is_some() { 10_000 } else { 240 }
}

/// A closed workspace with some history, and the key to its data.
fn written() -> (tempfile::TempDir, PathBuf, crate::crypto::Key) {
    let bed = Bed::new();
    for number in 0..6 {
        let body = json!({ "name": format!("Risk {number}"), "likelihood": 1 + number % 5, "impact": 3, "description": "As it was", "tags": ["t"] });
        let risk = bed.done("POST", "/v1/risks", Some(&body));
        let path = format!("/v1/risks/{}", risk["id"].as_str().expect("an id"));
        bed.done("PUT", &path, Some(&json!({ "owner": "Ines Okafor", "reason": "New owner" })));
        if number == 2 {
            bed.done("POST", "/v1/undo", Some(&json!({})));
        }
        let incident = bed.done("POST", "/v1/incidents", Some(&json!({ "title": format!("Incident {number}"), "severity": "high" })));
        let path = format!("/v1/incidents/{}/status", incident["id"].as_str().expect("an id"));
        bed.done("PUT", &path, Some(&json!({ "status": "triaged" })));
        bed.done("POST", &path.replace("/status", "/comments"), Some(&json!({ "text": "As it was seen" })));
        bed.pass(60_000);
    }
    bed.done("DELETE", &format!("/v1/risks/{}", bed.done("GET", "/v1/risks", None)["data"][0]["id"].as_str().expect("an id")), None);
    let key = bed.workspace().store.key().clone();
    let Bed { engine, folder, .. } = bed;
    engine.close();
    let file = folder.path().join("W.amtia");
    (folder, file, key)
}

const KINDS: u64 = 16;

/// One seeded tampering inside a savepoint. Answers what was done, or `None` where it changed nothing.
fn tamper(connection: &Connection, numbers: &mut Numbers, kind: u64) -> Option<String> {
    let last: i64 = connection.query_row("SELECT max(seq) FROM trail", [], |row| row.get(0)).expect("counted");
    let seq = 1 + i64::try_from(numbers.below(u64::try_from(last).expect("positive"))).expect("small");
    let pick = |table: &str, numbers: &mut Numbers| -> i64 {
        let mut statement = connection.prepare(&format!("SELECT seq FROM {table} ORDER BY seq")).expect("prepared");
        let all: Vec<i64> = statement.query_map([], |row| row.get(0)).expect("read").collect::<Result<_, _>>().expect("numbers");
        all[usize::try_from(numbers.below(all.len() as u64)).expect("small")]
    };
    let (risk, incident) = (pick("risks", numbers), pick("incidents", numbers));
    let (what, sql) = match kind {
        0 => ("history after", format!("UPDATE history SET after = replace(after, ':', ': ') WHERE seq = {seq} AND after IS NOT NULL")),
        1 => ("history reason", format!("UPDATE history SET reason = 'Another reason' WHERE seq = {seq}")),
        2 => ("history actor", format!("INSERT INTO actors VALUES (99, 'Mallory'); UPDATE history SET actor = 99 WHERE seq = {seq}")),
        3 => ("history time", format!("UPDATE history SET at = '2020-01-01T00:00:00.000Z' WHERE seq = {seq}")),
        4 => ("history row dropped", format!("DELETE FROM history WHERE seq = {seq}")),
        5 => ("trail entry dropped", format!("DELETE FROM trail WHERE seq = {seq}")),
        6 => ("trail entry changed", format!("UPDATE trail SET action = 'commented' WHERE seq = {seq} AND action <> 'commented'")),
        7 => {
            let other = if seq == last { 1 } else { seq + 1 };
            (
                "reordered",
                format!(
                    "UPDATE trail SET seq = -1 WHERE seq = {seq}; UPDATE trail SET seq = {seq} WHERE seq = {other}; UPDATE trail SET seq = {other} WHERE seq = -1"
                ),
            )
        }
        8 => (
            "inserted",
            format!(
                "INSERT INTO trail SELECT {last} + 1, at, actor, door, action, object, before, after, reason, hash FROM trail WHERE seq = {seq}"
            ),
        ),
        9 => ("truncated after a checkpoint", format!("DELETE FROM trail WHERE seq >= {seq}; DELETE FROM history WHERE seq >= {seq}")),
        10 => ("risk text", format!("UPDATE risks SET json = replace(json, 'As it was', 'As it never was') WHERE seq = {risk}")),
        11 => ("risk row dropped", format!("DELETE FROM risks WHERE seq = {risk}")),
        12 => ("incident text", format!("UPDATE incidents SET json = json_set(json, '$.title', 'Another') WHERE seq = {incident}")),
        13 => ("risk column", format!("UPDATE risks SET owner = 'Mallory' WHERE seq = {risk}")),
        14 => ("comment changed", "UPDATE incident_entries SET json = replace(json, 'As it was', 'As it never was')".to_owned()),
        15 => (
            "comment dropped",
            format!(
                "DELETE FROM incident_entries WHERE json LIKE '%As it was seen%' AND incident_id = (SELECT id FROM incidents WHERE seq = {incident})"
            ),
        ),
        _ => unreachable!("{KINDS} kinds"),
    };
    let before = connection.total_changes();
    connection.execute_batch(&sql).expect("tampered");
    (connection.total_changes() > before).then(|| format!("{what}: {sql}"))
}

#[test]
fn every_tampering_with_history_trail_and_records_is_detected() {
    let (_folder, file, key) = written();
    let connection = open_writer(&file, &key).expect("whoever has the key can open it");
    connection
        .execute_batch("DROP TRIGGER trail_is_append_only_update; DROP TRIGGER trail_is_append_only_delete")
        .expect("and drop the guards");
    let control = verify(&connection);
    assert!(control.sound, "untouched, nothing is reported: {:?}", control.problems);
    let mut done = 0;
    for seed in 0..rounds() {
        let mut numbers = Numbers::new(seed);
        connection.execute_batch("SAVEPOINT tampering").expect("begun");
        if let Some(what) = tamper(&connection, &mut numbers, seed % KINDS) {
            assert!(!verify(&connection).sound, "seed {seed} is found: {what}");
            done += 1;
        }
        connection.execute_batch("ROLLBACK TO tampering; RELEASE tampering").expect("taken back");
    }
    assert!(done >= rounds() * 9 / 10, "nearly every seed changed something: {done}");
    assert!(verify(&connection).sound, "taken back, nothing is left");
}

#[test]
fn every_flipped_byte_of_the_file_is_detected() {
    let (_folder, file, key) = written();
    let bytes = std::fs::read(&file).expect("read");
    let rounds = rounds() / 2;
    for seed in 0..rounds {
        let mut numbers = Numbers::new(seed + 1_000_000);
        let at = usize::try_from(numbers.below(bytes.len() as u64)).expect("small");
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << numbers.below(8);
        std::fs::write(&file, &flipped).expect("written");
        let sound = open_reader(&file, &key).map(|connection| verify(&connection).sound).unwrap_or(false);
        assert!(!sound, "seed {seed}: a flipped bit in byte {at} of {} is found", bytes.len());
    }
    std::fs::write(&file, &bytes).expect("restored");
    assert!(verify(&open_reader(&file, &key).expect("opens")).sound, "the original is sound");
}

#[test]
fn a_newer_and_a_foreign_file_are_refused_in_words_and_left_as_they_are() {
    let (_folder, file, key) = written();
    for (pragma, words) in [("user_version = 99", "newer version"), ("application_id = 7", "not an AMTIA workspace")] {
        let before = std::fs::read(&file).expect("read");
        let connection = open_writer(&file, &key).expect("opens");
        connection.execute_batch(&format!("PRAGMA {pragma}; PRAGMA wal_checkpoint(TRUNCATE)")).expect("set");
        drop(connection);
        let changed = std::fs::read(&file).expect("read");
        let refusal = open_writer(&file, &key).expect_err(pragma).to_string();
        assert!(refusal.contains(words), "{pragma}: {refusal}");
        assert_eq!(std::fs::read(&file).expect("read"), changed, "{pragma}: untouched");
        std::fs::write(&file, before).expect("restored");
    }
}
