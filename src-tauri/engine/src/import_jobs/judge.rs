//! One row of a register over the workspace: which risk it is about, what it would make of it, what is wrong with it.

use crate::error::Error;
use crate::register::{CellProblem, Field, Names, Note, Reading, Said};
use crate::store::records::Stored;
use crate::store::registers::{self, AssetTrouble, Links};
use amtia_domain::Problems;
use amtia_domain::risk::{Risk, RiskPatch};
use amtia_domain::words::Word;
use amtia_exchange::Row;
use jiff::Timestamp;
use rusqlite::Connection;
use std::collections::HashMap;

/// What one row would do.
pub(super) struct Judged {
    pub(super) names: Names,
    pub(super) target: Option<Stored<Risk>>,
    /// The risk as the row leaves it; one to make has no id and number yet.
    pub(super) risk: Option<Risk>,
    pub(super) patch: RiskPatch,
    pub(super) notes: Vec<Note>,
    pub(super) fields: Vec<Field>,
    pub(super) left_out: Vec<String>,
    pub(super) missing: bool,
    pub(super) problems: Vec<CellProblem>,
}

/// A table under its mapping, over the workspace that it is compared with.
pub(super) struct Judge<'a> {
    pub(super) reading: Reading<'a>,
    pub(super) connection: &'a Connection,
    pub(super) links: Links,
    pub(super) beside: &'a HashMap<String, Vec<Note>>,
    pub(super) leave_out: bool,
}

impl Judge<'_> {
    /// What a row would do, over the workspace as it is now.
    pub(super) fn judge(&mut self, row: &Row) -> Result<Judged, Error> {
        let mut judged = Judged {
            names: Names::default(),
            target: None,
            risk: None,
            patch: RiskPatch::default(),
            notes: Vec::new(),
            fields: Vec::new(),
            left_out: Vec::new(),
            missing: false,
            problems: Vec::new(),
        };
        judged.names = match self.reading.names(row) {
            Ok(names) => names,
            Err(problem) => {
                judged.problems.push(problem);
                return Ok(judged);
            }
        };
        judged.target = match (&judged.names.id, &judged.names.reference) {
            // An id tells two risks of one reference apart: without it here the row is about another risk.
            (Some(id), _) => registers::by_id(self.connection, id)?,
            (None, Some(reference)) => registers::by_reference(self.connection, reference)?,
            (None, None) => None,
        };
        let (said, problems) = self.reading.said(row, judged.target.is_none());
        judged.problems = problems;
        self.apply(said, &mut judged)?;
        Ok(judged)
    }

    fn apply(&mut self, said: Said, judged: &mut Judged) -> Result<(), Error> {
        let Said { mut patch, controls, assets, notes } = said;
        judged.notes = notes;
        for key in [judged.names.id.as_ref(), judged.names.reference.as_ref()].into_iter().flatten() {
            if let Some(beside) = self.beside.get(key) {
                judged.notes.extend(beside.iter().cloned());
                break;
            }
        }
        if let Some(names) = controls {
            patch.control_ids = Some(self.controls(&names, judged)?);
        }
        if let Some(names) = assets {
            patch.asset_ids = Some(self.assets(&names, judged)?);
        }
        if !judged.problems.is_empty() {
            return Ok(());
        }
        judged.patch = patch.clone();
        let matrix = self.reading.matrix;
        let made = match &judged.target {
            Some(stored) => {
                let mut risk = stored.record.clone();
                risk.apply(patch, stored.record.updated_at, matrix).map(|()| risk)
            }
            None => Risk::create(patch, String::new(), 0, Timestamp::UNIX_EPOCH, matrix),
        };
        match made {
            Ok(risk) => judged.risk = Some(risk),
            Err(Problems(found)) => {
                for problem in found {
                    let field = Field::from_word(&problem.field).unwrap_or(Field::Name);
                    judged.problems.push(self.reading.problem(field, problem.message));
                }
            }
        }
        if let (Some(stored), Some(risk)) = (&judged.target, &judged.risk)
            && stored.record != *risk
        {
            judged.fields = changed(&stored.record, risk);
        }
        if let Some(stored) = &judged.target
            && !judged.notes.is_empty()
        {
            let have = registers::notes(self.connection, &stored.record.id)?;
            judged.notes.retain(|note| !have.contains(note));
        }
        if !judged.notes.is_empty() && judged.target.is_some() {
            judged.fields.push(Field::Notes);
        }
        Ok(())
    }

    fn controls(&mut self, names: &[String], judged: &mut Judged) -> Result<Vec<String>, Error> {
        let mut ids = Vec::with_capacity(names.len());
        for name in names {
            let kept = judged.target.as_ref().is_some_and(|stored| stored.record.control_ids.contains(name));
            let found = if kept { Some(name.clone()) } else { self.links.control(self.connection, name)? };
            match found {
                Some(id) if !ids.contains(&id) => ids.push(id),
                Some(_) => {}
                None => self.missing(judged, Field::Controls, name, "is no control of this workspace: import its framework first"),
            }
        }
        Ok(ids)
    }

    fn assets(&mut self, names: &[String], judged: &mut Judged) -> Result<Vec<String>, Error> {
        let mut ids = Vec::with_capacity(names.len());
        let at_home = judged.target.is_some();
        for name in names {
            match self.links.asset(self.connection, name, at_home)? {
                Ok(id) if !ids.contains(&id) => ids.push(id),
                Ok(_) => {}
                Err(trouble) => {
                    let why = match trouble {
                        AssetTrouble::Missing => "is no asset of this workspace: add it first",
                        AssetTrouble::Other => "has the reference of another asset here: write the name alone",
                        AssetTrouble::Several => "is what several assets are called: write the reference before the name",
                    };
                    self.missing(judged, Field::Assets, name, why);
                }
            }
        }
        Ok(ids)
    }

    fn missing(&self, judged: &mut Judged, field: Field, name: &str, why: &str) {
        let shown: String = name.chars().take(80).collect();
        judged.missing = true;
        if self.leave_out {
            judged.left_out.push(shown);
        } else if judged.problems.iter().all(|problem| problem.field != Some(field)) {
            judged.problems.push(self.reading.problem(field, format!("names “{shown}”, which {why}, correct it, or leave out such links")));
        }
    }
}

