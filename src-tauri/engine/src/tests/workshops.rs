//! The operations of workshops, as [`super::operations`] asks for each: one change that is to be whole.

use super::Bed;
use super::operations::{Case, risk, text};
use serde_json::{Value, json};

/// A workshop of one risk and one seat, brought as far as its steps go; its path, and that of its item.
fn room(bed: &Bed, steps: usize) -> (String, String, String) {
    let plan = json!({ "name": "A workshop", "participants": [{ "name": "Ada" }], "items": [{ "risk_id": risk(bed) }] });
    let made = bed.done("POST", "/v1/workshops", Some(&plan));
    let id = text(&made["id"]);
    let path = format!("/v1/workshops/{id}");
    let item = format!("{path}/items/{}", text(&made["items"][0]["id"]));
    let seat = text(&made["participants"][0]["id"]);
    let cell = json!({ "likelihood": 3, "impact": 4 });
    let all = [
        (format!("{path}/status"), json!({ "status": "running" })),
        (format!("{item}/status"), json!({ "status": "voting" })),
        (format!("{item}/votes/{seat}"), cell.clone()),
        (format!("{item}/status"), json!({ "status": "revealed" })),
        (format!("{item}/decision"), cell),
        (format!("{path}/status"), json!({ "status": "closed" })),
    ];
    for (path, body) in all.iter().take(steps) {
        bed.done("PUT", path, Some(body));
    }
    (id, path, item)
}

pub(super) fn case(bed: &Bed, operation: &str) -> Option<Case> {
    let of = |id: String, path: String, body: Option<Value>| Some(Case { path, body, row: Some(("workshops", id)) });
    match operation {
        "POST /v1/workshops" => Some(Case { path: "/v1/workshops".into(), body: Some(json!({ "name": "New" })), row: None }),
        "PUT /v1/workshops/{id}" => {
            let (id, path, _) = room(bed, 0);
            of(id, path, Some(json!({ "place": "Ravel" })))
        }
        "DELETE /v1/workshops/{id}" => {
            let (id, path, _) = room(bed, 0);
            of(id, path, None)
        }
        "PUT /v1/workshops/{id}/status" => {
            let (id, path, _) = room(bed, 0);
            of(id, format!("{path}/status"), Some(json!({ "status": "running" })))
        }
        "PUT /v1/workshops/{id}/items/{item_id}" => {
            let (id, _, item) = room(bed, 1);
            of(id, item, Some(json!({ "notes": "Said in the room" })))
        }
        "PUT /v1/workshops/{id}/items/{item_id}/status" => {
            let (id, _, item) = room(bed, 3);
            of(id, format!("{item}/status"), Some(json!({ "status": "revealed" })))
        }
        "PUT /v1/workshops/{id}/items/{item_id}/decision" => {
            let (id, _, item) = room(bed, 4);
            of(id, format!("{item}/decision"), Some(json!({ "likelihood": 3, "impact": 4 })))
        }
        // The risks that it changes are changes of their own, which another test counts.
        "POST /v1/workshops/{id}/apply" => {
            let (id, path, _) = room(bed, 6);
            let rev = bed.done("GET", &format!("{path}/changes"), None)["rev"].clone();
            of(id, format!("{path}/apply"), Some(json!({ "changes": [], "rev": rev })))
        }
        _ => None,
    }
}

/// A vote that is no longer what was revealed, was added or went is found by the check of the file.
#[test]
fn the_check_of_the_file_knows_the_votes_that_were_revealed() {
    for statement in [
        "UPDATE workshop_votes SET impact = 5",
        "UPDATE workshop_votes SET comment = 'x'",
        "UPDATE workshop_votes SET seat_id = 'another'",
        "DELETE FROM workshop_votes",
        "INSERT INTO workshop_votes SELECT workshop_id, item_id, round, 'another', 1, 1, '', '' FROM workshop_votes",
    ] {
        let bed = Bed::new();
        room(&bed, 4);
        assert!(bed.workspace().verify().expect("verified").sound);
        let run = bed.workspace().store.write_blocking(super::who(), move |tx| {
            tx.connection.execute_batch(statement).expect("a statement that runs");
            Ok(())
        });
        run.expect("written");
        let report = bed.workspace().verify().expect("verified");
        assert_eq!(report.problems, ["The votes of 1 rounds of workshops are not those that were revealed."], "{statement}");
    }
}
