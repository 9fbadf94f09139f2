//! A workshop from its plan to decisions that are applied and undone, through the public doors.

use super::{Answer, At, Bed};
use serde_json::{Value, json};

/// A workshop of some seats over new risks that all stand at 4 × 4: its path.
pub(super) fn planned(bed: &Bed, seats: usize, risks: usize, more: &Value) -> String {
    let risk = |place: usize| bed.risk(&json!({ "name": format!("Risk {place}"), "owner": "Ines", "likelihood": 4, "impact": 4 }));
    let items: Vec<Value> = (0..risks).map(|place| json!({ "risk_id": risk(place), "minutes": 3 })).collect();
    let seats: Vec<Value> =
        (0..seats).map(|place| json!({ "name": format!("Seat {place}"), "group": format!("Group {}", place % 2) })).collect();
    let mut body = json!({ "name": "Third parties", "place": "Ravel", "participants": seats, "items": items });
    for (field, value) in more.as_object().into_iter().flatten() {
        body[field] = value.clone();
    }
    let made = bed.send("POST", "/v1/workshops", &body);
    let path = made.header("location").to_owned();
    let one = made.expect(201, "planned");
    assert_eq!((&one["status"], one["items"].as_array().map(Vec::len)), (&json!("planned"), Some(risks)));
    path
}

/// Ids of the items and seats of a workshop.
pub(super) fn ids(bed: &Bed, path: &str, list: &str) -> Vec<String> {
    let one = bed.get(path).expect(200, "read");
    one[list].as_array().expect("a list").iter().map(|one| one["id"].as_str().expect("an id").to_owned()).collect()
}

pub(super) fn go(bed: &Bed, path: &str, status: &str) -> Answer {
    bed.send("PUT", &format!("{path}/status"), &json!({ "status": status }))
}

pub(super) fn turn(bed: &Bed, path: &str, item: &str, status: &str) -> Answer {
    bed.send("PUT", &format!("{path}/items/{item}/status"), &json!({ "status": status }))
}

pub(super) fn vote(bed: &Bed, path: &str, item: &str, seat: &str, body: &Value) -> Answer {
    bed.send("PUT", &format!("{path}/items/{item}/votes/{seat}"), body)
}

pub(super) fn cell(likelihood: u8, impact: u8) -> Value {
    json!({ "likelihood": likelihood, "impact": impact })
}

pub(super) fn decide(bed: &Bed, path: &str, item: &str, body: &Value) -> Answer {
    bed.send("PUT", &format!("{path}/items/{item}/decision"), body)
}

pub(super) fn sound(bed: &Bed) -> bool {
    let report = bed.engine.workspace().expect("open").verify().expect("verified");
    assert_eq!(report.problems, Vec::<String>::new());
    report.sound
}

/// A workshop whose items were all voted on and decided, closed: its path and its items.
fn decided(bed: &Bed, cells: &[(u8, u8)]) -> (String, Vec<String>) {
    let path = planned(bed, 2, cells.len(), &json!({}));
    let (items, seats) = (ids(bed, &path, "items"), ids(bed, &path, "participants"));
    go(bed, &path, "running").expect(200, "begun");
    for (item, (likelihood, impact)) in items.iter().zip(cells) {
        turn(bed, &path, item, "voting").expect(200, "begun");
        for seat in &seats {
            vote(bed, &path, item, seat, &cell(*likelihood, *impact)).expect(200, "counted");
        }
        turn(bed, &path, item, "revealed").expect(200, "revealed");
        let mut decision = cell(*likelihood, *impact);
        decision["rationale"] = json!("The leaver list is monthly");
        decide(bed, &path, item, &decision).expect(200, "decided");
    }
    go(bed, &path, "closed").expect(200, "closed");
    (path, items)
}

pub(super) fn reviewed(bed: &Bed, path: &str) -> Value {
    let changes = bed.get(&format!("{path}/changes")).expect(200, "what would change");
    let of = |change: &Value| json!({ "item_id": change["item_id"], "rev": change["rev"] });
    json!({ "changes": changes["data"].as_array().expect("a list").iter().map(of).collect::<Vec<_>>(), "rev": changes["rev"] })
}

