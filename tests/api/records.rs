//! Records: what a write keeps, clears, refuses and repeats.

use super::{At, Bed, engine};
use serde_json::{Value, json};
use std::thread;

#[test]
fn put_changes_what_is_present_keeps_the_rest_and_clears_by_null() {
    let bed = Bed::new(false);
    let made = bed.send(
        "POST",
        "/v1/risks",
        &json!({ "name": "One", "owner": "Ines Okafor", "likelihood": 2, "impact": 4, "tags": ["a", "b"], "description": "d" }),
    );
    let location = made.header("location").to_owned();
    let one = made.expect(201, "made");
    assert_eq!(location, format!("/v1/risks/{}", one["id"].as_str().expect("an id")), "where it is");
    assert_eq!((&one["score"], &one["level"]), (&json!(8), &json!("medium")), "derived at once");
    assert_eq!(bed.get(&location).expect(200, "read back"), one, "the answer was the record");
    let two = bed.send("PUT", &location, &json!({ "owner": null, "name": "Two" })).expect(200, "changed");
    assert_eq!(
        (&two["owner"], &two["name"], &two["description"], &two["tags"]),
        (&json!(null), &json!("Two"), &json!("d"), &json!(["a", "b"])),
        "only what was present"
    );
    let sent = json!({ "id": "x", "ref": "R-9999", "level": "critical", "score": 25, "created_at": "2000-01-01T00:00:00Z", "updated_at": null, "name": "Three" });
    let three = bed.send("PUT", &location, &sent).expect(200, "read-only fields are ignored");
    for field in ["id", "ref", "level", "score", "created_at"] {
        assert_eq!(three[field], one[field], "{field} is the engine's");
    }
    let unassessed = format!("/v1/risks/{}", bed.risk(&json!({ "name": "Not assessed" })));
    for (path, body, field) in [
        (&unassessed, json!({ "likelihood": 3 }), "impact"),
        (&unassessed, json!({ "impact": 3 }), "likelihood"),
        (&location, json!({ "likelihood": null }), "likelihood"),
        (&location, json!({ "likelihood": null, "impact": 3 }), "likelihood"),
        (&location, json!({ "nmae": "x" }), "nmae"),
        (&location, json!({ "name": null }), "name"),
    ] {
        let answer = bed.send("PUT", path, &body);
        assert_eq!(answer.status, 400, "{body}");
        let told = answer.fields();
        assert!(told.iter().any(|have| have == field), "{body} names {field}: {told:?}");
    }
    let moved = bed.send("PUT", &location, &json!({ "likelihood": 3 })).expect(200, "one step moves where the other is known");
    assert_eq!((&moved["impact"], &moved["score"]), (&json!(4), &json!(12)), "the other is kept");
    let cleared = bed.send("PUT", &location, &json!({ "likelihood": null, "impact": null })).expect(200, "both or neither");
    assert_eq!(
        (&cleared["likelihood"], &cleared["score"], &cleared["level"]),
        (&json!(null), &json!(null), &json!(null)),
        "not assessed any more"
    );
    let answer = bed.ask(At::Window, "DELETE", &location, &[], None);
    assert_eq!((answer.status, answer.bytes.len()), (204, 0), "deleted, with nothing to say");
    assert_eq!(bed.get(&location).status, 404, "gone");
    assert_eq!(bed.ask(At::Window, "DELETE", &location, &[], None).status, 404, "once");
}

