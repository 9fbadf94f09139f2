//! Undo and redo: a new write that restores, by the same actor, or a refusal with both values.

use super::{At, Bed, engine};
use serde_json::{Value, json};

/// A record without what every write renews.
fn content(bed: &Bed, path: &str) -> Value {
    let answer = bed.get(path);
    let mut record = if answer.status == 404 { json!(null) } else { answer.json() };
    if let Some(fields) = record.as_object_mut() {
        fields.remove("updated_at");
    }
    record
}

fn step(bed: &Bed, way: &str) -> Value {
    bed.send("POST", &format!("/v1/{way}"), &json!({})).expect(200, way)
}

#[test]
fn each_kind_of_change_is_taken_back_and_made_again_whole() {
    let bed = Bed::new(false);
    let risk = format!("/v1/risks/{}", bed.risk(&json!({ "name": "One", "likelihood": 2, "impact": 2, "tags": ["a"] })));
    let incident =
        bed.send("POST", "/v1/incidents", &json!({ "title": "One", "severity": "high", "description": "d" })).expect(201, "made");
    let incident = format!("/v1/incidents/{}", incident["id"].as_str().expect("an id"));
    let changes: Vec<(&str, &str, String, Option<Value>)> = vec![
        ("update", "PUT", risk.clone(), Some(json!({ "name": "Two", "owner": "Ines Okafor", "tags": ["b", "c"] }))),
        ("move", "PUT", risk.clone(), Some(json!({ "likelihood": 5, "impact": 5 }))),
        ("move of another view", "PUT", risk.clone(), Some(json!({ "residual": { "likelihood": 1, "impact": 2 } }))),
        ("status", "PUT", format!("{incident}/status"), Some(json!({ "status": "resolved" }))),
        ("dismissal", "PUT", format!("{incident}/status"), Some(json!({ "status": "dismissed", "reason": "duplicate" }))),
        ("incident's fields", "PUT", incident.clone(), Some(json!({ "severity": "low", "tlp": "amber+strict" }))),
        ("incident's delete", "DELETE", incident.clone(), None),
        ("delete", "DELETE", risk.clone(), None),
    ];
    let paths = [&risk, &incident];
    let mut states = vec![paths.map(|path| content(&bed, path))];
    for (what, method, path, body) in &changes {
        let answer = bed.ask(At::Window, method, path, &[], body.as_ref().map(Value::to_string));
        assert!(answer.status < 300, "{what}: {}", answer.status);
        states.push(paths.map(|path| content(&bed, path)));
        assert_ne!(states[states.len() - 2], states[states.len() - 1], "{what} changes something");
    }
    let tags: Vec<_> = ["a", "b", "c"].to_vec();
    for (place, (what, ..)) in changes.iter().enumerate().rev() {
        step(&bed, "undo");
        assert_eq!(paths.map(|path| content(&bed, path)), states[place], "{what} is taken back");
    }
    assert_eq!(bed.get(&format!("/v1/risks?tag={}", tags[0])).json()["total"], 1, "filters find the restored record");
    assert_eq!(bed.get(&format!("/v1/risks?tag={}", tags[1])).json()["total"], 0, "and not by what was taken back");
    for (place, (what, ..)) in changes.iter().enumerate() {
        step(&bed, "redo");
        assert_eq!(paths.map(|path| content(&bed, path)), states[place + 1], "{what} is made again");
    }
    assert_eq!(bed.send("POST", "/v1/redo", &json!({})).status, 404, "nothing is left to redo");
    for _ in 0..changes.len() + 2 {
        step(&bed, "undo");
    }
    assert_eq!(paths.map(|path| content(&bed, path)), [json!(null), json!(null)], "down to before either was there");
    assert_eq!(bed.send("POST", "/v1/undo", &json!({})).status, 404, "nothing is left to undo");
    assert!(bed.engine.workspace().expect("open").verify().expect("verified").sound, "and the file is sound");
}

#[test]
fn a_new_change_ends_redo_and_undo_writes_its_own_history() {
    let bed = Bed::new(false);
    let path = format!("/v1/risks/{}", bed.risk(&json!({ "name": "One" })));
    bed.send("PUT", &path, &json!({ "name": "Two" })).expect(200, "changed");
    let back = step(&bed, "undo");
    assert_eq!(
        (&back["kind"], &back["ref"], &back["redo"].is_null()),
        (&json!("risk"), &json!("R-0001"), &false),
        "it says what it took back: {back}"
    );
    bed.send("PUT", &path, &json!({ "name": "Three" })).expect(200, "a new change");
    assert!(bed.get("/v1/undo").json()["redo"].is_null(), "redo is no longer offered");
    assert_eq!(bed.send("POST", "/v1/redo", &json!({})).status, 404, "and does nothing");
    let history = bed.get(&format!("{path}/history")).json();
    let actions: Vec<&str> =
        history["data"].as_array().expect("a list").iter().map(|entry| entry["action"].as_str().expect("an action")).collect();
    assert_eq!(actions, ["updated", "undone", "updated", "created"], "each write is there, the undo included");
    assert_eq!(
        (&history["data"][1]["before"]["name"], &history["data"][1]["after"]["name"]),
        (&json!("Two"), &json!("One")),
        "with what it did"
    );
}

