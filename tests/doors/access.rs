//! Who may do what, by every operation of the API's own description.

use super::{Doors, PASSPHRASE};
use amtia_engine::Role;
use serde_json::{Value, json};

/// Operations that anybody may call.
const OPEN: &[&str] = &["create_token", "redeem_link", "get_openapi"];
/// Operations of the person at this device alone.
const OWNERS: &[&str] = &["create_workspace", "open_workspace", "update_workspace", "create_recovery_key", "create_backup"];
/// Reads that need the right to write, because they concern the caller's own work.
const WRITERS_READS: &[&str] = &["get_import", "import_rows", "get_steps"];
/// The change feed never ends: its refusals are tested, its success in the browser suite.
const STREAMS: &[&str] = &["watch_changes"];

fn operations() -> Vec<(String, String, String, Value)> {
    let document: Value = serde_json::from_str(amtia_engine::openapi_json()).expect("the description is JSON");
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("there are paths") {
        for (method, operation) in item.as_object().expect("a path has methods") {
            let id = operation["operationId"].as_str().expect("an operation has an id").to_owned();
            all.push((id, method.to_uppercase(), path.replace("{id}", "00000000-0000-7000-8000-000000000000"), operation.clone()));
        }
    }
    all
}

#[test]
fn every_operation_asks_for_a_token_and_for_the_role_it_needs() {
    let doors = Doors::empty();
    let tokens = [Role::Viewer, Role::Analyst, Role::Admin].map(|role| (role, doors.token(role)));
    let all = operations();
    assert!(all.len() > 30, "the description lists the operations");
    for (id, method, path, _) in all {
        if OPEN.contains(&id.as_str()) {
            continue;
        }
        let body = json!({});
        let body = (method != "GET" && method != "DELETE").then_some(&body);
        let anonymous = doors.http(&method, &path, body, &[]);
        assert_eq!(anonymous.status, 401, "{id} without a token: {anonymous:?}");
        assert_eq!(anonymous.header("www-authenticate"), Some("Bearer"), "{id} says how to authenticate");
        if STREAMS.contains(&id.as_str()) {
            continue;
        }
        for (role, token) in &tokens {
            let answer = doors.with(token, &method, &path, body);
            let may = if OWNERS.contains(&id.as_str()) {
                false
            } else if method == "GET" && !WRITERS_READS.contains(&id.as_str()) {
                true
            } else {
                *role >= Role::Analyst
            };
            assert_eq!(answer.status != 403, may, "{id} as {role:?}: {answer:?}");
            assert_ne!(answer.status, 401, "{id} as {role:?} has a valid token");
            if !may && !OWNERS.contains(&id.as_str()) {
                assert!(answer.message().contains("analyst"), "the refusal names the role needed: {answer:?}");
            }
        }
    }
}

#[test]
fn documented_operations_are_those_of_the_reference() {
    let marked: Vec<String> = operations()
        .into_iter()
        .filter(|(_, _, _, operation)| operation["x-amtia-documented"] == json!(true))
        .map(|(_, method, path, _)| {
            format!("{method} {}", path.replace("00000000-0000-7000-8000-000000000000", "{id}").trim_start_matches("/v1"))
        })
        .collect();
    let expected = [
        "POST /auth/token",
        "GET /frameworks",
        "GET /frameworks/{id}/controls",
        "GET /incidents",
        "POST /incidents",
        "PUT /incidents/{id}/status",
        "GET /risks",
        "POST /risks",
        "GET /risks/heatmap",
        "PUT /risks/{id}",
    ];
    for operation in expected {
        assert!(marked.iter().any(|have| have == operation), "{operation} is marked");
    }
    assert_eq!(marked.len(), expected.len(), "and nothing else is: {marked:?}");
}

