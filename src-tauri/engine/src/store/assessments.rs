//! Assessments, their scope in a framework's tree, and what follows from their results.

use super::history::Kind;
use super::lists::{Sort, Table};
use super::records::{self, Record, Shape, Stored};
use super::undo::Way;
use super::writer::Tx;
use super::{assessed_controls, frameworks};
use crate::error::Error;
use amtia_domain::Problems;
use amtia_domain::assessed_control::ControlResult;
use amtia_domain::assessment::{Assessment, AssessmentPatch, AssessmentStatus, Scope, Tally};
use amtia_domain::framework::Framework;
use amtia_domain::time::rfc3339;
use amtia_domain::words::Word;
use jiff::Timestamp;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// The list of assessments.
pub static ASSESSMENTS: Table = Table {
    name: "assessments",
    text: "assessments_text",
    sorts: &[
        Sort { field: "created_at", column: "id" },
        Sort { field: "updated_at", column: "updated_at" },
        Sort { field: "name", column: "name" },
        Sort { field: "framework_id", column: "framework_id" },
        Sort { field: "status", column: "status" },
        Sort { field: "due_date", column: "due_date" },
        Sort { field: "progress", column: "progress" },
        Sort { field: "score", column: "score" },
    ],
};

static SHAPE: Shape = Shape::new(
    Kind::Assessment,
    &ASSESSMENTS,
    &["name", "framework_id", "status", "due_date", "progress", "score", "updated_at"],
    &["name", "framework_id"],
    &[],
);

impl Record for Assessment {
    fn shape() -> &'static Shape {
        &SHAPE
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn label(&self) -> &str {
        &self.framework_id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    fn columns(&self) -> Vec<ToSqlOutput<'_>> {
        vec![
            self.name.as_str().into(),
            self.framework_id.as_str().into(),
            status_number(self.status).into(),
            self.due_date.map(|date| date.to_string()).unwrap_or_default().into(),
            i64::from(self.progress).into(),
            self.score.map_or(-1, i64::from).into(),
            rfc3339(self.updated_at).into(),
        ]
    }

    fn texts(&self) -> Vec<Option<&str>> {
        vec![Some(&self.name), Some(&self.framework_id)]
    }

    fn derived() -> &'static [&'static str] {
        &["progress", "score"]
    }

    fn settle(&mut self, connection: &Connection) -> Result<(), Error> {
        let tally = tally(connection, self)?;
        (self.progress, self.score) = (tally.progress(), tally.score());
        Ok(())
    }

    fn events(old: Option<&Self>, new: &Self) -> &'static [&'static str] {
        let arrives = old.is_none_or(|old| old.status != new.status) && new.status == AssessmentStatus::Completed;
        if arrives { &["assessment.completed"] } else { &[] }
    }

    /// Its results are kept while it is gone: only what never was may not have any.
    fn may_go(&self, connection: &Connection, way: Way) -> Result<(), Error> {
        let used = "SELECT EXISTS (SELECT 1 FROM assessment_results WHERE assessment_id = ?1)";
        if way == Way::Undo && records::holds(connection, used, &self.id)? {
            return Err(Error::Stale {
                message: "Others have recorded results in this assessment since. Nothing was changed; delete it if it should go.".into(),
                details: Vec::new(),
            });
        }
        Ok(())
    }
}

/// The place of a status in its order, as rows are filed under it.
#[must_use]
pub fn status_number(status: AssessmentStatus) -> i64 {
    AssessmentStatus::ALL.iter().position(|have| *have == status).map_or(0, |place| place as i64)
}

/// Numbers of the controls in scope as the table `scope`; ?1 is the framework's number, ?2 the groups as JSON.
pub(super) fn scope_table(scope: &Scope) -> &'static str {
    match scope {
        Scope::Full(_) => "WITH scope (seq) AS (SELECT seq FROM controls WHERE framework = ?1 AND ?2 = ?2)",
        Scope::Groups(_) => {
            "WITH RECURSIVE scope (seq) AS (
                SELECT seq FROM controls WHERE framework = ?1
                AND (id IN (SELECT value FROM json_each(?2)) OR reference IN (SELECT value FROM json_each(?2)))
                UNION SELECT c.seq FROM controls c JOIN scope s ON c.parent = s.seq WHERE c.framework = ?1)"
        }
    }
}

/// What is bound to [`scope_table`]. A framework that was taken back keeps its controls, so its assessments stay whole.
pub(super) fn scope_values(connection: &Connection, assessment: &Assessment) -> Result<(i64, String), Error> {
    let framework: Option<i64> = connection
        .prepare_cached("SELECT seq FROM frameworks WHERE id = ?1")
        .and_then(|mut statement| statement.query_row([&assessment.framework_id], |row| row.get(0)).optional())
        .map_err(db)?;
    let groups = match &assessment.scope {
        Scope::Full(_) => "[]".to_owned(),
        Scope::Groups(groups) => json!(groups).to_string(),
    };
    Ok((framework.unwrap_or(0), groups))
}

