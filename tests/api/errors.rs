//! The error format, everywhere and for everything.

use super::{Answer, At, Bed, operations};
use serde_json::{Value, json};

/// Every answer: the id in header and body, the engine's name. Every error: the reference's format and no internals.
fn well_formed(answer: &Answer, what: &str) {
    let id = answer.header("x-request-id");
    let tail = id.strip_prefix("req_").unwrap_or("");
    assert!(tail.len() == 12 && tail.chars().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase()), "{what}: a request id: {id:?}");
    assert!(answer.header("amtia-engine").starts_with("desktop/"), "{what}: the engine says its name");
    if answer.status < 400 {
        return;
    }
    let text = String::from_utf8_lossy(&answer.bytes).into_owned();
    let body: Value = serde_json::from_str(&text).unwrap_or_else(|cause| panic!("{what}: an error is JSON ({cause}): {text}"));
    assert_eq!(answer.header("content-type"), "application/json", "{what}");
    assert_eq!(body["error"]["code"], answer.status, "{what}: the code in the body is the status");
    assert_eq!(body["error"]["request_id"], id, "{what}: the same id in body and header");
    assert!(body["error"]["status"].as_str().is_some_and(|words| !words.is_empty()), "{what}: the status in words");
    assert!(body["error"]["message"].as_str().is_some_and(|words| words.ends_with('.')), "{what}: a sentence: {text}");
    for inside in ["SELECT ", "INSERT ", "sqlite", "rusqlite", "panicked", ".rs:", "src/", "/home", "/root", "thread '"] {
        assert!(!text.contains(inside), "{what}: nothing of the inside shows ({inside}): {text}");
    }
}

#[test]
fn whatever_is_wrong_is_told_in_the_format_at_both_doors() {
    let bed = Bed::new(false);
    let id = bed.risk(&json!({ "name": "One" }));
    let (one, long) = (format!("/v1/risks/{id}"), "x".repeat(5000));
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(1 << 20));
    let deep = format!("{{\"name\":{}1{}}}", "[".repeat(2000), "]".repeat(2000));
    let cases: Vec<(&str, &str, String, Option<String>, u16)> = vec![
        ("an unknown path", "GET", "/v1/nothing".into(), None, 404),
        ("an unknown path below a record", "GET", format!("{one}/nothing"), None, 404),
        ("the base path", "GET", "/v1".into(), None, 404),
        ("a slash too many", "GET", "/v1/risks/".into(), None, 404),
        ("a wrong method", "PATCH", "/v1/risks".into(), Some("{}".into()), 405),
        ("a wrong method on a record", "POST", one.clone(), Some("{}".into()), 405),
        ("a method nobody knows", "BREW", "/v1/risks".into(), None, 405),
        ("malformed JSON", "POST", "/v1/risks".into(), Some("{\"name\":".into()), 400),
        ("an array", "POST", "/v1/risks".into(), Some("[]".into()), 400),
        ("a number", "PUT", one.clone(), Some("1".into()), 400),
        ("null", "PUT", one.clone(), Some("null".into()), 400),
        ("an empty body", "POST", "/v1/risks".into(), Some(String::new()), 400),
        ("JSON too deep", "POST", "/v1/risks".into(), Some(deep), 400),
        ("more after the JSON", "POST", "/v1/risks".into(), Some("{\"name\":\"a\"} {}".into()), 400),
        ("a wrong type", "POST", "/v1/risks".into(), Some("{\"name\":5}".into()), 400),
        ("an unknown word", "PUT", one.clone(), Some("{\"status\":\"asleep\"}".into()), 400),
        ("an unknown field", "PUT", one.clone(), Some("{\"colour\":\"red\"}".into()), 400),
        ("a body of more than 1 MB", "POST", "/v1/risks".into(), Some(large), 413),
        ("an id nobody has", "GET", "/v1/risks/nobody".into(), None, 404),
        ("an id with a null byte", "GET", "/v1/risks/%00".into(), None, 404),
        ("an id that climbs", "GET", "/v1/risks/..%2F..%2Fetc%2Fpasswd".into(), None, 404),
        ("an id that climbs openly", "GET", "/v1/risks/../../etc/passwd".into(), None, 404),
        ("a very long id", "GET", format!("/v1/risks/{long}"), None, 404),
        ("an id of no text at all", "GET", "/v1/risks/%FF%FE".into(), None, 404),
        ("an id with a quote", "PUT", "/v1/risks/'%20OR%201=1".into(), Some("{\"name\":\"x\"}".into()), 404),
        ("an unknown id, whatever the body says", "PUT", "/v1/risks/nobody".into(), Some("{\"colour\":1}".into()), 404),
        ("an unknown parameter", "GET", "/v1/risks?colour=red".into(), None, 400),
        ("a parameter given twice", "GET", "/v1/risks?status=closed&status=open".into(), None, 400),
        ("a parameter with a null byte", "GET", "/v1/risks?q=%00".into(), None, 400),
    ];
    for (what, method, path, body, status) in cases {
        for at in [At::Window, At::Port(&bed.admin)] {
            if matches!(at, At::Port(_)) && path.contains("/../") {
                // A client resolves this itself; the socket tests send it raw.
                continue;
            }
            let answer = bed.ask(at, method, &path, &[], body.clone());
            let what = format!("{what} ({method}, {at:?})");
            assert_eq!(answer.status, status, "{what}: {}", String::from_utf8_lossy(&answer.bytes));
            well_formed(&answer, &what);
            if status == 405 {
                assert!(!answer.header("allow").is_empty(), "{what}: 405 says what is allowed");
            }
        }
    }
    let answer = bed.ask(At::Nobody, "GET", "/v1/nothing", &[], None);
    assert_eq!(answer.status, 401, "without a token an unknown path is 401");
    well_formed(&answer, "an unknown path without a token");
    well_formed(&bed.get("/v1/risks"), "a list that was answered");
    assert_eq!(bed.get("/v1/risks").json()["total"], 1, "none of this changed anything");
}

