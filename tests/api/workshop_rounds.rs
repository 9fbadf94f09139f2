//! What a round was given stays its own: no undo, no second round and no change of the plan reaches behind it.

use super::Bed;
use super::workshops::{cell, decide, go, ids, planned, reviewed, sound, turn, vote};
use serde_json::{Value, json};

/// What the votes were given to stays what it was: neither the plan nor an application is undone or redone behind them.
#[test]
fn no_undo_and_no_redo_reaches_behind_the_votes() {
    let bed = Bed::new(false);
    let path = planned(&bed, 1, 1, &json!({ "anonymous": false }));
    bed.send("PUT", &path, &json!({ "anonymous": true })).expect(200, "sealed before it begins");
    let (item, seat) = (ids(&bed, &path, "items").remove(0), ids(&bed, &path, "participants").remove(0));
    let round = |cell: &Value| {
        turn(&bed, &path, &item, "voting").expect(200, "begun");
        vote(&bed, &path, &item, &seat, cell).expect(200, "counted");
        turn(&bed, &path, &item, "revealed").expect(200, "revealed");
        decide(&bed, &path, &item, cell).expect(200, "decided");
        go(&bed, &path, "closed").expect(200, "closed");
    };
    go(&bed, &path, "running").expect(200, "begun");
    round(&cell(3, 4));
    assert_ne!(bed.get("/v1/undo").json()["undo"]["kind"], "workshop", "who voted what stays unsaid");

    bed.send("POST", &format!("{path}/apply"), &reviewed(&bed, &path)).expect(200, "applied");
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "taken back");
    go(&bed, &path, "running").expect(200, "open again");
    round(&cell(2, 2));
    assert_eq!(bed.get("/v1/undo").json()["redo"], Value::Null, "what was decided before is not applied any more");
    let (workshop, risk) = (bed.get(&path).json(), bed.all("/v1/risks?sort=ref").remove(0));
    assert_eq!((&workshop["applied_at"], &risk["score"]), (&Value::Null, &json!(16)));
    assert!(sound(&bed));
}

#[test]
fn votes_of_a_round_that_was_left_out_do_not_count_when_it_is_begun_again() {
    let bed = Bed::new(false);
    let path = planned(&bed, 2, 1, &json!({}));
    let (item, seats) = (ids(&bed, &path, "items").remove(0), ids(&bed, &path, "participants"));
    go(&bed, &path, "running").expect(200, "begun");
    turn(&bed, &path, &item, "voting").expect(200, "begun");
    vote(&bed, &path, &item, &seats[0], &cell(5, 5)).expect(200, "counted");
    turn(&bed, &path, &item, "skipped").expect(200, "left out");
    turn(&bed, &path, &item, "voting").expect(200, "begun again");
    assert_eq!(bed.get(&format!("{path}/room")).json()["seats"][0]["voted"], false);
    vote(&bed, &path, &item, &seats[1], &cell(2, 2)).expect(200, "counted");
    let one = turn(&bed, &path, &item, "revealed").expect(200, "revealed").clone();
    assert_eq!(one["items"][0]["rounds"][0]["votes"], 1);
    assert!(sound(&bed));
}

#[test]
fn a_second_round_is_not_anchored_by_the_first_and_no_change_of_the_plan_tells_whose_vote_it_was() {
    let bed = Bed::new(false);
    let path = planned(&bed, 2, 1, &json!({}));
    let (item, seats) = (ids(&bed, &path, "items").remove(0), ids(&bed, &path, "participants"));
    assert_eq!(bed.send("PUT", &path, &json!({ "blind": false })).fields(), ["anonymous"], "an open vote is seen as it comes");
    go(&bed, &path, "running").expect(200, "begun");
    turn(&bed, &path, &item, "voting").expect(200, "begun");
    vote(&bed, &path, &item, &seats[0], &cell(5, 5)).expect(200, "counted");
    turn(&bed, &path, &item, "revealed").expect(200, "revealed");
    let before = bed.get(&format!("{path}/minutes")).json();
    assert_eq!((&before["items"][0]["before"], before["items"][0]["rounds"].as_array().map(Vec::len)), (&cell(4, 4), Some(1)));
    turn(&bed, &path, &item, "voting").expect(200, "once more");
    let during = bed.get(&format!("{path}/minutes")).json();
    assert_eq!((&during["items"][0]["before"], during["items"][0]["rounds"].as_array().map(Vec::len)), (&Value::Null, Some(0)));
    assert_eq!(bed.get(&path).json()["items"][0]["before"], Value::Null);

    let regrouped = |seat: usize| {
        let of = |place: usize| json!({ "id": seats[place], "name": format!("Seat {place}"), "group": if place == seat { "Legal".to_owned() } else { format!("Group {place}") } });
        bed.send("PUT", &path, &json!({ "participants": [of(0), of(1)] }))
    };
    assert_eq!(regrouped(0).fields(), ["participants"], "who voted stays in the group that the tally told of");
    regrouped(1).expect(200, "who did not vote may move");
}
