//! Every operation that changes something: row, history, trail and event together, or nothing.

use super::{Bed, who};
use crate::store::api_keys::Role;
use rusqlite::Connection;
use rusqlite::types::Value as Sql;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Operations that change no record of the workspace file, and why.
const EXEMPT: &[(&str, &str)] = &[
    ("POST /v1/risks/reasons", "says why beside a change that was made: a note of the history, no change of a record"),
    ("POST /v1/auth/token", "issues a token; the file keeps none"),
    ("POST /v1/auth/link", "a session lives in memory"),
    ("POST /v1/imports", "only checks a file; nothing is saved"),
    ("PUT /v1/imports/{id}", "says how a file is read; nothing is saved"),
    ("POST /v1/matrix/preview", "only looks ahead; nothing is saved"),
    ("POST /v1/matrix/read", "only reads a file; nothing is saved"),
    ("POST /v1/risks/heatmap/save", "writes a file; the workspace stays as it is"),
    ("POST /v1/risks/export", "writes a file; the workspace stays as it is"),
    ("DELETE /v1/imports/{id}", "forgets what was in memory"),
    ("PUT /v1/api", "refused at this door; the window's has a test of its own"),
    ("POST /v1/webhooks/{id}/test", "sends a message; the log is no record"),
    ("POST /v1/webhooks/{id}/deliveries/{delivery}/redeliver", "sends a message again; the log is no record"),
    ("POST /v1/workspace", "makes the file itself; its first entry has a test of its own"),
    ("POST /v1/workspace/open", "opens a file"),
    ("POST /v1/documents/{id}/save", "writes a file that a person chose; the workspace stays as it is"),
    ("PUT /v1/workshops/{id}/items/{item_id}/votes/{seat_id}", "a vote is kept beside the record; its reveal is the change, and seals it"),
    ("DELETE /v1/workshops/{id}/items/{item_id}/votes/{seat_id}", "a vote is kept beside the record until it is revealed"),
    ("POST /v1/workshops/{id}/minutes", "writes a file; the workspace stays as it is"),
    ("POST /v1/workspace/backup", "copies the file; the original stays as it is"),
];

