//! Vulnerabilities of assets.

use super::history::Kind;
use super::lists::{Condition, Sort, Table};
use super::records::{self, Record, Shape, Stored};
use super::writer::Tx;
use crate::error::Error;
use amtia_domain::asset::Asset;
use amtia_domain::time::rfc3339;
use amtia_domain::vulnerability::{Vulnerability, VulnerabilityPatch, VulnerabilitySeverity, VulnerabilityStatus};
use amtia_domain::words::Word;
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Connection;
use rusqlite::types::ToSqlOutput;
use serde_json::Value;

/// The list of vulnerabilities.
pub static VULNERABILITIES: Table = Table {
    name: "vulnerabilities",
    text: "vulnerabilities_text",
    sorts: &[
        Sort { field: "created_at", column: "id" },
        Sort { field: "updated_at", column: "updated_at" },
        Sort { field: "title", column: "title" },
        Sort { field: "cve", column: "cve" },
        Sort { field: "severity", column: "severity" },
        Sort { field: "cvss", column: "cvss" },
        Sort { field: "epss", column: "epss" },
        Sort { field: "status", column: "status" },
        Sort { field: "first_seen", column: "first_seen" },
        Sort { field: "last_seen", column: "last_seen" },
        Sort { field: "due_date", column: "due_date" },
    ],
};

static SHAPE: Shape = Shape::new(
    Kind::Vulnerability,
    &VULNERABILITIES,
    &[
        "asset_id",
        "title",
        "cve",
        "severity",
        "cvss",
        "epss",
        "kev",
        "status",
        "is_open",
        "first_seen",
        "last_seen",
        "due_date",
        "updated_at",
    ],
    &["title", "cve", "source"],
    &[],
);

impl Record for Vulnerability {
    fn shape() -> &'static Shape {
        &SHAPE
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &str {
        self.cve.as_deref().unwrap_or("")
    }

    fn name(&self) -> &str {
        &self.title
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    fn columns(&self) -> Vec<ToSqlOutput<'_>> {
        let date = |date: Option<Date>| ToSqlOutput::from(date.map(|date| date.to_string()).unwrap_or_default());
        let parts = |value: Option<f64>, of: f64| ToSqlOutput::from(value.map_or(-1, |value| (value * of).round() as i64));
        vec![
            self.asset_id.as_str().into(),
            self.title.as_str().into(),
            self.cve.as_deref().unwrap_or("").into(),
            severity_number(self.severity).into(),
            parts(self.cvss, 10.0),
            parts(self.epss, 100_000.0),
            i64::from(self.kev).into(),
            status_number(self.status).into(),
            i64::from(self.status.is_open()).into(),
            date(self.first_seen),
            date(self.last_seen),
            date(self.due_date),
            rfc3339(self.updated_at).into(),
        ]
    }

    fn texts(&self) -> Vec<Option<&str>> {
        vec![Some(&self.title), self.cve.as_deref(), self.source.as_deref()]
    }

    fn settle(&mut self, connection: &Connection) -> Result<(), Error> {
        if records::find_json::<Asset>(connection, &self.asset_id)?.is_none() {
            return Err(Error::NotFound("The asset of this vulnerability is no longer there.".into()));
        }
        Ok(())
    }
}

/// 4 critical … 0 none, so that descending is worst first.
fn severity_number(severity: VulnerabilitySeverity) -> i64 {
    VulnerabilitySeverity::ALL.iter().rev().position(|have| *have == severity).map_or(0, |place| place as i64)
}

fn status_number(status: VulnerabilityStatus) -> i64 {
    VulnerabilityStatus::ALL.iter().position(|have| *have == status).map_or(0, |place| place as i64)
}

/// Only vulnerabilities of this asset.
#[must_use]
pub fn of_asset(asset: String) -> Condition {
    Condition::one("t.asset_id = ?", asset)
}

/// Only vulnerabilities of this severity.
#[must_use]
pub fn of_severity(severity: VulnerabilitySeverity) -> Condition {
    Condition::one("t.severity = ?", severity_number(severity))
}

/// Only vulnerabilities of this status.
#[must_use]
pub fn of_status(status: VulnerabilityStatus) -> Condition {
    Condition::one("t.status = ?", status_number(status))
}

/// Adds a vulnerability to an asset.
///
/// # Errors
/// 404 where there is no such asset; every offending field; the database's.
pub fn create(tx: &Tx<'_>, asset: &str, patch: VulnerabilityPatch, id: String) -> Result<Stored<Vulnerability>, Error> {
    records::get_json::<Asset>(tx.connection, asset)?;
    let vulnerability = Vulnerability::create(patch, id, asset.to_owned(), tx.now)?;
    records::create(tx, vulnerability, records::next_number::<Vulnerability>(tx)?, None)
}

/// Changes the fields that are present.
///
/// # Errors
/// 404; 412; every offending field; the database's.
pub fn update(
    tx: &Tx<'_>,
    id: &str,
    patch: VulnerabilityPatch,
    body: &Value,
    expected: Option<i64>,
) -> Result<Stored<Vulnerability>, Error> {
    let old = records::get_expected::<Vulnerability>(tx.connection, id, expected, body)?;
    let mut vulnerability = old.record.clone();
    vulnerability.apply(patch, tx.now)?;
    records::replace(tx, &old, vulnerability, None, None)
}

/// How many vulnerabilities still need work.
///
/// # Errors
/// The database's.
pub fn open_count(connection: &Connection) -> Result<u64, Error> {
    super::lists::count(connection, &VULNERABILITIES, &[Condition::one("t.is_open = ?", 1)])
}
