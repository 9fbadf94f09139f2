//! Documents and what is known of their files. The files themselves are [`crate::blobs`]'.

use super::history::{Action, Kind};
use super::lists::{Condition, Sort, Table};
use super::records::{self, Record, Shape, Stored, number_in};
use super::writer::Tx;
use crate::error::Error;
use amtia_domain::document::{Classification, Document, DocumentPatch, DocumentStatus, FoundFile};
use amtia_domain::time::rfc3339;
use amtia_domain::words::Word;
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, params};
use serde_json::Value;

/// Bytes of files that one workspace keeps at the most, each content counted once.
pub const QUOTA: u64 = 10 << 30;

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// The list of documents.
pub static DOCUMENTS: Table = Table {
    name: "documents",
    text: "documents_text",
    sorts: &[
        Sort { field: "created_at", column: "seq" },
        Sort { field: "ref", column: "seq" },
        Sort { field: "updated_at", column: "updated_at" },
        Sort { field: "title", column: "title" },
        Sort { field: "kind", column: "kind" },
        Sort { field: "status", column: "status" },
        Sort { field: "owner", column: "owner" },
        Sort { field: "classification", column: "classification" },
        Sort { field: "effective_date", column: "effective_date" },
        Sort { field: "review_date", column: "review_date" },
        Sort { field: "expires_at", column: "expires_at" },
        Sort { field: "name", column: "name" },
        Sort { field: "media_type", column: "media_type" },
        Sort { field: "size", column: "size" },
    ],
};

static SHAPE: Shape = Shape::new(
    Kind::Document,
    &DOCUMENTS,
    &[
        "title",
        "kind",
        "status",
        "owner",
        "classification",
        "effective_date",
        "review_date",
        "expires_at",
        "name",
        "media_type",
        "size",
        "sha256",
        "updated_at",
    ],
    &["reference", "title", "name", "owner"],
    &[],
);

impl Record for Document {
    fn shape() -> &'static Shape {
        &SHAPE
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &str {
        &self.reference
    }

    #[expect(clippy::misnamed_getters, reason = "people know a document by its title; its own `name` is that of its file")]
    fn name(&self) -> &str {
        &self.title
    }

    fn number(&self) -> Option<i64> {
        number_in(&self.reference)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    fn columns(&self) -> Vec<ToSqlOutput<'_>> {
        vec![
            self.title.as_str().into(),
            self.kind.map_or("", Word::word).into(),
            place(self.status).into(),
            self.owner.as_deref().unwrap_or("").into(),
            self.classification.map_or(0, |class| place(class) + 1).into(),
            day(self.effective_date),
            day(self.review_date),
            self.expires_at.map(rfc3339).unwrap_or_default().into(),
            self.name.as_str().into(),
            self.media_type.as_str().into(),
            i64::try_from(self.size).unwrap_or(i64::MAX).into(),
            self.sha256.as_str().into(),
            rfc3339(self.updated_at).into(),
        ]
    }

    fn texts(&self) -> Vec<Option<&str>> {
        vec![Some(&self.reference), Some(&self.title), Some(&self.name), self.owner.as_deref()]
    }

    fn action(changed: &[&str]) -> Action {
        if changed.contains(&"status") { Action::StatusChanged } else { Action::Updated }
    }
}

/// A day as a column holds it.
pub(super) fn day(day: Option<Date>) -> ToSqlOutput<'static> {
    day.map(|day| day.to_string()).unwrap_or_default().into()
}

fn place<W: Word + PartialEq>(word: W) -> i64 {
    W::ALL.iter().position(|have| *have == word).map_or(0, |place| place as i64)
}

/// Only documents of this status.
#[must_use]
pub fn of_status(status: DocumentStatus) -> Condition {
    Condition::one("t.status = ?", place(status))
}

/// Only documents of this classification.
#[must_use]
pub fn of_classification(classification: Classification) -> Condition {
    Condition::one("t.classification = ?", place(classification) + 1)
}

