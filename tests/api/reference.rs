//! The reference's tables, row by row: `tests/reference.toml` holds them as data.

use super::{Answer, At, Bed, document, operations};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// One documented operation.
struct Operation {
    method: String,
    path: String,
    /// The lowest role that may, or `none` where no token is needed.
    role: String,
    summary: String,
}

impl Operation {
    fn takes_id(&self) -> bool {
        self.path.contains("{id}")
    }

    fn is_open(&self) -> bool {
        self.role == "none"
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// The file's tables.
fn tables() -> toml::Table {
    include_str!("../reference.toml").parse().expect("reference.toml is TOML")
}

fn rows(table: &str) -> Vec<toml::Table> {
    let rows: Vec<toml::Table> = tables()[table].as_array().expect("rows").iter().filter_map(|row| row.as_table().cloned()).collect();
    assert!(!rows.is_empty(), "reference.toml lists each {table}");
    rows
}

fn text(row: &toml::Table, field: &str) -> String {
    row[field].as_str().expect("a text").to_owned()
}

/// The 23 operations, by their path under `/v1`.
fn reference() -> Vec<Operation> {
    let base = tables()["base_path"].as_str().expect("a path").to_owned();
    let all: Vec<Operation> = rows("operation")
        .iter()
        .map(|row| Operation {
            method: text(row, "method"),
            path: format!("{base}{}", text(row, "path")),
            role: text(row, "role"),
            summary: text(row, "summary"),
        })
        .collect();
    assert_eq!(all.len(), 23, "the reference documents 23 operations");
    all
}

/// A request that is good: where it goes, its type and its body.
struct Good {
    path: String,
    kind: &'static str,
    body: Option<String>,
}

/// The document's own example of a body.
fn example(operation: &Operation) -> Value {
    let found =
        document()["paths"][&operation.path][operation.method.to_lowercase()]["requestBody"]["content"]["application/json"]["example"]
            .clone();
    assert!(found.is_object(), "{} has an example body in openapi.json", operation.name());
    found
}

fn first(bed: &Bed, path: &str) -> String {
    bed.get(path).expect(200, path)["data"][0]["id"].as_str().expect("the sample has some").to_owned()
}

/// A record of its own for an operation that takes an identifier.
fn record_for(bed: &Bed, path: &str) -> String {
    let make = |path: &str, body: Value| bed.send("POST", path, &body).expect(201, path)["id"].as_str().expect("an id").to_owned();
    match path.split('/').nth(2).unwrap_or("") {
        "risks" => make("/v1/risks", json!({ "name": "To be changed" })),
        "incidents" => make("/v1/incidents", json!({ "title": "To be moved", "severity": "low" })),
        "assessments" => make("/v1/assessments", json!({ "framework_id": "iso-27001", "scope": "full" })),
        "webhooks" => make("/v1/webhooks", json!({ "url": "https://hooks.example.com/a", "events": ["risk.created"] })),
        list => first(bed, &format!("/v1/{list}")),
    }
}

/// A good request, with the record that it needs made first.
fn good(bed: &Bed, operation: &Operation, key: &(String, String)) -> Good {
    let path =
        if operation.takes_id() { operation.path.replace("{id}", &record_for(bed, &operation.path)) } else { operation.path.clone() };
    if operation.is_open() {
        let body = json!({ "api_key": key.0, "secret": key.1 }).to_string();
        return Good { path, kind: "application/json", body: Some(body) };
    }
    if path.ends_with("/documents/upload") {
        let body = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"policy.txt\"\r\ncontent-type: text/plain\r\n\r\nBe careful.\r\n--b--\r\n";
        return Good { path, kind: "multipart/form-data; boundary=b", body: Some(body.into()) };
    }
    let body = matches!(operation.method.as_str(), "POST" | "PUT").then(|| example(operation).to_string());
    Good { path, kind: "application/json", body }
}

fn ask(bed: &Bed, at: At<'_>, operation: &Operation, good: &Good) -> Answer {
    bed.ask(at, &operation.method, &good.path, &[("content-type", good.kind)], good.body.clone())
}

/// The format and words that the reference gives a code.
fn is_documented_error(answer: &Answer, code: u16, what: &str) {
    assert_eq!(answer.status, code, "{what}: {}", String::from_utf8_lossy(&answer.bytes));
    let row = rows("error").into_iter().find(|row| row["code"].as_integer() == Some(i64::from(code))).expect("a documented code");
    let error = answer.json()["error"].clone();
    assert_eq!((&error["code"], &error["status"]), (&json!(code), &json!(text(&row, "status"))), "{what}");
    assert!(error["message"].as_str().is_some_and(|words| !words.is_empty()), "{what}: in words");
    let id = error["request_id"].as_str().unwrap_or("");
    assert!(id.len() == 16 && id.starts_with("req_"), "{what}: {id}");
    assert_eq!(answer.header("x-request-id"), id, "{what}: the same id in the header");
}

#[test]
fn the_document_marks_exactly_the_operations_of_the_reference() {
    let marked: BTreeSet<String> = operations()
        .into_iter()
        .filter(|(_, _, operation)| operation["x-amtia-documented"] == true)
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    let expected: BTreeSet<String> = reference().iter().map(Operation::name).collect();
    assert_eq!(marked, expected, "no more and no fewer");
    for (method, path, operation) in operations() {
        let local = operation["tags"] == json!(["local"]);
        assert_ne!(operation["x-amtia-documented"] == true, local, "{method} {path} is documented or local");
    }
    for operation in reference() {
        let described = document()["paths"][&operation.path][operation.method.to_lowercase()].clone();
        let summary = described["summary"].as_str().unwrap_or("").to_owned();
        assert!(summary.starts_with(&operation.summary), "{} is called what the reference calls it: {summary}", operation.name());
        for row in rows("error") {
            let code = row["code"].as_integer().expect("a number").to_string();
            assert!(described["responses"][&code].is_object(), "{} describes {code}", operation.name());
        }
    }
}

#[test]
fn every_operation_answers_each_role_at_each_door_as_the_table_says() {
    let bed = Bed::new(true);
    let key = bed.key("for tokens", amtia_engine::Role::Viewer);
    let doors = [
        ("nobody", At::Nobody, 0),
        ("viewer", At::Port(&bed.viewer), 1),
        ("analyst", At::Port(&bed.analyst), 2),
        ("admin", At::Port(&bed.admin), 3),
        ("the window", At::Window, 3),
    ];
    for operation in reference() {
        let needed = ["none", "viewer", "analyst", "admin"].iter().position(|role| *role == operation.role).expect("a role");
        for (who, at, rank) in doors {
            let request = good(&bed, &operation, &key);
            let answer = ask(&bed, at, &operation, &request);
            let what = format!("{} by {who}", operation.name());
            if rank >= needed {
                assert!((200..300).contains(&answer.status), "{what}: {} {}", answer.status, String::from_utf8_lossy(&answer.bytes));
            } else if rank == 0 {
                is_documented_error(&answer, 401, &what);
                assert_eq!(answer.header("www-authenticate"), "Bearer", "{what}");
            } else {
                is_documented_error(&answer, 403, &what);
                let message = answer.json()["error"]["message"].to_string();
                assert!(message.contains(&format!("role {}", operation.role)), "{what} names the role needed: {message}");
            }
        }
    }
}

#[test]
fn each_error_code_comes_from_every_operation_where_it_can() {
    let bed = Bed::new(true);
    let key = bed.key("for tokens", amtia_engine::Role::Viewer);
    for operation in reference() {
        let request = good(&bed, &operation, &key);
        let admin = At::Port(&bed.admin);
        let named = |what: &str| format!("{} {what}", operation.name());

        // 400: a body that is no object, or a parameter that nobody knows. A DELETE has neither, so nothing of it can be malformed.
        let wrong = match (&request.body, operation.method.as_str()) {
            (Some(_), _) => Some(bed.ask(admin, &operation.method, &request.path, &[("content-type", request.kind)], Some("[]".into()))),
            (None, "DELETE") => None,
            (None, _) => Some(bed.ask(admin, &operation.method, &format!("{}?colour=red", request.path), &[], None)),
        };
        if let Some(wrong) = wrong {
            is_documented_error(&wrong, 400, &named("malformed"));
        }

        // 401: no token, one that is none, and for the token itself a wrong secret.
        if operation.is_open() {
            let body = json!({ "api_key": key.0, "secret": "wrong" }).to_string();
            let answer = bed.ask(At::Nobody, &operation.method, &request.path, &[], Some(body));
            is_documented_error(&answer, 401, &named("with a wrong secret"));
        } else {
            is_documented_error(&ask(&bed, At::Port("not.a.token"), &operation, &request), 401, &named("with a broken token"));
        }

        // 403: a page of somebody else's calls; a role too low is in the table above.
        let foreign = [("content-type", request.kind), ("origin", "https://elsewhere.example")];
        let answer = bed.ask(admin, &operation.method, &request.path, &foreign, request.body.clone());
        is_documented_error(&answer, 403, &named("from a foreign page"));

        // 404: an identifier that nobody has, whatever its form; for the others a path below them.
        if operation.takes_id() {
            for id in ["nobody", "018f0000-0000-7000-8000-000000000000"] {
                let path = operation.path.replace("{id}", id);
                let answer = bed.ask(admin, &operation.method, &path, &[("content-type", request.kind)], request.body.clone());
                is_documented_error(&answer, 404, &named("of an unknown record"));
            }
        }
    }
}

#[test]
fn the_rate_limit_refuses_every_operation_but_the_token() {
    let bed = Bed::new(true);
    let key = bed.key("the busy key", amtia_engine::Role::Admin);
    let token = bed.token_of(&key);
    let used = (0..1000).filter(|_| bed.ask(At::Port(&token), "GET", "/v1/frameworks?limit=1", &[], None).status == 200).count();
    assert_eq!(used, 1000, "a thousand pass");
    for operation in reference() {
        let request = good(&bed, &operation, &key);
        let answer = ask(&bed, At::Port(&token), &operation, &request);
        if operation.is_open() {
            assert_eq!(answer.status, 200, "asking for a token is not counted");
            continue;
        }
        is_documented_error(&answer, 429, &operation.name());
        let wait: u64 = answer.header("retry-after").parse().expect("seconds");
        assert!((1..=60).contains(&wait), "{}: {wait}", operation.name());
    }
}

#[test]
fn the_events_are_those_of_the_reference() {
    let expected: BTreeSet<String> = rows("event").iter().map(|row| text(row, "name")).collect();
    let schemas = document()["components"]["schemas"].clone();
    let lists: Vec<BTreeSet<String>> = schemas
        .as_object()
        .expect("schemas")
        .values()
        .filter_map(|schema| schema["enum"].as_array())
        .map(|words| words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect::<BTreeSet<String>>())
        .filter(|words| words.contains("risk.created"))
        .collect();
    assert_eq!(lists, [expected], "a webhook takes these, and no others");
}
