//! The window's door: one command that carries an API call to the engine, raw bytes both ways.
//!
//! In: the method, path and headers of the call in `x-amtia-*` headers, its body as the body.
//! Out: four bytes, the big-endian length of a JSON head `{"status":…,"headers":{…}}`, that head, then
//! the answer's body.

use std::{
    collections::BTreeMap,
    env,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use amtia_engine::{Changes, Engine, EngineOptions, Keychain, account_name, system_clock};
use axum::{
    body::Body,
    http::{HeaderMap, Request, Response, StatusCode},
};
use http_body_util::BodyExt;
use serde::Serialize;
use tauri::{
    AppHandle, Emitter, State,
    ipc::{self, InvokeBody},
};
use tokio::sync::{SetOnce, broadcast::error::RecvError};

use crate::{places::Places, remembered::Memory};

/// The event that tells the page what changed.
const CHANGES: &str = "amtia-changes";
/// The file that a new workspace goes to, in the documents folder, unless the person chooses another.
const NEW_WORKSPACE: &str = "AMTIA.amtia";

/// What the page asks first, whatever it shows, and what the risk map asks that opens first (`ui/src/lib/boot.ts`).
const FIRST_ASKED: [&str; 4] = ["/v1/workspace", "/v1/summary", "/v1/risks/heatmap", "/v1/risks/map?per_cell=3"];
/// How long the page waits for them: a workspace that opens more slowly (a passphrase) is asked for by the page itself.
const FIRST_WITHIN: Duration = Duration::from_millis(150);

/// The engine behind the window.
#[derive(Clone)]
pub(crate) struct Door {
    engine: Engine,
    /// The last workspace, where its file is not there.
    missing: Option<PathBuf>,
    /// Set once the last workspace is open, or is known not to open. Calls wait for it, so that the
    /// page never takes a workspace that is still opening for a missing one.
    opened: Arc<SetOnce<()>>,
    /// Brings the first answers, to the first page.
    first: Arc<Mutex<Option<mpsc::Receiver<String>>>>,
}

/// Answers one API call.
///
/// # Errors
/// A sentence for the developer, when the call itself is not well formed. Every answer of the API, its
/// errors included, is an `Ok`.
#[tauri::command]
pub(crate) async fn api(request: ipc::Request<'_>, door: State<'_, Door>) -> Result<ipc::Response, String> {
    let call = unpack(request.headers(), request.body())?;
    let answer = door.call(call).await;
    pack(answer).await.map(ipc::Response::new)
}

impl Door {
    /// The engine for the last workspace, or the usual place of a new one. Nothing is opened yet.
    pub(crate) fn new(places: &Places, memory: &Memory) -> Self {
        let passphrase = env::var("AMTIA_PASSPHRASE").ok().filter(|it| !it.is_empty());
        let last = memory.get().last_workspace;
        let missing = last.clone().filter(|file| !file.exists());
        let usual = places.documents.join(NEW_WORKSPACE);
        let engine = Engine::new(EngineOptions {
            door: "window",
            file: last.filter(|_| missing.is_none()).unwrap_or(usual),
            keychain: if passphrase.is_some() { Keychain::Off } else { Keychain::System },
            passphrase,
            clock: system_clock(),
            profile: account_name(),
        });
        Self { engine, missing, opened: Arc::new(SetOnce::new()), first: Arc::new(Mutex::new(None)) }
    }

    /// Opens the workspace in the background, and reads what the page asks first.
    ///
    /// Called once the web view's processes are on their way, which start by a copy of this one: the less it holds by then, and
    /// the fewer threads it has at work, the sooner they run. They take longer than the workspace does.
    pub(crate) fn open(&self, memory: &Arc<Memory>) {
        let (answered, first) = mpsc::channel();
        *self.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(first);
        self.read_first(answered);
        let (engine, missing) = (self.engine.clone(), self.missing.clone());
        let (opened, memory) = (Arc::clone(&self.opened), Arc::clone(memory));
        // Built beside it, while the web view still starts, and not by the first call.
        let routed = engine.clone();
        let routing = tauri::async_runtime::spawn_blocking(move || drop(routed.router().clone()));
        let opening = tauri::async_runtime::spawn_blocking(move || match missing {
            // Another one, or an empty window, would look as if everything were gone.
            Some(file) => engine.miss(file),
            None => match engine.open_existing() {
                Ok(()) => remember(&engine, &memory),
                // The engine tells the page why; the reason names the person's files, so it is not logged.
                Err(_) => tracing::warn!("the last workspace could not be opened"),
            },
        });
        tauri::async_runtime::spawn(async move {
            if opening.await.is_err() || routing.await.is_err() {
                tracing::error!("opening the last workspace broke off");
            }
            // Nobody else sets it.
            let _ = opened.set(());
        });
    }

    /// A script that brings the page its first answers, so that it need not ask for them one journey after another; empty
    /// where they are not there in time. The page takes each once, and asks for what is not there.
    pub(crate) fn first_answers(&self) -> String {
        let waiting = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        waiting.and_then(|waiting| waiting.recv_timeout(FIRST_WITHIN).ok()).unwrap_or_default()
    }

    /// Reads them on a thread of its own: whoever serves the page waits for it, and may be any thread of the runtime.
    fn read_first(&self, answered: mpsc::Sender<String>) {
        let door = self.clone();
        let read = move || {
            let mut answers = BTreeMap::new();
            for path in FIRST_ASKED {
                if let Some(answer) = tauri::async_runtime::block_on(door.first_answer(path)) {
                    answers.insert(path, answer);
                }
            }
            // Text and numbers always have a JSON form, and JSON is an expression of the language (ECMA-262).
            let answers = serde_json::to_string(&answers).unwrap_or_else(|_| "{}".to_owned());
            // The page may have stopped waiting.
            let _ = answered.send(format!("window.__AMTIA_FIRST__ = {answers};"));
        };
        if let Err(error) = thread::Builder::new().name("amtia-first".into()).spawn(read) {
            tracing::warn!(%error, "the page asks for its first answers itself");
        }
    }

    /// The body of an answer that the page has before it asks.
    async fn first_answer(&self, path: &str) -> Option<String> {
        let answer = self.call(Request::get(path).body(Body::empty()).ok()?).await;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        (parts.status == StatusCode::OK).then(|| String::from_utf8(body.to_vec()).ok())?
    }

    /// Sends the engine's changes to the page for as long as the app runs.
    pub(crate) fn forward_changes(&self, app: &AppHandle, memory: &Arc<Memory>) {
        let mut changes = self.engine.changes();
        let (app, engine, memory) = (app.clone(), self.engine.clone(), Arc::clone(memory));
        tauri::async_runtime::spawn(async move {
            loop {
                let change = match changes.recv().await {
                    Ok(change) => change,
                    // Which ones were missed is not known, so the page reads everything again.
                    Err(RecvError::Lagged(_)) => Changes { change: 0, kinds: amtia_engine::every_kind() },
                    Err(RecvError::Closed) => return,
                };
                remember(&engine, &memory);
                if let Err(error) = app.emit(CHANGES, change) {
                    tracing::warn!(%error, "a change could not be told to the page");
                }
            }
        });
    }

    /// Checkpoints the workspace and releases its lock.
    pub(crate) fn close(&self) {
        self.engine.close();
    }

    async fn call(&self, call: Request<Body>) -> Response<Body> {
        self.opened.wait().await;
        self.engine.call(call).await
    }
}

/// Remembers the workspace that is open, so that the next start opens it.
fn remember(engine: &Engine, memory: &Memory) {
    if engine.workspace().is_some() {
        memory.set_last_workspace(&engine.default_file());
    }
}

/// Makes the call that the page described.
fn unpack(described: &HeaderMap, body: &InvokeBody) -> Result<Request<Body>, String> {
    let InvokeBody::Raw(body) = body else {
        return Err("the call's body must be raw bytes".to_owned());
    };
    let text = |name: &str| {
        described.get(name).and_then(|value| value.to_str().ok()).ok_or_else(|| format!("the call has no readable header {name}"))
    };
    let mut call = Request::builder().method(text("x-amtia-method")?).uri(text("x-amtia-path")?);
    if described.contains_key("x-amtia-headers") {
        let headers: BTreeMap<String, String> = serde_json::from_str(text("x-amtia-headers")?)
            .map_err(|error| format!("x-amtia-headers is not an object of texts: {error}"))?;
        for (name, value) in headers {
            call = call.header(name, value);
        }
    }
    call.body(Body::from(body.clone())).map_err(|error| format!("the call is not well formed: {error}"))
}

/// The head of an answer, before its body.
#[derive(Serialize)]
struct Head<'a> {
    status: u16,
    headers: BTreeMap<&'a str, String>,
}

