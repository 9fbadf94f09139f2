//! The checks of the register: kept counts, and the risks that each finds. The rules are [`amtia_domain::checks`]'.

use super::lists::Condition;
use crate::error::Error;
use amtia_domain::checks::Check;
use amtia_domain::matrix::Matrix;
use amtia_domain::words::Word;
use jiff::civil::Date;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params_from_iter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many risks one check finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckCount {
    /// The check.
    pub check: Check,
    /// Risks in which it finds something.
    pub count: u64,
}

/// Where a check looks among the kept counts, and in the register.
struct Look {
    kept: &'static str,
    found: &'static str,
    value: Option<Sql>,
}

fn look(check: Check, matrix: &Matrix, today: Date) -> Look {
    let day = || Some(Sql::Text(today.to_string()));
    let word = |word: &str| Some(Sql::Text(word.to_owned()));
    match check {
        Check::AboveAppetite => Look {
            kept: "said = 'unplanned' AND value > ?1",
            found: "t.unplanned_score > 0 AND t.unplanned_score > ?",
            value: Some(Sql::Integer(matrix.appetite.into())),
        },
        Check::NotAccepted => Look { kept: "said = 'borne' AND value = ?1", found: "t.borne <> '' AND t.borne = ?", value: word("none") },
        Check::AcceptanceVoid => {
            Look { kept: "said = 'borne' AND value = ?1", found: "t.borne <> '' AND t.borne = ?", value: word("void") }
        }
        Check::AcceptanceExpired => Look { kept: "said = 'borne' AND value < ?1", found: "t.borne <> '' AND t.borne < ?", value: day() },
        Check::ResidualAbove => Look { kept: "said = 'residual_above'", found: "t.residual_above = 1", value: None },
        Check::DoneUnchanged => Look { kept: "said = 'done_unchanged'", found: "t.done_unchanged = 1", value: None },
        Check::ReviewOverdue => {
            Look { kept: "said = 'review_due' AND value < ?1", found: "t.review_due <> '' AND t.review_due < ?", value: day() }
        }
        Check::NoOwner => Look { kept: "said = 'no_owner'", found: "t.no_owner = 1", value: None },
    }
}

/// Only risks in which a check finds something.
#[must_use]
pub fn found_by(check: Check, matrix: &Matrix, today: Date) -> Condition {
    let look = look(check, matrix, today);
    Condition { sql: look.found, values: look.value.into_iter().collect() }
}

/// What one check counts, from the kept counts.
///
/// # Errors
/// The database's.
pub fn count(connection: &Connection, check: Check, matrix: &Matrix, today: Date) -> Result<u64, Error> {
    let look = look(check, matrix, today);
    connection
        .prepare_cached(&format!("SELECT coalesce(sum(count), 0) FROM risk_checks WHERE {}", look.kept))
        .and_then(|mut statement| statement.query_row(params_from_iter(look.value), |row| row.get(0)))
        .map_err(|cause| Error::database(&cause))
}

/// What every check counts, the gravest first.
///
/// # Errors
/// The database's.
pub fn counts(connection: &Connection, matrix: &Matrix, today: Date) -> Result<Vec<CheckCount>, Error> {
    Check::ALL.iter().map(|check| Ok(CheckCount { check: *check, count: count(connection, *check, matrix, today)? })).collect()
}

/// One risk that a check finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FoundRisk {
    /// Its id.
    pub id: String,
    /// What people call it.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What could happen.
    pub name: String,
}

/// What one check finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The check.
    pub check: Check,
    /// How many risks.
    pub count: u64,
    /// All of them, the oldest first.
    pub risks: Vec<FoundRisk>,
}

/// What all checks find on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// The day that dates were compared with.
    pub today: Date,
    /// All of them together: each check of each risk counts.
    pub total: u64,
    /// Every check, the gravest first, those that find nothing included.
    pub checks: Vec<Found>,
}

/// Every risk that a check finds.
///
/// # Errors
/// The database's.
pub fn findings(connection: &Connection, matrix: &Matrix, today: Date) -> Result<Findings, Error> {
    let mut all = Findings { today, total: 0, checks: Vec::new() };
    for CheckCount { check, count } in counts(connection, matrix, today)? {
        let condition = found_by(check, matrix, today);
        let sql = format!("SELECT t.id, t.json ->> '$.ref', t.name FROM risks t WHERE {} ORDER BY t.seq", condition.sql);
        let mut statement = connection.prepare_cached(&sql).map_err(|cause| Error::database(&cause))?;
        let rows = statement
            .query_map(params_from_iter(condition.values), |row| {
                Ok(FoundRisk { id: row.get(0)?, reference: row.get(1)?, name: row.get(2)? })
            })
            .map_err(|cause| Error::database(&cause))?;
        let risks: Vec<FoundRisk> = rows.collect::<Result<_, _>>().map_err(|cause| Error::database(&cause))?;
        all.total += count;
        all.checks.push(Found { check, count, risks });
    }
    Ok(all)
}
