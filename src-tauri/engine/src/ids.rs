//! Identifiers: UUIDv7, so that they sort by time of making (RFC 9562).

use jiff::Timestamp;
use uuid::{ContextV7, Uuid};

/// A new id made at `now`; later ones of the same millisecond sort after it.
#[must_use]
pub fn new(now: Timestamp) -> String {
    static CONTEXT: std::sync::Mutex<ContextV7> = std::sync::Mutex::new(ContextV7::new());
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    let context = CONTEXT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    Uuid::new_v7(uuid::Timestamp::from_unix(&*context, millis / 1000, u32::try_from(millis % 1000).unwrap_or(0) * 1_000_000)).to_string()
}