#[test]
fn a_token_comes_for_json_for_a_form_and_for_basic_and_only_the_form_speaks_oauth() {
    let doors = Doors::empty();
    let (key, secret) = doors.key(Role::Viewer);
    let form = format!("grant_type=client_credentials&client_id={key}&client_secret={secret}");
    let posted = doors.raw("POST", "/v1/auth/token", form.as_bytes(), &[("content-type", "application/x-www-form-urlencoded")]);
    assert_eq!(posted.status, 200, "{posted:?}");
    assert_eq!(posted.body["access_token"], posted.body["token"], "a form is answered under both names");
    assert_eq!(
        (posted.body["expires_in"].as_i64(), posted.body["token_type"].as_str()),
        (Some(3600), Some("Bearer")),
        "as the reference says"
    );
    let basic = base64(&format!("{key}:{secret}"));
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("authorization", &*format!("Basic {basic}"))];
    assert_eq!(
        doors.raw("POST", "/v1/auth/token", b"grant_type=client_credentials", &headers).status,
        200,
        "Basic carries the credentials too"
    );
    let wrong = doors.raw("POST", "/v1/auth/token", b"grant_type=password", &[("content-type", "application/x-www-form-urlencoded")]);
    assert_eq!((wrong.status, wrong.body["error"].as_str()), (400, Some("unsupported_grant_type")), "RFC 6749 errors for the form");
    let wrong = doors.http("POST", "/v1/auth/token", Some(&json!({ "api_key": key, "secret": "no" })), &[]);
    assert_eq!((wrong.status, wrong.body["error"]["code"].as_i64()), (401, Some(401)), "the reference's errors for JSON");
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            out.push(if place <= chunk.len() { char::from(LETTERS[(bits >> (18 - 6 * place) & 63) as usize]) } else { '=' });
        }
    }
    out
}

