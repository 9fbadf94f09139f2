//! The API through both doors: in process as the window calls it, and over a socket with a token.

mod acceptances;
mod access;
mod assessments;
mod assets;
mod audits;
mod bulk;
mod documents;
mod errors;
mod first_run;
mod french;
mod groups;
mod heatmap;
mod imports;
mod incidents;
mod keys;
mod lists;
mod matrix;
mod matrix_plans;
mod pictures;
mod plans;
mod records;
mod reference;
mod registers;
mod socket;
mod undo;
mod uploads;
mod webhooks;
mod workshop_rounds;
mod workshops;

use amtia_engine::{Door, Engine, EngineOptions, Keychain, NewWorkspace, Role, Server, Who, system_clock};
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

/// An engine over a workspace, with its loopback port and a token of each role.
pub struct Bed {
    pub engine: Engine,
    pub address: SocketAddr,
    pub viewer: String,
    pub analyst: String,
    pub admin: String,
    agent: ureq::Agent,
    runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

/// Who is at which door.
#[derive(Clone, Copy, Debug)]
pub enum At<'t> {
    /// The window, in process.
    Window,
    /// The port, with this token.
    Port(&'t str),
    /// The port, without any.
    Nobody,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: axum::http::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON, or null.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// The body, after the status was found to be this one.
    pub fn expect(self, status: u16, why: &str) -> Value {
        assert_eq!(self.status, status, "{why}: {}", String::from_utf8_lossy(&self.bytes));
        self.json()
    }

    /// The fields that an error names.
    pub fn fields(&self) -> Vec<String> {
        let details = self.json()["error"]["details"].clone();
        details.as_array().into_iter().flatten().map(|detail| detail["field"].as_str().unwrap_or("").to_owned()).collect()
    }
}

/// An engine that has opened nothing yet, its file to be `folder/W.amtia`.
pub fn engine(folder: &std::path::Path, passphrase: Option<&str>) -> Engine {
    Engine::new(EngineOptions {
        door: "api",
        file: folder.join("W.amtia"),
        passphrase: passphrase.map(str::to_owned),
        keychain: Keychain::Off,
        clock: system_clock(),
        profile: "Hugo Marchetti".into(),
    })
}

impl Bed {
    /// A workspace of this test's own.
    pub fn new(sample: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let engine = engine(folder.path(), None);
        engine.create(NewWorkspace { sample, name: None, path: None }).expect("a workspace is made");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let server = runtime.block_on(Server::bind(0)).expect("a free port");
        let address = server.address;
        let page: amtia_engine::Assets =
            Arc::new(|name| (name == "index.html").then(|| (bytes::Bytes::from_static(b"<!doctype html>"), "text/html; charset=utf-8")));
        let served = engine.clone();
        runtime.spawn(async move { amtia_engine::serve(server, served, Some(page), std::future::pending()).await });
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            // The server ends connections that have been idle for ten seconds.
            .max_idle_age(Duration::from_secs(5))
            .timeout_global(Some(Duration::from_secs(20)))
            .build()
            .into();
        let none = String::new;
        let mut bed = Self { engine, address, viewer: none(), analyst: none(), admin: none(), agent, runtime, _folder: folder };
        bed.viewer = bed.token(Role::Viewer);
        bed.analyst = bed.token(Role::Analyst);
        bed.admin = bed.token(Role::Admin);
        bed
    }

    /// The sample workspace, shared by the tests that only read.
    pub fn sample() -> Arc<Self> {
        static SHARED: Mutex<Weak<Bed>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let made = Arc::new(Self::new(true));
            *shared = Arc::downgrade(&made);
            made
        })
    }

    fn token(&self, role: Role) -> String {
        self.token_of(&self.key(&format!("the {role:?}"), role))
    }

    /// A new API key and its secret.
    pub fn key(&self, name: &str, role: Role) -> (String, String) {
        let who = Who { actor: "Hugo Marchetti".into(), door: Door::CommandLine };
        self.engine.workspace().expect("it is open").create_key(name, role, who).expect("a key")
    }

    /// A token of a key.
    pub fn token_of(&self, (api_key, secret): &(String, String)) -> String {
        let answer = self.ask(At::Nobody, "POST", "/v1/auth/token", &[], Some(json!({ "api_key": api_key, "secret": secret }).to_string()));
        answer.expect(200, "a new key gets a token")["token"].as_str().expect("a token").to_owned()
    }

    /// Any request through either door.
    pub fn ask(&self, at: At<'_>, method: &str, path: &str, headers: &[(&str, &str)], body: Option<String>) -> Answer {
        self.ask_bytes(at, method, path, headers, body.map(String::into_bytes))
    }

    /// As [`Bed::ask`], with a body that is no text.
    pub fn ask_bytes(&self, at: At<'_>, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Vec<u8>>) -> Answer {
        let mut request = Request::builder().method(method);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        let answer = match at {
            At::Window => {
                let body = body.map_or_else(Body::empty, Body::from);
                let request = request.uri(path).body(body).expect("a request");
                self.runtime.block_on(async {
                    let (parts, body) = self.engine.call(request).await.into_parts();
                    let bytes = body.collect().await.expect("a whole body").to_bytes().to_vec();
                    Answer { status: parts.status.as_u16(), headers: parts.headers, bytes }
                })
            }
            At::Port(_) | At::Nobody => {
                if let At::Port(token) = at {
                    request = request.header("authorization", format!("Bearer {token}"));
                }
                let request = request.uri(format!("http://{}{path}", self.address)).body(body.unwrap_or_default()).expect("a request");
                let (parts, mut body) = self.agent.run(request).expect("an answer over the socket").into_parts();
                Answer { status: parts.status.as_u16(), headers: parts.headers, bytes: body.read_to_vec().expect("a whole body") }
            }
        };
        french::check(path, &answer);
        answer
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask(At::Window, "GET", path, &[], None)
    }

    pub fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.ask(At::Window, method, path, &[], Some(body.to_string()))
    }

    /// A risk of this name; its id.
    pub fn risk(&self, body: &Value) -> String {
        self.send("POST", "/v1/risks", body).expect(201, "a risk is made")["id"].as_str().expect("an id").to_owned()
    }

    /// Every record of a list, by its pages.
    pub fn all(&self, path: &str) -> Vec<Value> {
        let (mut all, mut cursor) = (Vec::new(), None::<String>);
        let joint = if path.contains('?') { '&' } else { '?' };
        loop {
            let after = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
            let page = self.get(&format!("{path}{joint}limit=200{after}")).expect(200, path);
            all.extend(page["data"].as_array().expect("a list").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return all,
            }
            assert!(all.len() < 20_000, "{path} ends");
        }
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        self.engine.close();
    }
}

/// The document, as it is committed.
pub fn document() -> Value {
    serde_json::from_str(amtia_engine::openapi_json()).expect("the document is JSON")
}

/// Method, path and description of each operation.
pub fn operations() -> Vec<(String, String, Value)> {
    let document = document();
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            all.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    assert!(all.len() > 30, "the document lists the operations");
    all
}
