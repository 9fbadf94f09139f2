//! First answers to keyed POSTs (`Idempotency-Key`), kept for 24 hours.

use crate::error::Error;
use amtia_domain::time::rfc3339;
use jiff::{Timestamp, ToSpan};
use rusqlite::{Connection, OptionalExtension, params};

/// An answer as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// SHA-256 of the request's body.
    pub body_hash: Vec<u8>,
    /// HTTP status.
    pub status: u16,
    /// `name: value` lines.
    pub headers: String,
    /// The body.
    pub body: Vec<u8>,
}

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

fn day_ago(now: Timestamp) -> String {
    rfc3339(now.saturating_sub(24.hours()).unwrap_or(Timestamp::UNIX_EPOCH))
}

/// The answer kept under a key, if it is not older than a day.
///
/// # Errors
/// The database's.
pub fn find(connection: &Connection, key: &str, now: Timestamp) -> Result<Option<Kept>, Error> {
    connection
        .prepare_cached("SELECT body_hash, status, headers, body FROM answers WHERE key = ?1 AND at > ?2")
        .and_then(|mut statement| {
            statement
                .query_row([key, &day_ago(now)], |row| {
                    Ok(Kept { body_hash: row.get(0)?, status: row.get(1)?, headers: row.get(2)?, body: row.get(3)? })
                })
                .optional()
        })
        .map_err(db)
}

/// Keeps an answer, and forgets those older than a day.
///
/// # Errors
/// The database's.
pub fn keep(connection: &Connection, key: &str, now: Timestamp, answer: &Kept) -> Result<(), Error> {
    connection
        .prepare_cached("DELETE FROM answers WHERE at <= ?1")
        .and_then(|mut statement| statement.execute([day_ago(now)]))
        .map_err(db)?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO answers (key, at, body_hash, status, headers, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        .and_then(|mut insert| insert.execute(params![key, rfc3339(now), answer.body_hash, answer.status, answer.headers, answer.body]))
        .map(drop)
        .map_err(db)
}
