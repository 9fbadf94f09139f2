//! Readers keep their view of the file while nothing is written, and never keep it from what is.

use super::{Bed, who};
use crate::store::connection::open_writer;
use crate::store::meta;

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
    let busy: i64 = other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).expect("a checkpoint");
    assert_eq!(busy, 0, "the log starts over: the reader that read the first value let go of it");
    assert_eq!(name().as_deref(), Some("second"), "and reads the second");
}