#[test]
fn undo_is_refused_with_both_values_when_somebody_else_changed_the_record_since() {
    let bed = Bed::new(false);
    let path = format!("/v1/risks/{}", bed.risk(&json!({ "name": "One" })));
    bed.send("PUT", &path, &json!({ "name": "Mine" })).expect(200, "mine");
    let theirs = bed.ask(At::Port(&bed.analyst), "PUT", &path, &[], Some(json!({ "name": "Theirs" }).to_string()));
    assert_eq!(theirs.status, 200, "theirs");
    let refused = bed.send("POST", "/v1/undo", &json!({}));
    assert_eq!(refused.status, 412, "their work is not overwritten");
    let detail = refused.json()["error"]["details"][0].clone();
    assert_eq!(
        (&detail["field"], &detail["yours"], &detail["current"]),
        (&json!("name"), &json!("One"), &json!("Theirs")),
        "both values: {detail}"
    );
    assert_eq!(bed.get(&path).json()["name"], "Theirs", "nothing was written");
    let own = bed.ask(At::Port(&bed.analyst), "POST", "/v1/undo", &[], Some("{}".into()));
    assert_eq!(own.status, 200, "each takes back their own");
    assert_eq!(bed.get(&path).json()["name"], "Mine", "theirs is taken back");
    step(&bed, "undo");
    assert_eq!(bed.get(&path).json()["name"], "One", "now mine can be");
    bed.send("PUT", &path, &json!({ "name": "Mine again" })).expect(200, "mine");
    bed.ask(At::Port(&bed.analyst), "PUT", &path, &[], Some(json!({ "owner": "Ines Okafor" }).to_string())).expect(200, "another field");
    step(&bed, "undo");
    let record = bed.get(&path).json();
    assert_eq!(
        (&record["name"], &record["owner"]),
        (&json!("One"), &json!("Ines Okafor")),
        "another field of theirs stands in nobody's way and stays"
    );
}

#[test]
fn a_framework_goes_and_comes_back_with_its_controls() {
    let bed = Bed::new(true);
    let before = bed.all("/v1/frameworks/iso-27001/controls");
    let search = "/v1/search?q=information&limit=50";
    let hits =
        || bed.get(search).json()["data"].as_array().map_or(0, |data| data.iter().filter(|hit| hit["framework_id"] == "iso-27001").count());
    let seen = hits();
    bed.ask(At::Window, "DELETE", "/v1/frameworks/iso-27001", &[], None).expect(204, "deleted");
    assert_eq!(bed.get("/v1/frameworks/iso-27001/controls").status, 404, "gone");
    assert_eq!((bed.get("/v1/summary").json()["frameworks"].clone(), hits()), (json!(2), 0), "from counts and search too");
    step(&bed, "undo");
    assert_eq!(bed.all("/v1/frameworks/iso-27001/controls"), before, "back with every control");
    assert_eq!((bed.get("/v1/summary").json()["frameworks"].clone(), hits()), (json!(3), seen), "and counted and found again");
    step(&bed, "redo");
    assert_eq!(bed.get("/v1/frameworks/iso-27001").status, 404, "and gone again");
}

#[test]
fn undo_and_redo_survive_closing_and_opening_the_workspace() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let ask = |engine: &amtia_engine::Engine, method: &str, path: &str, body: Value| {
        let request = axum::http::Request::builder().method(method).uri(path).header("content-type", "application/json");
        let response = runtime.block_on(engine.call(request.body(axum::body::Body::from(body.to_string())).expect("a request")));
        let bytes = runtime.block_on(http_body_util::BodyExt::collect(response.into_body())).expect("a body").to_bytes();
        serde_json::from_slice::<Value>(&bytes).unwrap_or(Value::Null)
    };
    let first = engine(folder.path(), None);
    first.create(amtia_engine::NewWorkspace { sample: false, name: None, path: None }).expect("made");
    let id = ask(&first, "POST", "/v1/risks", json!({ "name": "One" }))["id"].as_str().expect("an id").to_owned();
    let path = format!("/v1/risks/{id}");
    ask(&first, "PUT", &path, json!({ "name": "Two" }));
    ask(&first, "PUT", &path, json!({ "name": "Three" }));
    ask(&first, "POST", "/v1/undo", json!({}));
    first.close();
    let second = engine(folder.path(), None);
    second.open_existing().expect("opened again");
    ask(&second, "POST", "/v1/redo", json!({}));
    assert_eq!(ask(&second, "GET", &path, json!({}))["name"], "Three", "redo after reopening");
    ask(&second, "POST", "/v1/undo", json!({}));
    ask(&second, "POST", "/v1/undo", json!({}));
    assert_eq!(ask(&second, "GET", &path, json!({}))["name"], "One", "and undo, twice");
    second.close();
}

