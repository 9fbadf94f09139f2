//! The error format, wherever an error comes from.

use super::{Answer, Doors, risk};
use amtia_engine::Role;
use serde_json::{Value, json};

fn assert_format(answer: &Answer, code: u16, what: &str) {
    assert_eq!(answer.status, code, "{what}: {answer:?}");
    let error = &answer.body["error"];
    assert_eq!(error["code"].as_u64(), Some(u64::from(code)), "{what}: the body repeats the status: {answer:?}");
    let id = error["request_id"].as_str().unwrap_or("");
    let letters = id.strip_prefix("req_").unwrap_or("");
    assert!(letters.len() == 12 && letters.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()), "{what}: {id}");
    assert_eq!(answer.header("x-request-id"), Some(id), "{what}: the header carries the same id");
    assert_eq!(answer.header("content-type"), Some("application/json"), "{what}");
    assert!(answer.header("amtia-engine").is_some_and(|text| text.starts_with("desktop/")), "{what}: the engine names itself");
    let text = answer.body.to_string().to_lowercase();
    for inside in ["sqlite", "rusqlite", "panicked", "src/", ".rs:", "select ", "insert into", "/tmp"] {
        assert!(!text.contains(inside), "{what} shows nothing internal: {text}");
    }
}

#[test]
fn every_kind_of_error_has_the_one_format_through_both_doors() {
    let doors = Doors::empty();
    let made = risk(&doors, &json!({ "name": "a" }));
    let token = doors.token(Role::Analyst);
    let bearer = format!("Bearer {token}");
    let one = format!("/v1/risks/{}", made.id());
    let cases: Vec<(&str, String, Option<Value>, u16)> = vec![
        ("GET", "/v1/nothing".into(), None, 404),
        ("GET", "/v1/risks/nothing".into(), None, 404),
        ("GET", "/v1/risks/%00".into(), None, 404),
        ("GET", "/v1/risks/..%2F..%2Fetc".into(), None, 404),
        ("GET", format!("/v1/risks/{}", "x".repeat(2000)), None, 404),
        ("PUT", "/v1/risks/heatmap".into(), Some(json!({})), 405),
        ("PATCH", "/v1/risks".into(), Some(json!({})), 405),
        ("DELETE", "/v1/incidents".into(), None, 405),
        ("POST", "/v1/risks".into(), Some(json!([])), 400),
        ("POST", "/v1/risks".into(), Some(json!("x")), 400),
        ("POST", "/v1/risks".into(), Some(json!({ "name": 1 })), 400),
        ("PUT", one.clone(), Some(json!({ "impact": 9 })), 400),
        ("GET", "/v1/risks?limit=0".into(), None, 400),
        ("GET", "/v1/risks?limit=201".into(), None, 400),
        ("GET", "/v1/risks?cursor=nonsense".into(), None, 400),
        ("GET", "/v1/risks?status=new".into(), None, 400),
        ("GET", "/v1/risks?page=7".into(), None, 400),
        ("GET", "/v1/frameworks/none/controls".into(), None, 404),
        ("PUT", "/v1/incidents/none/status".into(), Some(json!({ "status": "x" })), 404),
    ];
    for (method, path, body, code) in cases {
        let what = format!("{method} {}", &path[..path.len().min(60)]);
        assert_format(&doors.window(method, &path, body.as_ref()), code, &format!("{what} in the window"));
        assert_format(&doors.with(&token, method, &path, body.as_ref()), code, &format!("{what} over HTTP"));
    }
    let json_type = ("content-type", "application/json");
    assert_format(&doors.raw("POST", "/v1/risks", b"{\"name\": ", &[json_type, ("authorization", &bearer)]), 400, "half a body");
    assert_format(&doors.raw("POST", "/v1/risks", b"\xff\xfe", &[json_type, ("authorization", &bearer)]), 400, "a body that is no text");
    assert_format(&doors.raw("POST", "/v1/risks", b"", &[json_type, ("authorization", &bearer)]), 400, "no body");
    let deep = "[".repeat(100_000);
    assert_format(&doors.raw("POST", "/v1/risks", deep.as_bytes(), &[json_type, ("authorization", &bearer)]), 400, "a body too deep");
    let long = format!("{{\"name\":\"{}\"}}", "x".repeat(1 << 20));
    assert_format(&doors.raw("POST", "/v1/risks", long.as_bytes(), &[json_type, ("authorization", &bearer)]), 413, "a body too long");
    assert_format(
        &doors.raw("POST", "/v1/risks", b"{}", &[("content-type", "text/xml"), ("authorization", &bearer)]),
        415,
        "a body of another type",
    );
    let refused = doors.with(&token, "PATCH", "/v1/risks", Some(&json!({})));
    assert!(
        refused.header("allow").is_some_and(|allow| allow.contains("GET") && allow.contains("POST")),
        "405 says what is allowed: {refused:?}"
    );
}

#[test]
fn nobody_without_a_token_learns_which_paths_exist() {
    let doors = Doors::empty();
    for path in ["/v1/risks", "/v1/nothing", "/v1/risks/x", "/v1"] {
        assert_format(&doors.http("GET", path, None, &[]), 401, path);
    }
}

#[test]
fn every_offending_field_is_listed_at_once() {
    let doors = Doors::empty();
    let body =
        json!({ "name": "", "impact": 6, "likelihood": "x", "status": "new", "review_date": "2026-02-30", "colour": 1, "tags": [1] });
    let answer = doors.window("POST", "/v1/risks", Some(&body));
    let mut fields = answer.fields();
    fields.sort_unstable();
    assert_eq!(fields, ["colour", "impact", "likelihood", "name", "review_date", "status", "tags"], "{answer:?}");
}