#[test]
fn a_stale_if_match_is_412_with_both_values_and_writes_nothing() {
    let bed = Bed::new(false);
    for (path, field, body) in
        [("/v1/risks", "name", json!({ "name": "One" })), ("/v1/incidents", "title", json!({ "title": "One", "severity": "low" }))]
    {
        let made = bed.send("POST", path, &body);
        let (location, tag) = (made.header("location").to_owned(), made.header("etag").to_owned());
        assert_eq!(bed.get(&location).header("etag"), tag, "reading gives the same tag");
        let put =
            |tag: &str, value: &str| bed.ask(At::Window, "PUT", &location, &[("if-match", tag)], Some(json!({ field: value }).to_string()));
        let second = put(&tag, "Two");
        assert_eq!((second.status, second.header("etag") == tag), (200, false), "a fresh tag passes and changes");
        let stale = put(&tag, "Three");
        assert_eq!(stale.status, 412, "a stale one does not");
        let detail = stale.json()["error"]["details"][0].clone();
        assert_eq!(
            (&detail["field"], &detail["yours"], &detail["current"]),
            (&json!(field), &json!("Three"), &json!("Two")),
            "both values: {detail}"
        );
        assert_eq!(put("\"999\"", "Four").status, 412, "a tag that never was is stale");
        assert_eq!(put("nonsense", "Four").status, 400, "a tag must be one");
        let gone = bed.ask(At::Window, "DELETE", &location, &[("if-match", &tag)], None);
        assert_eq!(gone.status, 412, "deleting minds it too");
        assert_eq!(bed.get(&location).json()[field], "Two", "nothing of this was written");
        assert_eq!(put("*", "Five").status, 200, "any revision will do");
    }
}

#[test]
fn a_put_that_changes_nothing_writes_nothing() {
    let bed = Bed::new(false);
    let body = json!({ "name": "One", "likelihood": 2, "impact": 2, "tags": ["a"] });
    let path = format!("/v1/risks/{}", bed.risk(&body));
    let head = || bed.engine.workspace().expect("open").verify().expect("verified").head;
    let (before, tag, record) = (head(), bed.get(&path).header("etag").to_owned(), bed.get(&path).json());
    for body in [body, json!({}), record.clone()] {
        let answer = bed.send("PUT", &path, &body);
        assert_eq!((answer.status, answer.header("etag")), (200, tag.as_str()), "{body} leaves the revision");
        assert_eq!(answer.json(), record, "and the record, its time included");
    }
    assert_eq!(head(), before, "the audit trail has nothing new");
}

#[test]
fn a_keyed_post_is_answered_once_and_replayed_after() {
    let bed = Bed::new(false);
    let incident = bed.send("POST", "/v1/incidents", &json!({ "title": "One", "severity": "low" })).json();
    let comments = format!("/v1/incidents/{}/comments", incident["id"].as_str().expect("an id"));
    for (path, body, other) in [
        ("/v1/risks", json!({ "name": "Keyed" }), json!({ "name": "Other" })),
        ("/v1/incidents", json!({ "title": "Keyed", "severity": "low" }), json!({ "title": "Other", "severity": "low" })),
        (&comments, json!({ "text": "Keyed" }), json!({ "text": "Other" })),
    ] {
        let post =
            |key: &str, body: &serde_json::Value| bed.ask(At::Window, "POST", path, &[("idempotency-key", key)], Some(body.to_string()));
        let (first, again) = (post("k1", &body), post("k1", &body));
        assert_eq!((first.status, first.header("idempotency-replayed")), (201, "false"), "{path}: fresh");
        assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"), "{path}: repeated");
        assert_eq!(
            (&again.bytes, again.header("location"), again.header("etag")),
            (&first.bytes, first.header("location"), first.header("etag")),
            "{path}: the same answer"
        );
        let clash = post("k1", &other);
        assert_eq!((clash.status, clash.header("idempotency-replayed")), (400, "false"), "{path}: another body under the key");
        assert_ne!(post("k2", &body).json()["id"], first.json()["id"], "{path}: another key is another request");
        assert_eq!(post("", &body).status, 400, "{path}: an empty key is none");
        assert_eq!(post(&"k".repeat(256), &body).status, 400, "{path}: nor one too long");
        let refused = post("k3", &json!({ "unknown": 1 }));
        assert_eq!((refused.status, refused.header("idempotency-replayed")), (400, "false"), "{path}: a refusal says so too");
        assert_eq!(post("k3", &body).status, 201, "{path}: and does not use the key up");
    }
    let by_key =
        bed.ask(At::Port(&bed.analyst), "POST", "/v1/risks", &[("idempotency-key", "k1")], Some(json!({ "name": "Keyed" }).to_string()));
    assert_eq!(by_key.header("idempotency-replayed"), "false", "another caller's keys are another's");
}

