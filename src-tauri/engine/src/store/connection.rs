//! Opening the file: key, pragmas read back, schema version, migration.

use crate::crypto::{Key, hex};
use crate::files;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// `AMTI`, in SQLite's application id: what tells a workspace from another database.
pub const APPLICATION_ID: i32 = 0x414d_5449;
/// Readers kept open.
pub const READERS: usize = 3;

/// Only ever appended to: a file counts how many of them it has had.
const MIGRATIONS: &[M<'static>] = &[
    M::up(include_str!("migrations/0001_first.sql")),
    M::up(include_str!("migrations/0002_assets.sql")),
    M::up(include_str!("migrations/0003_assessments.sql")),
    M::up(include_str!("migrations/0004_audits.sql")),
    M::up(include_str!("migrations/0005_documents.sql")),
    M::up(include_str!("migrations/0006_webhooks.sql")),
    M::up(include_str!("migrations/0007_api.sql")),
    M::up(include_str!("migrations/0009_plans.sql")),
    M::up(include_str!("migrations/0010_acceptances.sql")),
    M::up(include_str!("migrations/0011_matrix.sql")),
    M::up(include_str!("migrations/0012_workshops.sql")),
    M::up(include_str!("migrations/0013_terms.sql")),
];

/// Why a file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("{0}")]
    InUse(String),
    /// There is none.
    #[error("There is no workspace at {0}.")]
    Missing(PathBuf),
    /// The key does not fit, or the first page is damaged.
    #[error("The key does not open {0}, or the file is damaged. Nothing was changed.")]
    WrongKey(PathBuf),
    /// It is a database of something else.
    #[error("{0} is not an AMTIA workspace.")]
    Foreign(PathBuf),
    /// A page of it is not as it was written.
    #[error("{0} is damaged: not every page of it is as it was written. Nothing was changed.")]
    Damaged(PathBuf),
    /// Made by a newer version.
    #[error("{0} was made by a newer version of AMTIA Desktop. Update the app to open it; nothing was changed.")]
    Newer(PathBuf),
    /// SQLite does not do what was asked of it.
    #[error("The database engine refused the setting {0}. The file was not opened.")]
    Setting(String),
    /// Anything else, in the engine's words.
    #[error("{0} could not be opened: {1}. Nothing was changed.")]
    Other(PathBuf, String),
}

impl OpenError {
    fn of(path: &Path, cause: &rusqlite::Error) -> Self {
        match cause.sqlite_error_code() {
            // SQLCipher reports a page whose HMAC does not hold as memory that it could not get.
            Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::OutOfMemory) => {
                Self::Damaged(path.to_owned())
            }
            _ => Self::Other(path.to_owned(), cause.to_string()),
        }
    }
}

fn synchronous() -> (&'static str, i64) {
    // Power-cut tests need a control run that is allowed to lose rows; a released binary has no such switch.
    #[cfg(debug_assertions)]
    if std::env::var("AMTIA_TEST_SYNCHRONOUS").is_ok_and(|value| value == "NORMAL") {
        return ("NORMAL", 1);
    }
    ("FULL", 2)
}

fn open(path: &Path, key: &Key, flags: OpenFlags) -> Result<Connection, OpenError> {
    let other = |cause: rusqlite::Error| OpenError::Other(path.to_owned(), cause.to_string());
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(other)?;
    // SQLCipher would write its own lines to stderr, beside the one sentence that says what happened.
    connection.execute_batch("PRAGMA cipher_log_level = NONE").map_err(other)?;
    let statement = Zeroizing::new(format!("PRAGMA key = \"x'{}'\"", *Zeroizing::new(hex(key.as_ref()))));
    connection.execute_batch(&statement).map_err(other)?;
    connection.set_prepared_statement_cache_capacity(96);
    Ok(connection)
}

fn check_key(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    match connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0)) {
        Ok(_) => Ok(()),
        Err(cause) if cause.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => Err(OpenError::WrongKey(path.to_owned())),
        Err(cause) => Err(OpenError::of(path, &cause)),
    }
}

fn read_back(connection: &Connection, pragma: &str, expected: i64) -> Result<(), OpenError> {
    match connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0)) {
        Ok(value) if value == expected => Ok(()),
        _ => Err(OpenError::Setting(pragma.to_owned())),
    }
}

