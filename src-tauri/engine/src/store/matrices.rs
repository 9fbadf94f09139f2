//! The risk matrix in force, and putting another one in its place under the risks that are judged by it.

use super::history::{Action, Kind};
use super::lists::{Sort, Table};
use super::outlook::{self, PLANNED};
use super::records::{self, Record, Shape, Stored};
use super::risks::Side;
use super::writer::Tx;
use crate::error::Error;
use amtia_domain::matrix::{Change, Fate, Level, Mapping, Matrix, View};
use amtia_domain::risk::Risk;
use amtia_domain::time::instant;
use amtia_domain::words::Word;
use jiff::Timestamp;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The id of the one record.
pub const ID: &str = "matrix";
/// Why a risk changed that nobody touched, where the person gave no reason.
const REASON: &str = "The risk matrix was changed.";

/// The matrix as it is kept once it is another than the standard one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptMatrix {
    id: String,
    /// The matrix.
    pub matrix: Matrix,
    /// Which step became which when it came.
    pub mapping: Mapping,
    #[serde(with = "instant")]
    created_at: Timestamp,
    #[serde(with = "instant")]
    updated_at: Timestamp,
}

static MATRICES: Table = Table { name: "matrices", text: "", sorts: &[Sort { field: "created_at", column: "seq" }] };
static SHAPE: Shape = Shape::new(Kind::Matrix, &MATRICES, &[], &[], &[]);

impl Record for KeptMatrix {
    fn shape() -> &'static Shape {
        &SHAPE
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &str {
        ""
    }

    fn name(&self) -> &str {
        "Risk matrix"
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    fn columns(&self) -> Vec<ToSqlOutput<'_>> {
        Vec::new()
    }
}

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// The matrix in force.
///
/// # Errors
/// The database's.
pub fn in_force(connection: &Connection) -> Result<Matrix, Error> {
    Ok(kept(connection)?.map_or_else(Matrix::standard, |kept| kept.record.matrix))
}

/// The record, where there is one, and with it the revision; 0 stands for the standard matrix.
///
/// # Errors
/// The database's.
pub fn kept(connection: &Connection) -> Result<Option<Stored<KeptMatrix>>, Error> {
    let row = connection
        .prepare_cached("SELECT json, rev, seq FROM matrices LIMIT 1")
        .and_then(|mut statement| statement.query_row([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))).optional())
        .map_err(db)?;
    let Some((json, rev, seq)) = row else { return Ok(None) };
    let record = serde_json::from_str(&json).map_err(Error::internal)?;
    Ok(Some(Stored { record, json, rev, seq }))
}

pub(super) const VIEWS: [View; 4] = [View::Current, View::Inherent, View::Residual, View::Target];
/// The risk of a number.
pub(super) fn risk(connection: &Connection, seq: i64) -> Result<Stored<Risk>, Error> {
    let (json, rev): (String, i64) = connection
        .prepare_cached("SELECT json, rev FROM risks WHERE seq = ?1")
        .and_then(|mut statement| statement.query_row([seq], |row| Ok((row.get(0)?, row.get(1)?))))
        .map_err(db)?;
    let record = serde_json::from_str(&json).map_err(Error::internal)?;
    Ok(Stored { record, json, rev, seq })
}

/// Puts another matrix in force and judges every risk by it, in one step. Without a difference nothing is written.
///
/// # Errors
/// 412 where `expected` is not the revision; a mapping that does not fit; the database's.
pub fn replace(
    tx: &Tx<'_>,
    matrix: Matrix,
    mapping: Option<Mapping>,
    expected: Option<i64>,
    reason: Option<&str>,
) -> Result<Option<Stored<KeptMatrix>>, Error> {
    let old = kept(tx.connection)?;
    let rev = old.as_ref().map_or(0, |old| old.rev);
    let from = old.as_ref().map_or_else(Matrix::standard, |old| old.record.matrix.clone());
    if expected.is_some_and(|expected| expected != rev) {
        let detail = |matrix: &Matrix| serde_json::to_value(matrix).map_err(Error::internal);
        return Err(Error::Stale {
            message: "The risk matrix was changed since you read it. Nothing was saved; both values are in the details.".into(),
            details: vec![
                serde_json::json!({ "field": "matrix", "message": "changed since you read it", "yours": detail(&matrix)?, "current": detail(&from)? }),
            ],
        });
    }
    let mapping = mapping.unwrap_or_else(|| Mapping::suggested(&from, &matrix));
    mapping.check(&from, &matrix)?;
    let same = from == matrix && mapping == Mapping::suggested(&from, &matrix);
    if same {
        return Ok(old);
    }
    let new = KeptMatrix {
        id: ID.into(),
        matrix,
        mapping,
        created_at: old.as_ref().map_or(tx.now, |old| old.record.created_at),
        updated_at: tx.now,
    };
    let about = Stored { record: new.clone(), json: String::new(), rev: rev + 1, seq: 0 };
    records::open_step(tx, &about, Action::Updated)?;
    // The matrix first: risks that are written settle by the one in force.
    let stored = match old {
        Some(old) => records::replace(tx, &old, new, Some(Action::Updated), reason)?,
        None => {
            let number = records::next_number::<KeptMatrix>(tx)?;
            records::create(tx, new, number, reason)?
        }
    };
    let change = Change { from: &from, to: &stored.record.matrix, mapping: &stored.record.mapping };
    let mut touched = Vec::new();
    outlook::each(tx.connection, 0, |seen| {
        if seen.under(&change).fate != Fate::Unchanged {
            touched.push(seen.seq);
        }
        true
    })?;
    for seq in touched {
        let old = risk(tx.connection, seq)?;
        let judged = Risk { updated_at: tx.now, ..change.risk(&old.record) };
        records::replace(tx, &old, judged, None, Some(reason.unwrap_or(REASON)))?;
    }
    // Every answer that speaks of levels follows from it.
    tx.touch(Kind::Risk.word());
    tx.touch(Kind::Workspace.word());
    Ok(Some(stored))
}