/// One request that changes something, after what it needs was made.
pub(super) struct Case {
    pub(super) path: String,
    pub(super) body: Option<Value>,
    /// Table and id of the row whose revision must rise or which must come or go.
    pub(super) row: Option<(&'static str, String)>,
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

pub(super) fn risk(bed: &Bed) -> String {
    text(&bed.done("POST", "/v1/risks", Some(&json!({ "name": "A risk", "likelihood": 2, "impact": 3 })))["id"])
}

/// A risk with an action of its plan, and that action's path.
fn action(bed: &Bed) -> (String, String) {
    let id = risk(bed);
    let path = format!("/v1/risks/{id}/actions");
    let planned = bed.done("POST", &path, Some(&json!({ "title": "An action", "lowers_likelihood": 1 })));
    (id, format!("{path}/{}", text(&planned["actions"][0]["id"])))
}

fn acceptance(bed: &Bed) -> String {
    let body = json!({ "justification": "Cheap", "approver": "Ines", "expires_on": "2999-12-31" });
    text(&bed.done("POST", &format!("/v1/risks/{}/acceptances", risk(bed)), Some(&body))["id"])
}

fn incident(bed: &Bed) -> String {
    text(&bed.done("POST", "/v1/incidents", Some(&json!({ "title": "An incident", "severity": "high" })))["id"])
}

fn asset(bed: &Bed) -> String {
    text(&bed.done("POST", "/v1/assets", Some(&json!({ "name": "An asset" })))["id"])
}

fn vulnerability(bed: &Bed) -> String {
    let path = format!("/v1/assets/{}/vulnerabilities", asset(bed));
    text(&bed.done("POST", &path, Some(&json!({ "title": "A weakness", "cvss": 7.1 })))["id"])
}

fn webhook(bed: &Bed) -> String {
    text(&bed.done("POST", "/v1/webhooks", Some(&json!({ "url": "https://example.com/in", "events": ["incident.resolved"] })))["id"])
}

fn audit(bed: &Bed) -> String {
    text(&bed.done("POST", "/v1/audits", Some(&json!({ "name": "An audit" })))["id"])
}

fn finding(bed: &Bed) -> String {
    let path = format!("/v1/audits/{}/findings", audit(bed));
    text(&bed.done("POST", &path, Some(&json!({ "title": "A finding", "grade": "observation" })))["id"])
}

/// The body that uploads a small file as the window does.
fn picked(bed: &Bed) -> Value {
    let path = bed.folder.path().join("small.txt");
    std::fs::write(&path, "What was agreed").expect("written");
    json!({ "path": path.display().to_string(), "title": "A document" })
}

fn document(bed: &Bed) -> String {
    text(&bed.done("POST", "/v1/documents/upload", Some(&picked(bed)))["id"])
}

/// The id of a small framework.
fn framework(bed: &Bed) -> String {
    bed.done("POST", &format!("/v1/imports/{}/apply", checked(bed)), Some(&json!({})));
    text(&bed.done("GET", "/v1/frameworks", None)["data"][0]["id"])
}

/// An assessment of a small framework that has begun, and the id of a control of it.
fn assessment(bed: &Bed) -> (String, String) {
    let body = json!({ "framework_id": framework(bed), "scope": "full", "status": "in_progress" });
    let id = text(&bed.done("POST", "/v1/assessments", Some(&body))["id"]);
    let control = text(&bed.done("GET", &format!("/v1/assessments/{id}/results"), None)["data"][0]["control_id"]);
    (id, control)
}

/// A small catalog, checked and ready to be applied.
fn checked(bed: &Bed) -> String {
    let catalog = json!({ "catalog": {
        "uuid": "1f3a1d3c-5a0e-4c5e-9d2b-0d6f6f1c7a10",
        "metadata": { "title": "Small catalog", "last-modified": "2026-01-01T00:00:00Z", "version": "1", "oscal-version": "1.1.2" },
        "groups": [{ "id": "a", "title": "Group", "controls": [{ "id": "a-1", "title": "First" }, { "id": "a-2", "title": "Second" }] }]
    }});
    let path = bed.folder.path().join("small.json");
    std::fs::write(&path, catalog.to_string()).expect("written");
    let body = json!({ "path": path.display().to_string() });
    let request = Bed::request("POST", "/v1/imports", &[("content-type", "application/json")], Some(&body));
    let response = bed.runtime.block_on(bed.engine.call(request));
    let import = bed.answer(response).body;
    assert_eq!(import["state"], "checked", "{import}");
    text(&import["id"])
}

fn case(bed: &Bed, operation: &str) -> Option<Case> {
    let plain = |path: String, body: Value, row| Some(Case { path, body: Some(body), row });
    match operation {
        "POST /v1/risks" => plain("/v1/risks".into(), json!({ "name": "New" }), None),
        "PUT /v1/risks/{id}" => {
            let id = risk(bed);
            plain(format!("/v1/risks/{id}"), json!({ "likelihood": 5, "impact": 5 }), Some(("risks", id)))
        }
        "DELETE /v1/risks/{id}" => {
            let id = risk(bed);
            Some(Case { path: format!("/v1/risks/{id}"), body: None, row: Some(("risks", id)) })
        }
        "POST /v1/risks/bulk" => {
            let id = risk(bed);
            plain("/v1/risks/bulk".into(), json!({ "ids": [id], "changes": { "owner": "Lea" } }), Some(("risks", id)))
        }
        "POST /v1/risks/{id}/actions" => {
            let id = risk(bed);
            plain(format!("/v1/risks/{id}/actions"), json!({ "title": "New", "lowers_impact": 1 }), Some(("risks", id)))
        }
        "PUT /v1/risks/{id}/actions/{action_id}" => {
            let (id, path) = action(bed);
            plain(path, json!({ "status": "done" }), Some(("risks", id)))
        }
        "DELETE /v1/risks/{id}/actions/{action_id}" => {
            let (id, path) = action(bed);
            Some(Case { path, body: None, row: Some(("risks", id)) })
        }
        "POST /v1/risks/{id}/restore" => {
            let id = risk(bed);
            bed.done("PUT", &format!("/v1/risks/{id}"), Some(&json!({ "name": "Renamed" })));
            let entry = bed.done("GET", &format!("/v1/risks/{id}/history"), None)["data"][0]["entry"].clone();
            plain(format!("/v1/risks/{id}/restore"), json!({ "entry": entry, "side": "before" }), Some(("risks", id)))
        }
        "POST /v1/risks/{id}/acceptances" => {
            plain(format!("/v1/risks/{}/acceptances", risk(bed)), json!({ "justification": "Cheap" }), None)
        }
        "PUT /v1/acceptances/{id}" => {
            let id = acceptance(bed);
            plain(format!("/v1/acceptances/{id}"), json!({ "approver": "Lea" }), Some(("acceptances", id)))
        }
        "PUT /v1/acceptances/{id}/status" => {
            let id = acceptance(bed);
            plain(format!("/v1/acceptances/{id}/status"), json!({ "status": "submitted" }), Some(("acceptances", id)))
        }
        "DELETE /v1/acceptances/{id}" => {
            let id = acceptance(bed);
            Some(Case { path: format!("/v1/acceptances/{id}"), body: None, row: Some(("acceptances", id)) })
        }
        "POST /v1/incidents" => plain("/v1/incidents".into(), json!({ "title": "New", "severity": "low" }), None),
        "PUT /v1/incidents/{id}" => {
            let id = incident(bed);
            plain(format!("/v1/incidents/{id}"), json!({ "severity": "critical" }), Some(("incidents", id)))
        }
        "PUT /v1/incidents/{id}/status" => {
            let id = incident(bed);
            plain(format!("/v1/incidents/{id}/status"), json!({ "status": "resolved" }), Some(("incidents", id)))
        }
        "DELETE /v1/incidents/{id}" => {
            let id = incident(bed);
            Some(Case { path: format!("/v1/incidents/{id}"), body: None, row: Some(("incidents", id)) })
        }
        "POST /v1/assets" => plain("/v1/assets".into(), json!({ "name": "New" }), None),
        "PUT /v1/assets/{id}" => {
            let id = asset(bed);
            plain(format!("/v1/assets/{id}"), json!({ "criticality": 5 }), Some(("assets", id)))
        }
        "DELETE /v1/assets/{id}" => {
            let id = asset(bed);
            Some(Case { path: format!("/v1/assets/{id}"), body: None, row: Some(("assets", id)) })
        }
        "POST /v1/assets/{id}/vulnerabilities" => {
            plain(format!("/v1/assets/{}/vulnerabilities", asset(bed)), json!({ "title": "New", "cvss": 9.8 }), None)
        }
        "PUT /v1/vulnerabilities/{id}" => {
            let id = vulnerability(bed);
            plain(format!("/v1/vulnerabilities/{id}"), json!({ "status": "fixed" }), Some(("vulnerabilities", id)))
        }
        "DELETE /v1/vulnerabilities/{id}" => {
            let id = vulnerability(bed);
            Some(Case { path: format!("/v1/vulnerabilities/{id}"), body: None, row: Some(("vulnerabilities", id)) })
        }
        "POST /v1/assessments" => plain("/v1/assessments".into(), json!({ "framework_id": framework(bed), "scope": "full" }), None),
        "PUT /v1/assessments/{id}" => {
            let (id, _) = assessment(bed);
            plain(format!("/v1/assessments/{id}"), json!({ "status": "completed" }), Some(("assessments", id)))
        }
        "DELETE /v1/assessments/{id}" => {
            let (id, _) = assessment(bed);
            Some(Case { path: format!("/v1/assessments/{id}"), body: None, row: Some(("assessments", id)) })
        }
        "PUT /v1/assessments/{id}/results/{control_id}" => {
            let (id, control) = assessment(bed);
            let path = format!("/v1/assessments/{id}/results/{control}");
            plain(path, json!({ "result": "compliant" }), Some(("assessment_results", format!("{id}.{control}"))))
        }
        // A comment is a row of the timeline: the incident's own revision stays.
        "POST /v1/incidents/{id}/comments" => plain(format!("/v1/incidents/{}/comments", incident(bed)), json!({ "text": "Seen" }), None),
        "POST /v1/audits" => plain("/v1/audits".into(), json!({ "name": "New" }), None),
        "PUT /v1/audits/{id}" => {
            let id = audit(bed);
            plain(format!("/v1/audits/{id}"), json!({ "status": "in_progress" }), Some(("audits", id)))
        }
        "DELETE /v1/audits/{id}" => {
            let id = audit(bed);
            Some(Case { path: format!("/v1/audits/{id}"), body: None, row: Some(("audits", id)) })
        }
        "POST /v1/audits/{id}/findings" => {
            plain(format!("/v1/audits/{}/findings", audit(bed)), json!({ "title": "New", "grade": "good_practice" }), None)
        }
        "PUT /v1/findings/{id}" => {
            let id = finding(bed);
            plain(format!("/v1/findings/{id}"), json!({ "grade": "minor_nonconformity" }), Some(("findings", id)))
        }
        "DELETE /v1/findings/{id}" => {
            let id = finding(bed);
            Some(Case { path: format!("/v1/findings/{id}"), body: None, row: Some(("findings", id)) })
        }
        "POST /v1/documents/upload" => plain("/v1/documents/upload".into(), picked(bed), None),
        "PUT /v1/documents/{id}" => {
            let id = document(bed);
            plain(format!("/v1/documents/{id}"), json!({ "status": "published" }), Some(("documents", id)))
        }
        "DELETE /v1/documents/{id}" => {
            let id = document(bed);
            Some(Case { path: format!("/v1/documents/{id}"), body: None, row: Some(("documents", id)) })
        }
        "POST /v1/imports/{id}/apply" => plain(format!("/v1/imports/{}/apply", checked(bed)), json!({}), None),
        "DELETE /v1/frameworks/{id}" => {
            let id = framework(bed);
            Some(Case { path: format!("/v1/frameworks/{id}"), body: None, row: Some(("frameworks", id)) })
        }
        "POST /v1/undo" => {
            let id = risk(bed);
            bed.done("PUT", &format!("/v1/risks/{id}"), Some(&json!({ "name": "Renamed" })));
            plain("/v1/undo".into(), json!({}), Some(("risks", id)))
        }
        "POST /v1/redo" => {
            let id = risk(bed);
            bed.done("PUT", &format!("/v1/risks/{id}"), Some(&json!({ "name": "Renamed" })));
            bed.done("POST", "/v1/undo", Some(&json!({})));
            plain("/v1/redo".into(), json!({}), Some(("risks", id)))
        }
        "POST /v1/keys" => plain("/v1/keys".into(), json!({ "name": "New", "role": "viewer" }), None),
        "POST /v1/keys/{id}/rotate" => {
            let id = bed.key("A key", Role::Viewer).0;
            plain(format!("/v1/keys/{id}/rotate"), json!({}), Some(("api_keys", id)))
        }
        "DELETE /v1/keys/{id}" => {
            let id = bed.key("A key", Role::Viewer).0;
            Some(Case { path: format!("/v1/keys/{id}"), body: None, row: Some(("api_keys", id)) })
        }
        "POST /v1/webhooks" => plain("/v1/webhooks".into(), json!({ "url": "https://example.com/in", "events": ["audit.finding"] }), None),
        "PUT /v1/webhooks/{id}" => {
            let id = webhook(bed);
            plain(format!("/v1/webhooks/{id}"), json!({ "description": "Another" }), Some(("webhooks", id)))
        }
        "POST /v1/webhooks/{id}/rotate" => {
            let id = webhook(bed);
            plain(format!("/v1/webhooks/{id}/rotate"), json!({}), Some(("webhooks", id)))
        }
        "DELETE /v1/webhooks/{id}" => {
            let id = webhook(bed);
            Some(Case { path: format!("/v1/webhooks/{id}"), body: None, row: Some(("webhooks", id)) })
        }
        "PUT /v1/matrix" => {
            let mut matrix = bed.done("GET", "/v1/matrix", None)["matrix"].clone();
            matrix["grid"][0][0] = json!("low");
            bed.done("PUT", "/v1/matrix", Some(&json!({ "matrix": matrix })));
            matrix["grid"][0][0] = json!("medium");
            plain("/v1/matrix".into(), json!({ "matrix": matrix }), Some(("matrices", "matrix".into())))
        }
        "PUT /v1/workspace" => plain("/v1/workspace".into(), json!({ "name": "Another name" }), None),
        "POST /v1/workspace/recovery-key" => plain("/v1/workspace/recovery-key".into(), json!({}), None),
        _ => super::workshops::case(bed, operation),
    }
}

fn mutating() -> Vec<String> {
    let document: Value = serde_json::from_str(crate::openapi_json()).expect("the document is JSON");
    let mut all = Vec::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for method in operations.as_object().expect("operations").keys().filter(|method| *method != "get" && *method != "parameters") {
            all.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    assert!(all.len() > 15, "the document lists the operations: {all:?}");
    all
}

fn count(connection: &Connection, table: &str) -> i64 {
    connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("counted")
}

fn revision(connection: &Connection, table: &str, id: &str) -> Option<i64> {
    connection.query_row(&format!("SELECT rev FROM {table} WHERE id = ?1"), [id], |row| row.get(0)).ok()
}

/// Runs a statement that no operation would.
fn by_hand(bed: &Bed, statement: &'static str) {
    let run = bed.workspace().store.write_blocking(who(), move |tx| {
        tx.connection.execute_batch(statement).expect("a statement that runs");
        Ok(())
    });
    run.expect("written");
}

/// Every value of every table.
fn everything(connection: &Connection) -> BTreeMap<String, Vec<Vec<Sql>>> {
    let mut tables =
        connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'").expect("prepared");
    let names: Vec<String> = tables.query_map([], |row| row.get(0)).expect("read").collect::<Result<_, _>>().expect("names");
    let mut all = BTreeMap::new();
    for name in names {
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{name}\"")).expect("prepared");
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|at| row.get::<_, Sql>(at)).collect()).expect("read");
        all.insert(name, rows.collect::<Result<_, _>>().expect("rows"));
    }
    all
}