/// Adds a document, whose file is on the disk already, under the next number.
///
/// # Errors
/// Every offending field; a workspace that is full; the database's.
pub fn create(tx: &Tx<'_>, patch: DocumentPatch, file: FoundFile, id: String) -> Result<Stored<Document>, Error> {
    let number = records::next_number::<Document>(tx)?;
    let document = Document::create(patch, file, id, number, &tx.who.actor, tx.now)?;
    bring(tx, document, number)
}

/// Brings in a document that was written elsewhere, whose file is on the disk already: the sample's.
///
/// # Errors
/// A workspace that is full; the database's.
pub fn bring(tx: &Tx<'_>, document: Document, number: i64) -> Result<Stored<Document>, Error> {
    tx.connection
        .prepare_cached("INSERT OR IGNORE INTO blobs (sha256, size, kept_at) VALUES (?1, ?2, ?3)")
        .and_then(|mut insert| insert.execute(params![document.sha256, i64::try_from(document.size).unwrap_or(i64::MAX), rfc3339(tx.now)]))
        .map_err(db)?;
    if kept_bytes(tx.connection)? > QUOTA {
        return Err(full());
    }
    records::create(tx, document, number, None)
}

/// Says that the workspace takes no more files.
#[must_use]
pub fn full() -> Error {
    Error::TooLarge(format!(
        "The workspace holds {} GB of files, the most it takes. The file was not stored; everything stored before is kept.",
        QUOTA >> 30
    ))
}

/// Changes the fields that are present.
///
/// # Errors
/// 404; 412; every offending field; the database's.
pub fn update(tx: &Tx<'_>, id: &str, patch: DocumentPatch, body: &Value, expected: Option<i64>) -> Result<Stored<Document>, Error> {
    let old = records::get_expected::<Document>(tx.connection, id, expected, body)?;
    let mut document = old.record.clone();
    document.apply(patch, &tx.who.actor, tx.now)?;
    records::replace(tx, &old, document, None, None)
}

/// How many bytes of files are kept.
///
/// # Errors
/// The database's.
pub fn kept_bytes(connection: &Connection) -> Result<u64, Error> {
    connection
        .prepare_cached("SELECT coalesce(sum(size), 0) FROM blobs")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(db)
}

/// A content that is kept, and a document that holds or held it.
pub struct Content {
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// The reference of a document that holds it, if any still does.
    pub holder: Option<String>,
}

impl Content {
    /// Its hash, as bytes.
    #[must_use]
    pub fn sha256(&self) -> Option<crate::blobs::Sha256> {
        crate::blobs::sha256_of(&self.sha256)
    }
}

/// Every content that is kept.
///
/// # Errors
/// The database's.
pub fn contents(connection: &Connection) -> Result<Vec<Content>, Error> {
    let mut statement = connection
        .prepare("SELECT b.sha256, b.size, (SELECT d.json ->> '$.ref' FROM documents d WHERE d.sha256 = b.sha256 ORDER BY d.seq LIMIT 1) FROM blobs b")
        .map_err(db)?;
    let rows = statement.query_map([], |row| Ok(Content { sha256: row.get(0)?, size: row.get(1)?, holder: row.get(2)? })).map_err(db)?;
    rows.collect::<Result<_, _>>().map_err(db)
}

/// Documents whose content is not among what is kept.
///
/// # Errors
/// The database's.
pub fn without_content(connection: &Connection) -> Result<Vec<String>, Error> {
    let mut statement = connection
        .prepare("SELECT json ->> '$.ref' FROM documents d WHERE NOT EXISTS (SELECT 1 FROM blobs b WHERE b.sha256 = d.sha256 AND b.size = d.size)")
        .map_err(db)?;
    let rows = statement.query_map([], |row| row.get(0)).map_err(db)?;
    rows.collect::<Result<_, _>>().map_err(db)
}

/// How many documents are in use.
///
/// # Errors
/// The database's.
pub fn total(connection: &Connection) -> Result<u64, Error> {
    super::lists::count(connection, &DOCUMENTS, &[Condition::one("t.status <> ?", place(DocumentStatus::Retired))])
}
