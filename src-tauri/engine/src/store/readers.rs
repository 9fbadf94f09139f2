//! The query-only connections that wait for work. Each keeps its read transaction while nothing is written, so that a read
//! takes no lock of the file anew.

use super::connection::READERS;
use rusqlite::Connection;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// A query-only connection, and the version that its transaction shows, if it is in one.
pub(super) struct Reader {
    pub(super) connection: Connection,
    version: Option<u64>,
}

impl From<Connection> for Reader {
    fn from(connection: Connection) -> Self {
        Self { connection, version: None }
    }
}

impl Reader {
    /// The reader in a transaction that shows this version or a later one.
    pub(super) fn at(mut self, version: u64) -> rusqlite::Result<Self> {
        // An error may have ended the transaction.
        if self.version != Some(version) || self.connection.is_autocommit() {
            self.end()?;
            self.connection.prepare_cached("BEGIN")?.execute([])?;
            self.version = Some(version);
        }
        Ok(self)
    }

    fn end(&mut self) -> rusqlite::Result<()> {
        self.version = None;
        if self.connection.is_autocommit() { Ok(()) } else { self.connection.prepare_cached("COMMIT")?.execute([]).map(drop) }
    }
}

/// The readers that wait; none once the store is closed.
pub(super) struct Readers(Mutex<Vec<Reader>>);

impl Readers {
    pub(super) fn new(first: Connection) -> Self {
        Self(Mutex::new(vec![first.into()]))
    }

    /// One that waits, if there is one.
    pub(super) fn take(&self) -> Option<Reader> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Puts one back, unless enough wait; at rest, if something was written since it was taken.
    pub(super) fn give_back(&self, mut reader: Reader, version: &AtomicU64) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Within the lock: the writer takes it after it has counted a version up.
        let late = reader.version != Some(version.load(Ordering::Acquire));
        if waiting.len() < READERS && (!late || reader.end().is_ok()) {
            waiting.push(reader);
        }
    }

    /// Ends the transactions of those that wait. The writer asks for it before it writes and after: the log of a file that
    /// somebody reads at an old version cannot start over, and would grow without end.
    pub(super) fn rest(&self) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain_mut(|reader| reader.end().is_ok());
    }

    /// Closes those that wait.
    pub(super) fn close(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
