//! The workspace file: one writer, a pool of query-only readers, and all SQL.
//!
//! Absent on purpose: no other module holds a statement; nothing here knows the API.

pub mod acceptances;
pub mod answers;
pub mod api_keys;
pub mod api_use;
pub mod assessed_controls;
pub mod assessments;
pub mod assets;
pub mod audits;
pub mod connection;
pub mod deliveries;
pub mod documents;
pub mod frameworks;
pub mod history;
pub mod incidents;
pub mod lists;
pub mod matrices;
pub mod meta;
mod mirror;
pub mod outlook;
mod readers;
pub mod records;
pub mod registers;
pub mod risk_bulk;
pub mod risk_checks;
pub mod risk_groups;
pub mod risk_links;
pub mod risk_lists;
pub mod risks;
pub mod search;
mod shape;
pub mod undo;
pub mod verify;
pub mod vulnerabilities;
pub mod webhooks;
pub mod workshops;
mod writer;

pub use history::{Action, Door, Kind, Who};
pub use writer::Tx;

use crate::crypto::Key;
use crate::error::Error;
use amtia_domain::matrix::View;
use mirror::Mirror;
pub use mirror::Placed;
use readers::Readers;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::broadcast;

/// What changed, for whoever watches: the change counter and the kinds of record touched.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Changes {
    /// Counts commits since the workspace was opened.
    pub change: u64,
    /// Wire words of kinds of record, such as `risk`; `import` where one moves on.
    pub kinds: Vec<&'static str>,
}

/// The clock: the system's, or a test's.
pub type Clock = Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;

/// The change counter of a file that was just opened.
const FIRST_VERSION: u64 = 1;

/// An open workspace file.
pub struct Store {
    path: PathBuf,
    key: Key,
    writer: writer::Writer,
    readers: Arc<Readers>,
    mirror: Arc<Mirror>,
    version: Arc<AtomicU64>,
    matrix_version: Arc<AtomicU64>,
    /// How many risks there were at a version.
    risks: Mutex<Option<(u64, u64)>>,
    changes: broadcast::Sender<Changes>,
    clock: Clock,
}

impl Store {
    /// Opens an existing file whose lock the caller holds, migrating it first where it is older.
    ///
    /// # Errors
    /// See [`connection::OpenError`].
    pub fn open(path: &Path, key: Key, clock: Clock, changes: broadcast::Sender<Changes>) -> Result<Self, connection::OpenError> {
        let writing = connection::open_writer(path, &key)?;
        let first_reader = connection::open_reader(path, &key)?;
        let version = Arc::new(AtomicU64::new(FIRST_VERSION));
        let matrix_version = Arc::new(AtomicU64::new(FIRST_VERSION));
        let readers = Arc::new(Readers::new(first_reader));
        let mirror = Arc::new(Mirror::new());
        mirror.watch(&writing).map_err(|cause| connection::OpenError::Other(path.to_owned(), cause.to_string()))?;
        let shared = writer::Shared {
            version: Arc::clone(&version),
            matrix_version: Arc::clone(&matrix_version),
            readers: Arc::clone(&readers),
            mirror: Arc::clone(&mirror),
            changes: changes.clone(),
        };
        let writer = writer::Writer::start(writing, shared, Arc::clone(&clock));
        Ok(Self { path: path.to_owned(), key, writer, readers, mirror, version, matrix_version, risks: Mutex::default(), changes, clock })
    }

    /// Reads, once more after the log was carried over into the file where `torn` says that the file's own pages are not as they
    /// must be: only what stays so is damage.
    ///
    /// # Errors
    /// Those of `read`; a connection that cannot be opened.
    pub fn look_over<T>(&self, look: impl Fn(&Connection) -> T, torn: impl Fn(&T) -> bool) -> Result<T, Error> {
        const LOOKS: usize = 3;
        let mut seen = self.read(|connection| Ok(look(connection)))?;
        for _ in 1..LOOKS {
            if !torn(&seen) {
                break;
            }
            self.carry_over()?;
            seen = self.read(|connection| Ok(look(connection)))?;
        }
        Ok(seen)
    }

    /// Carries all that stands in the log over into the file.
    fn carry_over(&self) -> Result<(), Error> {
        let connection = connection::open_reader(&self.path, &self.key).map_err(Error::internal)?;
        // Busy readers keep part of it back: then the next look tells.
        connection.query_row("PRAGMA wal_checkpoint(FULL)", [], |_| Ok(())).map_err(|cause| Error::database(&cause))
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The data key, to wrap it in one more slot.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The clock of this workspace.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        (self.clock)()
    }

