//! A recovery key that nobody was told opens nothing, and costs nobody the one that they have.

use super::{Bed, who};
use crate::keys::{KeySlots, SlotKind};
use serde_json::{Value, json};

const PLACE: &str = "/v1/workspace/recovery-key";

fn made(bed: &Bed) -> String {
    bed.done("POST", PLACE, Some(&json!({})))["recovery_key"].as_str().expect("shown once").to_owned()
}

/// The slots as they lie on the disk.
fn slots(bed: &Bed) -> KeySlots {
    KeySlots::read(bed.workspace().store.path()).expect("slots")
}

fn opens(bed: &Bed, key: &str) -> bool {
    slots(bed).open_by_recovery_key(key).is_ok()
}

fn refused(bed: &Bed, body: &Value) -> super::Answer {
    let answer = bed.call("POST", PLACE, Some(body));
    assert!(answer.status >= 400 && answer.body["recovery_key"].is_null(), "{}", answer.body);
    answer
}

/// Makes every COMMIT of a change of the workspace fail, as a full disk would, after all its statements went well.
fn break_commits(bed: &Bed) {
    let breaking = "CREATE TABLE shelf (id INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE book (shelf INTEGER NOT NULL REFERENCES shelf (id) DEFERRABLE INITIALLY DEFERRED) STRICT;
        CREATE TRIGGER misplace AFTER INSERT ON history BEGIN INSERT INTO book (shelf) VALUES (1); END;";
    let broken = bed
        .workspace()
        .store
        .write_blocking(who(), move |tx| tx.connection.execute_batch(breaking).map_err(|cause| crate::error::Error::database(&cause)));
    broken.expect("the trap is set");
}

#[test]
fn a_commit_that_fails_leaves_no_slot_for_a_key_that_nobody_saw() {
    let bed = Bed::new();
    break_commits(&bed);
    assert_eq!(refused(&bed, &json!({})).status, 500);
    assert!(!slots(&bed).kinds().contains(&SlotKind::RecoveryKey), "no key was shown, and none is there");

    let bed = Bed::new();
    let first = made(&bed);
    break_commits(&bed);
    refused(&bed, &json!({}));
    assert!(opens(&bed, &first), "the one that the person has still opens the workspace");
}

#[test]
fn slots_that_cannot_be_written_leave_the_earlier_key_and_the_offer() {
    let bed = Bed::new();
    let draft = bed.folder.path().join("W.amtia.keys.new");
    std::fs::create_dir(&draft).expect("in the way");
    refused(&bed, &json!({}));
    assert_eq!(bed.done("GET", "/v1/workspace", None)["recovery_offered"], false, "it is offered again");
    std::fs::remove_dir(&draft).expect("out of the way");
    let first = made(&bed);
    std::fs::create_dir(&draft).expect("in the way");
    refused(&bed, &json!({}));
    assert!(opens(&bed, &first), "on the disk");
    assert_eq!(bed.done("GET", "/v1/workspace", None)["recovery_offered"], true);
    std::fs::remove_dir(&draft).expect("out of the way");
    let second = made(&bed);
    assert_eq!((opens(&bed, &first), opens(&bed, &second)), (false, true), "a key that was shown takes its place");
}

#[test]
fn a_key_whose_file_cannot_be_written_is_taken_back_and_the_reason_is_one_sentence() {
    let bed = Bed::new();
    let first = made(&bed);
    let sheet = bed.folder.path().join("sheet.txt");
    // The place can be written beside, and not itself: it is a folder by now.
    std::fs::create_dir_all(sheet.join("in the way")).expect("in the way");
    let answer = refused(&bed, &json!({ "path": sheet }));
    let message = answer.body["error"]["message"].as_str().expect("a sentence");
    assert!(message.ends_with("make the recovery key again."), "{message}");
    assert_eq!((answer.status, answer.body["error"]["details"][0]["field"].as_str()), (400, Some("path")));
    assert!(opens(&bed, &first), "the earlier one stays");
    assert_eq!(bed.done("GET", "/v1/workspace", None)["protection"], json!(["key_file", "recovery_key"]));

    std::fs::remove_dir_all(&sheet).expect("out of the way");
    let key = bed.done("POST", PLACE, Some(&json!({ "path": sheet })))["recovery_key"].as_str().expect("a key").to_owned();
    assert!(std::fs::read_to_string(&sheet).expect("a sheet").contains(&key), "the file holds the key that opens");
    assert!(opens(&bed, &key));
}
