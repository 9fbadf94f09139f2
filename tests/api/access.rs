//! Operation, role and door: who may do what.

use super::{At, Bed, operations};
use serde_json::json;

const ROLES: [&str; 3] = ["viewer", "analyst", "admin"];

/// The role that each operation needs; `owner` is the person at the device, `open` nobody in particular, `any` any token.
fn needed(method: &str, path: &str) -> &'static str {
    match (method, path) {
        ("POST", "/v1/auth/token" | "/v1/auth/link") | ("GET", "/v1/openapi.json") => "open",
        ("GET", "/v1/workspace") => "any",
        (_, path) if path.starts_with("/v1/workspace") => "owner",
        ("PUT", "/v1/api") => "owner",
        ("PUT" | "POST", path) if path.starts_with("/v1/matrix") => "admin",
        (_, path) if path.starts_with("/v1/webhooks") || path.starts_with("/v1/keys") || path == "/v1/api" => "admin",
        (_, path) if path.starts_with("/v1/imports") || path == "/v1/undo" || path == "/v1/redo" => "analyst",
        ("GET", _) => "viewer",
        _ => "analyst",
    }
}

#[test]
fn every_operation_refuses_nobody_and_too_low_a_role_and_takes_a_sufficient_one() {
    let bed = Bed::new(false);
    let tokens = [&bed.viewer, &bed.analyst, &bed.admin];
    for (method, path, _) in operations() {
        // An id that nobody has: a sufficient role gets 404 or 400, and nothing is changed on the way.
        let target = path.replace("{id}", "nobody").replace("{control_id}", "nobody");
        let body = (method != "GET" && method != "DELETE").then(|| "{\"unknown_field\":1}".to_owned());
        let need = needed(&method, &path);
        let at_nobody = bed.ask(At::Nobody, &method, &target, &[], body.clone());
        if need == "open" {
            assert_ne!(at_nobody.header("www-authenticate"), "Bearer", "{method} {path} asks nobody for a bearer token before it looks");
            continue;
        }
        assert_eq!((at_nobody.status, at_nobody.header("www-authenticate")), (401, "Bearer"), "{method} {path} refuses who has no token");
        for (rank, (role, token)) in ROLES.iter().zip(tokens).enumerate() {
            // The change feed never ends: that it opens is seen in the socket tests.
            let may = need != "owner" && (need == "any" || ROLES.iter().position(|name| *name == need) <= Some(rank));
            if may && path == "/v1/changes" {
                continue;
            }
            let answer = bed.ask(At::Port(token), &method, &target, &[], body.clone());
            if may {
                assert!(!matches!(answer.status, 401 | 403), "{method} {path} takes {role}: {}", answer.status);
            } else {
                assert_eq!(answer.status, 403, "{method} {path} refuses {role}");
                let message = answer.json()["error"]["message"].as_str().unwrap_or("").to_owned();
                let named =
                    if need == "owner" { message.contains("person at this device") } else { message.contains(&format!("role {need}")) };
                assert!(named, "{method} {path} names who may: {message}");
            }
        }
        if path != "/v1/changes" {
            let window = bed.ask(At::Window, &method, &target, &[], body);
            assert!(!matches!(window.status, 401 | 403), "{method} {path} is open to the person at this device: {}", window.status);
        }
    }
    assert_eq!(bed.get("/v1/risks").json()["total"], 0, "none of this made anything");
}

/// An answer that is kept is given before any handler is asked: its role is judged all the same.
#[test]
fn an_answer_that_somebody_else_had_is_not_given_to_too_low_a_role() {
    let bed = Bed::new(true);
    let mut judged = 0;
    for (method, path, _) in operations() {
        let need = needed(&method, &path);
        if method != "GET" || path.contains('{') || !matches!(need, "owner" | "admin") {
            continue;
        }
        for _ in 0..3 {
            assert_eq!(bed.ask(At::Window, "GET", &path, &[], None).status, 200, "{path} is read at the device");
            if need == "admin" {
                assert_eq!(bed.ask(At::Port(&bed.admin), "GET", &path, &[], None).status, 200, "{path} is read by an admin");
            }
        }
        assert_eq!(bed.ask(At::Port(&bed.viewer), "GET", &path, &[], None).status, 403, "{path} is refused to a viewer");
        assert_eq!(bed.ask(At::Port(&bed.analyst), "GET", &path, &[], None).status, 403, "{path} is refused to an analyst");
        assert_eq!(bed.ask(At::Nobody, "GET", &path, &[], None).status, 401, "{path} is refused to nobody in particular");
        judged += 1;
    }
    assert!(judged >= 3, "only {judged} operations were judged");
}

#[test]
fn role_is_judged_before_the_body_and_401_before_404() {
    let bed = Bed::new(false);
    let garbage = || Some("{".to_owned());
    assert_eq!(bed.ask(At::Nobody, "POST", "/v1/risks", &[], garbage()).status, 401, "who, before what");
    assert_eq!(bed.ask(At::Port(&bed.viewer), "POST", "/v1/risks", &[], garbage()).status, 403, "may, before what");
    assert_eq!(bed.ask(At::Port(&bed.analyst), "POST", "/v1/risks", &[], garbage()).status, 400, "then what");
    assert_eq!(bed.ask(At::Nobody, "GET", "/v1/no/such/path", &[], None).status, 401, "nobody learns which paths exist");
    assert_eq!(bed.ask(At::Port(&bed.viewer), "GET", "/v1/no/such/path", &[], None).status, 404, "somebody does");
}

#[test]
fn a_key_is_named_in_the_history_of_what_it_changed_and_the_window_names_the_person() {
    let bed = Bed::new(false);
    let made = bed
        .ask(At::Port(&bed.analyst), "POST", "/v1/risks", &[], Some(json!({ "name": "By a key" }).to_string()))
        .expect(201, "an analyst writes");
    let path = format!("/v1/risks/{}", made["id"].as_str().expect("an id"));
    bed.send("PUT", &path, &json!({ "name": "By the person" })).expect(200, "the window writes");
    let history = bed.get(&format!("{path}/history")).expect(200, "history");
    let told = |at: usize| (history["data"][at]["actor"].clone(), history["data"][at]["door"].clone());
    assert_eq!(told(0), (json!("Hugo Marchetti"), json!("window")), "newest first: the person");
    assert_eq!(told(1), (json!("the Analyst"), json!("api")), "before it the key");
}