/// Writes an answer as one run of bytes.
async fn pack(answer: Response<Body>) -> Result<Vec<u8>, String> {
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.map_err(|error| format!("the answer broke off: {error}"))?.to_bytes();
    let head = Head { status: parts.status.as_u16(), headers: joined(&parts.headers) };
    let head = serde_json::to_vec(&head).map_err(|error| format!("the answer has no head: {error}"))?;
    let length = u32::try_from(head.len()).map_err(|_| "the answer's head is too long".to_owned())?;

    let mut frame = Vec::with_capacity(size_of::<u32>() + head.len() + body.len());
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&head);
    frame.extend_from_slice(&body);
    Ok(frame)
}

/// Headers by name; the values of a repeated one are joined as HTTP allows (RFC 9110, 5.3).
fn joined(headers: &HeaderMap) -> BTreeMap<&str, String> {
    let mut joined: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        joined
            .entry(name.as_str())
            .and_modify(|earlier| {
                earlier.push_str(", ");
                earlier.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    joined
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn described(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|&(name, value)| (name.parse().expect("a header name"), HeaderValue::from_static(value))).collect()
    }

    fn raw(bytes: &[u8]) -> InvokeBody {
        InvokeBody::Raw(bytes.to_vec())
    }

    #[tokio::test]
    async fn a_call_reaches_the_engine_as_the_page_described_it() {
        let call = unpack(
            &described(&[
                ("x-amtia-method", "PUT"),
                ("x-amtia-path", "/v1/risks/1?view=current"),
                ("x-amtia-headers", r#"{"If-Match":"\"7\"","Content-Type":"application/json"}"#),
                ("tauri-invoke-key", "not the engine's business"),
            ]),
            &raw(b"{\"likelihood\":4}"),
        )
        .expect("the call is well formed");

        assert_eq!(call.method(), "PUT");
        assert_eq!(call.uri(), "/v1/risks/1?view=current");
        assert_eq!(call.headers()["if-match"], "\"7\"");
        assert_eq!(call.headers().len(), 2, "the envelope's own headers stay outside");
        let body = call.into_body().collect().await.expect("the body is in memory").to_bytes();
        assert_eq!(&body[..], b"{\"likelihood\":4}");
    }

    #[test]
    fn a_call_that_is_not_well_formed_is_refused_with_the_reason() {
        let good = [("x-amtia-method", "GET"), ("x-amtia-path", "/v1/risks")];
        for (headers, reason) in [
            (&good[1..], "x-amtia-method"),
            (&good[..1], "x-amtia-path"),
            (&[good[0], ("x-amtia-path", "not a path")][..], "not well formed"),
            (&[("x-amtia-method", "GE T"), good[1]][..], "not well formed"),
            (&[good[0], good[1], ("x-amtia-headers", "[]")][..], "x-amtia-headers"),
            (&[good[0], good[1], ("x-amtia-headers", r#"{"a b":"c"}"#)][..], "not well formed"),
            (&[good[0], good[1], ("x-amtia-headers", r#"{"a":1}"#)][..], "x-amtia-headers"),
        ] {
            let refusal = unpack(&described(headers), &raw(b"")).expect_err("the call is not well formed");
            assert!(refusal.contains(reason), "{refusal:?} names {reason:?}");
        }
        let refusal = unpack(&described(&good), &InvokeBody::default()).expect_err("JSON bodies are not raw");
        assert!(refusal.contains("raw bytes"), "{refusal:?}");
    }

    #[tokio::test]
    async fn an_answer_is_one_frame_that_the_page_can_take_apart() {
        let mut answer = Response::new(Body::from("{\"data\":[]}"));
        *answer.status_mut() = StatusCode::IM_A_TEAPOT;
        for (name, value) in [("etag", "\"7\""), ("link", "<a>"), ("link", "<b>")] {
            answer.headers_mut().append(name, HeaderValue::from_static(value));
        }

        let frame = pack(answer).await.expect("the answer fits a frame");
        let (length, rest) = frame.split_first_chunk::<4>().expect("a frame starts with a length");
        let (head, body) = rest.split_at(u32::from_be_bytes(*length) as usize);
        let head: serde_json::Value = serde_json::from_slice(head).expect("the head is JSON");
        assert_eq!(head, serde_json::json!({"status": 418, "headers": {"etag": "\"7\"", "link": "<a>, <b>"}}));
        assert_eq!(body, b"{\"data\":[]}");
    }
}