#[test]
fn another_content_type_is_415_on_every_operation_that_takes_a_body() {
    let bed = Bed::new(false);
    let (risk, incident) =
        (bed.risk(&json!({ "name": "One" })), bed.send("POST", "/v1/incidents", &json!({ "title": "One", "severity": "low" })).json());
    for (method, path, _) in operations() {
        // Undo and redo read no body.
        if method == "GET" || method == "DELETE" || path.ends_with("/undo") || path.ends_with("/redo") || path.contains("/imports/") {
            continue;
        }
        let id = if path.contains("incidents") { incident["id"].as_str().expect("an id") } else { &risk };
        let answer = bed.ask(At::Window, &method, &path.replace("{id}", id), &[("content-type", "text/xml")], Some("<a/>".into()));
        assert_eq!(answer.status, 415, "{method} {path}: {}", String::from_utf8_lossy(&answer.bytes));
        well_formed(&answer, &path);
    }
}

#[test]
fn every_offending_field_is_listed_at_once() {
    let bed = Bed::new(false);
    let body = json!({ "name": "", "likelihood": 9, "impact": 0, "status": "asleep", "review_date": "31/12/2026", "tags": "x", "colour": 1, "description": 5 });
    for at in [At::Window, At::Port(&bed.analyst)] {
        let answer = bed.ask(at, "POST", "/v1/risks", &[], Some(body.to_string()));
        assert_eq!(answer.status, 400, "not valid");
        let mut fields = answer.fields();
        fields.sort();
        assert_eq!(
            fields,
            ["colour", "description", "impact", "likelihood", "name", "review_date", "status", "tags"],
            "each of them, through {at:?}"
        );
        let details = answer.json()["error"]["details"].clone();
        let impact = details.as_array().expect("details").iter().find(|detail| detail["field"] == "impact").expect("impact").clone();
        assert_eq!(impact["message"], "must be 1 to 5", "in the reference's words");
    }
    let answer = bed.send("POST", "/v1/incidents", &json!({ "severity": "severe", "tlp": "purple", "occurred_at": "yesterday" }));
    let mut fields = answer.fields();
    fields.sort();
    assert_eq!(fields, ["occurred_at", "severity", "title", "tlp"], "what is missing is listed with what is wrong");
}

#[test]
fn an_unknown_id_is_404_on_every_operation_that_takes_one() {
    let bed = Bed::new(false);
    for (method, path, _) in operations() {
        if !path.contains("{id}") {
            continue;
        }
        for id in ["nobody", "%00", "0", "018f0000-0000-7000-8000-000000000000", "%2e%2e%2f", "null"] {
            let body = (method != "GET" && method != "DELETE").then(|| "{}".to_owned());
            let answer = bed.ask(At::Port(&bed.admin), &method, &path.replace("{id}", id), &[], body);
            assert_eq!(answer.status, 404, "{method} {path} with {id}: {}", String::from_utf8_lossy(&answer.bytes));
            well_formed(&answer, &path);
        }
    }
}