#[test]
fn forged_tokens_open_nothing() {
    let doors = Doors::empty();
    let other = Doors::empty();
    let token = doors.token(Role::Admin);
    let parts: Vec<&str> = token.split('.').collect();
    let (head, claims, signature) = (parts[0], parts[1], parts[2]);
    let url = |text: &str| base64(text).replace('+', "-").replace('/', "_").replace('=', "");
    let mut forged = vec![
        String::new(),
        "x".into(),
        "..".into(),
        format!("{head}.{claims}."),
        format!("{head}.{claims}.{}", signature.chars().rev().collect::<String>()),
        format!("{}.{claims}.", url(r#"{"alg":"none","typ":"JWT"}"#)),
        format!("{}.{claims}.{signature}", url(r#"{"alg":"none"}"#)),
        format!("{}.{claims}.{signature}", url(r#"{"alg":"HS256","typ":"JWT"}"#)),
        format!("{}.{claims}.{signature}", url(r#"{"alg":"RS256","kid":"another"}"#)),
        format!("{head}.{}.{signature}", url(r#"{"sub":"admin","exp":9999999999}"#)),
        other.token(Role::Admin),
        format!("{token}x"),
        "amtia_session_guess".into(),
    ];
    for extra in ["jku", "x5u", "jwk", "crit", "x5c"] {
        forged.push(format!("{}.{claims}.{signature}", url(&format!(r#"{{"alg":"RS256","{extra}":"http://127.0.0.1/"}}"#))));
    }
    for place in 0..24 {
        // One letter of the signature or the claims changed.
        let mut bytes = token.clone().into_bytes();
        let at = bytes.len() - 8 - place * 11;
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        forged.push(String::from_utf8(bytes).expect("still text"));
    }
    for forgery in forged {
        let answer = doors.with(&forgery, "GET", "/v1/risks", None);
        assert_eq!(answer.status, 401, "{forgery}: {answer:?}");
    }
    assert_eq!(doors.with(&token, "GET", "/v1/risks", None).status, 200, "the real one still works");
    doors.later(3_600_000 + 6_000);
    assert_eq!(doors.with(&token, "GET", "/v1/risks", None).status, 401, "and ends after an hour");
}

#[test]
fn a_thousand_requests_pass_in_any_sixty_seconds_and_no_more() {
    let doors = Doors::empty();
    let token = doors.token(Role::Viewer);
    for number in 0..1000 {
        let answer = doors.with(&token, "GET", "/v1/summary", None);
        assert_eq!(answer.status, 200, "request {number}: {answer:?}");
    }
    let refused = doors.with(&token, "GET", "/v1/summary", None);
    assert_eq!(refused.status, 429, "{refused:?}");
    let wait: i64 = refused.header("retry-after").and_then(|text| text.parse().ok()).expect("it says how long to wait");
    assert!((1..=60).contains(&wait), "within the window: {wait}");
    assert!(refused.header("ratelimit").is_some_and(|text| text.contains("r=0")), "{refused:?}");
    assert!(refused.header("ratelimit-policy").is_some_and(|text| text.contains("q=1000;w=60")), "{refused:?}");
    doors.later(60_000);
    assert_eq!(doors.with(&token, "GET", "/v1/summary", None).status, 200, "the window has slid on");
}

#[test]
fn only_this_address_and_this_page_are_answered() {
    let doors = Doors::empty();
    let token = doors.token(Role::Viewer);
    let bearer = format!("Bearer {token}");
    let own = format!("127.0.0.1:{}", doors.port);
    let mut hosts: Vec<String> = [
        "evil.example",
        "localhost",
        "127.0.0.1",
        "127.0.0.1:1",
        "0.0.0.0",
        "[::]",
        "127.0.0.1.evil.example",
        "",
        "169.254.169.254",
        "localhost.evil.example",
    ]
    .iter()
    .map(|host| (*host).to_owned())
    .collect();
    hosts.extend(
        ["127.0.0.2", "2130706433", "0x7f000001", "evil.example@127.0.0.1", "127.1"].iter().map(|host| format!("{host}:{}", doors.port)),
    );
    for host in hosts {
        let answer = doors.raw("GET", "/v1/risks", b"", &[("host", &host), ("authorization", &bearer)]);
        assert!(matches!(answer.status, 400 | 403), "Host {host:?}: {answer:?}");
    }
    let origins = [
        "null",
        "http://evil.example",
        "https://127.0.0.1",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "file://",
        "http://localhost",
        "chrome-extension://x",
        "http://127.0.0.1.evil.example",
    ];
    for origin in origins {
        let answer = doors.raw("GET", "/v1/risks", b"", &[("host", &own), ("origin", origin), ("authorization", &bearer)]);
        assert_eq!(answer.status, 403, "Origin {origin}: {answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "no CORS");
    }
    for site in ["cross-site", "same-site"] {
        let answer = doors.raw("POST", "/v1/risks", b"{}", &[("host", &own), ("sec-fetch-site", site), ("authorization", &bearer)]);
        assert_eq!(answer.status, 403, "Sec-Fetch-Site {site}: {answer:?}");
    }
    let answer = doors.raw("GET", "/v1/risks", b"", &[("host", &own), ("origin", &format!("http://{own}")), ("authorization", &bearer)]);
    assert_eq!(answer.status, 200, "the own page passes");
}

#[test]
fn a_link_signs_in_once() {
    let doors = Doors::empty();
    let code = doors.engine.new_link();
    let first = doors.http("POST", "/v1/auth/link", Some(&json!({ "code": code })), &[]);
    assert_eq!(first.status, 200, "{first:?}");
    let token = first.body["token"].as_str().expect("a token").to_owned();
    let me = doors.with(&token, "GET", "/v1/workspace", None);
    assert!(me.body["file"].is_string(), "the owner is told where the file is: {me:?}");
    assert_eq!(doors.http("POST", "/v1/auth/link", Some(&json!({ "code": code })), &[]).status, 401, "a used link opens nothing");
    assert_eq!(doors.http("POST", "/v1/auth/link", Some(&json!({ "code": PASSPHRASE })), &[]).status, 401, "nor does a guess");
}