#[test]
fn a_plan_is_made_found_changed_deleted_and_undone() {
    let bed = Bed::new(false);
    let path = planned(&bed, 2, 2, &json!({ "held_on": "2999-01-15", "question": "How likely, how bad?" }));
    let one = bed.get(&path).expect(200, "read");
    assert_eq!(
        (&one["ref"], &one["view"], &one["blind"], &one["anonymous"], &one["decides"]),
        (&json!("WS-0001"), &json!("current"), &json!(true), &json!(true), &json!("facilitator"))
    );
    assert_eq!(
        (&one["items"][0]["ref"], &one["items"][0]["name"], &one["items"][0]["minutes"]),
        (&json!("R-0001"), &json!("Risk 0"), &json!(3))
    );
    for (query, total) in [("q=ravel", 1), ("q=nothing", 0), ("status=planned", 1), ("status=closed", 0), ("sort=held_on", 1)] {
        assert_eq!(bed.get(&format!("/v1/workshops?{query}")).expect(200, query)["total"], total, "{query}");
    }
    let turned = json!([{ "id": one["items"][1]["id"], "risk_id": one["items"][1]["risk_id"], "minutes": 9 }]);
    let changed =
        bed.send("PUT", &path, &json!({ "items": turned, "parking": ["Who pays for escrow?"], "place": null })).expect(200, "changed");
    assert_eq!(
        (changed["items"].as_array().map(Vec::len), &changed["items"][0]["minutes"], &changed["place"]),
        (Some(1), &json!(9), &Value::Null)
    );
    // What was read can be sent back whole.
    bed.send("PUT", &path, &changed).expect(200, "the same");
    assert_eq!(bed.get(&path).json(), changed, "and changes nothing");
    assert_eq!(bed.send("PUT", &path, &json!({ "items": [{ "risk_id": "nobody" }], "colour": 1 })).fields(), ["colour"]);
    assert_eq!(bed.send("PUT", &path, &json!({ "items": [{ "risk_id": "nobody" }] })).fields(), ["items"]);
    assert_eq!(bed.send("POST", "/v1/workshops", &json!({})).fields(), ["name"]);
    assert_eq!(bed.ask(At::Window, "PUT", &path, &[("if-match", "\"1\"")], Some("{\"name\":\"x\"}".into())).status, 412, "stale");
    bed.ask(At::Window, "DELETE", &path, &[], None).expect(204, "deleted");
    assert_eq!(bed.get(&path).status, 404);
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "undone");
    assert_eq!(bed.get(&path).json(), changed, "it is back as it was");
    let history = bed.get(&format!("{path}/history")).expect(200, "history");
    let told: Vec<&Value> = history["data"].as_array().expect("entries").iter().map(|entry| &entry["action"]).collect();
    assert_eq!(told, ["undone", "deleted", "updated", "created"]);
    assert!(sound(&bed));
}

