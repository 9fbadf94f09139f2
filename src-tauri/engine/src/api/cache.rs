//! Answers kept while nothing changes: by path and query, valid for one version of the store.

use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

const ENTRIES: usize = 512;
const BYTES: usize = 8 << 20;

#[derive(Default)]
struct Kept {
    version: u64,
    bytes: usize,
    answers: HashMap<String, (Bytes, Option<i64>)>,
}

/// Kept answers. Everyone who may read sees the same, so the key holds no name.
#[derive(Default)]
pub(crate) struct Cache(Mutex<Kept>);

impl Cache {
    /// The body (and revision, for one record) answered to `target` at this version.
    pub(crate) fn find(&self, target: &str, version: u64) -> Option<(Bytes, Option<i64>)> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.version == version { kept.answers.get(target).cloned() } else { None }
    }

    /// Keeps an answer that was read at `version` or later.
    pub(crate) fn keep(&self, target: &str, version: u64, body: &Bytes, rev: Option<i64>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.version != version || kept.answers.len() >= ENTRIES || kept.bytes + body.len() > BYTES {
            if version < kept.version {
                return;
            }
            *kept = Kept { version, ..Kept::default() };
        }
        kept.bytes += body.len();
        kept.answers.insert(target.to_owned(), (body.clone(), rev));
    }
}
