//! A risk's treatment plan: what follows from it, its history, and what can be had back.

use super::{At, Bed};
use serde_json::{Value, json};

fn sound(bed: &Bed) -> bool {
    bed.engine.workspace().expect("open").verify().expect("verified").sound
}

fn cells(risk: &Value) -> (Value, Value) {
    (json!([risk["likelihood"], risk["impact"]]), json!([risk["residual"]["likelihood"], risk["residual"]["impact"]]))
}

#[test]
fn scores_follow_the_plan_by_every_door_and_undo_takes_both_back() {
    let bed = Bed::new(false);
    let path = format!("/v1/risks/{}", bed.risk(&json!({ "name": "One", "likelihood": 5, "impact": 4 })));
    let body = json!({ "title": "Second factor", "owner": "Ines", "due_date": "2030-05-01", "lowers_likelihood": 2 });
    let made = bed.send("POST", &format!("{path}/actions"), &body);
    assert_eq!((made.status, made.header("location"), made.header("etag")), (201, path.as_str(), "\"2\""));
    let planned = made.json();
    assert_eq!(planned, bed.get(&path).expect(200, "read"), "the answer is the risk");
    assert_eq!(cells(&planned), (json!([5, 4]), json!([3, 4])));
    for (field, value) in body.as_object().expect("an object") {
        assert_eq!(&planned["actions"][0][field], value, "{field}");
    }
    let action = format!("{path}/actions/{}", planned["actions"][0]["id"].as_str().expect("an id"));
    let done = bed.ask(At::Port(&bed.analyst), "PUT", &action, &[], Some(json!({ "status": "done", "reason": "Rolled out" }).to_string()));
    let done = done.expect(200, "done");
    assert_eq!((cells(&done), &done["score"]), ((json!([3, 4]), json!([3, 4])), &json!(12)));
    let history = bed.get(&format!("{path}/history")).expect(200, "history")["data"][0].clone();
    assert_eq!((&history["reason"], &history["actor"]), (&json!("Rolled out"), &json!("the Analyst")));
    assert_eq!((&history["before"]["score"], &history["after"]["score"]), (&json!(20), &json!(12)), "the score that followed is told");
    let heat = bed.get("/v1/risks/heatmap").expect(200, "heatmap");
    let counted: Vec<&Value> = heat["cells"].as_array().expect("cells").iter().filter(|cell| cell["count"] != 0).collect();
    assert_eq!((counted.len(), &counted[0]["score"]), (1, &json!(12)), "and the map counts it there");
    assert_eq!(bed.send("POST", "/v1/undo", &json!({})).status, 412, "another has changed it since");
    bed.ask(At::Port(&bed.analyst), "POST", "/v1/undo", &[], Some("{}".into())).expect(200, "who did it takes it back");
    let back = bed.get(&path).expect(200, "read");
    assert_eq!((cells(&back), &back["actions"][0]["status"]), ((json!([5, 4]), json!([3, 4])), &json!("planned")));
    bed.ask(At::Port(&bed.analyst), "POST", "/v1/redo", &[], Some("{}".into())).expect(200, "and makes it again");
    bed.ask(At::Window, "DELETE", &action, &[], None).expect(204, "taken out");
    assert_eq!(bed.get(&path).json()["actions"], json!([]));
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "brought back");
    assert_eq!(bed.get(&path).json()["actions"][0]["status"], "done");
    assert!(sound(&bed));
}

