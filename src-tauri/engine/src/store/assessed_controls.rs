//! What assessments found of single controls.

use super::assessments::{scope_table, scope_values};
use super::history::{Action, Kind};
use super::lists::{Table, match_expression};
use super::records::{self, Record, Shape, Stored, stale};
use super::writer::Tx;
use crate::error::Error;
use amtia_domain::assessed_control::{AssessedControl, AssessmentResult, ControlResult, ResultPatch};
use amtia_domain::assessment::{Assessment, AssessmentStatus};
use amtia_domain::framework::Control;
use amtia_domain::time::rfc3339;
use amtia_domain::words::Word;
use jiff::Timestamp;
use rusqlite::types::{ToSqlOutput, Value as Sql};
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};
use serde_json::Value;

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

static RESULTS: Table = Table { name: "assessment_results", text: "", sorts: &[] };

static SHAPE: Shape =
    Shape::new(Kind::AssessmentResult, &RESULTS, &["assessment_id", "control_id", "result", "owner", "due_date", "updated_at"], &[], &[]);

impl Record for AssessedControl {
    fn shape() -> &'static Shape {
        &SHAPE
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &str {
        self.reference.as_deref().unwrap_or("")
    }

    fn name(&self) -> &str {
        self.title.as_deref().unwrap_or("")
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    fn columns(&self) -> Vec<ToSqlOutput<'_>> {
        vec![
            self.assessment_id.as_str().into(),
            self.control_id.as_str().into(),
            self.result.word().into(),
            self.owner.as_deref().unwrap_or("").into(),
            self.due_date.map(|date| date.to_string()).unwrap_or_default().into(),
            rfc3339(self.updated_at).into(),
        ]
    }

    fn settle(&mut self, connection: &Connection) -> Result<(), Error> {
        open(&records::get::<Assessment>(connection, &self.assessment_id)?.record)
    }

    fn follow(&self, tx: &Tx<'_>) -> Result<(), Error> {
        records::settle_derived::<Assessment>(tx, &self.assessment_id)
    }
}

/// Results of a completed assessment stand.
fn open(assessment: &Assessment) -> Result<(), Error> {
    if assessment.status == AssessmentStatus::Completed {
        return Err(Error::bad("The assessment is completed. Set its status to in_progress to change its results."));
    }
    Ok(())
}

/// An assessable control in an assessment's scope, with what was found of it.
fn find(connection: &Connection, assessment: &Assessment, control: &str) -> Result<(Control, Option<Stored<AssessedControl>>), Error> {
    let (framework, groups) = scope_values(connection, assessment)?;
    let statement = format!(
        "{} SELECT c.json FROM controls c WHERE c.id = ?3 AND c.assessable = 1 AND c.seq IN (SELECT seq FROM scope)",
        scope_table(&assessment.scope)
    );
    let json: Option<String> = connection
        .prepare_cached(&statement)
        .and_then(|mut statement| statement.query_row(params![framework, groups, control], |row| row.get(0)).optional())
        .map_err(db)?;
    let json = json.ok_or_else(|| Error::NotFound("No control in this assessment's scope with this identifier.".into()))?;
    let control: Control = serde_json::from_str(&json).map_err(Error::internal)?;
    let id = AssessedControl::id_of(&assessment.id, &control.id);
    let found = match records::find_json::<AssessedControl>(connection, &id)? {
        Some((json, rev, seq)) => Some(Stored { record: serde_json::from_str(&json).map_err(Error::internal)?, json, rev, seq }),
        None => None,
    };
    Ok((control, found))
}

/// One control in scope with its result, and the result's revision: 0 where there is none yet.
///
/// # Errors
/// 404; the database's.
pub fn result(connection: &Connection, assessment: &str, control: &str) -> Result<(AssessmentResult, i64), Error> {
    let assessment = records::get::<Assessment>(connection, assessment)?.record;
    let (control, found) = find(connection, &assessment, control)?;
    let rev = found.as_ref().map_or(0, |found| found.rev);
    Ok((AssessmentResult::of(&assessment.id, control, found.map(|found| found.record)), rev))
}