#[test]
fn a_whole_room_votes_reveals_votes_again_and_decides() {
    let bed = Bed::new(false);
    let path = planned(&bed, 4, 2, &json!({}));
    let (items, seats) = (ids(&bed, &path, "items"), ids(&bed, &path, "participants"));
    let room = || bed.get(&format!("{path}/room")).expect(200, "the room");
    assert_eq!(vote(&bed, &path, &items[0], &seats[0], &cell(3, 3)).fields(), ["status"], "it has not begun");
    assert_eq!(turn(&bed, &path, &items[0], "voting").fields(), ["status"]);
    go(&bed, &path, "running").expect(200, "begun");
    assert_eq!(bed.ask(At::Window, "DELETE", &path, &[], None).status, 400, "a running one is closed first");
    assert_eq!(room()["item"], Value::Null, "between two");
    turn(&bed, &path, &items[0], "voting").expect(200, "the first risk");
    assert_eq!(turn(&bed, &path, &items[0], "decided").fields(), ["status"]);
    assert_eq!(turn(&bed, &path, &items[0], "revealed").fields(), ["status"], "nobody has voted");
    for (body, field) in [
        (json!({}), "likelihood"),
        (json!({ "likelihood": 3 }), "impact"),
        (json!({ "likelihood": 6, "impact": 1 }), "likelihood"),
        (json!({ "likelihood": 3, "impact": 3, "cannot_judge": true }), "cannot_judge"),
        (json!({ "likelihood": 3, "impact": 3, "colour": 1 }), "colour"),
        (json!({ "likelihood": 3, "impact": 3, "comment": "x".repeat(201) }), "comment"),
        (json!({ "likelihood": 3, "impact": 3, "round": 2 }), "round"),
    ] {
        assert_eq!(vote(&bed, &path, &items[0], &seats[0], &body).fields(), [field], "{body}");
    }
    assert_eq!(vote(&bed, &path, &items[0], "nobody", &cell(3, 3)).status, 404);
    assert_eq!(vote(&bed, &path, &items[1], &seats[0], &cell(3, 3)).fields(), ["status"], "the room is at another");
    // A vote that is changed before the reveal counts once.
    vote(&bed, &path, &items[0], &seats[0], &cell(1, 1)).expect(200, "counted");
    let counted =
        vote(&bed, &path, &items[0], &seats[0], &json!({ "likelihood": 5, "impact": 5, "comment": "It happened last year", "round": 1 }));
    assert_eq!(counted.expect(200, "counted"), json!({ "seat_id": seats[0], "round": 1 }), "what it says is not told");
    vote(&bed, &path, &items[0], &seats[1], &cell(3, 4)).expect(200, "counted");
    vote(&bed, &path, &items[0], &seats[2], &json!({ "cannot_judge": true })).expect(200, "counted");
    vote(&bed, &path, &items[0], &seats[3], &cell(2, 2)).expect(200, "counted");
    let withdrawn = |seat: &str| bed.ask(At::Window, "DELETE", &format!("{path}/items/{}/votes/{seat}", items[0]), &[], None).status;
    assert_eq!((withdrawn(&seats[3]), withdrawn(&seats[3]), withdrawn("nobody")), (204, 404, 404));
    let seen = room();
    let voted: Vec<&Value> = seen["seats"].as_array().expect("seats").iter().map(|seat| &seat["voted"]).collect();
    assert_eq!(voted, [true, true, true, false]);
    vote(&bed, &path, &items[0], &seats[3], &cell(3, 4)).expect(200, "counted");

    turn(&bed, &path, &items[0], "revealed").expect(200, "revealed");
    assert_eq!(vote(&bed, &path, &items[0], &seats[1], &cell(1, 1)).fields(), ["status"], "too late");
    let at = room()["item"].clone();
    let tally = &at["told"]["tally"];
    assert_eq!((&tally["votes"], &tally["cannot_judge"], &tally["near"]), (&json!(3), &json!(1), &json!(2)));
    assert_eq!(
        (&tally["likelihood"]["median"], &tally["impact"]["median"], &tally["likelihood"]["spread"]),
        (&json!(3), &json!(4), &json!(2))
    );
    assert_eq!((&tally["agreement"], &at["before"]), (&json!("mixed"), &cell(4, 4)));
    assert_eq!(
        at["told"]["comments"],
        json!([{ "name": null, "text": "It happened last year", "apart": true }]),
        "asked for a reason, unnamed"
    );
    assert_eq!(at["told"]["votes"], json!([]), "nobody is named");
    assert_eq!(turn(&bed, &path, &items[1], "voting").fields(), ["status"], "one at a time");

    turn(&bed, &path, &items[0], "voting").expect(200, "again");
    assert_eq!(
        vote(&bed, &path, &items[0], &seats[0], &json!({ "likelihood": 3, "impact": 4, "round": 1 })).fields(),
        ["round"],
        "replayed"
    );
    for seat in &seats {
        vote(&bed, &path, &items[0], seat, &cell(3, 4)).expect(200, "counted");
    }
    turn(&bed, &path, &items[0], "revealed").expect(200, "revealed");
    let at = room()["item"].clone();
    assert_eq!(
        (&at["round"], &at["told"]["tally"]["agreement"], &at["earlier"][0]["tally"]["votes"]),
        (&json!(2), &json!("unanimous"), &json!(3))
    );
    let decision =
        json!({ "likelihood": 3, "impact": 4, "rationale": "As voted", "dissent": [{ "seat_id": seats[2], "reason": "Too low" }] });
    let one = decide(&bed, &path, &items[0], &decision).expect(200, "decided");
    assert_eq!((&one["items"][0]["status"], &one["items"][0]["decision"]["by"]), (&json!("decided"), &json!("Hugo Marchetti")));
    let notes = json!({ "notes": "Vault logs it since October", "minutes": 4, "actions": [{ "title": "Weekly leaver list", "owner": "Ines", "due_date": "2999-03-01" }] });
    let one = bed.send("PUT", &format!("{path}/items/{}", items[0]), &notes).expect(200, "noted");
    assert!(one["items"][0]["actions"][0]["id"].is_string());
    assert_eq!(bed.send("PUT", &format!("{path}/items/{}", items[0]), &one["items"][0]).expect(200, "sent back"), one);
    assert_eq!(bed.send("PUT", &format!("{path}/items/nothing"), &json!({})).status, 404);
    turn(&bed, &path, &items[1], "skipped").expect(200, "left out");
    assert_eq!(room()["agenda"][0]["score"], 12);
    go(&bed, &path, "closed").expect(200, "closed");
    assert_eq!(bed.send("PUT", &path, &json!({ "name": "Other" })).fields(), ["status"]);
    assert!(sound(&bed));
    // What happened in the room is not taken back by undo, and neither is the plan that the room began from.
    assert_ne!(bed.get("/v1/undo").json()["undo"]["kind"], "workshop");
}

