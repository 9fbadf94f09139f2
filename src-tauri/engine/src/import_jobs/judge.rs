//! One row of a register over the workspace: which risk it is about, what it would make of it, what is wrong with it.

use crate::error::Error;
use crate::register::{self, ActionField, CellProblem, Field, Names, Note, Place, Reading, Said, SheetAction, Told};
use crate::store::records::Stored;
use crate::store::registers::{self, AssetTrouble, Links};
use amtia_domain::Problems;
use amtia_domain::matrix::View;
use amtia_domain::plan::{self, ACTIONS_MAX, AssessmentSource, PlannedAction, ToldAction, Untold};
use amtia_domain::risk::{Assessment, Risk, RiskPatch};
use amtia_domain::words::Word;
use amtia_exchange::Row;
use jiff::Timestamp;
use rusqlite::Connection;
use std::collections::HashMap;

const NO_CONTROL: &str = "is no control of this workspace: import its framework first";

/// What one row would do.
pub(super) struct Judged {
    pub(super) names: Names,
    pub(super) target: Option<Stored<Risk>>,
    /// The risk as the row leaves it; one to make has no id and number yet.
    pub(super) risk: Option<Risk>,
    pub(super) notes: Vec<Note>,
    /// Actions that come or change.
    pub(super) actions: usize,
    /// Whether the row tells of an acceptance, and of documents, that are not here.
    pub(super) unread: [bool; 2],
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
    pub(super) beside: &'a Beside,
    pub(super) leave_out: bool,
    pub(super) now: Timestamp,
}

/// What a workbook tells of its risks in other sheets, by the id or the reference of each.
#[derive(Default)]
pub(super) struct Beside {
    pub(super) notes: HashMap<String, Vec<Note>>,
    pub(super) actions: HashMap<String, Vec<SheetAction>>,
}

impl Beside {
    /// About how many bytes of memory it takes.
    pub(super) fn weight(&self) -> usize {
        let note = |note: &Note| size_of::<Note>() + note.at.len() + note.by.len() + note.text.len();
        self.notes.values().flatten().map(note).sum::<usize>() + self.actions.values().flatten().map(SheetAction::weight).sum::<usize>()
    }
}

