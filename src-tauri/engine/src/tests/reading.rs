//! Readers keep their view of the file while nothing is written, and never keep it from what is.

use super::{Bed, who};
use crate::store::connection::open_writer;
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