/// What a participant or the projector reads, and everything else that a reader of the workshop may read.
#[test]
fn nothing_that_anchors_is_read_before_the_reveal() {
    let bed = Bed::new(false);
    let path = planned(&bed, 3, 1, &json!({}));
    let (items, seats) = (ids(&bed, &path, "items"), ids(&bed, &path, "participants"));
    go(&bed, &path, "running").expect(200, "begun");
    turn(&bed, &path, &items[0], "voting").expect(200, "begun");
    let secret = json!({ "likelihood": 5, "impact": 1, "comment": "a-word-nobody-else-says" });
    vote(&bed, &path, &items[0], &seats[0], &secret).expect(200, "counted");
    for below in ["", "/room", "/minutes", "/minutes?format=markdown", "/history", "/changes"] {
        let answer = bed.ask(At::Port(&bed.viewer), "GET", &format!("{path}{below}"), &[], None);
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        assert_eq!(answer.status, 200, "{below}");
        for telling in ["a-word-nobody-else-says", "\"likelihood\":5", "\"before\":{\"likelihood\"", "\"appetite\":1"] {
            assert!(!text.contains(telling), "{below} tells {telling}: {text}");
        }
    }
    let room = bed.get(&format!("{path}/room")).json();
    assert_eq!((&room["matrix"]["appetite"], &room["item"]["before"], &room["item"]["told"]), (&Value::Null, &Value::Null, &Value::Null));
    let changes = bed.ask(At::Port(&bed.viewer), "GET", &format!("{path}/items/{}/votes/{}", items[0], seats[0]), &[], None);
    assert_eq!(changes.status, 405, "a vote is never read");
    turn(&bed, &path, &items[0], "revealed").expect(200, "revealed");
    let room = bed.get(&format!("{path}/room")).json();
    assert_eq!((&room["matrix"]["appetite"], &room["item"]["before"]), (&json!(10), &cell(4, 4)));
}