    /// Rises with every commit, before the commit is acknowledged. An answer made at one version holds while it stays.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// As [`Store::version`], of commits that changed the risk matrix.
    #[must_use]
    pub fn matrix_version(&self) -> u64 {
        self.matrix_version.load(Ordering::Acquire)
    }

    /// Hears of every change from now on.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Changes> {
        self.changes.subscribe()
    }

    /// Tells watchers of something that is no commit, such as an import's progress.
    pub fn announce(&self, kinds: &[&'static str]) {
        let _ = self.changes.send(Changes { change: self.version(), kinds: kinds.to_vec() });
    }

    /// Reads with a query-only connection, on the calling thread, all of it at one version.
    ///
    /// # Errors
    /// Those of `work`, and a connection that cannot be opened.
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        let reader = match self.readers.take() {
            Some(reader) => reader,
            None => connection::open_reader(&self.path, &self.key).map_err(Error::internal)?.into(),
        };
        let reader = reader.at(self.version()).map_err(|cause| Error::database(&cause))?;
        let result = work(&reader.connection);
        self.readers.give_back(reader, &self.version);
        result
    }

    /// How many risks there are, which every page of their list tells: as read once at this version, or from `connection`, whose
    /// view of the file is this version or a later one.
    ///
    /// # Errors
    /// The database's.
    pub fn risk_total(&self, connection: &Connection, version: u64) -> Result<u64, Error> {
        let mut kept = self.risks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, total)) = *kept
            && at == version
        {
            return Ok(total);
        }
        let total = risk_lists::total(connection)?;
        *kept = Some((version, total));
        Ok(total)
    }

    /// Risks by cell, (0, 0) for not assessed, from memory alone: of this version or a later one. `None` where a condition is of
    /// another table, or the mirror is not filled; it then begins to be, unless nothing was changed since the file was opened
    /// and nothing is filtered, which the kept counts answer as well.
    #[must_use]
    pub fn risk_counts(&self, view: View, conditions: &[lists::Condition]) -> Option<Vec<(u8, u8, u64)>> {
        let counts = self.mirror.counts(view, conditions);
        if counts.is_none() && (!conditions.is_empty() || self.version() > FIRST_VERSION) {
            self.want_mirror();
        }
        counts
    }

    /// As [`Store::read`], with every risk's places where the mirror has them: both of the same state. `work` is asked again without
    /// them where something was committed meanwhile.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn read_placed<T>(&self, work: impl Fn(&Connection, Option<&[Placed]>) -> Result<T, Error>) -> Result<T, Error> {
        let before = self.mirror.settled();
        let placed = self.mirror.placed();
        if placed.is_none() {
            self.want_mirror();
        }
        self.read(|connection| {
            if let (Some(_), Some(placed)) = (before, &placed) {
                let done = work(connection, Some(placed));
                if self.mirror.settled() == before {
                    return done;
                }
            }
            work(connection, None)
        })
    }

    fn want_mirror(&self) {
        let (path, key) = (self.path.clone(), self.key.clone());
        self.mirror.want(move || connection::open_reader(&path, &key).ok());
    }

    /// As [`Store::risk_counts`], for any condition and for words: what the mirror does not know is read from the file, all of it
    /// at one version.
    ///
    /// # Errors
    /// The database's.
    pub fn count_risks(
        &self,
        connection: &Connection,
        view: View,
        conditions: &[lists::Condition],
        words: Option<&str>,
    ) -> Result<Vec<(u8, u8, u64)>, Error> {
        let (known, rest): (Vec<_>, Vec<_>) = conditions.iter().cloned().partition(mirror::knows);
        if rest.is_empty() && words.is_none() {
            return risk_lists::counts(connection, view, conditions, words);
        }
        match self.mirror.counts_among(view, &known, || risk_lists::numbers(connection, &rest, words))? {
            Some(counts) => Ok(counts),
            None => {
                self.want_mirror();
                risk_lists::counts(connection, view, conditions, words)
            }
        }
    }

    /// Runs `work` in a transaction on the writer's thread; the answer comes after the commit is on the disk.
    ///
    /// # Errors
    /// Those of `work` (nothing is then written) and of the commit.
    pub async fn write<T: Send + 'static>(
        &self,
        who: Who,
        work: impl FnOnce(&Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.writer.submit(who, work).await.map_err(|_| Error::internal("the writer ended"))?
    }

    /// As [`Store::write`], for callers outside an async runtime.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_blocking<T: Send + 'static>(
        &self,
        who: Who,
        work: impl FnOnce(&Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.writer.submit(who, work).blocking_recv().map_err(|_| Error::internal("the writer ended"))?
    }

    /// Ends writing, folds the log into the file and closes every connection.
    pub fn close(self) {
        self.mirror.close();
        self.readers.close();
        self.writer.stop();
    }
}