#[test]
fn every_mutating_operation_has_a_case_or_a_reason_to_have_none() {
    let bed = Bed::new();
    let all = mutating();
    for operation in &all {
        let exempt = EXEMPT.iter().any(|(name, _)| name == operation);
        assert_ne!(case(&bed, operation).is_some(), exempt, "{operation} needs exactly one: a case or an exemption");
    }
    for (name, _) in EXEMPT {
        assert!(all.iter().any(|operation| operation == name), "{name} is exempt and does not exist");
    }
}

#[test]
fn every_change_writes_its_row_history_trail_and_event_together() {
    for operation in mutating() {
        let bed = Bed::new();
        let Some(case) = case(&bed, &operation) else { continue };
        let method = operation.split(' ').next().expect("a method");
        let store = &bed.workspace().store;
        let look = |connection: &Connection| {
            let row = case.row.as_ref().map(|(table, id)| revision(connection, table, id));
            Ok((count(connection, "history"), count(connection, "trail"), count(connection, "events"), row))
        };
        let before = store.read(look).expect("read");
        bed.done(method, &case.path, case.body.as_ref());
        let after = store.read(look).expect("read");
        assert_eq!(after.0 - before.0, 1, "{operation}: one history entry for one change");
        assert_eq!(after.1 - before.1, 1, "{operation}: and its link in the trail");
        assert!(after.2 > before.2, "{operation}: and its event");
        let told: i64 = store
            .read(|connection| {
                Ok(connection
                    .query_row("SELECT count(*) FROM events WHERE history = (SELECT max(seq) FROM history)", [], |row| row.get(0))
                    .expect("read"))
            })
            .expect("read");
        assert_eq!(told, after.2 - before.2, "{operation}: each event names the entry it tells of");
        if let (Some(was), Some(is)) = (before.3, after.3) {
            assert!(
                was < is || (was.is_some() && is.is_none()),
                "{operation}: the row's revision rises, or the row goes: {was:?} to {is:?}"
            );
        }
        assert!(bed.workspace().verify().expect("verified").sound, "{operation}: the file is sound after it");
    }
}