#[test]
fn every_other_keyed_post_does_its_work_once_too() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bed = Bed::new(false);
    let post = |path: &str, key: &str, body: &serde_json::Value| {
        bed.ask(At::Window, "POST", path, &[("idempotency-key", key)], Some(body.to_string()))
    };
    let twice = |path: &str, key: &str, body: &serde_json::Value, status: u16| {
        let (first, again) = (post(path, key, body), post(path, key, body));
        assert_eq!((first.status, first.header("idempotency-replayed")), (status, "false"), "{path}: {}", first.json());
        assert_eq!((again.status, again.header("idempotency-replayed")), (status, "true"), "{path}: {}", again.json());
        assert_eq!(again.bytes, first.bytes, "{path}: the same answer");
        assert_eq!(post(path, key, &json!({ "other": 1 })).status, 400, "{path}: another body under the key");
        first.json()
    };
    bed.risk(&json!({ "name": "One" }));
    bed.risk(&json!({ "name": "Two" }));
    let risks = || bed.get("/v1/risks").json()["total"].clone();
    twice("/v1/undo", "u", &json!({}), 200);
    assert_eq!(risks(), 1, "undone once");
    twice("/v1/redo", "r", &json!({}), 200);
    assert_eq!(risks(), 2, "made again once");
    assert_eq!(post("/v1/redo", "r2", &json!({})).status, 404, "there is nothing more to make again");
    let catalog = folder.path().join("small.json");
    let text = json!({ "catalog": { "uuid": "1f3a1d3c-5a0e-4c5e-9d2b-0d6f6f1c7a10",
        "metadata": { "title": "Small catalog", "last-modified": "2026-01-01T00:00:00Z", "version": "1", "oscal-version": "1.1.2" },
        "groups": [{ "id": "a", "title": "Group", "controls": [{ "id": "a-1", "title": "First" }] }] } });
    std::fs::write(&catalog, text.to_string()).expect("written");
    let import = twice("/v1/imports", "i", &json!({ "path": catalog.display().to_string() }), 201);
    twice(&format!("/v1/imports/{}/apply", import["id"].as_str().expect("an id")), "a", &json!({}), 200);
    assert_eq!(bed.get("/v1/frameworks").json()["total"], 1, "applied once");
    let recovery = twice("/v1/workspace/recovery-key", "k", &json!({}), 201);
    assert!(recovery["recovery_key"].is_string(), "the key that still opens it");
    let to = folder.path().join("Copy.amtia");
    twice("/v1/workspace/backup", "b", &json!({ "path": to.display().to_string() }), 201);
    assert_eq!(post("/v1/workspace/backup", "b2", &json!({ "path": to.display().to_string() })).status, 400, "the copy is there");
    let hook =
        bed.send("POST", "/v1/webhooks", &json!({ "url": "https://example.com/in", "events": ["risk.created"], "active": false })).json();
    let hook = format!("/v1/webhooks/{}", hook["id"].as_str().expect("an id"));
    twice(&format!("{hook}/rotate"), "w", &json!({}), 200);
    let key = twice("/v1/keys", "n", &json!({ "name": "Keyed", "role": "viewer" }), 201);
    twice(&format!("/v1/keys/{}/rotate", key["id"].as_str().expect("an id")), "o", &json!({}), 200);
}

#[test]
fn a_workspace_made_under_a_key_is_made_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let engine = engine(folder.path(), None);
    let post = |key: &str| {
        let request = axum::http::Request::post("/v1/workspace").header("idempotency-key", key).header("content-type", "application/json");
        let request = request.body(axum::body::Body::from("{\"kind\":\"empty\"}")).expect("a request");
        let parts = runtime.block_on(engine.call(request)).into_parts().0;
        (parts.status.as_u16(), parts.headers["idempotency-replayed"].to_str().expect("text").to_owned())
    };
    assert_eq!(post("k"), (201, "false".to_owned()), "made");
    assert_eq!(post("k"), (201, "true".to_owned()), "answered again");
    assert_eq!(post("k2"), (400, "false".to_owned()), "another request is refused: one is open");
    engine.close();
}

