//! The raw statement: the same kind of file, one table, one row changed in its own transaction.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use serde_json::Value;

use crate::seed;

/// An encrypted database of plain risks, as durable as the product's.
pub struct Raw {
    connection: Connection,
    risks: u64,
}

impl Raw {
    /// Makes it, with this many rows.
    pub fn create(folder: &Path, risks: u64) -> Result<Self, String> {
        let mut connection = empty(&folder.join("raw.db")).map_err(failed)?;
        fill(&mut connection, (0..risks).map(seed::risk)).map_err(failed)?;
        Ok(Self { connection, risks })
    }

    /// Changes one row after the other for `time`; how many and how long.
    pub fn update(&self, start: u64, time: Duration) -> Result<(u64, Duration), String> {
        let mut update = self.connection.prepare_cached("UPDATE risk SET likelihood = ?, impact = ? WHERE id = ?").map_err(failed)?;
        let begun = Instant::now();
        let mut count = 0;
        while begun.elapsed() < time {
            let number = (start + count).wrapping_mul(7_919) % self.risks;
            update.execute(params![1 + (count % 5) as i64, 1 + (count / 5 % 5) as i64, number as i64]).map_err(failed)?;
            count += 1;
        }
        Ok((count, begun.elapsed()))
    }
}

fn failed(cause: rusqlite::Error) -> String {
    format!("the raw database: {cause}")
}

fn empty(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA key = \"x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\";
         PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 8000; PRAGMA cache_size = -64000;
         CREATE TABLE risk (id INTEGER PRIMARY KEY, name TEXT NOT NULL, description TEXT, likelihood INTEGER, impact INTEGER) STRICT;",
    )?;
    Ok(connection)
}

/// Inserts risks in one transaction.
fn fill(connection: &mut Connection, risks: impl Iterator<Item = Value>) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare("INSERT INTO risk (id, name, description, likelihood, impact) VALUES (?, ?, ?, ?, ?)")?;
        for (number, risk) in (0i64..).zip(risks) {
            let values =
                params![number, risk["name"].as_str(), risk["description"].as_str(), risk["likelihood"].as_i64(), risk["impact"].as_i64()];
            insert.execute(values)?;
        }
    }
    transaction.commit()
}

/// How long it takes to insert these risks into a database of their own.
pub fn insert(folder: &Path, risks: Vec<Value>) -> Result<Duration, String> {
    let mut connection = empty(&folder.join("raw.db")).map_err(failed)?;
    let begun = Instant::now();
    fill(&mut connection, risks.into_iter()).map_err(failed)?;
    Ok(begun.elapsed())
}
