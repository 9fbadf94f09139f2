//! The file fails under the engine: every documented operation says so, and nothing of how.

use super::{Answer, Bed, who};
use serde_json::{Value, json};

/// Every table gets another name, so that no statement finds what it asks for.
fn break_file(bed: &Bed) {
    let renamed = bed.workspace().store.write_blocking(who(), |tx| {
        let mut statement = tx
            .connection
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '%\\_text%' ESCAPE '\\'")
            .expect("a statement");
        let names: Vec<String> = statement.query_map([], |row| row.get(0)).and_then(Iterator::collect).expect("names");
        for name in &names {
            tx.connection.execute_batch(&format!("ALTER TABLE {name} RENAME TO lost_{name}")).expect("renamed");
        }
        Ok(names.len())
    });
    assert!(renamed.expect("written") > 10, "the whole schema is out of reach");
}

#[test]
fn every_documented_operation_answers_500_in_the_format_when_the_file_fails() {
    let bed = Bed::new();
    break_file(&bed);
    let (risk, status) = (json!({ "name": "R" }), json!({ "status": "triaged" }));
    let hook = json!({ "url": "https://example.com/in", "events": ["risk.created"] });
    let cases: [(&str, &str, Option<Value>); 21] = [
        ("GET", "/v1/frameworks", None),
        ("GET", "/v1/frameworks/x/controls", None),
        ("POST", "/v1/assessments", Some(json!({ "framework_id": "x", "scope": "full" }))),
        ("GET", "/v1/assessments/x/gaps", None),
        ("GET", "/v1/risks", None),
        ("POST", "/v1/risks", Some(risk.clone())),
        ("PUT", "/v1/risks/x", Some(risk)),
        ("GET", "/v1/risks/heatmap", None),
        ("GET", "/v1/assets", None),
        ("POST", "/v1/assets", Some(json!({ "name": "A" }))),
        ("GET", "/v1/assets/x/vulnerabilities", None),
        ("GET", "/v1/incidents", None),
        ("POST", "/v1/incidents", Some(json!({ "title": "I", "severity": "high" }))),
        ("PUT", "/v1/incidents/x/status", Some(status)),
        ("GET", "/v1/audits", None),
        ("POST", "/v1/audits", Some(json!({ "name": "A" }))),
        ("GET", "/v1/audits/x/findings", None),
        ("GET", "/v1/documents", None),
        ("POST", "/v1/webhooks", Some(hook)),
        ("GET", "/v1/webhooks", None),
        ("DELETE", "/v1/webhooks/x", None),
    ];
    let key = json!({ "api_key": "amtia_key_0000", "secret": "amtia_secret_0000" });
    let mut answers: Vec<(String, Answer)> =
        cases.iter().map(|(method, path, body)| (format!("{method} {path}"), bed.call(method, path, body.as_ref()))).collect();
    answers.push(("POST /v1/auth/token".into(), bed.knock("POST", "/v1/auth/token", &[], Some(&key))));
    answers.push(("POST /v1/documents/upload".into(), bed.upload("a.txt", "Words")));
    assert_eq!(answers.len(), 23, "all of the reference");
    for (operation, answer) in answers {
        let error = &answer.body["error"];
        assert_eq!(
            (answer.status, &error["code"], &error["status"]),
            (500, &json!(500), &json!("Internal Server Error")),
            "{operation}: {}",
            answer.body
        );
        assert_eq!(error["request_id"], answer.header("x-request-id"), "{operation}: with the id that the log has");
        let text = answer.body.to_string();
        for inner in ["lost_", "no such table", "SELECT", "INSERT", "sqlite", bed.folder.path().to_str().expect("text")] {
            assert!(!text.contains(inner), "{operation}: nothing of how: {text}");
        }
    }
}