/// How many controls in scope have which result.
///
/// # Errors
/// The database's.
pub fn tally(connection: &Connection, assessment: &Assessment) -> Result<Tally, Error> {
    let (framework, groups) = scope_values(connection, assessment)?;
    let statement = format!(
        "{} SELECT coalesce(r.result, 'not_assessed'), count(*) FROM scope JOIN controls c ON c.seq = scope.seq
         LEFT JOIN assessment_results r ON r.assessment_id = ?3 AND r.control_id = c.id WHERE c.assessable = 1 GROUP BY 1",
        scope_table(&assessment.scope)
    );
    let mut statement = connection.prepare_cached(&statement).map_err(db)?;
    let mut rows = statement.query(params![framework, groups, assessment.id]).map_err(db)?;
    let mut tally = Tally::default();
    while let Some(row) = rows.next().map_err(db)? {
        let (word, count): (String, u64) = (row.get(0).map_err(db)?, row.get(1).map_err(db)?);
        tally.controls += count;
        match ControlResult::from_word(&word) {
            Some(ControlResult::Compliant) => tally.compliant = count,
            Some(ControlResult::PartiallyCompliant) => tally.partially_compliant = count,
            Some(ControlResult::NonCompliant) => tally.non_compliant = count,
            Some(ControlResult::NotApplicable) => tally.not_applicable = count,
            Some(ControlResult::NotAssessed) | None => {}
        }
    }
    Ok(tally)
}

/// A scope names groups that the framework has, and holds something to assess.
fn check_scope(connection: &Connection, assessment: &Assessment, problems: &mut Problems) -> Result<(), Error> {
    let (framework, _) = scope_values(connection, assessment)?;
    if let Scope::Groups(groups) = &assessment.scope {
        let mut find = connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM controls WHERE framework = ?1 AND (id = ?2 OR reference = ?2))")
            .map_err(db)?;
        for group in groups {
            if !find.query_row(params![framework, group], |row| row.get::<_, bool>(0)).map_err(db)? {
                problems.add("scope", format!("names a group that the framework does not have: {group}"));
                return Ok(());
            }
        }
    }
    if tally(connection, assessment)?.controls == 0 {
        problems.add("scope", "holds no control that can be assessed");
    }
    Ok(())
}

/// Plans an assessment of a framework.
///
/// # Errors
/// Every offending field; the database's.
pub fn create(tx: &Tx<'_>, patch: AssessmentPatch, id: String) -> Result<Stored<Assessment>, Error> {
    let wanted = patch.framework_id.clone().unwrap_or_default();
    let Some((json, _, _)) = frameworks::find_json(tx.connection, &wanted)? else {
        return Err(Error::field("framework_id", format!("names a framework that does not exist: {wanted}")));
    };
    let framework: Framework = serde_json::from_str(&json).map_err(Error::internal)?;
    let day = tx.now.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let name: String = format!("{} ({day})", framework.name.chars().take(180).collect::<String>());
    let assessment = Assessment::create(patch, id, name, tx.now)?;
    let mut problems = Problems::default();
    check_scope(tx.connection, &assessment, &mut problems)?;
    problems.check()?;
    records::create(tx, assessment, records::next_number::<Assessment>(tx)?, None)
}

/// Changes the fields that are present.
///
/// # Errors
/// 404; 412; every offending field; the database's.
pub fn update(tx: &Tx<'_>, id: &str, patch: AssessmentPatch, body: &Value, expected: Option<i64>) -> Result<Stored<Assessment>, Error> {
    let old = records::get_expected::<Assessment>(tx.connection, id, expected, body)?;
    let mut assessment = old.record.clone();
    assessment.apply(patch, tx.now)?;
    if assessment.scope != old.record.scope {
        let mut problems = Problems::default();
        check_scope(tx.connection, &assessment, &mut problems)?;
        problems.check()?;
    }
    let action = (assessment.status != old.record.status).then_some(super::Action::StatusChanged);
    records::replace(tx, &old, assessment, action, None)
}

/// How many assessments are not completed.
///
/// # Errors
/// The database's.
pub fn open_count(connection: &Connection) -> Result<u64, Error> {
    let completed = status_number(AssessmentStatus::Completed);
    super::lists::count(connection, &ASSESSMENTS, &[super::lists::Condition::one("t.status < ?", completed)])
}

/// The gaps of an assessment.
///
/// # Errors
/// 404; the database's.
pub fn gaps(connection: &Connection, id: &str, appetite: u16) -> Result<amtia_domain::gaps::GapAnalysis, Error> {
    let assessment = records::get::<Assessment>(connection, id)?.record;
    let tally = tally(connection, &assessment)?;
    let results = assessed_controls::all(connection, &assessment)?;
    let mut above = connection
        .prepare_cached(
            "SELECT count(*) FROM risk_controls l JOIN risks r ON r.seq = l.risk WHERE l.control_id = ?1 AND r.current_score > ?2",
        )
        .map_err(db)?;
    amtia_domain::gaps::GapAnalysis::of(&assessment, &tally, results, |control| {
        above.query_row(params![control, appetite], |row| row.get(0)).map_err(db)
    })
}
