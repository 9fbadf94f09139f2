//! What a kind of record is made of: the one declaration from which [`super::records`] does everything else.

use super::history::{Action, Kind};
use super::lists::Table;
use super::undo::Way;
use super::writer::Tx;
use crate::error::Error;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::types::ToSqlOutput;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::OnceLock;

/// A table that holds what a record links to: one row for each.
pub struct Link {
    /// The table.
    pub table: &'static str,
    /// Its column for what is linked to.
    pub member: &'static str,
    /// Its column for the record's number.
    pub record: &'static str,
}

/// What a kind of record is made of in the file. Its statements are built once.
pub struct Shape {
    pub(super) kind: Kind,
    pub(super) list: &'static Table,
    pub(super) columns: &'static [&'static str],
    pub(super) texts: &'static [&'static str],
    pub(super) links: &'static [Link],
    statements: OnceLock<Statements>,
}

pub(super) struct Statements {
    pub(super) find: String,
    pub(super) insert: String,
    pub(super) delete: String,
    pub(super) index: String,
    pub(super) forget: String,
    pub(super) links: Vec<(String, String)>,
}

impl Shape {
    /// `columns` beyond `seq`, `id`, `rev` and `json`, in the order of [`Record::columns`]; `texts` are those of the list's
    /// full-text twin, in the order of [`Record::texts`]; `links` in the order of [`Record::links`].
    #[must_use]
    pub const fn new(
        kind: Kind,
        list: &'static Table,
        columns: &'static [&'static str],
        texts: &'static [&'static str],
        links: &'static [Link],
    ) -> Self {
        Self { kind, list, columns, texts, links, statements: OnceLock::new() }
    }

    pub(super) fn statements(&'static self) -> &'static Statements {
        self.statements.get_or_init(|| {
            let (table, text) = (self.list.name, self.list.text);
            let marks = |count: usize| (1..=count).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ");
            let names = |names: &[&str]| names.iter().map(|name| format!(", {name}")).collect::<String>();
            Statements {
                find: format!("SELECT json, rev, seq FROM {table} WHERE id = ?1"),
                insert: format!(
                    "INSERT INTO {table} (seq, id, rev, json{}) VALUES ({})",
                    names(self.columns),
                    marks(self.columns.len() + 4)
                ),
                delete: format!("DELETE FROM {table} WHERE seq = ?1"),
                index: format!("INSERT INTO {text} (rowid{}) VALUES ({})", names(self.texts), marks(self.texts.len() + 1)),
                forget: format!("DELETE FROM {text} WHERE rowid = ?1"),
                links: self
                    .links
                    .iter()
                    .map(|link| {
                        (
                            format!("DELETE FROM {} WHERE {} = ?1", link.table, link.record),
                            format!("INSERT INTO {} ({}, {}) VALUES (?1, ?2)", link.table, link.member, link.record),
                        )
                    })
                    .collect(),
            }
        })
    }
}

/// A kind of record that is kept with revisions, history and undo.
pub trait Record: Clone + Serialize + DeserializeOwned + 'static {
    /// What it is made of in the file.
    fn shape() -> &'static Shape;

    /// Its id.
    fn id(&self) -> &str;

    /// What people call it: its reference where it has one.
    fn label(&self) -> &str {
        self.id()
    }

    /// Its name or title.
    fn name(&self) -> &str;

    /// Its number, where its reference tells it. Without one a restored record takes the next, so its list must order by
    /// `id` (which sorts by time of making), not by `seq`.
    fn number(&self) -> Option<i64> {
        None
    }

    /// Notes when it was changed.
    fn touch(&mut self, now: Timestamp);

    /// The values of the shape's columns.
    fn columns(&self) -> Vec<ToSqlOutput<'_>>;

    /// What full text finds it by.
    fn texts(&self) -> Vec<Option<&str>> {
        Vec::new()
    }

    /// What it links to, for each of the shape's links.
    fn links(&self) -> Vec<&[String]> {
        Vec::new()
    }

    /// Fields that follow from other records: kept in the record, but no change of it. [`Record::settle`] sets them.
    fn derived() -> &'static [&'static str] {
        &[]
    }

    /// Which action a change of these fields is.
    fn action(_changed: &[&str]) -> Action {
        Action::Updated
    }

    /// Events beside `KIND.created` and `KIND.updated`, from the state before (none when it comes) and after.
    fn events(_old: Option<&Self>, _new: &Self) -> &'static [&'static str] {
        &[]
    }

    /// What else a change writes, such as a timeline's entries.
    ///
    /// # Errors
    /// The database's.
    fn changed(_tx: &Tx<'_>, _old: &Self, _new: &Self, _action: Action) -> Result<(), Error> {
        Ok(())
    }

    /// Makes a record fit what is there now, before it is written: at its making, at a change, and when undo brings it back. The
    /// functions of [`super::records`] that write do this, so that no writer can forget it.
    ///
    /// # Errors
    /// Why it cannot stand any more; the database's.
    fn settle(&mut self, _connection: &Connection) -> Result<(), Error> {
        Ok(())
    }

    /// Brings up to date what follows from it in other records, after it came, changed or went.
    ///
    /// # Errors
    /// The database's.
    fn follow(&self, _tx: &Tx<'_>) -> Result<(), Error> {
        Ok(())
    }

    /// Whether it may stay gone at the end of a step that undid its coming or made its going again: refused where others have built
    /// on it since, which that step did not take along.
    ///
    /// # Errors
    /// Why not; the database's.
    fn may_go(&self, _connection: &Connection, _way: Way) -> Result<(), Error> {
        Ok(())
    }
}