fn configure(connection: &Connection) -> Result<(), OpenError> {
    let (word, number) = synchronous();
    connection
        .execute_batch(&format!(
            "PRAGMA synchronous = {word}; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;
             PRAGMA secure_delete = ON; PRAGMA recursive_triggers = ON; PRAGMA busy_timeout = 5000; PRAGMA cache_size = -{PAGES}; PRAGMA temp_store = MEMORY;"
        ))
        .map_err(|cause| OpenError::Setting(cause.to_string()))?;
    // Without recursive triggers, REPLACE would delete past the guards of the audit trail.
    for (pragma, expected) in [
        ("synchronous", number),
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        ("secure_delete", 1),
        ("recursive_triggers", 1),
    ] {
        read_back(connection, pragma, expected)?;
    }
    Ok(())
}

/// Creates an empty file with the current schema.
///
/// # Errors
/// A file that exists already, and what the operating system says.
pub fn create(path: &Path, key: &Key) -> Result<(), OpenError> {
    if path.exists() {
        return Err(OpenError::Other(path.to_owned(), "a file of this name exists already".into()));
    }
    let other = |cause: String| OpenError::Other(path.to_owned(), cause);
    let mut connection = open(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    connection
        .execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA journal_mode = WAL;"))
        .map_err(|cause| other(cause.to_string()))?;
    configure(&connection)?;
    Migrations::from_slice(MIGRATIONS).to_latest(&mut connection).map_err(|cause| other(cause.to_string()))?;
    connection.close().map_err(|(_, cause)| other(cause.to_string()))?;
    files::sync_folder(path).map_err(|cause| other(cause.to_string()))
}

/// Opens for writing: checks what the file is, migrates it where older (after a backup).
///
/// # Errors
/// See [`OpenError`].
pub fn open_writer(path: &Path, key: &Key) -> Result<Connection, OpenError> {
    if !path.exists() {
        return Err(OpenError::Missing(path.to_owned()));
    }
    let other = |cause: String| OpenError::Other(path.to_owned(), cause);
    let mut connection = open(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    check_key(&connection, path)?;
    let number = |pragma: &str| {
        connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0)).map_err(|cause| OpenError::of(path, &cause))
    };
    // SQLite takes a file that was cut to nothing for a new database.
    if number("page_count")? == 0 {
        return Err(OpenError::Damaged(path.to_owned()));
    }
    if number("application_id")? != i64::from(APPLICATION_ID) {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    let version = number("user_version")?;
    let known = i64::try_from(MIGRATIONS.len()).expect("a handful of migrations");
    if version > known {
        return Err(OpenError::Newer(path.to_owned()));
    }
    let mode: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(|cause| OpenError::of(path, &cause))?;
    if mode != "wal" {
        return Err(OpenError::Setting("journal_mode".into()));
    }
    configure(&connection)?;
    connection.execute_batch("PRAGMA wal_autocheckpoint = 8000").map_err(|cause| other(cause.to_string()))?;
    if version < known {
        backup_to(&connection, &files::beside(path, &format!("before-{known}")), key)?;
        Migrations::from_slice(MIGRATIONS).to_latest(&mut connection).map_err(|cause| other(cause.to_string()))?;
    }
    Ok(connection)
}

/// The writer's pages in memory, in KiB.
const PAGES: i64 = 16_000;
/// As much while very many rows are written.
const MANY_PAGES: i64 = 256_000;

/// Much room for pages, while it is kept: rows that come by the thousand go all over the indexes, and a page that finds no room is
/// enciphered, and read again for the next row.
pub(super) struct Room<'c>(&'c Connection);

impl<'c> Room<'c> {
    /// Makes it.
    pub(super) fn make(connection: &'c Connection) -> rusqlite::Result<Self> {
        pages(connection, MANY_PAGES)?;
        Ok(Self(connection))
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        // More room than needed breaks nothing.
        let _ = pages(self.0, PAGES);
    }
}

fn pages(connection: &Connection, kib: i64) -> rusqlite::Result<()> {
    connection.execute_batch(&format!("PRAGMA cache_size = -{kib}"))
}

