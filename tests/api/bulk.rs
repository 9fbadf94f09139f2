//! One change of many risks: each one's fate, one step for all of them, nobody's edit lost.

use super::{At, Bed};
use serde_json::{Value, json};

fn bulk(bed: &Bed, body: &Value) -> Value {
    bed.send("POST", "/v1/risks/bulk", body).expect(200, "an answer")
}

fn risk(bed: &Bed, id: &str) -> Value {
    bed.get(&format!("/v1/risks/{id}")).expect(200, "a risk")
}

fn at(bed: &Bed, id: &str) -> (Value, Value) {
    let risk = risk(bed, id);
    (risk["likelihood"].clone(), risk["impact"].clone())
}

fn fates(answer: &Value) -> Vec<&str> {
    answer["data"].as_array().expect("rows").iter().map(|row| row["fate"].as_str().expect("a fate")).collect()
}

/// Three risks at 1/1, 3/3 and 5/5.
fn three(bed: &Bed) -> [String; 3] {
    [1, 3, 5].map(|step| bed.risk(&json!({ "name": format!("At {step}"), "likelihood": step, "impact": step, "owner": "Ines Okafor" })))
}

#[test]
fn every_fate_is_told_and_a_dry_run_tells_the_same_and_writes_nothing() {
    let bed = Bed::new(false);
    let [low, middle, high] = three(&bed);
    bed.send("PUT", &format!("/v1/risks/{high}"), &json!({ "owner": "Hugo Marchetti" })).expect(200, "already so");
    let nowhere = bed.risk(&json!({ "name": "Nowhere" }));
    let body = |dry: bool| {
        json!({ "ids": [low, "nobody", nowhere, high, middle, low], "dry_run": dry,
            "changes": { "owner": "Hugo Marchetti" }, "move_by": { "likelihood": 0, "impact": 0 }, "reason": "He took over",
            "seen": { &middle: { "owner": "Somebody else" }, &low: { "owner": "Ines Okafor", "revision": 1 } } })
    };
    let foreseen = bulk(&bed, &body(true));
    assert_eq!(foreseen["fates"], json!({ "changed": 1, "unchanged": 1, "refused": 1, "gone": 1, "stale": 1 }));
    assert_eq!(fates(&foreseen), ["changed", "gone", "refused", "unchanged", "stale"], "in the order of the ids, each once");
    let rows = foreseen["data"].as_array().expect("rows");
    assert_eq!((&rows[0]["before"], &rows[0]["after"]), (&json!({ "owner": "Ines Okafor" }), &json!({ "owner": "Hugo Marchetti" })));
    assert_eq!((&rows[1]["id"], &rows[1]["message"]), (&json!("nobody"), &json!("No risk with this identifier.")));
    assert_eq!((&rows[2]["problems"][0]["field"], &rows[2]["ref"]), (&json!("move_by"), &json!("R-0004")), "the rule speaks: {}", rows[2]);
    assert_eq!(
        rows[4]["problems"],
        json!([{ "field": "owner", "message": "changed since you read it", "yours": "Hugo Marchetti", "current": "Ines Okafor" }]),
        "both values"
    );
    assert_eq!(risk(&bed, &low)["owner"], "Ines Okafor", "nothing is written");
    assert_eq!(bed.get(&format!("/v1/risks/{low}/history")).json()["total"], 1);
    let mut done = bulk(&bed, &body(false));
    assert_eq!(done["data"][0]["revision"], 2, "of the change");
    done["data"][0]["revision"] = json!(1);
    for member in ["dry_run", "as_of"] {
        done[member] = foreseen[member].clone();
    }
    assert_eq!(done, foreseen, "what was foreseen is what became of them");
    assert_eq!(risk(&bed, &low)["owner"], "Hugo Marchetti");
    assert_eq!(risk(&bed, &middle)["owner"], "Ines Okafor", "a stale one stays");
    let entry = bed.get(&format!("/v1/risks/{low}/history")).json()["data"][0].clone();
    assert_eq!(
        (&entry["action"], &entry["reason"], &entry["before"]["owner"]),
        (&json!("updated"), &json!("He took over"), &json!("Ines Okafor"))
    );
    let report = bed.engine.workspace().expect("open").verify().expect("a report");
    assert!(report.sound, "{:?}", report.problems);
}

