//! A workspace takes so many bytes of files and no more.

use super::{Bed, who};
use crate::store::documents::QUOTA;
use std::path::Path;

/// Notes a content of that many bytes as kept already.
fn fill(bed: &Bed, bytes: u64) {
    let noted = bed.workspace().store.write_blocking(who(), move |tx| {
        let mut insert = tx.connection.prepare("INSERT INTO blobs (sha256, size, kept_at) VALUES (?1, ?2, '')").expect("a statement");
        let name = format!("{bytes:064x}");
        Ok(insert.execute((name, i64::try_from(bytes).expect("bytes that SQLite counts"))).expect("noted"))
    });
    assert_eq!(noted.expect("written"), 1);
}

fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}

#[test]
fn a_file_that_does_not_fit_is_refused_and_leaves_nothing_behind() {
    let bed = Bed::new();
    assert_eq!(bed.upload("first.txt", "fits").status, 201);
    fill(&bed, QUOTA - 10);
    let before = files(bed.folder.path());

    let refused = bed.upload("second.txt", "eleven byte");
    assert_eq!(refused.status, 413, "{}", refused.body);
    let message = refused.body["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("10 GB") && message.contains("not stored"), "{message}");
    assert_eq!(files(bed.folder.path()), before, "nothing of it is left");
    assert_eq!(bed.done("GET", "/v1/documents", None)["total"], 1);

    assert_eq!(bed.upload("third.txt", "fits").status, 201, "a content that is kept already takes no room");
    assert_eq!(bed.upload("fourth.txt", "six by").status, 201, "what fits to the last byte is taken");
    assert_eq!(bed.upload("fifth.txt", "x").status, 413, "and then nothing more");
}