/// Records what was found of a control: the fields that are present change. The first result of a planned assessment
/// begins it.
///
/// # Errors
/// 404; 412; every offending field; a completed assessment (400); the database's.
pub fn record(
    tx: &Tx<'_>,
    assessment_id: &str,
    control_id: &str,
    patch: ResultPatch,
    body: &Value,
    expected: Option<i64>,
) -> Result<(AssessmentResult, i64), Error> {
    let assessment = records::get::<Assessment>(tx.connection, assessment_id)?.record;
    let (control, old) = find(tx.connection, &assessment, control_id)?;
    let rev = old.as_ref().map_or(0, |old| old.rev);
    if expected.is_some_and(|expected| expected != rev) {
        return Err(stale("result", old.as_ref().map_or("{}", |old| &old.json), body));
    }
    open(&assessment)?;
    let blank = AssessedControl::new(&assessment.id, &control, tx.now);
    let mut found = old.as_ref().map_or_else(|| blank.clone(), |old| old.record.clone());
    found.apply(patch, tx.now)?;
    let known = found.result != ControlResult::NotAssessed;
    let stored = match &old {
        Some(old) => records::replace(tx, old, found, None, None)?,
        None if found == blank => return Ok((AssessmentResult::of(&assessment.id, control, None), 0)),
        None => {
            let number = records::next_number::<AssessedControl>(tx)?;
            records::create(tx, found, number, None)?
        }
    };
    if known && assessment.status == AssessmentStatus::Planned {
        let planned = records::get::<Assessment>(tx.connection, assessment_id)?;
        let begun = Assessment { status: AssessmentStatus::InProgress, updated_at: tx.now, ..planned.record.clone() };
        records::replace(tx, &planned, begun, Some(Action::StatusChanged), None)?;
    }
    Ok((AssessmentResult::of(&assessment.id, control, Some(stored.record)), stored.rev))
}

/// Which results of an assessment are wanted.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Only these.
    pub result: Option<ControlResult>,
    /// Only those that this person closes.
    pub owner: Option<String>,
    /// Only controls with these words.
    pub words: Option<String>,
    /// Only controls after this place.
    pub after: Option<i64>,
    /// At the most.
    pub limit: Option<usize>,
}

/// Assessable controls in scope, each with its result, in the framework's order; and how many there are in all.
///
/// # Errors
/// The database's.
pub fn list(connection: &Connection, assessment: &Assessment, wanted: &Wanted) -> Result<(Vec<AssessmentResult>, u64), Error> {
    let (framework, groups) = scope_values(connection, assessment)?;
    let mut values: Vec<Sql> = vec![framework.into(), groups.into(), assessment.id.clone().into()];
    let mut filter = String::new();
    if let Some(result) = wanted.result {
        values.push(result.word().to_owned().into());
        filter.push_str(&format!(" AND coalesce(r.result, 'not_assessed') = ?{}", values.len()));
    }
    if let Some(owner) = &wanted.owner {
        values.push(owner.clone().into());
        filter.push_str(&format!(" AND r.owner = ?{}", values.len()));
    }
    if let Some(words) = &wanted.words {
        values.push(match_expression(words).unwrap_or_else(|| "\"\"".into()).into());
        filter.push_str(&format!(" AND c.seq IN (SELECT rowid FROM controls_text WHERE controls_text MATCH ?{})", values.len()));
    }
    let from = format!(
        "FROM scope JOIN controls c ON c.seq = scope.seq LEFT JOIN assessment_results r ON r.assessment_id = ?3 AND r.control_id = c.id
         WHERE c.assessable = 1{filter}"
    );
    let table = scope_table(&assessment.scope);
    let total = connection
        .prepare_cached(&format!("{table} SELECT count(*) {from}"))
        .and_then(|mut statement| statement.query_row(params_from_iter(&values), |row| row.get(0)))
        .map_err(db)?;
    values.push(wanted.after.unwrap_or(-1).into());
    let after = values.len();
    values.push(wanted.limit.map_or(-1, |limit| limit as i64).into());
    let page = format!("{table} SELECT c.json, r.json {from} AND c.position > ?{after} ORDER BY c.position LIMIT ?{}", values.len());
    let mut statement = connection.prepare_cached(&page).map_err(db)?;
    let rows = statement
        .query_map(params_from_iter(&values), |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?)))
        .map_err(db)?;
    let mut results = Vec::new();
    for row in rows {
        let (control, found) = row.map_err(db)?;
        let control: Control = serde_json::from_str(&control).map_err(Error::internal)?;
        let found = found.map(|json| serde_json::from_str(&json)).transpose().map_err(Error::internal)?;
        results.push(AssessmentResult::of(&assessment.id, control, found));
    }
    Ok((results, total))
}

/// Every assessable control in scope with its result.
///
/// # Errors
/// The database's.
pub(super) fn all(connection: &Connection, assessment: &Assessment) -> Result<Vec<AssessmentResult>, Error> {
    list(connection, assessment, &Wanted::default()).map(|(results, _)| results)
}
