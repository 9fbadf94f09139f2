//! Answers kept while nothing changes: by path and query, valid for one version of the store.

use crate::store::api_keys::Role;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

const ENTRIES: usize = 512;
const BYTES: usize = 8 << 20;
/// Answers remembered as given once.
const ONCE: usize = 64;
/// Headers of an answer at the most, so that their map grows once.
const HEADERS: usize = 8;

/// What a read answered.
#[derive(Clone)]
pub(crate) struct Answered {
    pub(crate) body: Bytes,
    /// The `ETag`, for one record.
    pub(crate) etag: Option<HeaderValue>,
}

impl Answered {
    /// As HTTP.
    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        let headers = response.headers_mut();
        headers.reserve(HEADERS);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(etag) = self.etag {
            headers.insert(header::ETAG, etag);
        }
        response
    }
}

#[derive(Default)]
struct Kept {
    version: u64,
    bytes: usize,
    /// With the role that is needed to read each.
    answers: HashMap<String, (Role, Answered)>,
    /// What was asked for once: who pages through a list asks for nothing twice, and would only fill the memory.
    once: HashSet<u64>,
    hasher: RandomState,
}

/// Kept answers. Everyone whose role may read one sees the same, so the key holds no name.
#[derive(Default)]
pub(crate) struct Cache(Mutex<Kept>);

impl Cache {
    /// What was answered to `target` at this version, if this role is enough to read it.
    pub(crate) fn find(&self, target: &str, version: u64, role: Role) -> Option<Answered> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (needed, answered) = if kept.version == version { kept.answers.get(target)? } else { return None };
        (role >= *needed).then(|| answered.clone())
    }

    /// Keeps an answer that was read at `version` or later, if it is asked for again.
    pub(crate) fn keep(&self, target: &str, version: u64, needed: Role, answered: &Answered) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if version < kept.version {
            return;
        }
        if kept.version != version {
            *kept = Kept { version, ..Kept::default() };
        }
        let named = kept.hasher.hash_one(target);
        if !kept.once.remove(&named) {
            if kept.once.len() >= ONCE {
                kept.once.clear();
            }
            kept.once.insert(named);
            return;
        }
        if kept.answers.len() >= ENTRIES || kept.bytes + answered.body.len() > BYTES {
            kept.answers.clear();
            kept.bytes = 0;
        }
        kept.bytes += answered.body.len();
        kept.answers.insert(target.to_owned(), (needed, answered.clone()));
    }
}
