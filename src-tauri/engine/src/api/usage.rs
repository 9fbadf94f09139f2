//! Calls through the port, remembered in memory and written down once a minute: a read stays a read.

use super::Principal;
use crate::engine::Engine;
use crate::store::api_use::{ApiCall, Use, day};
use amtia_domain::time::rfc3339;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Calls held in memory until they are written down; older ones give way.
const HELD: usize = 1000;

/// Whose call was answered.
#[derive(Clone)]
pub(super) enum Caller {
    /// The person at this device, in a browser: no affair of the list.
    Owner,
    /// A key: its id and its name.
    Key(String, String),
}

/// What happened since it was last written down.
#[derive(Default)]
pub(crate) struct Usage(Mutex<Use>);

impl Usage {
    fn note(&self, call: ApiCall, at: Timestamp) {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = &call.key_id {
            *used.counts.entry((key.clone(), day(at))).or_default() += 1;
            used.last.insert(key.clone(), at);
        }
        if used.calls.len() >= HELD {
            used.calls.remove(0);
        }
        used.calls.push(call);
    }

    /// Takes everything, to write it down.
    pub(crate) fn take(&self) -> Option<Use> {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if used.calls.is_empty() { None } else { Some(std::mem::take(&mut *used)) }
    }

    /// The newest calls that are not written down yet, newest first.
    pub(super) fn newest(&self, limit: usize) -> Vec<ApiCall> {
        let used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        used.calls.iter().rev().take(limit).cloned().collect()
    }

    /// When a key was last used, and how often, as far as that is not written down yet.
    pub(super) fn of(&self, key: &str) -> (Option<Timestamp>, u64) {
        let used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = used.counts.iter().filter(|((have, _), _)| have == key).map(|(_, calls)| calls).sum();
        (used.last.get(key).copied(), calls)
    }
}

/// Notes each call that came through the port, but for those of the person at this device.
pub(super) async fn watch(State(engine): State<Engine>, request: Request, next: Next) -> Response {
    // Only the window is known before anything was looked at.
    if request.extensions().get::<Principal>().is_some() {
        return next.run(request).await;
    }
    let begun = Instant::now();
    let method = request.method().to_string();
    let path = request.extensions().get::<MatchedPath>().map_or_else(|| "(no such path)".to_owned(), |path| path.as_str().to_owned());
    let mut response = next.run(request).await;
    let (key_id, key_name) = match response.extensions_mut().remove::<Caller>() {
        Some(Caller::Owner) => return response,
        Some(Caller::Key(id, name)) => (Some(id), Some(name)),
        None => (None, None),
    };
    if let Some(workspace) = engine.workspace() {
        let now = workspace.store.now();
        let request_id = response.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned();
        let duration_ms = begun.elapsed().as_micros() as f64 / 1000.0;
        let call =
            ApiCall { at: rfc3339(now), method, path, status: response.status().as_u16(), duration_ms, key_id, key_name, request_id };
        workspace.usage.note(call, now);
    }
    response
}