#[test]
fn a_failure_at_the_last_step_of_any_change_leaves_nothing_of_it() {
    for operation in mutating() {
        let bed = Bed::new();
        let Some(case) = case(&bed, &operation) else { continue };
        let method = operation.split(' ').next().expect("a method");
        let store = &bed.workspace().store;
        let trigger = "CREATE TRIGGER injected BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'injected'); END";
        by_hand(&bed, trigger);
        let slots = std::fs::read(bed.folder.path().join("W.amtia.keys")).expect("the key slots");
        let before = store.read(|connection| Ok(everything(connection))).expect("read");
        let answer = bed.call(method, &case.path, case.body.as_ref());
        assert_eq!(answer.status, 500, "{operation}: the failure is told: {}", answer.body);
        assert!(!answer.body.to_string().contains("injected"), "{operation}: without the database's words");
        let after = store.read(|connection| Ok(everything(connection))).expect("read");
        for (table, rows) in &before {
            assert!(after.get(table) == Some(rows), "{operation}: the table {table} is as it was");
        }
        assert!(
            std::fs::read(bed.folder.path().join("W.amtia.keys")).expect("the key slots") == slots,
            "{operation}: the key slots are as they were"
        );
        by_hand(&bed, "DROP TRIGGER injected");
        assert!(bed.workspace().verify().expect("verified").sound, "{operation}: and the file is sound");
    }
}

