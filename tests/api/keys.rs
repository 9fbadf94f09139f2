//! API keys, what they did, and the port they come through.

use super::{Answer, At, Bed};
use amtia_engine::{Engine, EngineOptions, Keychain, NewWorkspace, system_clock};
use amtia_tests::free_port;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

fn made(bed: &Bed, body: &Value) -> (String, String) {
    let made = bed.send("POST", "/v1/keys", body).expect(201, "a key is made");
    assert_eq!(made["id"], made["api_key"], "the id is what signs in");
    (made["api_key"].as_str().expect("an id").to_owned(), made["secret"].as_str().expect("a secret").to_owned())
}

fn sign_in(bed: &Bed, api_key: &str, secret: &str) -> Answer {
    bed.ask(At::Nobody, "POST", "/v1/auth/token", &[], Some(json!({ "api_key": api_key, "secret": secret }).to_string()))
}

fn token(bed: &Bed, api_key: &str, secret: &str) -> String {
    sign_in(bed, api_key, secret).expect(200, "it signs in")["token"].as_str().expect("a token").to_owned()
}

#[test]
fn a_key_lives_is_given_a_new_secret_and_ends_with_its_tokens() {
    let bed = Bed::new(false);
    let (id, first) = made(&bed, &json!({ "name": "Report script", "role": "analyst", "expires_at": "2099-01-01T00:00:00Z" }));
    let path = format!("/v1/keys/{id}");
    let key = bed.get(&path).expect(200, "it is there");
    assert_eq!((&key["state"], &key["role"], &key["expires_at"]), (&json!("live"), &json!("analyst"), &json!("2099-01-01T00:00:00.000Z")));
    let old = token(&bed, &id, &first);
    assert_eq!(bed.ask(At::Port(&old), "GET", "/v1/risks", &[], None).status, 200, "its token works");
    assert_eq!(bed.ask(At::Port(&old), "GET", "/v1/keys", &[], None).status, 403, "for what its role may");
    let second = bed.send("POST", &format!("{path}/rotate"), &json!({})).expect(200, "a new secret")["secret"].clone();
    let second = second.as_str().expect("a secret").to_owned();
    assert_eq!(sign_in(&bed, &id, &first).status, 401, "the old secret has ended");
    assert_eq!(bed.ask(At::Port(&old), "GET", "/v1/risks", &[], None).status, 401, "and so have its tokens, at once");
    let new = token(&bed, &id, &second);
    assert_eq!(bed.ask(At::Port(&new), "GET", "/v1/risks", &[], None).status, 200, "the new one works");
    bed.ask(At::Port(&bed.admin), "DELETE", &path, &[], None).expect(204, "an admin's key may end it");
    assert_eq!(bed.ask(At::Port(&new), "GET", "/v1/risks", &[], None).status, 401, "its token ends with it");
    assert_eq!(sign_in(&bed, &id, &second).status, 401, "and its secret");
    let ended = bed.get(&path).expect(200, "it is still listed");
    assert_eq!((&ended["state"], ended["revoked_at"].is_string()), (&json!("revoked"), true), "as ended");
    bed.ask(At::Window, "DELETE", &path, &[], None).expect(204, "ending it again changes nothing");
    assert_eq!(bed.send("POST", &format!("{path}/rotate"), &json!({})).status, 400, "and it has no new secret");
    let list = bed.get("/v1/keys").expect(200, "the list");
    assert_eq!((&list["total"], &list["data"][0]["id"]), (&json!(4), &json!(id)), "newest first");
    let text = format!("{list}{ended}{key}");
    assert!(!text.contains("amtia_secret_") && !text.contains(&first) && !text.contains(&second), "no secret is shown again");
}

#[test]
fn whatever_is_wrong_with_a_new_key_is_told_at_once() {
    let bed = Bed::new(false);
    let wrong =
        bed.send("POST", "/v1/keys", &json!({ "name": "a\nb", "role": "owner", "expires_at": "2020-01-01T00:00:00Z", "secret": "mine" }));
    let mut fields = wrong.fields();
    fields.sort();
    assert_eq!((wrong.status, fields), (400, ["expires_at", "name", "role", "secret"].map(str::to_owned).to_vec()), "each of them");
    assert_eq!(bed.send("POST", "/v1/keys", &json!({})).fields(), ["name", "role"], "and what is missing");
}

