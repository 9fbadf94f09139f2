//! What API keys did lately: the newest calls and counts by day. Not a change of any record, so outside history and trail.

use super::writer::Tx;
use crate::error::Error;
use amtia_domain::time::rfc3339;
use jiff::{Timestamp, ToSpan};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Calls kept in the file.
const KEPT: i64 = 1000;

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// One call through the port.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ApiCall {
    /// When it came.
    #[schema(format = DateTime)]
    pub at: String,
    /// Its method.
    pub method: String,
    /// The path's template, such as `/v1/risks/{id}`.
    pub path: String,
    /// What was answered.
    pub status: u16,
    /// How long that took.
    pub duration_ms: f64,
    /// Whose it was, where a key was valid.
    pub key_id: Option<String>,
    /// That key's name.
    pub key_name: Option<String>,
    /// Its request id, the same as in the answer and the log.
    pub request_id: String,
}

/// What happened since it was last written down.
#[derive(Debug, Default)]
pub struct Use {
    /// The calls, oldest first.
    pub calls: Vec<ApiCall>,
    /// Calls by key and day.
    pub counts: HashMap<(String, String), u64>,
    /// When each key was last used.
    pub last: HashMap<String, Timestamp>,
}

/// Writes it down.
///
/// # Errors
/// The database's.
pub fn write(tx: &Tx<'_>, used: &Use) -> Result<(), Error> {
    for call in &used.calls {
        tx.connection
            .prepare_cached("INSERT INTO api_calls (at, method, path, status, duration_us, key_id, key_name, request_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
            .and_then(|mut insert| {
                // Rounded: 0.57 ms are 570 µs, not 569.
                let micros = (call.duration_ms * 1000.0).round() as i64;
                insert.execute(params![call.at, call.method, call.path, call.status, micros, call.key_id, call.key_name, call.request_id])
            })
            .map_err(db)?;
    }
    tx.connection.execute("DELETE FROM api_calls WHERE seq <= (SELECT max(seq) FROM api_calls) - ?1", [KEPT]).map_err(db)?;
    for ((key, day), calls) in &used.counts {
        tx.connection
            .prepare_cached(
                "INSERT INTO api_use (key_id, day, calls) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET calls = calls + excluded.calls",
            )
            .and_then(|mut insert| insert.execute(params![key, day, calls]))
            .map_err(db)?;
    }
    for (key, at) in &used.last {
        tx.connection
            .prepare_cached("UPDATE api_keys SET last_used_at = ?2 WHERE id = ?1")
            .and_then(|mut update| update.execute(params![key, rfc3339(*at)]))
            .map_err(db)?;
    }
    Ok(())
}

/// The newest calls that are written down, newest first.
///
/// # Errors
/// The database's.
pub fn newest(connection: &Connection, limit: usize) -> Result<Vec<ApiCall>, Error> {
    let mut statement = connection
        .prepare_cached(
            "SELECT at, method, path, status, duration_us, key_id, key_name, request_id FROM api_calls ORDER BY seq DESC LIMIT ?1",
        )
        .map_err(db)?;
    let rows = statement.query_map([i64::try_from(limit).unwrap_or(0)], |row| {
        Ok(ApiCall {
            at: row.get(0)?,
            method: row.get(1)?,
            path: row.get(2)?,
            status: row.get(3)?,
            duration_ms: row.get::<_, i64>(4)? as f64 / 1000.0,
            key_id: row.get(5)?,
            key_name: row.get(6)?,
            request_id: row.get(7)?,
        })
    });
    rows.and_then(|rows| rows.collect::<Result<_, _>>()).map_err(db)
}

/// How many calls a key made within the thirty days before `now`, as far as they are written down.
///
/// # Errors
/// The database's.
pub fn within_a_month(connection: &Connection, key: &str, now: Timestamp) -> Result<u64, Error> {
    let since = now.saturating_sub((30 * 24).hours()).unwrap_or(Timestamp::UNIX_EPOCH);
    connection
        .prepare_cached("SELECT coalesce(sum(calls), 0) FROM api_use WHERE key_id = ?1 AND day > ?2")
        .and_then(|mut statement| statement.query_row([key, day(since).as_str()], |row| row.get(0)))
        .map_err(db)
}

/// The day of a time, in UTC.
#[must_use]
pub fn day(at: Timestamp) -> String {
    rfc3339(at).chars().take(10).collect()
}
