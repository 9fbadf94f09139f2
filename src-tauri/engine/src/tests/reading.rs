//! Readers keep their view of the file while nothing is written, and never keep it from what is.

use super::{Bed, who};
use crate::store::connection::{open_reader, open_writer};
use crate::store::meta;
use serde_json::json;

#[test]
fn a_reader_that_waits_keeps_no_old_version_of_the_file_in_use() {
    let bed = Bed::new();
    let workspace = bed.workspace();
    let name = || workspace.store.read(|connection| meta::get(connection, "test")).expect("read");
    let write = |value: &'static str| workspace.store.write_blocking(who(), move |tx| meta::set(tx.connection, "test", value));
    write("first").expect("written");
    assert_eq!(name().as_deref(), Some("first"), "what was acknowledged is read");
    write("second").expect("written");
    let other = open_writer(workspace.store.path(), workspace.store.key()).expect("another connection");
    // Someone else may be reading right now; nobody writes again, so a reader that kept the first value would keep it for good.
    let folded = (0..100).any(|_| {
        let frames = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
        let (written, folded) = other.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], frames).expect("a checkpoint");
        std::thread::sleep(std::time::Duration::from_millis(20));
        folded == written
    });
    assert!(folded, "all of the log can be folded into the file: the reader that read the first value let go of it");
    assert_eq!(name().as_deref(), Some("second"), "and reads the second");
}

#[test]
fn a_check_of_the_file_is_of_what_was_written_since_the_last_one() {
    let bed = Bed::new();
    for round in 1..=4 {
        for number in 1..=20 {
            bed.done("POST", "/v1/risks", Some(&json!({ "name": format!("Risk {number} of round {round}") })));
        }
        let report = bed.workspace().verify().expect("verified");
        assert_eq!(report.problems, Vec::<String>::new(), "round {round}");
    }
}

/// A checkpoint that a reader holds up carries over what was written last before its view alone: of what was written again since, the
/// file then has nothing where no page was before.
#[test]
fn pages_that_stand_in_the_log_alone_are_no_damage() {
    let bed = Bed::new();
    let workspace = bed.workspace();
    let risk = |number: usize| json!({ "name": format!("Risk {number}"), "description": "so that it fills pages ".repeat(40) });
    let risks: Vec<_> = (0..120).map(|number| bed.done("POST", "/v1/risks", Some(&risk(number)))).collect();
    let holding = open_reader(workspace.store.path(), workspace.store.key()).expect("a reader");
    holding.execute_batch("BEGIN; SELECT count(*) FROM risks").expect("it reads");
    for one in risks.iter().take(60) {
        bed.done("PUT", &format!("/v1/risks/{}", one["id"].as_str().expect("an id")), Some(&json!({ "owner": "Ines" })));
    }
    let other = open_writer(workspace.store.path(), workspace.store.key()).expect("another connection");
    other.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).expect("a checkpoint");
    drop(holding);
    let torn: i64 = {
        let mut check = other.prepare("PRAGMA cipher_integrity_check").expect("prepared");
        let rows = check.query_map([], |row| row.get::<_, String>(0)).expect("checked").count();
        i64::try_from(rows).expect("a number")
    };
    assert!(torn > 0, "the file has such pages, or this proves nothing");
    let report = workspace.verify().expect("verified");
    assert_eq!(report.problems, Vec::<String>::new());
}

#[test]
fn a_list_in_any_order_is_the_same_page_by_page() {
    let bed = Bed::new();
    for number in 0_u8..40 {
        let name = ["alike", "Alike", "other", "ALIKE"][usize::from(number) % 4];
        let mut risk = json!({ "name": name, "owner": if number % 3 == 0 { "Ines" } else { "" } });
        if number % 5 > 0 {
            (risk["likelihood"], risk["impact"]) = (json!(1 + number % 2), json!(1 + number % 3));
        }
        bed.done("POST", "/v1/risks", Some(&risk));
    }
    let refs = |page: &serde_json::Value| -> Vec<String> {
        let rows = page["data"].as_array().expect("a page").iter();
        rows.map(|risk| risk["ref"].as_str().expect("a reference").to_owned()).collect()
    };
    for sort in ["created_at", "name", "owner", "score", "level", "review_date"] {
        for (sign, filter) in [("", ""), ("-", ""), ("", "&q=alike"), ("-", "&owner=Ines")] {
            let list = format!("/v1/risks?sort={sign}{sort}{filter}");
            let whole = refs(&bed.done("GET", &format!("{list}&limit=200"), None));
            for limit in [1, 3, 10, 40] {
                let (mut told, mut cursor) = (Vec::new(), String::new());
                loop {
                    let page = bed.done("GET", &format!("{list}&limit={limit}{cursor}"), None);
                    told.append(&mut refs(&page));
                    assert!(page["data"].as_array().is_some_and(|rows| !rows.is_empty()), "no page is empty: {list}");
                    let Some(next) = page["next_cursor"].as_str() else { break };
                    cursor = format!("&cursor={next}");
                }
                assert_eq!(told, whole, "{list} in pages of {limit}");
            }
        }
    }
}