impl Judge<'_> {
    /// What a row would do, over the workspace as it is now.
    pub(super) fn judge(&mut self, row: &Row) -> Result<Judged, Error> {
        let mut judged = Judged {
            names: Names::default(),
            target: None,
            risk: None,
            notes: Vec::new(),
            actions: 0,
            unread: [false; 2],
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
        judged.unread = self.unread(row, judged.target.as_ref().map(|stored| &stored.record))?;
        Ok(judged)
    }

    /// Whether a row tells of an acceptance, and of documents, that its risk does not have here.
    fn unread(&self, row: &Row, here: Option<&Risk>) -> Result<[bool; 2], Error> {
        let mut unread = [false; 2];
        if let Some(told) = self.reading.unread(row, Field::Acceptance) {
            let accepted = here.map(|risk| registers::accepted(self.connection, risk)).transpose()?.flatten();
            unread[0] = !accepted.is_some_and(|accepted| accepted.is_told(&told));
        }
        if let Some(told) = self.reading.unread(row, Field::Documents) {
            let mut known = here.map(|risk| registers::documents(self.connection, risk)).transpose()?.unwrap_or_default();
            known.extend(here.into_iter().flat_map(|risk| risk.document_ids.iter().cloned()));
            unread[1] = register::items(&told).iter().any(|document| !known.contains(document));
        }
        Ok(unread)
    }

    fn apply(&mut self, said: Said, judged: &mut Judged) -> Result<(), Error> {
        let Said { mut patch, controls, assets, notes, actions: mut told } = said;
        judged.notes = notes;
        for key in [judged.names.id.as_ref(), judged.names.reference.as_ref()].into_iter().flatten() {
            judged.notes.extend(self.beside.notes.get(key).into_iter().flatten().cloned());
            for action in self.beside.actions.get(key).into_iter().flatten() {
                match &action.told {
                    Ok(action) => told.push(action.clone()),
                    Err(wrong) => judged.problems.extend(wrong.iter().cloned()),
                }
            }
        }
        if let Some(names) = controls {
            patch.control_ids = Some(self.controls(&names, judged)?);
        }
        if let Some(names) = assets {
            patch.asset_ids = Some(self.assets(&names, judged)?);
        }
        let plan = self.plan(told, judged)?;
        if !judged.problems.is_empty() {
            return Ok(());
        }
        let matrix = self.reading.matrix;
        let made = match &judged.target {
            Some(stored) => {
                let mut risk = stored.record.clone();
                risk.apply_with(patch.clone(), plan, stored.record.updated_at, matrix).map(|()| risk)
            }
            None => Risk::create_with(patch.clone(), plan.unwrap_or_default(), String::new(), 0, self.now, matrix),
        };
        match made {
            Ok(risk) => {
                self.refuse_unfollowed(&patch, &risk, judged);
                let had = judged.target.as_ref().map_or(&[][..], |stored| &stored.record.actions);
                judged.actions = risk.actions.iter().filter(|action| !had.contains(action)).count();
                judged.risk = Some(risk);
            }
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

    /// The plan after what is told of it; `None` where nothing is.
    fn plan(&mut self, mut told: Vec<Told>, judged: &mut Judged) -> Result<Option<Vec<PlannedAction>>, Error> {
        if told.is_empty() {
            return Ok(None);
        }
        let had = judged.target.as_ref().map(|stored| stored.record.actions.clone()).unwrap_or_default();
        for one in &mut told {
            if one.action.done_at.is_some_and(|at| at > self.now) {
                judged.problems.push(one.place.problem(&self.reading, ActionField::DoneAt, "names a time that is still to come"));
            }
            let Some(control) = &one.control else { continue };
            one.action.patch.control_id = match control {
                None => Some(None),
                Some(name) if had.iter().any(|action| action.control_id.as_ref() == Some(name)) => Some(Some(name.clone())),
                Some(name) => match self.links.control(self.connection, name)? {
                    Some(id) => Some(Some(id)),
                    None => {
                        let problem = |clause: String| one.place.problem(&self.reading, ActionField::Control, &clause);
                        self.missing(judged, name, NO_CONTROL, problem);
                        None
                    }
                },
            };
        }
        let actions: Vec<ToldAction> = told.iter().map(|one| one.action.clone()).collect();
        let now = self.now;
        match plan::told(&had, &actions, &mut || crate::ids::new(now), now) {
            Ok(plan) => Ok(Some(plan)),
            Err(why) => {
                let (place, field, clause) = match why {
                    Untold::NoTitle(place) => (place, ActionField::Title, "is required".to_owned()),
                    Untold::TooMany(place) => {
                        (place, ActionField::Title, format!("is of one action too many: a plan has at most {ACTIONS_MAX}"))
                    }
                    Untold::Again(place, first) => {
                        let clause = match &told[first].place {
                            Place::Cell(number) => format!("names action {number} again: keep one of the two"),
                            Place::Row(_, row) => format!("names the action of row {row} again: keep one of the two rows"),
                        };
                        (place, ActionField::Id, clause)
                    }
                };
                judged.problems.push(told[place].place.problem(&self.reading, field, &clause));
                Ok(None)
            }
        }
    }

    /// Refuses a score that was changed in the file while another column says that it follows the plan: one of the two is meant.
    fn refuse_unfollowed(&self, patch: &RiskPatch, risk: &Risk, judged: &mut Judged) {
        let was = judged.target.as_ref().map(|stored| &stored.record);
        let current = patch.likelihood.flatten().zip(patch.impact.flatten());
        let residual = patch.residual.flatten().map(|at| (at.likelihood, at.impact));
        let cell = |at: Assessment| (at.likelihood, at.impact);
        for (view, from, said, fields) in [
            (View::Current, patch.current_from, current, [Field::Likelihood, Field::Impact]),
            (View::Residual, patch.residual_from, residual, [Field::ResidualLikelihood, Field::ResidualImpact]),
        ] {
            let (Some(said), Some(AssessmentSource::Plan)) = (said, from) else { continue };
            let (gives, had) = (risk.assessment(view).map(cell), was.and_then(|risk| risk.assessment(view)).map(cell));
            let Some(gives) = gives.filter(|gives| *gives != said && had != Some(said)) else { continue };
            let (field, said, gives) = if said.0 == gives.0 { (fields[1], said.1, gives.1) } else { (fields[0], said.0, gives.0) };
            judged.problems.push(self.reading.problem(
                field,
                format!("holds {said}, and the plan that it follows gives {gives}: write that, or that it was set by hand"),
            ));
        }
    }

    fn controls(&mut self, names: &[String], judged: &mut Judged) -> Result<Vec<String>, Error> {
        let mut ids = Vec::with_capacity(names.len());
        for name in names {
            let kept = judged.target.as_ref().is_some_and(|stored| stored.record.control_ids.contains(name));
            let found = if kept { Some(name.clone()) } else { self.links.control(self.connection, name)? };
            match found {
                Some(id) if !ids.contains(&id) => ids.push(id),
                Some(_) => {}
                None => self.missing_link(judged, Field::Controls, name, NO_CONTROL),
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
                    self.missing_link(judged, Field::Assets, name, why);
                }
            }
        }
        Ok(ids)
    }

    /// Of the links of one column the first that is missing is told.
    fn missing_link(&self, judged: &mut Judged, field: Field, name: &str, why: &str) {
        judged.missing = true;
        if self.leave_out || judged.problems.iter().all(|problem| problem.field != Some(field)) {
            self.missing(judged, name, why, |clause| self.reading.problem(field, clause));
        }
    }

    fn missing(&self, judged: &mut Judged, name: &str, why: &str, problem: impl FnOnce(String) -> CellProblem) {
        let shown: String = name.chars().take(80).collect();
        judged.missing = true;
        if self.leave_out {
            judged.left_out.push(shown);
        } else {
            judged.problems.push(problem(format!("names “{shown}”, which {why}, correct it, or leave out such links")));
        }
    }
}

/// The fields in which two states differ, as columns.
fn changed(old: &Risk, new: &Risk) -> Vec<Field> {
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
    let half = |at: Option<Assessment>| (at.map(|at| at.likelihood), at.map(|at| at.impact));
    differ(Field::BaselineLikelihood, half(old.baseline).0 != half(new.baseline).0);
    differ(Field::BaselineImpact, half(old.baseline).1 != half(new.baseline).1);
    differ(Field::CurrentFrom, old.current_from != new.current_from);
    differ(Field::ResidualFrom, old.residual_from != new.residual_from);
    differ(Field::Rationale, old.rationale != new.rationale);
    differ(Field::InherentRationale, old.inherent_rationale != new.inherent_rationale);
    differ(Field::ResidualRationale, old.residual_rationale != new.residual_rationale);
    differ(Field::TargetRationale, old.target_rationale != new.target_rationale);
    differ(Field::Actions, old.actions != new.actions);
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