#[test]
fn decisions_are_reviewed_applied_in_one_step_and_undone() {
    let bed = Bed::new(false);
    let (path, items) = decided(&bed, &[(3, 4), (4, 4), (2, 2), (5, 5)]);
    let before: Vec<Value> = bed.all("/v1/risks?sort=ref");
    let at = |place: usize| format!("/v1/risks/{}", before[place]["id"].as_str().expect("an id"));
    go(&bed, &path, "running").expect(200, "open again");
    bed.send(
        "PUT",
        &format!("{path}/items/{}", items[0]),
        &json!({ "actions": [{ "title": "Weekly leaver list", "owner": "Ines", "due_date": "2999-03-01" }] }),
    )
    .expect(200, "noted");
    assert_eq!(bed.send("POST", &format!("{path}/apply"), &reviewed(&bed, &path)).fields(), ["status"], "it is closed first");
    go(&bed, &path, "closed").expect(200, "closed");
    bed.send("PUT", &at(1), &json!({ "rationale": "The leaver list is monthly" })).expect(200, "says it already");
    bed.send("PUT", &at(2), &json!({ "likelihood": 1 })).expect(200, "judged anew meanwhile");
    bed.ask(At::Window, "DELETE", &at(3), &[], None).expect(204, "deleted meanwhile");
    let dry = bed.get(&format!("{path}/changes")).expect(200, "the dry run").clone();
    let (changes, rev) = (&dry["data"], &dry["rev"]);
    let fates: Vec<&Value> = changes.as_array().expect("a list").iter().map(|change| &change["fate"]).collect();
    assert_eq!(fates, ["changes", "same", "stale", "gone"]);
    assert_eq!((&changes[2]["before"], &changes[2]["now"], &changes[2]["decided"]), (&cell(4, 4), &cell(1, 4), &cell(2, 2)), "both values");
    assert_eq!((&changes[0]["actions"], &changes[3]["rev"]), (&json!(1), &Value::Null));
    for (body, field) in [
        (json!({ "rev": rev }), "changes"),
        (json!({ "changes": [] }), "rev"),
        (json!({ "changes": [{ "item_id": items[0] }], "rev": rev }), "changes"),
        (json!({ "changes": [{ "item_id": "nothing", "rev": 1 }], "rev": rev }), "changes"),
        (json!({ "changes": [{ "item_id": items[3], "rev": 1 }], "rev": rev }), "changes"),
    ] {
        assert_eq!(bed.send("POST", &format!("{path}/apply"), &body).fields(), [field], "{body}");
    }
    let of = |place: usize| json!({ "item_id": changes[place]["item_id"], "rev": changes[place]["rev"] });
    let taken = json!({ "changes": [of(0), of(2)], "rev": rev });
    let decided_since = json!({ "changes": [of(0), of(2)], "rev": rev.as_i64().expect("a number") - 1 });
    assert_eq!(bed.send("POST", &format!("{path}/apply"), &decided_since).status, 412, "other decisions than were reviewed");
    let mut old = taken.clone();
    old["changes"][1]["rev"] = json!(1);
    let refused = bed.send("POST", &format!("{path}/apply"), &old);
    assert_eq!((refused.status, &refused.json()["error"]["details"][0]["current"]), (412, &cell(1, 4)), "changed since the review");
    assert_eq!(bed.get(&at(0)).json(), before[0], "and nothing was applied");

    let applied = bed.send("POST", &format!("{path}/apply"), &taken).expect(200, "applied");
    assert!(applied["applied_at"].is_string());
    let risk = bed.get(&at(0)).json();
    assert_eq!((&risk["likelihood"], &risk["impact"], &risk["rationale"]), (&json!(3), &json!(4), &json!("The leaver list is monthly")));
    assert_eq!((&risk["actions"][0]["title"], &risk["actions"][0]["owner"]), (&json!("Weekly leaver list"), &json!("Ines")));
    assert_eq!(bed.get(&at(2)).json()["score"], 4, "a stale one that was chosen");
    let entry = bed.get(&format!("{}/history", at(0))).json()["data"][0].clone();
    assert_eq!(entry["reason"], "WS-0001, Third parties: The leaver list is monthly");
    let mut again = taken.clone();
    again["rev"] = bed.get(&format!("{path}/changes")).json()["rev"].clone();
    assert_eq!(bed.send("POST", &format!("{path}/apply"), &again).fields(), ["status"], "once");
    assert_eq!(go(&bed, &path, "running").fields(), ["status"], "what was applied is not voted on again");

    let undone = bed.send("POST", "/v1/undo", &json!({})).expect(200, "one step");
    assert_eq!(undone["ref"], "WS-0001", "under the workshop's name");
    let back = bed.get(&at(0)).json();
    assert_eq!((&back["score"], &back["actions"], &back["rationale"]), (&json!(16), &json!([]), &Value::Null));
    assert_eq!((&bed.get(&at(2)).json()["score"], &bed.get(&path).json()["applied_at"]), (&json!(4), &Value::Null));
    bed.send("POST", "/v1/redo", &json!({})).expect(200, "again");
    assert_eq!(bed.get(&at(0)).json()["score"], 12);
    assert!(sound(&bed));
}