/// The fields in which two states differ, as columns.
fn changed(old: &Risk, new: &Risk) -> Vec<Field> {
    use amtia_domain::matrix::View;
    let mut fields = Vec::new();
    let mut differ = |field: Field, differs: bool| {
        if differs {
            fields.push(field);
        }
    };
    differ(Field::Name, old.name != new.name);
    differ(Field::Description, old.description != new.description);
    differ(Field::Category, old.category != new.category);
    differ(Field::Owner, old.owner != new.owner);
    differ(Field::Status, old.status != new.status);
    differ(Field::Treatment, old.treatment != new.treatment);
    for (view, likelihood, impact) in [
        (View::Inherent, Field::InherentLikelihood, Field::InherentImpact),
        (View::Current, Field::Likelihood, Field::Impact),
        (View::Residual, Field::ResidualLikelihood, Field::ResidualImpact),
        (View::Target, Field::TargetLikelihood, Field::TargetImpact),
    ] {
        let (was, now) = (old.assessment(view), new.assessment(view));
        differ(likelihood, was.map(|a| a.likelihood) != now.map(|a| a.likelihood));
        differ(impact, was.map(|a| a.impact) != now.map(|a| a.impact));
    }
    differ(Field::Rationale, old.rationale != new.rationale);
    differ(Field::Controls, old.control_ids != new.control_ids);
    differ(Field::Assets, old.asset_ids != new.asset_ids);
    differ(Field::Tags, old.tags != new.tags);
    differ(Field::ReviewDate, old.review_date != new.review_date);
    fields
}

/// What is wrong with a row, in a sentence.
pub(super) fn sentence(problems: &[CellProblem]) -> Option<String> {
    let first = problems.first()?;
    let what = &first.message;
    let said = match (&first.column, &first.heading, first.field) {
        (Some(column), Some(heading), _) if !heading.is_empty() => format!("Column {column}, “{heading}”: the cell {what}."),
        (Some(column), ..) => format!("Column {column}: the cell {what}."),
        (None, Some(heading), _) => format!("The field `{heading}` {what}."),
        (None, None, field) => format!("The field `{}` {what}.", field.map_or("row", Word::word)),
    };
    Some(match problems.len() {
        1 => said,
        count => format!("{count} cells of this row are wrong; the first: {said}"),
    })
}
