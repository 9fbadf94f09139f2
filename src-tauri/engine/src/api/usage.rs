//! Calls through the port, remembered in memory and written down once a minute: a read stays a read.

use super::door::RequestId;
use super::{Principal, openapi};
use crate::engine::Engine;
use crate::store::api_keys::ApiKey;
use crate::store::api_use::{ApiCall, Use, day};
use amtia_domain::time::rfc3339;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Calls held in memory until they are written down; older ones give way.
const HELD: usize = 1000;
/// Bytes of the longest path that is any operation's.
const PATH_MAX: usize = 1000;
const DAY: i64 = 24 * 60 * 60;

/// Whose call was answered.
#[derive(Clone)]
pub(super) enum Caller {
    /// The person at this device, in a browser: no affair of the list.
    Owner,
    /// A key.
    Key(Arc<ApiKey>),
}

/// One call, as it is held: put into words only when somebody reads or writes it down.
struct Noted {
    at: Timestamp,
    method: Method,
    path: Box<str>,
    status: StatusCode,
    took: Duration,
    key: Option<Arc<ApiKey>>,
    request_id: RequestId,
}

impl Noted {
    fn told(&self) -> ApiCall {
        ApiCall {
            at: rfc3339(self.at),
            method: self.method.to_string(),
            path: openapi::template(&self.path).unwrap_or("(no such path)").to_owned(),
            status: self.status.as_u16(),
            duration_ms: self.took.as_micros() as f64 / 1000.0,
            key_id: self.key.as_ref().map(|key| key.id.clone()),
            key_name: self.key.as_ref().map(|key| key.name.clone()),
            request_id: self.request_id.as_str().to_owned(),
        }
    }
}

/// What one key did: when last, and how often on each day since 1970.
struct OfKey {
    last: Timestamp,
    days: BTreeMap<i64, u64>,
}

#[derive(Default)]
struct Held {
    calls: VecDeque<Noted>,
    keys: HashMap<String, OfKey>,
}

/// What happened since it was last written down.
#[derive(Default)]
pub(crate) struct Usage(Mutex<Held>);

impl Usage {
    fn note(&self, call: Noted) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = &call.key {
            let of = match held.keys.get_mut(&key.id) {
                Some(of) => of,
                None => held.keys.entry(key.id.clone()).or_insert(OfKey { last: call.at, days: BTreeMap::new() }),
            };
            of.last = call.at;
            *of.days.entry(call.at.as_second().div_euclid(DAY)).or_default() += 1;
        }
        if held.calls.len() >= HELD {
            held.calls.pop_front();
        }
        held.calls.push_back(call);
    }

    /// Takes everything, to write it down.
    pub(crate) fn take(&self) -> Option<Use> {
        let held = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if held.calls.is_empty() {
            return None;
        }
        let mut used = Use { calls: held.calls.iter().map(Noted::told).collect(), ..Use::default() };
        for (key, of) in held.keys {
            for (number, calls) in of.days {
                let day = day(Timestamp::from_second(number * DAY).unwrap_or(of.last));
                used.counts.insert((key.clone(), day), calls);
            }
            used.last.insert(key, of.last);
        }
        Some(used)
    }

    /// The newest calls that are not written down yet, newest first.
    pub(super) fn newest(&self, limit: usize) -> Vec<ApiCall> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.calls.iter().rev().take(limit).map(Noted::told).collect()
    }

    /// When a key was last used, and how often, as far as that is not written down yet.
    pub(super) fn of(&self, key: &str) -> (Option<Timestamp>, u64) {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.keys.get(key).map_or((None, 0), |of| (Some(of.last), of.days.values().sum()))
    }
}

/// A call through the port that is being answered.
pub(super) struct Begun(Instant);

impl Begun {
    /// Of a request as it comes in; none of the window's, which alone is known before anything was looked at.
    pub(super) fn of(request: &Request) -> Option<Self> {
        request.extensions().get::<Principal>().is_none().then(|| Self(Instant::now()))
    }

    /// Notes how it was answered, unless it was a call of the person at this device.
    pub(super) fn note(
        self,
        engine: &Engine,
        method: Method,
        path: &str,
        status: StatusCode,
        caller: Option<Caller>,
        request_id: RequestId,
    ) {
        let key = match caller {
            Some(Caller::Owner) => return,
            Some(Caller::Key(key)) => Some(key),
            None => None,
        };
        if let Some(workspace) = engine.workspace() {
            let (at, took) = (workspace.store.now(), self.0.elapsed());
            let path = if path.len() > PATH_MAX { "" } else { path }.into();
            workspace.usage.note(Noted { at, method, path, status, took, key, request_id });
        }
    }
}