#[test]
fn many_move_to_a_cell_or_each_its_own_way_as_far_as_the_edge() {
    let bed = Bed::new(false);
    let ids = three(&bed);
    let moved = bulk(&bed, &json!({ "ids": ids, "move_by": { "likelihood": 1, "impact": -1 } }));
    let held: Vec<&Value> = moved["data"].as_array().expect("rows").iter().map(|row| &row["held_back"]).collect();
    assert_eq!(held, [true, false, true], "the edge held two");
    assert_eq!(moved["held_back"], 2);
    let stand = |expected: [(i32, i32); 3]| {
        for (id, (likelihood, impact)) in ids.iter().zip(expected) {
            assert_eq!(at(&bed, id), (json!(likelihood), json!(impact)));
        }
    };
    stand([(2, 1), (4, 2), (5, 4)]);
    assert_eq!(moved["data"][1]["after"]["score"], 8, "the score goes with the place");
    bulk(&bed, &json!({ "ids": ids, "move": { "view": "current", "likelihood": 2, "impact": 4 } }));
    stand([(2, 4), (2, 4), (2, 4)]);
    assert_eq!(bed.get(&format!("/v1/risks/{}/history", ids[0])).json()["data"][0]["action"], "moved", "it is a move");
    bulk(&bed, &json!({ "ids": ids, "move": { "view": "residual", "likelihood": 1, "impact": 1 } }));
    stand([(2, 4), (2, 4), (2, 4)]);
    assert_eq!(risk(&bed, &ids[2])["residual"]["score"], 1, "another view moves alone");
    let further = bulk(&bed, &json!({ "ids": ids, "move_by": { "view": "residual", "likelihood": 2 } }));
    assert_eq!(further["fates"]["changed"], 3);
    assert_eq!((&risk(&bed, &ids[1])["residual"]["likelihood"], &risk(&bed, &ids[1])["residual"]["impact"]), (&json!(3), &json!(1)));
}

#[test]
fn all_of_it_is_one_step_that_undo_takes_back_unless_one_was_changed_since() {
    let bed = Bed::new(false);
    let ids = three(&bed);
    let states = || ids.clone().map(|id| risk(&bed, &id)["owner"].clone());
    let before = states();
    let events = |bed: &Bed| bed.engine.workspace().expect("open").verify().expect("a report").trail_entries;
    let entries = events(&bed);
    bulk(&bed, &json!({ "ids": ids, "changes": { "owner": "Hugo Marchetti", "tags": ["taken over"] } }));
    assert_eq!(events(&bed), entries + 3, "each has its entry in the trail");
    assert_eq!(bed.get("/v1/risks?tag=taken%20over").json()["total"], 3);
    let step = bed.get("/v1/undo").json()["undo"].clone();
    assert_eq!((&step["ref"], &step["changes"], &step["action"]), (&json!("R-0001"), &json!(3), &json!("updated")), "{step}");
    let after = states();
    let back = bed.send("POST", "/v1/undo", &json!({})).expect(200, "taken back");
    assert_eq!((&back["changes"], states()), (&json!(3), before.clone()));
    assert_eq!(bed.get("/v1/risks?tag=taken%20over").json()["total"], 0);
    bed.send("POST", "/v1/redo", &json!({})).expect(200, "made again");
    assert_eq!(states(), after);
    let path = format!("/v1/risks/{}", ids[1]);
    bed.ask(At::Port(&bed.analyst), "PUT", &path, &[], Some(json!({ "owner": "Theirs" }).to_string())).expect(200, "theirs");
    let refused = bed.send("POST", "/v1/undo", &json!({}));
    assert_eq!(refused.status, 412, "their work is not overwritten");
    let detail = refused.json()["error"]["details"][0].clone();
    assert_eq!((&detail["yours"], &detail["current"]), (&json!("Ines Okafor"), &json!("Theirs")), "both values: {detail}");
    assert_eq!(states(), [json!("Hugo Marchetti"), json!("Theirs"), json!("Hugo Marchetti")], "nothing was taken back");
}