#[test]
fn a_deletion_is_not_made_again_over_what_others_built_since() {
    let bed = Bed::new(true);
    let audit = bed.send("POST", "/v1/audits", &json!({ "name": "Other" })).expect(201, "an audit")["id"].clone();
    let findings = |audit: &str| format!("/v1/audits/{audit}/findings");
    for (list, what) in [
        ("risks", "acceptance"),
        ("risks", "incident"),
        ("risks", "finding"),
        ("audits", "finding"),
        ("assets", "vulnerability"),
        ("assets", "risk"),
    ] {
        let made = bed.send("POST", &format!("/v1/{list}"), &json!({ "name": "One" })).expect(201, list);
        let id = made["id"].as_str().expect("an id");
        let (place, body) = match (list, what) {
            (_, "acceptance") => (format!("/v1/risks/{id}/acceptances"), json!({ "justification": "Costs more than it saves" })),
            (_, "incident") => ("/v1/incidents".into(), json!({ "title": "It came about", "severity": "low", "risk_ids": [id] })),
            ("risks", "finding") => {
                (findings(audit.as_str().expect("an id")), json!({ "title": "F", "grade": "observation", "risk_ids": [id] }))
            }
            (_, "finding") => (findings(id), json!({ "title": "F", "grade": "observation" })),
            (_, "vulnerability") => (format!("/v1/assets/{id}/vulnerabilities"), json!({ "title": "Weak", "severity": "low" })),
            _ => ("/v1/risks".into(), json!({ "name": "On it", "asset_ids": [id] })),
        };
        let path = format!("/v1/{list}/{id}");
        bed.ask(At::Window, "DELETE", &path, &[], None).expect(204, "deleted");
        step(&bed, "undo");
        bed.ask(At::Port(&bed.analyst), "POST", &place, &[], Some(body.to_string())).expect(201, "another builds on it");
        let refused = bed.send("POST", "/v1/redo", &json!({}));
        assert_eq!(refused.status, 412, "{list}, {what}: {}", refused.json());
        let said = refused.json()["error"]["message"].as_str().expect("a sentence").to_owned();
        assert!(said.contains(made["ref"].as_str().expect("a reference")) && said.contains("Nothing was changed"), "{said}");
        assert_eq!(bed.get(&path).status, 200, "{list}, {what}: nothing was changed");
        bed.ask(At::Window, "DELETE", &path, &[], None).expect(204, "it goes with what is on it now");
        step(&bed, "undo");
        step(&bed, "redo");
        let report = bed.engine.workspace().expect("open").verify().expect("verified");
        assert_eq!(report.problems, Vec::<String>::new(), "{list}, {what}");
    }
    let plan = json!({ "framework_id": "nis2", "scope": "full" });
    let assessment = bed.send("POST", "/v1/assessments", &plan).expect(201, "planned")["id"].as_str().expect("an id").to_owned();
    let path = format!("/v1/assessments/{assessment}");
    let control = bed.get(&format!("{path}/results")).json()["data"][0]["control_id"].as_str().expect("an id").to_owned();
    let result = format!("{path}/results/{control}");
    bed.ask(At::Window, "PUT", &path, &[], Some(json!({ "name": "Ours" }).to_string())).expect(200, "named");
    let begin = |result: &str| json!({ "result": result }).to_string();
    bed.ask(At::Port(&bed.analyst), "PUT", &result, &[], Some(begin("compliant"))).expect(200, "begun");
    bed.ask(At::Window, "DELETE", &path, &[], None).expect(204, "deleted");
    step(&bed, "undo");
    bed.ask(At::Port(&bed.analyst), "PUT", &result, &[], Some(begin("non_compliant"))).expect(200, "another works in it");
    step(&bed, "redo");
    step(&bed, "undo");
    assert_eq!(bed.get(&result).json()["result"], "non_compliant", "its results are kept while it is gone");
}
