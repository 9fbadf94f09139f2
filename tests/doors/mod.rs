//! The API through both doors: the window's, in process, and the loopback port with tokens of the three roles.

mod access;
mod errors;
mod lists;
mod records;
mod undo;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use amtia_engine::{Door, Engine, EngineOptions, Keychain, NewWorkspace, Role, Server, Who};
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

/// An answer: status, headers in lower case, body as JSON (null when there is none).
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// The message of an error.
    pub fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or("")
    }

    /// The fields that an error names.
    pub fn fields(&self) -> Vec<&str> {
        self.body["error"]["details"].as_array().into_iter().flatten().filter_map(|detail| detail["field"].as_str()).collect()
    }

    /// The id of a record.
    pub fn id(&self) -> &str {
        self.body["id"].as_str().expect("the answer is a record")
    }
}

/// An engine on a workspace of its own, served on loopback as well.
pub struct Doors {
    pub engine: Engine,
    pub port: u16,
    /// Milliseconds added to the workspace's clock.
    pub shift: Arc<AtomicI64>,
    runtime: tokio::runtime::Runtime,
    folder: tempfile::TempDir,
}

pub const PASSPHRASE: &str = "correct horse battery staple";

impl Doors {
    /// On an empty workspace.
    pub fn empty() -> Self {
        Self::new(false)
    }

    /// On the sample.
    pub fn sample() -> Self {
        Self::new(true)
    }

    fn new(sample: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let shift = Arc::new(AtomicI64::new(0));
        let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
        let engine = engine(&folder.path().join("Doors.amtia"), &shift);
        engine.create(NewWorkspace { sample, name: None, path: None }).expect("a workspace is made");
        let server = runtime.block_on(Server::bind(0)).expect("a free port is there");
        let port = server.address.port();
        let served = engine.clone();
        runtime.spawn(async move { amtia_engine::serve(server, served, None, std::future::pending()).await });
        Self { engine, port, shift, runtime, folder }
    }

    /// Closes the workspace and opens it again.
    pub fn reopen(&mut self) {
        self.engine.close();
        self.engine = engine(&self.folder.path().join("Doors.amtia"), &self.shift);
        self.engine.open_existing().expect("the workspace opens again");
    }

    /// Moves the workspace's clock forward.
    pub fn later(&self, milliseconds: i64) {
        self.shift.fetch_add(milliseconds, Ordering::Relaxed);
    }

    /// A call through the window's door.
    pub fn window(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.window_with(method, path, body, &[])
    }

    /// A call through the window's door, with headers.
    pub fn window_with(&self, method: &str, path: &str, body: Option<&Value>, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let bytes = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let request = request.body(bytes).expect("the request is well formed");
        self.runtime.block_on(async {
            let response = self.engine.call(request).await;
            let (head, body) = response.into_parts();
            let bytes = body.collect().await.expect("the answer is whole").to_bytes();
            let headers = head.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("").to_owned())).collect();
            Answer { status: head.status.as_u16(), headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
        })
    }

    /// A new key of a role, and a token for it.
    pub fn token(&self, role: Role) -> String {
        let (api_key, secret) = self.key(role);
        let answer = self.http("POST", "/v1/auth/token", Some(&json!({ "api_key": api_key, "secret": secret })), &[]);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["token"].as_str().expect("a token is text").to_owned()
    }

    /// A new key of a role and its secret.
    pub fn key(&self, role: Role) -> (String, String) {
        let workspace = self.engine.workspace().expect("the workspace is open");
        workspace.create_key("script", role, Who { actor: "tests".into(), door: Door::CommandLine }).expect("a key is made")
    }

    /// A call over loopback HTTP.
    pub fn http(&self, method: &str, path: &str, body: Option<&Value>, headers: &[(&str, &str)]) -> Answer {
        let text = body.map(ToString::to_string);
        let mut all = headers.to_vec();
        if body.is_some() {
            all.push(("content-type", "application/json"));
        }
        self.raw(method, path, text.unwrap_or_default().as_bytes(), &all)
    }

    /// A call over loopback HTTP with a token.
    pub fn with(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.http(method, path, body, &[("authorization", &format!("Bearer {token}"))])
    }

    /// A call over loopback HTTP with any bytes, written by hand so that nothing tidies it up.
    pub fn raw(&self, method: &str, path: &str, body: &[u8], headers: &[(&str, &str)]) -> Answer {
        use std::io::{Read as _, Write as _};
        let mut socket = std::net::TcpStream::connect(("127.0.0.1", self.port)).expect("the port answers");
        let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head.push_str(&format!("host: 127.0.0.1:{}\r\n", self.port));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        socket.write_all(head.as_bytes()).expect("the head is sent");
        // A server that refuses early may stop reading: what it answered still counts.
        let _ = socket.write_all(body);
        let mut bytes = Vec::new();
        let _ = socket.read_to_end(&mut bytes);
        parse(&bytes)
    }
}

fn parse(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("the answer has a head");
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).expect("the answer has a status");
    let headers = lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    Answer { status, headers, body: serde_json::from_slice(&bytes[end + 4..]).unwrap_or(Value::Null) }
}

fn engine(file: &std::path::Path, shift: &Arc<AtomicI64>) -> Engine {
    let shift = Arc::clone(shift);
    let system = amtia_engine::system_clock();
    let clock: amtia_engine::Clock = Arc::new(move || {
        let at = system();
        at.checked_add(std::time::Duration::from_millis(shift.load(Ordering::Relaxed).unsigned_abs())).unwrap_or(at)
    });
    Engine::new(EngineOptions {
        door: "window",
        file: file.to_owned(),
        passphrase: Some(PASSPHRASE.into()),
        keychain: Keychain::Off,
        clock,
        profile: "Hugo Marchetti".into(),
    })
}

/// Makes a risk and answers it.
pub fn risk(doors: &Doors, body: &Value) -> Answer {
    let made = doors.window("POST", "/v1/risks", Some(body));
    assert_eq!(made.status, 201, "{made:?}");
    made
}

/// Makes an incident and answers it.
pub fn incident(doors: &Doors, title: &str) -> Answer {
    let made = doors.window("POST", "/v1/incidents", Some(&json!({ "title": title, "severity": "high" })));
    assert_eq!(made.status, 201, "{made:?}");
    made
}