#[test]
fn what_was_changed_after_the_dry_run_is_told_with_both_values_and_stays() {
    let bed = Bed::new(false);
    let [low, middle, high] = three(&bed);
    let wish = json!({ "filter": { "owner": "Ines Okafor" }, "changes": { "treatment": "mitigate" }, "dry_run": true });
    let foreseen = bulk(&bed, &wish);
    assert_eq!(foreseen["fates"]["changed"], 3);
    let put = |id: &str, body: Value| {
        bed.ask(At::Port(&bed.analyst), "PUT", &format!("/v1/risks/{id}"), &[], Some(body.to_string())).expect(200, "theirs");
    };
    put(&low, json!({ "treatment": "avoid" }));
    put(&middle, json!({ "treatment": "mitigate" }));
    let mut keep = wish;
    keep["dry_run"] = json!(false);
    keep["as_of"] = foreseen["as_of"].clone();
    let kept = bulk(&bed, &keep);
    assert_eq!(fates(&kept), ["stale", "unchanged", "changed"], "what they made of it already is no conflict");
    let problem = &kept["data"][0]["problems"][0];
    assert_eq!(
        (&problem["field"], &problem["yours"], &problem["current"]),
        (&json!("treatment"), &json!("mitigate"), &json!("avoid")),
        "{problem}"
    );
    assert_eq!(risk(&bed, &low)["treatment"], "avoid", "no edit is lost");
    assert_eq!(risk(&bed, &high)["treatment"], "mitigate");
    let seen = json!({ "ids": [low], "changes": { "treatment": "accept" }, "seen": { &low: { "likelihood": 1, "impact": 1 } } });
    assert_eq!(fates(&bulk(&bed, &seen)), ["changed"], "fields that nobody looked at may have changed");
    let seen = json!({ "ids": [low], "changes": { "treatment": "open" }, "seen": { &low: { "revision": 2 } } });
    assert_eq!(fates(&bulk(&bed, &seen)), ["stale"], "a revision is told of all fields");
    put(&low, json!({ "target": { "likelihood": 2, "impact": 1 } }));
    let seen = |likelihood: u8| json!({ "ids": [low], "move": { "view": "target", "likelihood": 1, "impact": 1 }, "seen": { &low: { "target": { "likelihood": likelihood, "impact": 1 } } } });
    let refused = bulk(&bed, &seen(3));
    assert_eq!(
        (&refused["data"][0]["fate"], &refused["data"][0]["problems"][0]["yours"]["likelihood"]),
        (&json!("stale"), &json!(1)),
        "{refused}"
    );
    assert_eq!(fates(&bulk(&bed, &seen(2))), ["changed"]);
}

#[test]
fn a_filter_is_the_lists_and_rows_come_in_pages() {
    let bed = Bed::new(true);
    let filter = json!({ "view": "residual", "assessed": true, "q": "supplier" });
    let listed = bed.all("/v1/risks?view=residual&assessed=true&q=supplier");
    assert!(listed.len() > 2, "the sample has some");
    let wish = json!({ "filter": filter, "changes": { "category": "Elsewhere" }, "dry_run": true });
    let first = bed.send("POST", "/v1/risks/bulk?limit=2", &wish).expect(200, "a page");
    assert_eq!(first["fates"]["changed"], listed.len(), "the first page counts all");
    let (mut page, mut ids) = (first.clone(), Vec::new());
    loop {
        ids.extend(page["data"].as_array().expect("rows").iter().map(|row| row["id"].as_str().expect("an id").to_owned()));
        let Some(cursor) = page["next_cursor"].as_str().map(str::to_owned) else { break };
        assert!(ids.len() <= listed.len(), "pages end");
        page = bed.send("POST", &format!("/v1/risks/bulk?limit=2&cursor={cursor}"), &wish).expect(200, "a page");
        assert_eq!(page["fates"], Value::Null);
    }
    let mut expected: Vec<(i64, String)> =
        listed.iter().map(|risk| (number(risk), risk["id"].as_str().expect("an id").to_owned())).collect();
    expected.sort();
    assert_eq!(ids, expected.into_iter().map(|(_, id)| id).collect::<Vec<_>>(), "by number, each once");
    let mut by_id = json!({ "ids": ids, "changes": { "category": "Elsewhere" }, "dry_run": true, "fates": ["changed"] });
    let page = bed.send("POST", "/v1/risks/bulk?limit=1&cursor=1", &by_id).expect(200, "a page");
    assert_eq!((&page["data"][0]["id"], &page["next_cursor"]), (&json!(ids[1]), &json!("2")));
    by_id["fates"] = json!(["gone", "stale"]);
    let none = bed.send("POST", "/v1/risks/bulk", &by_id).expect(200, "no row");
    assert_eq!(
        (&none["data"], &none["fates"]["changed"]),
        (&json!([]), &json!(ids.len())),
        "counts are of all, rows of the fates asked for"
    );
    let all = bulk(&bed, &json!({ "filter": {}, "changes": { "category": "Elsewhere" } }));
    let total = bed.get("/v1/risks?limit=1").json()["total"].clone();
    assert_eq!(
        (&all["fates"]["changed"], bed.get("/v1/risks?category=Elsewhere&limit=1").json()["total"].clone()),
        (&total, total.clone())
    );
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "all of it");
    assert_eq!(bed.get("/v1/risks?category=Elsewhere&limit=1").json()["total"], 0);
}