#[test]
fn decisions_on_another_view_go_there() {
    let bed = Bed::new(false);
    for view in ["inherent", "residual", "target"] {
        let path = planned(&bed, 1, 1, &json!({ "view": view, "decides": "room", "anonymous": false }));
        let (item, seat) = (ids(&bed, &path, "items").remove(0), ids(&bed, &path, "participants").remove(0));
        go(&bed, &path, "running").expect(200, "begun");
        turn(&bed, &path, &item, "voting").expect(200, "begun");
        vote(&bed, &path, &item, &seat, &cell(2, 3)).expect(200, "counted");
        turn(&bed, &path, &item, "revealed").expect(200, "revealed");
        assert_eq!(bed.get(&format!("{path}/room")).json()["item"]["told"]["votes"][0]["name"], "Seat 0", "a named room");
        assert_eq!(decide(&bed, &path, &item, &cell(3, 3)).fields(), ["rationale"], "the room's median, or why not");
        let by = decide(&bed, &path, &item, &json!({ "likelihood": 2, "impact": 3, "rationale": "So it is" })).expect(200, "decided");
        assert_eq!(by["items"][0]["decision"]["by"], Value::Null, "the room");
        go(&bed, &path, "closed").expect(200, "closed");
        bed.send("POST", &format!("{path}/apply"), &reviewed(&bed, &path)).expect(200, "applied");
        let risk = bed.get(&format!("/v1/risks/{}", by["items"][0]["risk_id"].as_str().expect("an id"))).json();
        assert_eq!(
            (&risk[view]["score"], &risk[format!("{view}_rationale")], &risk["score"]),
            (&json!(6), &json!("So it is"), &json!(16)),
            "{view}"
        );
    }
}

#[test]
fn the_minutes_tell_all_of_it_in_either_language() {
    let bed = Bed::new(false);
    let (path, _) = decided(&bed, &[(3, 4)]);
    let minutes = bed.get(&format!("{path}/minutes")).expect(200, "minutes");
    assert_eq!(
        (&minutes["items"][0]["decision"]["likelihood"], &minutes["agreement"]),
        (&json!(3), &json!([["Unanimous: 2 votes in one cell"]]))
    );
    assert_eq!((&minutes["places"][1]["before"], minutes["attendance"].as_array().map(Vec::len)), (&json!(1), Some(2)));
    let read = |language: &str| {
        let answer = bed.ask(At::Window, "GET", &format!("{path}/minutes?format=markdown"), &[("accept-language", language)], None);
        assert_eq!(answer.header("content-type"), "text/markdown; charset=utf-8");
        (answer.header("content-language").to_owned(), String::from_utf8(answer.bytes.clone()).expect("text"))
    };
    let (said, english) = read("en");
    assert_eq!(said, "");
    for line in [
        "# Minutes of workshop WS-0001, Third parties",
        "**Decided: Possible × Major, 12**, by Hugo Marchetti.",
        "- Seat 0 (Group 0), present",
        "> The leaver list is monthly",
    ] {
        assert!(english.contains(line), "{line}: {english}");
    }
    let (said, french) = read("fr");
    assert_eq!(said, "fr");
    for line in [
        "# Compte rendu de l’atelier WS-0001, Third parties",
        "Unanime\u{a0}: 2 votes dans une même case",
        "**Décidé\u{a0}: Possible × Majeur, 12**, par Hugo Marchetti.",
    ] {
        assert!(french.contains(line), "{line}: {french}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("minutes.md");
    let place = json!({ "path": file }).to_string();
    let save = format!("{path}/minutes?format=markdown");
    assert_eq!(bed.ask(At::Port(&bed.admin), "POST", &save, &[], Some(place.clone())).fields(), ["path"], "only the window names a place");
    bed.ask(At::Window, "POST", &save, &[], Some(place)).expect(204, "written");
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), english);
}