#[test]
fn calls_are_told_with_their_request_ids_and_a_read_stays_a_read() {
    let bed = Bed::new(false);
    let (id, secret) = made(&bed, &json!({ "name": "Power BI", "role": "viewer" }));
    assert_eq!(bed.get(&format!("/v1/keys/{id}")).json()["last_used_at"], Value::Null, "never used");
    let entries = || bed.engine.workspace().expect("open").verify().expect("verified").trail_entries;
    let before = entries();
    let token = token(&bed, &id, &secret);
    let read = bed.ask(At::Port(&token), "GET", "/v1/risks?q=a-word-of-the-question", &[], None);
    let refused = bed.ask(At::Port(&token), "PUT", "/v1/risks/nobody", &[], Some("{\"name\":\"a word of the body\"}".into()));
    let unknown = bed.ask(At::Nobody, "GET", "/v1/nothing/here", &[], None);
    let api = bed.ask(At::Window, "GET", "/v1/api", &[], None).expect(200, "the window looks");
    assert_eq!((&api["running"], &api["switchable"]), (&json!(true), &json!(false)), "the command line serves");
    assert_eq!(api["base_url"], format!("http://{}/v1", bed.address), "here");
    let calls: Vec<Value> = api["calls"].as_array().expect("calls").iter().take(4).cloned().collect();
    let told: Vec<Value> = calls.iter().map(|call| json!([call["method"], call["path"], call["status"], call["key_name"]])).collect();
    let expected = [
        json!(["GET", "(no such path)", 401, null]),
        json!(["PUT", "/v1/risks/{id}", 403, "Power BI"]),
        json!(["GET", "/v1/risks", 200, "Power BI"]),
        json!(["POST", "/v1/auth/token", 200, "Power BI"]),
    ];
    assert_eq!(told, expected, "newest first, by the path's template");
    for (call, answer) in calls.iter().zip([&unknown, &refused, &read]) {
        assert_eq!(call["request_id"], answer.header("x-request-id"), "under the answer's own id");
    }
    assert!(!api.to_string().contains("a-word-of-the-question") && !api.to_string().contains("a word of the body"), "no question, no body");
    let key = bed.get(&format!("/v1/keys/{id}")).expect(200, "the key");
    assert_eq!((key["last_used_at"].is_string(), &key["calls_30_days"]), (true, &json!(3)), "it was used");
    assert_eq!(entries(), before, "none of this is in the audit trail");
    // Written down at the latest when the workspace is closed.
    bed.engine.close();
    bed.engine.open_existing().expect("opened again");
    let again = bed.get("/v1/api").expect(200, "after a new start");
    assert_eq!(json!(again["calls"].as_array().expect("calls")[..4]), json!(calls), "the calls are there");
    assert_eq!(bed.get(&format!("/v1/keys/{id}")).json()["calls_30_days"], 3, "and counted");
    assert_eq!(entries(), before, "and nothing is in the trail");
}

/// An engine behind the window's door.
struct Window {
    engine: Engine,
    runtime: tokio::runtime::Runtime,
}

impl Window {
    fn new(folder: &std::path::Path) -> Self {
        let engine = Engine::new(EngineOptions {
            door: "window",
            file: folder.join("W.amtia"),
            passphrase: None,
            keychain: Keychain::Off,
            clock: system_clock(),
            profile: "Hugo Marchetti".into(),
        });
        Self { engine, runtime: tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime") }
    }

    fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = Request::builder().method(method).uri(path).body(body).expect("a request");
        self.runtime.block_on(async {
            let (parts, body) = self.engine.call(request).await.into_parts();
            let bytes = body.collect().await.expect("a whole body").to_bytes().to_vec();
            Answer { status: parts.status.as_u16(), headers: parts.headers, bytes }
        })
    }
}

fn answers(port: u16) -> bool {
    let url = format!("http://127.0.0.1:{port}/v1/openapi.json");
    ureq::get(&url).call().is_ok_and(|answer| answer.status() == 200)
}

#[test]
fn the_window_serves_a_port_when_told_to_and_remembers_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let window = Window::new(folder.path());
    window.engine.create(NewWorkspace { sample: false, name: None, path: None }).expect("made");
    let off = window.ask("GET", "/v1/api", None).expect(200, "its state");
    assert_eq!((&off["enabled"], &off["running"], &off["port"]), (&json!(false), &json!(false), &json!(7411)), "off to begin with");
    let port = free_port();
    let on = window.ask("PUT", "/v1/api", Some(json!({ "enabled": true, "port": port }))).expect(200, "switched on");
    assert_eq!((&on["running"], &on["base_url"]), (&json!(true), &json!(format!("http://127.0.0.1:{port}/v1"))), "{on}");
    assert!(answers(port), "the port answers");

    let busy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port of somebody else's");
    let taken = busy.local_addr().expect("an address").port();
    let refused = window.ask("PUT", "/v1/api", Some(json!({ "port": taken })));
    assert_eq!((refused.status, refused.fields()), (400, vec!["port".to_owned()]), "a busy port is refused");
    assert!(refused.json()["error"]["message"].as_str().is_some_and(|text| text.contains("in use")), "and says so");
    assert!(answers(port), "and changes nothing");
    assert_eq!(window.ask("PUT", "/v1/api", Some(json!({ "port": 0 }))).fields(), ["port"], "no port is no port");

    let other = free_port();
    window.ask("PUT", "/v1/api", Some(json!({ "port": other }))).expect(200, "another port");
    assert!(answers(other) && !answers(port), "takes effect at once");
    window.engine.close();
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, other)).is_err(), "closing gives it back");
    window.engine.open_existing().expect("opened again");
    assert!(answers(other), "and opening serves it again");
    window.engine.close();

    let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, other)).expect("somebody else takes it");
    window.engine.open_existing().expect("a busy port keeps nobody from working");
    let told = window.ask("GET", "/v1/api", None).expect(200, "its state");
    assert_eq!((&told["enabled"], &told["running"]), (&json!(true), &json!(false)), "{told}");
    assert!(told["message"].as_str().is_some_and(|text| text.contains("in use")), "it is told: {told}");
    drop(holder);
    window.ask("PUT", "/v1/api", Some(json!({ "enabled": false }))).expect(200, "switched off");
    assert!(!answers(other), "and nothing answers");
    window.engine.close();
}

#[test]
fn under_the_command_line_the_port_is_not_switched() {
    let bed = Bed::new(false);
    let refused = bed.send("PUT", "/v1/api", &json!({ "enabled": false }));
    assert_eq!(refused.status, 400, "it would end the answer itself");
    assert!(refused.json()["error"]["message"].as_str().is_some_and(|text| text.contains("amtia serve")), "and says who decides");
}