fn number(risk: &Value) -> i64 {
    risk["ref"].as_str().and_then(|reference| reference.strip_prefix("R-")?.parse().ok()).expect("a number")
}

#[test]
fn a_body_that_cannot_be_meant_is_refused_whole_with_every_field() {
    let bed = Bed::new(false);
    let id = bed.risk(&json!({ "name": "One", "likelihood": 2, "impact": 2 }));
    let one = json!([id]);
    for (body, fields) in [
        (json!({}), vec!["changes", "ids"]),
        (json!({ "ids": one, "filter": {}, "changes": { "owner": "A" } }), vec!["ids"]),
        (json!({ "ids": "all", "changes": { "owner": 3, "colour": "red" } }), vec!["changes.owner", "changes.colour", "ids"]),
        (json!({ "ids": one, "changes": { "owner": "A", "reason": "because" } }), vec!["changes.reason"]),
        (json!({ "ids": one, "changes": [1] }), vec!["changes"]),
        (json!({ "ids": one, "move": { "likelihood": 9, "colour": 1 } }), vec!["move.impact", "move.likelihood", "move.colour"]),
        (json!({ "ids": one, "move": { "likelihood": null, "impact": 3 } }), vec!["move.likelihood"]),
        (json!({ "filter": { "owner": "" }, "changes": { "owner": "A" } }), vec!["filter"]),
        (json!({ "filter": { "owner": null }, "changes": { "owner": "A" } }), vec!["filter"]),
        (json!({ "ids": one, "move_by": { "likelihood": 7, "view": "side" } }), vec!["move_by.view", "move_by.likelihood"]),
        (json!({ "ids": one, "move": { "likelihood": 1, "impact": 1 }, "move_by": { "impact": 1 } }), vec!["move_by"]),
        (json!({ "ids": one, "move_by": { "impact": 1 }, "changes": { "impact": 3 } }), vec!["changes"]),
        (json!({ "filter": { "level": "purple", "colour": "red", "owner": ["A"] }, "changes": { "owner": "A" } }), vec!["filter"]),
        (json!({ "filter": { "level": "purple", "colour": "red" }, "changes": { "owner": "A" } }), vec!["filter.level", "filter.colour"]),
        (
            json!({ "ids": one, "changes": { "owner": "A" }, "seen": { "x": 1 }, "as_of": "now", "fates": ["dire"], "reason": 1, "dry_run": 1, "more": 1 }),
            vec!["as_of", "dry_run", "fates", "more", "reason", "seen"],
        ),
    ] {
        let answer = bed.send("POST", "/v1/risks/bulk", &body);
        assert_eq!(answer.status, 400, "{body}");
        let (mut told, mut fields) = (answer.fields(), fields);
        told.sort_unstable();
        fields.sort_unstable();
        assert_eq!(told, fields, "{body}: {}", answer.json());
    }
    let further = bed.send("POST", "/v1/risks/bulk?cursor=1", &json!({ "ids": one, "changes": { "owner": "A" } }));
    assert_eq!((further.status, further.fields()), (400, vec!["cursor".to_owned()]), "what is kept has no further page");
    assert_eq!(risk(&bed, &id)["owner"], Value::Null, "nothing was written");
}