#[test]
fn two_who_change_two_actions_lose_nothing_and_one_who_asks_to_be_told_is() {
    let bed = Bed::new(false);
    let path = format!("/v1/risks/{}", bed.risk(&json!({ "name": "One" })));
    for title in ["First", "Second"] {
        bed.send("POST", &format!("{path}/actions"), &json!({ "title": title })).expect(201, "planned");
    }
    let actions = bed.get(&path).json()["actions"].clone();
    let of = |at: usize| format!("{path}/actions/{}", actions[at]["id"].as_str().expect("an id"));
    bed.send("PUT", &of(0), &json!({ "progress": 40 })).expect(200, "one");
    let stale = bed.ask(At::Window, "PUT", &of(1), &[("if-match", "\"3\"")], Some(json!({ "progress": 10 }).to_string()));
    assert_eq!(stale.status, 412, "who names a revision is told");
    let now = bed.send("PUT", &of(1), &json!({ "owner": "Lea" })).expect(200, "the other");
    assert_eq!((&now["actions"][0]["progress"], &now["actions"][0]["status"]), (&json!(40), &json!("in_progress")));
    assert_eq!(now["actions"][1]["owner"], "Lea");
    // A PUT of the whole record leaves the plan as it is.
    bed.send("PUT", &path, &json!({ "actions": [], "name": "Renamed" })).expect(200, "renamed");
    assert_eq!(bed.get(&path).json()["actions"].as_array().map(Vec::len), Some(2));
    for (method, target, body) in [
        ("PUT", format!("{path}/actions/nobody"), json!({ "progress": 1 })),
        ("DELETE", format!("{path}/actions/nobody"), json!({})),
        ("POST", "/v1/risks/nobody/actions".into(), json!({ "title": "t" })),
    ] {
        assert_eq!(bed.send(method, &target, &body).status, 404, "{method} {target}");
    }
    let wrong = bed.send("POST", &format!("{path}/actions"), &json!({ "title": "t", "control_id": "nothing" }));
    assert_eq!(wrong.fields(), ["control_id"]);
    assert_eq!(bed.send("PUT", &path, &json!({ "residual_from": "plan" })).fields(), ["residual_from"], "there is no baseline");
}

#[test]
fn each_view_has_its_rationale_and_old_values_come_back() {
    let bed = Bed::new(false);
    let path = format!("/v1/risks/{}", bed.risk(&json!({ "name": "One", "owner": "Ines", "likelihood": 2, "impact": 2 })));
    let said = json!({ "rationale": "r", "inherent_rationale": "i", "residual_rationale": "e", "target_rationale": "t" });
    let told = bed.send("PUT", &path, &said).expect(200, "said");
    for (field, value) in said.as_object().expect("an object") {
        assert_eq!(&told[field], value, "{field}");
    }
    bed.send("PUT", &path, &json!({ "owner": "Lea", "likelihood": 5 })).expect(200, "changed");
    bed.send("PUT", &path, &json!({ "owner": null, "tags": ["a"] })).expect(200, "changed again");
    let history = bed.get(&format!("{path}/history")).expect(200, "history")["data"].clone();
    let restore = |entry: &Value, side: &str| bed.send("POST", &format!("{path}/restore"), &json!({ "entry": entry, "side": side }));
    let back = restore(&history[1]["entry"], "after").expect(200, "as that change left it");
    assert_eq!((&back["owner"], &back["score"], &back["tags"]), (&json!("Lea"), &json!(10), &json!(["a"])), "and the others stay");
    let back = restore(&history[1]["entry"], "before").expect(200, "as it was before");
    assert_eq!((&back["owner"], &back["score"]), (&json!("Ines"), &json!(4)));
    let newest = bed.get(&format!("{path}/history")).json()["data"][0].clone();
    assert_eq!((&newest["action"], &newest["before"]["owner"]), (&json!("restored"), &json!("Lea")));
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "it is a change like any other");
    assert_eq!(bed.get(&path).json()["owner"], "Lea");
    let other = bed.risk(&json!({ "name": "Other" }));
    let foreign = bed.get(&format!("/v1/risks/{other}/history")).json()["data"][0]["entry"].clone();
    for entry in [foreign, json!(999_999)] {
        assert_eq!(restore(&entry, "after").fields(), ["entry"], "{entry}");
    }
    assert_eq!(restore(&history[3]["entry"], "before").fields(), ["entry"], "nothing was before it");
    let wrong = bed.send("POST", &format!("{path}/restore"), &json!({ "entry": "x", "side": "left", "more": 1 }));
    assert_eq!(wrong.fields(), ["entry", "side", "more"]);
    assert!(sound(&bed));
}

