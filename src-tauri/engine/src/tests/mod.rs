//! Tests that look inside the workspace file while they call the API from outside.

mod broken;
mod imports;
mod mirror;
mod operations;
mod panics;
mod plans;
mod quota;
mod reading;
mod recovery;
mod searching;
mod settled;
mod tampering;
mod tokens;
mod webhooks;
mod workshops;

use crate::engine::{Engine, EngineOptions, NewWorkspace};
use crate::keys::Keychain;
use crate::store::api_keys::Role;
use crate::store::{Clock, Door, Who};
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// An engine over an empty workspace, on a clock that a test sets.
struct Bed {
    engine: Engine,
    clock: Arc<AtomicI64>,
    runtime: tokio::runtime::Runtime,
    folder: tempfile::TempDir,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

impl Bed {
    fn new() -> Self {
        Self::with_post(crate::outbound::network())
    }

    /// With another way out than the network.
    fn with_post(post: crate::outbound::Post) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(AtomicI64::new(1_800_000_000_000));
        let told = Arc::clone(&clock);
        let read: Clock = Arc::new(move || Timestamp::from_millisecond(told.load(Ordering::SeqCst)).expect("in range"));
        let options = EngineOptions {
            door: "api",
            file: folder.path().join("W.amtia"),
            passphrase: None,
            keychain: Keychain::Off,
            clock: read,
            profile: "Hugo Marchetti".into(),
        };
        let engine = Engine::with_way_out(options, post);
        engine.create(NewWorkspace { sample: false, name: None, path: None }).expect("an empty workspace is made");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        Self { engine, clock, runtime, folder }
    }

    fn pass(&self, milliseconds: i64) {
        self.clock.fetch_add(milliseconds, Ordering::SeqCst);
    }

    fn request(method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        request.body(body).expect("a request that can be written")
    }

    fn answer(&self, response: axum::response::Response) -> Answer {
        let (parts, body) = response.into_parts();
        let bytes = self.runtime.block_on(body.collect()).expect("a whole body").to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// As the person at this device.
    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let response = self.runtime.block_on(self.engine.call(Self::request(method, path, &[], body)));
        self.answer(response)
    }

    /// As [`Bed::call`], which must succeed.
    fn done(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let answer = self.call(method, path, body);
        assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.body);
        answer.body
    }

    /// Sends a text file as a document.
    fn upload(&self, name: &str, text: &str) -> Answer {
        let body = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--edge--\r\n"
        );
        let request = Request::post("/v1/documents/upload").header("content-type", "multipart/form-data; boundary=edge");
        let response = self.runtime.block_on(self.engine.call(request.body(Body::from(body)).expect("a request")));
        self.answer(response)
    }

    /// Through the door that wants a token.
    fn knock(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let request = Self::request(method, path, headers, body);
        let response = self.runtime.block_on(self.engine.answer(request));
        self.answer(response)
    }

    fn with_token(&self, token: &str, path: &str) -> Answer {
        self.knock("GET", path, &[("authorization", &format!("Bearer {token}"))], None)
    }

    fn workspace(&self) -> Arc<crate::workspace::Workspace> {
        self.engine.workspace().expect("a workspace is open")
    }

    fn key(&self, name: &str, role: Role) -> (String, String) {
        self.workspace().create_key(name, role, who()).expect("a key is made")
    }

    fn token(&self, role: Role) -> String {
        let (api_key, secret) = self.key(&format!("a {role:?}"), role);
        let body = serde_json::json!({ "api_key": api_key, "secret": secret });
        let answer = self.knock("POST", "/v1/auth/token", &[], Some(&body));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["token"].as_str().expect("a token").to_owned()
    }
}

fn who() -> Who {
    Who { actor: "Hugo Marchetti".into(), door: Door::CommandLine }
}

/// A small generator: the same numbers from the same seed.
struct Numbers(u64);

impl Numbers {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }
}