/// The file is closed and opened in the middle of a round: the room goes on where it was, with every vote that was counted.
#[test]
fn a_room_goes_on_where_it_was_when_the_file_is_opened_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let open = || {
        let engine = super::engine(folder.path(), Some("a passphrase of the test's own"));
        if folder.path().join("W.amtia").exists() {
            engine.open_existing().expect("it opens");
        } else {
            engine.create(amtia_engine::NewWorkspace { sample: false, name: None, path: None }).expect("made");
        }
        engine
    };
    let ask = |engine: &amtia_engine::Engine, method: &str, path: &str, body: &Value| -> Value {
        use http_body_util::BodyExt as _;
        let request = axum::http::Request::builder().method(method).uri(path).header("content-type", "application/json");
        let body = if method == "GET" { axum::body::Body::empty() } else { axum::body::Body::from(body.to_string()) };
        let request = request.body(body).expect("a request");
        runtime.block_on(async {
            let answer = engine.call(request).await;
            assert!(answer.status().is_success(), "{method} {path}: {}", answer.status());
            let bytes = answer.into_body().collect().await.expect("a whole body").to_bytes();
            serde_json::from_slice(&bytes).unwrap_or(Value::Null)
        })
    };
    let engine = open();
    let risk = ask(&engine, "POST", "/v1/risks", &json!({ "name": "One" }));
    let plan = json!({ "name": "W", "participants": [{ "name": "Ada" }, { "name": "Bo" }], "items": [{ "risk_id": risk["id"] }] });
    let made = ask(&engine, "POST", "/v1/workshops", &plan);
    let text = |value: &Value| value.as_str().expect("an id").to_owned();
    let path = format!("/v1/workshops/{}", text(&made["id"]));
    let item = format!("{path}/items/{}", text(&made["items"][0]["id"]));
    let votes = |seat: usize| format!("{item}/votes/{}", text(&made["participants"][seat]["id"]));
    ask(&engine, "PUT", &format!("{path}/status"), &json!({ "status": "running" }));
    ask(&engine, "PUT", &format!("{item}/status"), &json!({ "status": "voting" }));
    ask(&engine, "PUT", &votes(0), &cell(2, 3));
    let room = ask(&engine, "GET", &format!("{path}/room"), &Value::Null);
    engine.close();
    let engine = open();
    assert_eq!(ask(&engine, "GET", &format!("{path}/room"), &Value::Null), room, "as it was");
    ask(&engine, "PUT", &votes(1), &cell(2, 3));
    ask(&engine, "PUT", &format!("{item}/status"), &json!({ "status": "revealed" }));
    engine.close();
    let engine = open();
    let room = ask(&engine, "GET", &format!("{path}/room"), &Value::Null);
    assert_eq!((&room["item"]["told"]["tally"]["votes"], &room["item"]["before"]), (&json!(2), &Value::Null));
    engine.close();
}

#[test]
fn the_sample_holds_a_planned_workshop() {
    let bed = Bed::sample();
    let list = bed.get("/v1/workshops").expect(200, "workshops");
    assert_eq!((&list["total"], &list["data"][0]["status"]), (&json!(1), &json!("planned")));
    let one = &list["data"][0];
    assert_eq!((one["items"].as_array().map(Vec::len), one["participants"].as_array().map(Vec::len)), (Some(14), Some(9)));
    let risk = bed.get(&format!("/v1/risks/{}", one["items"][0]["risk_id"].as_str().expect("an id"))).expect(200, "its risk is there");
    assert_eq!((&risk["ref"], &risk["category"]), (&one["items"][0]["ref"], &json!("Third parties")));
}