#[test]
fn each_arrival_at_resolved_tells_so_once() {
    let bed = Bed::new();
    let id = incident(&bed);
    let path = format!("/v1/incidents/{id}/status");
    let told = || {
        let sql = "SELECT count(*) FROM events WHERE type = 'incident.resolved'";
        bed.workspace()
            .store
            .read(|connection| Ok(connection.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("counted")))
            .expect("read")
    };
    let steps = [
        (json!({ "status": "triaged" }), 0, "not there yet"),
        (json!({ "status": "resolved" }), 1, "the first arrival"),
        (json!({ "status": "resolved" }), 1, "it was there already"),
        (json!({ "status": "closed" }), 1, "closing is no arrival"),
        (json!({ "status": "triaged", "note": "It came back" }), 1, "reopening is none"),
        (json!({ "status": "resolved" }), 2, "the second arrival"),
    ];
    for (body, expected, why) in steps {
        bed.done("PUT", &path, Some(&body));
        assert_eq!(told(), expected, "{why}");
    }
    bed.done("PUT", &format!("/v1/incidents/{id}"), Some(&json!({ "lead": "Ines Okafor" })));
    assert_eq!(told(), 2, "another field changes nothing about it");
}

#[test]
fn the_database_itself_refuses_to_change_the_trail() {
    let bed = Bed::new();
    risk(&bed);
    for statement in ["UPDATE trail SET action = 'deleted'", "DELETE FROM trail WHERE seq = 1", "REPLACE INTO trail SELECT * FROM trail"] {
        let result = bed
            .workspace()
            .store
            .write_blocking(who(), move |tx| Ok(tx.connection.execute(statement, []).map_err(|cause| cause.to_string())));
        let refusal = result.expect("the write itself runs");
        assert!(refusal.is_err(), "{statement} is refused");
    }
    assert!(bed.workspace().verify().expect("verified").sound, "and nothing changed");
}
