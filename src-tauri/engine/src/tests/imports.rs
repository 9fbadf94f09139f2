//! An import that is stopped leaves nothing, wherever it was stopped.

use super::{Bed, who};
use crate::import_jobs::{Import, ImportState};
use crate::store::Store;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A catalog of this many controls, more than are stored between two looks at whether to go on.
const CONTROLS: usize = 1_700;

fn catalog() -> String {
    let controls: Vec<Value> = (1..=CONTROLS).map(|n| json!({ "id": format!("c-{n}"), "title": format!("Control {n}") })).collect();
    json!({ "catalog": {
        "uuid": "1f3a1d3c-5a0e-4c5e-9d2b-0d6f6f1c7a10",
        "metadata": { "title": "Long catalog", "last-modified": "2026-01-01T00:00:00Z", "version": "1", "oscal-version": "1.1.2" },
        "controls": controls,
    }})
    .to_string()
}

/// What an import could leave behind: rows of each table that it writes.
fn traces(store: &Store) -> Vec<i64> {
    let count = |connection: &Connection, table: &str| connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0));
    ["frameworks", "controls", "history", "trail", "events", "steps"]
        .iter()
        .map(|table| store.read(|connection| count(connection, table).map_err(|cause| crate::error::Error::database(&cause))).expect(table))
        .collect()
}