#[test]
fn rules_of_a_single_change_hold_for_each() {
    let bed = Bed::new(false);
    let judged = bed.risk(&json!({ "name": "Judged", "likelihood": 2, "impact": 2 }));
    let blank = bed.risk(&json!({ "name": "Blank" }));
    let plan = json!({ "ids": [judged, blank], "changes": { "likelihood": 4 } });
    let answer = bulk(&bed, &plan);
    assert_eq!(fates(&answer), ["changed", "refused"], "likelihood comes together with impact");
    assert_eq!(answer["data"][1]["message"], "The field `impact` comes together with likelihood.");
    let linked = bulk(&bed, &json!({ "ids": [judged], "changes": { "asset_ids": ["nothing"] } }));
    assert_eq!((&linked["data"][0]["fate"], &linked["data"][0]["problems"][0]["field"]), (&json!("refused"), &json!("asset_ids")));
    let french = bed.ask(At::Window, "POST", "/v1/risks/bulk", &[("accept-language", "fr")], Some(plan.to_string())).json();
    assert_eq!(french["data"][1]["message"], "Le champ `impact` va de pair avec likelihood.", "{french}");
    let viewer = bed.ask(At::Port(&bed.viewer), "POST", "/v1/risks/bulk", &[], Some(plan.to_string()));
    assert_eq!(viewer.status, 403, "who may not change one may not change many");
    let twice = [("idempotency-key", "once")];
    let steps = json!({ "ids": [judged], "move_by": { "impact": 1 } }).to_string();
    for _ in 0..2 {
        bed.ask(At::Window, "POST", "/v1/risks/bulk", &twice, Some(steps.clone())).expect(200, "kept once");
    }
    assert_eq!(at(&bed, &judged), (json!(4), json!(3)), "a repeated request moves nothing twice");
}

#[test]
fn an_acceptance_that_the_change_voids_is_counted_before() {
    let bed = Bed::new(false);
    let id = bed.risk(&json!({ "name": "Borne", "likelihood": 3, "impact": 3, "owner": "Ines Okafor" }));
    let body = json!({ "justification": "Costs more than it saves", "approver": "Hugo Marchetti", "expires_on": "2999-12-31" });
    let theirs = |method: &str, path: &str, body: &Value| bed.ask(At::Port(&bed.analyst), method, path, &[], Some(body.to_string()));
    let acceptance = theirs("POST", &format!("/v1/risks/{id}/acceptances"), &body).expect(201, "begun");
    let status = format!("/v1/acceptances/{}/status", acceptance["id"].as_str().expect("an id"));
    theirs("PUT", &status, &json!({ "status": "submitted" })).expect(200, "submitted");
    bed.send("PUT", &status, &json!({ "status": "accepted" })).expect(200, "decided by somebody else");
    let moved = json!({ "ids": [id], "move": { "likelihood": 4, "impact": 4 }, "dry_run": true });
    let foreseen = bulk(&bed, &moved);
    assert_eq!((&foreseen["acceptances_void"], &foreseen["data"][0]["voids_acceptance"]), (&json!(1), &json!(true)), "{foreseen}");
    let owner = bulk(&bed, &json!({ "ids": [id], "changes": { "tags": ["x"] }, "dry_run": true }));
    assert_eq!(owner["acceptances_void"], 0, "a tag is nothing that was accepted");
}

#[test]
fn why_is_kept_with_each_after_the_fact_and_stays_when_the_move_is_taken_back() {
    let bed = Bed::new(false);
    let ids = three(&bed);
    let foreseen = bulk(&bed, &json!({ "ids": ids, "changes": { "treatment": "accept" }, "dry_run": true }));
    bulk(&bed, &json!({ "ids": ids, "move": { "likelihood": 5, "impact": 4 } }));
    let why = json!({ "ids": ids, "reason": "The supplier was breached" });
    assert_eq!(bed.send("POST", "/v1/risks/reasons", &why).status, 204);
    let told = |id: &str| bed.get(&format!("/v1/risks/{id}/history")).json()["data"][0].clone();
    for id in &ids {
        let entry = told(id);
        assert_eq!((&entry["action"], &entry["reason"]), (&json!("commented"), &json!("The supplier was breached")), "{entry}");
    }
    let late = json!({ "ids": [ids[0]], "changes": { "treatment": "accept" }, "dry_run": true, "as_of": foreseen["as_of"] });
    assert_eq!(fates(&bulk(&bed, &late)), ["stale"], "it was moved since");
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "one step takes all of them back");
    assert_eq!(at(&bed, &ids[0]), (json!(1), json!(1)));
    assert_eq!(
        bed.get(&format!("/v1/risks/{}/history", ids[0])).json()["data"][1]["reason"],
        "The supplier was breached",
        "what was said stays"
    );
    let nobody = json!({ "ids": [ids[0], "nobody"], "reason": "No" });
    assert_eq!(bed.send("POST", "/v1/risks/reasons", &nobody).status, 404);
    assert_ne!(told(&ids[0])["reason"], "No", "all or none");
    let empty = bed.send("POST", "/v1/risks/reasons", &json!({ "ids": ids, "reason": " " }));
    assert_eq!((empty.status, empty.fields()), (400, vec!["reason".to_owned()]));
    assert!(bed.engine.workspace().expect("open").verify().expect("verified").sound);
}
