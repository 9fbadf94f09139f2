//! Treatment plans in files: what comes, what changes, what stays, and what is wrong by row and column.

use super::{Bed, who};
use crate::french::in_french;
use crate::import_jobs::{Import, ImportAnswer, ImportRow, RowFate, Wishes};
use amtia_exchange::{Cell, Column, Written};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;

type Sheet<'a> = (&'a str, &'a [&'a [&'a str]]);

/// A workbook of these sheets: name and rows, the first of them the headings.
fn workbook(sheets: &[Sheet<'_>]) -> Vec<u8> {
    let column = |heading: &&str| Column { heading: (*heading).to_owned(), width: 10, choice: None };
    let columns: Vec<Vec<Column>> = sheets.iter().map(|(_, rows)| rows[0].iter().map(column).collect()).collect();
    let cell = |text: &&str| if text.is_empty() { Cell::Empty } else { Cell::Text((*text).into()) };
    let mut rows: Vec<_> = sheets.iter().map(|(_, rows)| rows[1..].iter().map(|row| row.iter().map(cell).collect::<Vec<Cell>>())).collect();
    let written = sheets.iter().zip(&columns).zip(&mut rows).map(|(((name, _), columns), rows)| Written { name, columns, rows }).collect();
    amtia_exchange::xlsx(written, Timestamp::UNIX_EPOCH).expect("it fits")
}

/// A file that was read, and what would become of its rows.
fn read(bed: &Bed, name: &str, bytes: &[u8]) -> (Arc<Import>, ImportAnswer, Vec<ImportRow>) {
    let import = Arc::new(Import::new("one".into(), name, bed.workspace().store.now()));
    import.check(&bed.workspace(), bytes, None);
    let (answer, rows) = (import.describe(), import.rows(None, 0, 100).0);
    assert!(answer.register.is_some(), "{:?}", answer.message);
    (import, answer, rows)
}

fn apply(bed: &Bed, import: &Arc<Import>, leave_out_errors: bool) {
    let wishes = Wishes { leave_out_errors, ..Wishes::default() };
    bed.runtime.block_on(import.apply(&bed.workspace(), who(), wishes)).expect("applied");
}

fn fates(rows: &[ImportRow]) -> Vec<RowFate> {
    rows.iter().map(|row| row.fate).collect()
}

/// What is wrong with a row: column, heading and clause of each cell. All of it is said in French too.
fn wrong(row: &ImportRow) -> Vec<String> {
    let sentence = row.message.clone().expect("a sentence");
    assert!(in_french(&sentence).is_some(), "{sentence}");
    let told = row.problems.iter().map(|problem| {
        assert!(in_french(&problem.message).is_some(), "{}", problem.message);
        let of = |text: &Option<String>| text.clone().unwrap_or_default();
        format!("{} {}: {}", of(&problem.column), of(&problem.heading), problem.message)
    });
    told.collect()
}

fn risk(bed: &Bed, reference: &str) -> Value {
    let all = bed.done("GET", "/v1/risks", None)["data"].clone();
    all.as_array().expect("risks").iter().find(|risk| risk["ref"] == reference).expect("it is there").clone()
}

fn titles(risk: &Value) -> Vec<String> {
    let actions = risk["actions"].as_array().expect("a plan");
    actions
        .iter()
        .map(|action| format!("{} {}", action["title"].as_str().expect("a title"), action["status"].as_str().expect("a word")))
        .collect()
}

/// A workspace with a risk that follows a plan of one action done and one planned.
fn planned() -> Bed {
    let bed = Bed::new();
    let made = bed.done("POST", "/v1/risks", Some(&json!({ "name": "One", "likelihood": 4, "impact": 4 })));
    let path = format!("/v1/risks/{}/actions", made["id"].as_str().expect("an id"));
    bed.done("POST", &path, Some(&json!({ "title": "First", "lowers_likelihood": 1, "status": "done", "owner": "Mara" })));
    bed.done("POST", &path, Some(&json!({ "title": "Second", "lowers_likelihood": 1, "description": "As agreed" })));
    bed
}

#[test]
fn actions_come_and_change_by_a_workbook_and_none_goes() {
    let bed = planned();
    let file = workbook(&[
        ("Register", &[&["Reference", "Name"], &["R-0001", "One"], &["R-0002", "Two"]]),
        (
            "To do",
            &[
                &["Risk reference", "Action", "Owner", "Status", "Effect on impact", "Due date"],
                &["R-0001", "Second", "Ines", "Done", "2", "2027-03-01"],
                &["R-0001", "Third", "", "", "", ""],
                &["R-0002", "Début", "", "En cours", "", ""],
                &["", "", "", "", "", ""],
            ],
        ),
    ]);
    let (import, answer, rows) = read(&bed, "plans.xlsx", &file);
    assert_eq!(fates(&rows), [RowFate::Change, RowFate::Create], "{rows:?}");
    let fields: Vec<_> = rows[0].fields.iter().map(|field| json!(field)).collect();
    assert_eq!(fields, ["likelihood", "impact", "residual_impact", "actions"], "what follows moves with it");
    assert_eq!(answer.register.expect("a register").actions, 3);
    apply(&bed, &import, false);
    let one = risk(&bed, "R-0001");
    assert_eq!(titles(&one), ["First done", "Second done", "Third planned"], "what the file does not tell of stays");
    let second = &one["actions"][1];
    assert_eq!((&second["owner"], &second["lowers_impact"], &second["due_date"]), (&json!("Ines"), &json!(2), &json!("2027-03-01")));
    assert_eq!((&second["description"], &second["lowers_likelihood"]), (&json!("As agreed"), &json!(1)), "and what it has no column for");
    assert_eq!((&one["likelihood"], &one["impact"], &one["current_from"]), (&json!(2), &json!(2), &json!("plan")));
    assert_eq!(titles(&risk(&bed, "R-0002")), ["Début in_progress"]);
    let (_, _, again) = read(&bed, "plans.xlsx", &file);
    assert_eq!(fates(&again), [RowFate::Unchanged, RowFate::Unchanged], "twice is once");
    bed.done("POST", "/v1/undo", Some(&json!({})));
    assert_eq!(titles(&risk(&bed, "R-0001")), ["First done", "Second planned"], "one step takes it back");
    assert!(bed.workspace().verify().expect("verified").sound);
}

#[test]
fn what_is_wrong_with_an_action_is_named_by_sheet_row_and_column() {
    let bed = planned();
    let head: &[&str] = &[
        "Risk ID",
        "Risk reference",
        "Action",
        "Status",
        "Progress (%)",
        "Effect on impact",
        "Due date",
        "Control",
        "Done at",
        "Action ID",
    ];
    let twice = "0193aaaa-0000-7000-8000-000000000001";
    let file = workbook(&[
        (
            "Actions",
            &[
                head,
                &["", "R-0001", "", "later", "101", "7", "31/02/2027", "iso:none", "yesterday", "x"],
                &["", "R-0002", "Good", "Planned", "", "", "", "", "", twice],
                &["", "R-0002", "Better", "Done", "", "", "", "", "2999-01-01", twice],
                &["", "R-0999", "Of nothing", "", "", "", "", "", "", ""],
                &["", "", "Of nobody", "", "", "", "", "", "", ""],
                &["", "R-0003", "Fine", "Planned", "40 %", "6", "", "", "", ""],
                &["", "R-0003", "Linked", "", "-1", "1.5", "", "iso:none", "", ""],
            ],
        ),
        ("Risks", &[&["Reference", "Name"], &["R-0001", "One"], &["R-0002", "Two"], &["R-0003", "Three"], &["R-0004", "Four"]]),
    ]);
    let (import, answer, rows) = read(&bed, "plans.xlsx", &file);
    assert_eq!(answer.register.expect("a register").sheet.as_deref(), Some("Risks"), "not the sheet that comes first");
    use RowFate::{Create, Error};
    assert_eq!(fates(&rows), [Error, Error, Error, Create, Error, Error], "{rows:?}");
    assert_eq!(
        wrong(&rows[0]),
        [
            "C Action: in row 2 of “Actions” is required",
            "D Status: in row 2 of “Actions” holds “later”, which is none of: Planned, In progress, Done, Cancelled",
            "E Progress (%): in row 2 of “Actions” holds “101”, which is no whole number from 0 to 100",
            "F Effect on impact: in row 2 of “Actions” holds “7”, which is no whole number from 0 to 6",
            "G Due date: in row 2 of “Actions” holds “31/02/2027”, which is no date: write it as YYYY-MM-DD",
            "I Done at: in row 2 of “Actions” holds “yesterday”, which is no time: write it as YYYY-MM-DD, or as RFC 3339 does",
            "J Action ID: in row 2 of “Actions” is no id of an action: leave it empty for a new one",
        ]
    );
    assert_eq!(
        wrong(&rows[1]),
        [
            "I Done at: in row 4 of “Actions” names a time that is still to come",
            "J Action ID: in row 4 of “Actions” names the action of row 3 again: keep one of the two rows",
        ]
    );
    assert_eq!(wrong(&rows[2])[0], "E Progress (%): in row 8 of “Actions” holds “-1”, which is no whole number from 0 to 100");
    assert_eq!(wrong(&rows[4]), ["A Risk ID: in row 5 of “Actions” names “R-0999”, which is no risk of this file"]);
    assert_eq!(wrong(&rows[5]), ["A Risk ID: in row 6 of “Actions” names no risk: write its reference"]);
    assert_eq!(
        rows[4].message.as_deref(),
        Some("Column A, “Risk ID”: the cell in row 5 of “Actions” names “R-0999”, which is no risk of this file.")
    );
    assert_eq!(
        (rows[4].reference.as_deref(), rows[4].title.as_deref()),
        (Some("R-0999"), Some("Of nothing")),
        "and is found by what it says"
    );
    apply(&bed, &import, true);
    let all = bed.done("GET", "/v1/risks", None);
    assert_eq!(all["total"], 2, "a risk comes with its whole plan or not at all");
    assert_eq!(titles(&risk(&bed, "R-0001")), ["First done", "Second planned"], "and keeps the one that it has");
}

#[test]
fn what_is_wrong_with_an_action_in_a_cell_is_named_by_its_place_there() {
    let bed = planned();
    let csv = "Reference,Name,Actions\n,New,\"Train | Status: later\nBuy | Colour: red\nLook | owner: Mara | OWNER: Ines\n | Status: Done\nWrite\\|up | Progress: 12%\"\n";
    let (_, _, rows) = read(&bed, "plans.csv", csv.as_bytes());
    assert_eq!(
        wrong(&rows[0]),
        [
            "C Actions: in action 1 under “Status” holds “later”, which is none of: Planned, In progress, Done, Cancelled",
            "C Actions: in action 2 holds “Colour”, which is no field of an action",
            "C Actions: in action 3 holds “Owner” twice",
            "C Actions: in action 4 under “Action” is required",
        ]
    );
    let long = "x".repeat(201);
    let risks = json!({ "risks": [
        { "name": "A", "actions": [{ "title": "T", "status": "later" }, { "title": long, "lowers_impact": 9 }, 7, { "title": "T", "colour": 1 }] },
        { "name": "B", "actions": 7 },
        { "name": "C", "actions": [{ "owner": "Mara" }], "current_from": "guess" },
        { "name": "D", "current_from": "plan" },
        { "name": "E", "actions": vec![json!({ "title": "T" }); 101] },
        { "name": "F", "actions": [{ "title": "T", "control_id": "nothing" }], "baseline": { "likelihood": 6, "impact": 1 } },
    ]});
    let (_, _, rows) = read(&bed, "plans.json", risks.to_string().as_bytes());
    assert!(rows.iter().all(|row| row.fate == RowFate::Error), "{rows:?}");
    assert_eq!(
        wrong(&rows[0]),
        [
            " actions: in action 1 under “status” holds “later”, which is none of: Planned, In progress, Done, Cancelled",
            " actions: in action 2 under “lowers_impact” holds “9”, which is no whole number from 0 to 6",
            " actions: in action 2 under “title” must have at most 200 characters",
            " actions: in action 3 is no object",
            " actions: in action 4 holds “colour”, which is no field of an action",
        ]
    );
    assert_eq!(wrong(&rows[1]), [" actions: is no list of actions"]);
    assert_eq!(
        wrong(&rows[2]),
        [
            " current_from: holds “guess”, which is none of: Set by hand, Follows the plan",
            " actions: in action 1 under “title” is required",
        ]
    );
    assert_eq!(wrong(&rows[3]), [" current_from: needs a plan: an action, and where the risk stood before it"]);
    assert_eq!(wrong(&rows[4]), [" actions: in action 101 under “title” is of one action too many: a plan has at most 100"]);
    assert_eq!(
        wrong(&rows[5]),
        [
            " baseline_likelihood: holds “6”, which is no step of the scale: write a whole number from 1 to 5",
            " actions: in action 1 under “control” names “nothing”, which is no control of this workspace: import its framework first, correct it, or leave out such links",
        ]
    );
}

#[test]
fn a_score_is_not_both_changed_and_said_to_follow_the_plan() {
    let bed = planned();
    let of = |likelihood: &str, from: &str, residual: &str| {
        let csv = format!(
            "Reference,Likelihood,Impact,Source of the current scores,Residual likelihood,Residual impact,Source of the residual scores,Actions\n\
             R-0001,{likelihood},4,{from},{residual},4,Suit le plan,First | Effect on likelihood: 2\n"
        );
        let (import, _, rows) = read(&bed, "plans.csv", csv.as_bytes());
        (import, rows)
    };
    let (_, rows) = of("5", "Follows the plan", "5");
    assert_eq!(
        wrong(&rows[0]),
        [
            "B Likelihood: holds 5, and the plan that it follows gives 2: write that, or that it was set by hand",
            "E Residual likelihood: holds 5, and the plan that it follows gives 1: write that, or that it was set by hand",
        ]
    );
    for (likelihood, from, residual, expected) in [
        ("3", "plan", "2", json!([2, "plan", 1])),
        ("5", "Set by hand", "1", json!([5, "hand", 1])),
        ("2", "plan", "1", json!([2, "plan", 1])),
    ] {
        let (import, rows) = of(likelihood, from, residual);
        assert_eq!(fates(&rows), [RowFate::Change], "what was not touched in the file follows its plan: {rows:?}");
        apply(&bed, &import, false);
        let one = risk(&bed, "R-0001");
        assert_eq!(json!([one["likelihood"], one["current_from"], one["residual"]["likelihood"]]), expected);
        bed.done("POST", "/v1/undo", Some(&json!({})));
    }
}