fn checked(bed: &Bed) -> String {
    let file = bed.folder.path().join("long.json");
    std::fs::write(&file, catalog()).expect("written");
    let json = [("content-type", "application/json")];
    let request = Bed::request("POST", "/v1/imports", &json, Some(&json!({ "path": file })));
    let sent = bed.answer(bed.runtime.block_on(bed.engine.call(request)));
    let place = format!("/v1/imports/{}", sent.body["id"].as_str().expect("an id"));
    let by = Instant::now() + Duration::from_secs(30);
    while bed.done("GET", &place, None)["state"] == "reading" {
        assert!(Instant::now() < by, "it is read");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(bed.done("GET", &place, None)["counts"]["create"], CONTROLS);
    place
}

#[test]
fn one_that_is_stopped_while_it_is_read_cannot_be_applied() {
    let bed = Bed::new();
    let (workspace, before) = (bed.workspace(), traces(&bed.workspace().store));
    let import = std::sync::Arc::new(Import::new("i1".into(), "long.json", workspace.store.now()));
    import.cancel();
    import.check(&workspace, catalog().as_bytes(), None);
    assert_eq!(import.state(), ImportState::Cancelled);
    let applied = bed.runtime.block_on(import.apply(&workspace, who(), crate::import_jobs::Wishes::default()));
    assert!(applied.is_err_and(|cause| cause.code() == 400));
    assert_eq!(traces(&workspace.store), before);
}

#[test]
fn one_that_is_stopped_while_it_is_stored_leaves_nothing() {
    let bed = Bed::new();
    let place = checked(&bed);
    let workspace = bed.workspace();
    let (before, head) = (traces(&workspace.store), workspace.verify().expect("verified").head);
    // The writer is busy, so that the import is still being stored when it is stopped.
    let (release, held) = mpsc::channel::<()>();
    let holder = {
        let workspace = bed.workspace();
        std::thread::spawn(move || workspace.store.write_blocking(who(), move |_| held.recv().map_err(crate::error::Error::internal)))
    };
    let applying = {
        let request = Bed::request("POST", &format!("{place}/apply"), &[("content-type", "application/json")], Some(&json!({})));
        let engine = bed.engine.clone();
        bed.runtime.spawn(async move { engine.call(request).await })
    };
    let by = Instant::now() + Duration::from_secs(10);
    while bed.done("GET", &place, None)["state"] != "applying" {
        assert!(Instant::now() < by, "it is being stored");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(bed.call("DELETE", &place, None).status, 204);
    release.send(()).expect("the writer waits");
    let answer = bed.runtime.block_on(applying).expect("it is answered");
    let answer = bed.answer(answer);
    assert_eq!((answer.status, &answer.body["state"]), (200, &json!("cancelled")), "whoever waits is told: {}", answer.body);
    holder.join().expect("ended").expect("written");
    assert_eq!(traces(&workspace.store), before, "no row of it");
    assert_eq!(bed.call("POST", "/v1/undo", Some(&json!({}))).status, 404, "and nothing to undo");
    let report = workspace.verify().expect("verified");
    assert_eq!((report.sound, report.head), (true, head));
    let again = checked(&bed);
    assert_eq!(bed.done("POST", &format!("{again}/apply"), Some(&json!({})))["state"], "applied", "it can be imported after all");
}

#[test]
fn a_framework_is_stored_whole_or_not_at_all_wherever_it_stops() {
    let bed = Bed::new();
    let workspace = bed.workspace();
    let (_, draft) = crate::import::read(catalog().as_bytes(), "long.json", None, &mut |_| crate::import::Go::Continue).expect("a catalog");
    let before = traces(&workspace.store);
    for stop in [0, 500, 1_000, 1_500] {
        let draft = draft.clone();
        let stored = workspace
            .store
            .write_blocking(who(), move |tx| crate::store::frameworks::create(tx, &draft, &[0; 32], None, &|done| done < stop).map(drop));
        assert!(stored.is_err(), "stopped at {stop}");
        assert_eq!(traces(&workspace.store), before, "stopped at {stop}");
    }
}

/// A register of this file, read and compared.
fn read(bed: &Bed, name: &str, bytes: &[u8]) -> Import {
    let workspace = bed.workspace();
    let import = Import::new("i1".into(), name, workspace.store.now());
    import.check(&workspace, bytes, None);
    assert_eq!(import.state(), ImportState::Checked, "{:?}", import.describe().message);
    import
}

#[test]
fn a_file_in_which_everything_is_wrong_tells_of_each_row_and_holds_little() {
    let bed = Bed::new();
    let headings =
        "Name,Status,Treatment,Likelihood,Impact,Inherent likelihood,Inherent impact,Residual likelihood,Target impact,Review date";
    let rows = 6_000;
    let table = format!("{headings}\n{}", "a,b,c,d,e,f,g,h,i,j\n".repeat(rows));
    let import = read(&bed, "wrong.csv", table.as_bytes());
    let (told, _, total) = import.rows(None, 0, rows);
    assert_eq!((told.len(), total), (rows, rows));
    assert!(
        told.iter().all(|row| row.message.as_deref().is_some_and(|said| said.starts_with("9 cells of this row are wrong; the first:")))
    );
    assert_eq!((told[0].problems.len(), told[rows - 1].problems.len()), (9, 1), "the first stays when there are very many");
    let kept: usize = told.iter().map(|row| row.problems.len()).sum();
    assert!(kept < 60_000, "{kept} are kept");
}

#[test]
fn wrong_history_notes_are_told_of_one_by_one_up_to_a_number() {
    let bed = Bed::new();
    let columns = |headings: &[&str]| -> Vec<amtia_exchange::Column> {
        headings.iter().map(|heading| amtia_exchange::Column { heading: (*heading).into(), width: 9, choice: None }).collect()
    };
    let (register, notes) = (columns(&["Name"]), columns(&["Risk ID", "Reference", "Time", "Person", "Note"]));
    let cell = |text: &str| amtia_exchange::Cell::Text(text.into());
    let mut risks = std::iter::once(vec![cell("A risk")]);
    let mut wrong = std::iter::repeat_n(vec![cell("x"), cell("R-0001"), cell("soon"), cell("Mara"), cell("why")], 10_002);
    let sheets = vec![
        amtia_exchange::Written { name: "Risks", columns: &register, rows: &mut risks },
        amtia_exchange::Written { name: "History notes", columns: &notes, rows: &mut wrong },
    ];
    let file = amtia_exchange::xlsx(sheets, jiff::Timestamp::UNIX_EPOCH).expect("it fits");
    let (rows, _, total) = read(&bed, "notes.xlsx", &file).rows(Some(crate::import_jobs::RowFate::Error), 0, 20_000);
    assert_eq!(total, 10_001);
    assert_eq!(rows[9_999].message.as_deref(), Some("Row 10001 of the history notes: “Time” is missing or no such value."));
    assert_eq!(rows[10_000].message.as_deref(), Some("2 more rows of the other sheets are wrong."));
}