#[test]
fn a_risk_tells_what_it_is_linked_to_in_words() {
    let bed = Bed::new(true);
    let first = |path: &str| bed.get(path).json()["data"][0].clone();
    let (asset, document) = (first("/v1/assets"), first("/v1/documents"));
    let control = first("/v1/frameworks/iso-27001/controls?assessable=true");
    let planned = first("/v1/frameworks/dora/controls?assessable=true");
    let body = json!({ "name": "One", "asset_ids": [asset["id"]], "document_ids": [document["id"]], "control_ids": [control["id"]] });
    let id = bed.risk(&body);
    bed.send("POST", &format!("/v1/risks/{id}/actions"), &json!({ "title": "t", "control_id": planned["id"] })).expect(201, "planned");
    let incident =
        bed.send("POST", "/v1/incidents", &json!({ "title": "Outage", "severity": "high", "risk_ids": [id] })).expect(201, "made");
    let audit = first("/v1/audits")["id"].as_str().expect("an id").to_owned();
    let finding = json!({ "title": "No list", "grade": "observation", "risk_ids": [id] });
    bed.send("POST", &format!("/v1/audits/{audit}/findings"), &finding).expect(201, "raised");
    let links = bed.get(&format!("/v1/risks/{id}/links")).expect(200, "links");
    for (kind, name) in [
        ("assets", &asset["name"]),
        ("documents", &document["title"]),
        ("controls", &control["title"]),
        ("planned_controls", &planned["title"]),
        ("incidents", &incident["title"]),
        ("findings", &finding["title"]),
    ] {
        let all = links[kind].as_array().expect(kind);
        assert_eq!((all.len(), &all[0]["name"]), (1, name), "{kind}");
    }
    assert_eq!((&links["findings"][0]["part_of"], &links["incidents"][0]["gravity"]), (&json!(audit), &json!("high")));
    let wrong = bed.send("PUT", &format!("/v1/risks/{id}"), &json!({ "document_ids": ["nothing"] }));
    assert_eq!(wrong.fields(), ["document_ids"]);
    bed.ask(At::Window, "DELETE", &format!("/v1/documents/{}", document["id"].as_str().expect("an id")), &[], None).expect(204, "gone");
    assert_eq!(bed.get(&format!("/v1/risks/{id}/links")).json()["documents"], json!([]), "what is gone is left out");
    bed.send("PUT", &format!("/v1/risks/{id}"), &json!({ "document_ids": [document["id"]], "owner": "Lea" }))
        .expect(200, "it may stay named");
    assert!(sound(&bed));
}

#[test]
fn a_place_that_comes_back_is_chosen_and_no_longer_the_plans() {
    let bed = Bed::new(false);
    let path = format!("/v1/risks/{}", bed.risk(&json!({ "name": "One", "likelihood": 5, "impact": 5 })));
    bed.send("PUT", &path, &json!({ "likelihood": 4 })).expect(200, "moved");
    let action = json!({ "title": "Cut it", "lowers_impact": 1, "status": "done" });
    let planned = bed.send("POST", &format!("{path}/actions"), &action).expect(201, "planned");
    assert_eq!((&planned["score"], &planned["current_from"]), (&json!(16), &json!("plan")));
    let history = bed.get(&format!("{path}/history")).json()["data"].clone();
    let body = json!({ "entry": history[1]["entry"], "side": "before" });
    let back = bed.send("POST", &format!("{path}/restore"), &body).expect(200, "as before the move");
    assert_eq!((&back["likelihood"], &back["impact"], &back["current_from"]), (&json!(5), &json!(4), &json!("hand")));
    assert_eq!(back["residual_from"], "plan", "the other view still follows");
    assert!(bed.engine.workspace().expect("open").verify().expect("verified").sound);
}