#[test]
fn parallel_duplicates_of_a_keyed_post_make_one_record_with_one_answer() {
    let bed = Bed::new(false);
    let answers: Vec<_> = thread::scope(|scope| {
        let post =
            || bed.ask(At::Port(&bed.analyst), "POST", "/v1/risks", &[("idempotency-key", "same")], Some("{\"name\":\"Once\"}".to_owned()));
        let all: Vec<_> = (0..12).map(|_| scope.spawn(post)).collect();
        all.into_iter().map(|one| one.join().expect("answered")).collect()
    });
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.bytes == answers[0].bytes), "each got the same answer");
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotency-replayed") == "false").count(), 1, "one of them was the first");
    assert_eq!(bed.get("/v1/risks").json()["total"], 1, "and one record was made");
}

#[test]
fn a_keyed_answer_survives_closing_and_opening_the_workspace() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let post = |engine: &amtia_engine::Engine| {
        let request = axum::http::Request::post("/v1/risks").header("idempotency-key", "k").header("content-type", "application/json");
        let request = request.body(axum::body::Body::from("{\"name\":\"Once\"}")).expect("a request");
        let (parts, body) = runtime.block_on(engine.call(request)).into_parts();
        let bytes = runtime.block_on(http_body_util::BodyExt::collect(body)).expect("a body").to_bytes();
        (parts.status.as_u16(), parts.headers["idempotency-replayed"].to_str().expect("text").to_owned(), bytes)
    };
    let first = engine(folder.path(), None);
    first.create(amtia_engine::NewWorkspace { sample: false, name: None, path: None }).expect("made");
    let fresh = post(&first);
    assert_eq!((fresh.0, fresh.1.as_str()), (201, "false"), "fresh");
    first.close();
    let second = engine(folder.path(), None);
    second.open_existing().expect("opened again");
    let again = post(&second);
    assert_eq!((again.0, again.1.as_str(), again.2), (201, "true", fresh.2), "the first answer, from the file");
    second.close();
}

#[test]
fn a_deleted_risk_is_named_by_nothing_and_undo_brings_back_risk_and_links() {
    let bed = Bed::new(false);
    let made = |path: &str, body: &Value| bed.send("POST", path, body).expect(201, "made")["id"].as_str().expect("an id").to_owned();
    let risk = made("/v1/risks", &json!({ "name": "Flood" }));
    let other = made("/v1/risks", &json!({ "name": "Fire" }));
    let incident = made("/v1/incidents", &json!({ "title": "Water", "severity": "low", "risk_ids": [risk, other] }));
    let audit = made("/v1/audits", &json!({ "name": "Sites" }));
    let raised = json!({ "title": "No pump", "grade": "observation", "risk_ids": [risk] });
    let finding = made(&format!("/v1/audits/{audit}/findings"), &raised);
    let named =
        || [format!("/v1/incidents/{incident}"), format!("/v1/findings/{finding}")].map(|path| bed.get(&path).json()["risk_ids"].clone());
    bed.ask(At::Window, "DELETE", &format!("/v1/risks/{risk}"), &[], None).expect(204, "deleted");
    assert_eq!(named(), [json!([other]), json!([])], "nothing names it any more");
    bed.send("PUT", &format!("/v1/incidents/{incident}"), &json!({ "risk_ids": [other] })).expect(200, "and nothing is refused for it");
    bed.send("POST", "/v1/undo", &json!({})).expect(200, "one undo");
    assert_eq!(named(), [json!([risk, other]), json!([risk])], "brings back the links");
    assert_eq!(bed.get(&format!("/v1/risks/{risk}")).status, 200, "and the risk");
    bed.send("POST", "/v1/redo", &json!({})).expect(200, "redo");
    assert_eq!(named(), [json!([other]), json!([])], "takes them away again");
    assert!(bed.engine.workspace().expect("open").verify().expect("verified").sound, "the file is sound after all this");
}