/// Opens for reading only.
///
/// # Errors
/// See [`OpenError`].
pub fn open_reader(path: &Path, key: &Key) -> Result<Connection, OpenError> {
    let connection = open(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    configure(&connection)?;
    // Several readers may be open at once, and each keeps pages of its own.
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -8000").map_err(|cause| OpenError::Setting(cause.to_string()))?;
    read_back(&connection, "query_only", 1)?;
    Ok(connection)
}

/// Copies an open database to a new encrypted file under the same key and opens the copy to prove it.
///
/// # Errors
/// See [`OpenError`]; a copy that failed is removed.
pub fn backup_to(from: &Connection, to: &Path, key: &Key) -> Result<(), OpenError> {
    let other = |cause: String| OpenError::Other(to.to_owned(), cause);
    let copy = || {
        let mut target = open(to, key, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        {
            let backup = rusqlite::backup::Backup::new(from, &mut target).map_err(|cause| other(cause.to_string()))?;
            backup.run_to_completion(4096, std::time::Duration::ZERO, None).map_err(|cause| other(cause.to_string()))?;
        }
        check_key(&target, to)?;
        let sound: String = target.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(|cause| other(cause.to_string()))?;
        if sound != "ok" {
            return Err(other(sound));
        }
        target.close().map_err(|(_, cause)| other(cause.to_string()))?;
        std::fs::File::open(to)
            .and_then(|file| file.sync_all())
            .and_then(|()| files::sync_folder(to))
            .map_err(|cause| other(cause.to_string()))
    };
    copy().inspect_err(|_| {
        let _ = std::fs::remove_file(to);
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use amtia_domain::checks::Check;
    use amtia_domain::matrix::Matrix;
    use amtia_domain::risk::Risk;

    /// A risk as files held it before plans and acceptances.
    const OLD: &str = r#"{"id":"ID","ref":"R-000N","name":"Old","description":null,"category":null,"owner":OWNER,"status":"STATUS","treatment":"TREATMENT",
        "likelihood":4,"impact":4,"level":"high","score":16,"inherent":null,"residual":{"likelihood":5,"impact":4,"level":"critical","score":20},"target":null,
        "rationale":null,"review_date":"2020-01-31","tags":[],"control_ids":[],"asset_ids":[],"created_at":"2026-01-01T00:00:00.000Z","updated_at":"2026-01-01T00:00:00.000Z"}"#;

    #[test]
    fn a_file_of_before_plans_and_acceptances_is_counted_as_one_of_today() {
        let mut connection = Connection::open_in_memory().expect("a database");
        Migrations::from_slice(&MIGRATIONS[..7]).to_latest(&mut connection).expect("as it was");
        for (seq, owner, status, treatment) in [
            (1, "Ines", "monitored", "open"),
            (2, "", "identified", "accept"),
            (3, "", "closed", "accept"),
            (4, "Lea", "analysed", "mitigate"),
        ] {
            let said = if owner.is_empty() { "null".to_owned() } else { format!("{owner:?}") };
            let mut json = OLD.to_owned();
            for (mark, value) in [
                ("ID", format!("id-{seq}")),
                ("000N", format!("{seq:04}")),
                ("OWNER", said),
                ("STATUS", status.into()),
                ("TREATMENT", treatment.into()),
            ] {
                json = json.replacen(mark, &value, 1);
            }
            connection
                .execute(
                    "INSERT INTO risks VALUES (?1, ?2, 1, ?3, 'Old', '', ?4, ?5, ?6, '2020-01-31', '2026-01-01T00:00:00.000Z',
                        4, 4, 16, 4, 0, 0, 0, 0, 5, 4, 20, 5, 0, 0, 0, 0)",
                    rusqlite::params![seq, format!("id-{seq}"), json, owner, status, treatment],
                )
                .expect("an old row");
        }
        Migrations::from_slice(MIGRATIONS).to_latest(&mut connection).expect("as it is");
        let today = "2026-11-28".parse().expect("a day");
        let mut expected = std::collections::BTreeMap::new();
        let mut statement = connection.prepare("SELECT json FROM risks").expect("risks");
        for json in statement.query_map([], |row| row.get::<_, String>(0)).expect("rows") {
            let risk: Risk = serde_json::from_str(&json.expect("text")).expect("a risk of today");
            for check in risk.checks(Matrix::standard().appetite, today) {
                *expected.entry(format!("{check:?}")).or_insert(0) += 1;
            }
        }
        for check in [Check::AboveAppetite, Check::NotAccepted, Check::ResidualAbove, Check::ReviewOverdue, Check::NoOwner] {
            assert!(expected.contains_key(&format!("{check:?}")), "{check:?} is found at all");
        }
        for found in crate::store::risk_checks::counts(&connection, &Matrix::standard(), today).expect("counts") {
            assert_eq!(found.count, expected.get(&format!("{:?}", found.check)).copied().unwrap_or(0), "{:?}", found.check);
        }
        let problems = crate::store::verify::verify(&connection).problems;
        assert!(!problems.iter().any(|problem| problem.contains("filed under") || problem.contains("counts")), "{problems:?}");
    }
}