/// A risk made to fit the matrix in force: what lies outside it takes the highest step, levels follow from it, and what follows
/// its plan is what the plan gives.
///
/// # Errors
/// The database's.
pub(super) fn fit(connection: &Connection, risk: &mut Risk) -> Result<(), Error> {
    let matrix = in_force(connection)?;
    risk.rejudge(&Mapping::within(&matrix), &matrix);
    Ok(())
}

/// After a change of the matrix was taken back or made again: risks that came or moved meanwhile are made to fit it.
///
/// # Errors
/// The database's.
pub(super) fn fit_strays(tx: &Tx<'_>, action: Action) -> Result<(), Error> {
    for seq in strays(tx.connection)? {
        let old = risk(tx.connection, seq)?;
        let fitting = Risk { updated_at: tx.now, ..old.record.clone() };
        records::replace(tx, &old, fitting, Some(action), Some(REASON))?;
    }
    tx.touch(Kind::Risk.word());
    tx.touch(Kind::Workspace.word());
    Ok(())
}

/// Refuses places and plans that one side of a history entry tells of where they were told on scales of another size: the steps
/// of then are not those of today.
///
/// # Errors
/// That; the database's.
pub(super) fn refuse_other_scales(connection: &Connection, entry: i64, side: Side, told: &Map<String, Value>) -> Result<(), Error> {
    const PLACES: [&str; 7] = ["likelihood", "impact", "inherent", "residual", "target", "baseline", "actions"];
    if !PLACES.iter().any(|field| told.contains_key(*field)) {
        return Ok(());
    }
    // What a change of the matrix made of a risk stands in the history at the same time, after it.
    let made = "SELECT before, after FROM history WHERE kind = 'matrix' AND seq <= ?1
                AND (?2 OR at < (SELECT at FROM history WHERE seq = ?1)) ORDER BY seq";
    let mut then = Matrix::standard();
    let mut statement = connection.prepare_cached(made).map_err(db)?;
    let rows = statement
        .query_map(params![entry, side == Side::After], |row| Ok((row.get::<_, Option<String>>(0)?, row.get::<_, Option<String>>(1)?)))
        .map_err(db)?;
    for row in rows {
        let (before, after) = row.map_err(db)?;
        let Some(after) = after else {
            then = Matrix::standard();
            continue;
        };
        let mut after: Value = serde_json::from_str(&after).map_err(Error::internal)?;
        match after.get_mut("matrix").map(Value::take) {
            Some(matrix) => then = serde_json::from_value(matrix).map_err(Error::internal)?,
            None if before.is_some() => {}
            None => return Err(Error::internal("a matrix without itself in the history")),
        }
    }
    let now = in_force(connection)?;
    let size = |matrix: &Matrix| (matrix.likelihood_steps(), matrix.impact_steps());
    if size(&then) == size(&now) {
        return Ok(());
    }
    Err(Error::field("entry", "tells of another risk matrix, whose steps are not those of today: set the scores by hand"))
}

/// The numbers of risks whose level, score or cell does not follow from the matrix in force, or whose plan does not fit it.
///
/// # Errors
/// The database's.
pub fn strays(connection: &Connection) -> Result<Vec<i64>, Error> {
    let matrix = in_force(connection)?;
    let mut strays = Vec::new();
    for view in VIEWS {
        let name = view.word();
        // Few rows, whatever the number of risks: one for each cell and each level that is told for it.
        let kinds = format!("SELECT DISTINCT {name}_likelihood, {name}_impact, {name}_score, {name}_level FROM risks");
        let of_kind = format!(
            "SELECT seq FROM risks WHERE {name}_likelihood = ?1 AND {name}_impact = ?2 AND {name}_score = ?3 AND {name}_level = ?4"
        );
        let mut statement = connection.prepare_cached(&kinds).map_err(db)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).map_err(db)?;
        for row in rows {
            let (likelihood, impact, score, level): (u8, u8, u16, i64) = row.map_err(db)?;
            let follows = if likelihood == 0 {
                (impact, score, level) == (0, 0, 0)
            } else {
                let place = matrix.level(likelihood, impact).and_then(|level| Level::ALL.iter().position(|have| *have == level));
                Matrix::score(likelihood, impact) == score && place.and_then(|place| i64::try_from(place + 1).ok()) == Some(level)
            };
            if !follows {
                let mut members = connection.prepare_cached(&of_kind).map_err(db)?;
                let members = members.query_map(params![likelihood, impact, score, level], |row| row.get(0)).map_err(db)?;
                strays.extend(members.collect::<Result<Vec<i64>, _>>().map_err(db)?);
            }
        }
    }
    let within = Mapping::within(&matrix);
    let mut planned = connection.prepare_cached(&format!("SELECT seq, json FROM risks WHERE {PLANNED}")).map_err(db)?;
    for row in planned.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))).map_err(db)? {
        let (seq, json) = row.map_err(db)?;
        let risk: Risk = serde_json::from_str(&json).map_err(Error::internal)?;
        let mut fitting = risk.clone();
        fitting.rejudge(&within, &matrix);
        if fitting != risk {
            strays.push(seq);
        }
    }
    strays.sort_unstable();
    strays.dedup();
    Ok(strays)
}
