//! A register out: XLSX, CSV or JSON, headings and words in the reader's language.

use super::field::Half;
use super::note::Note;
use super::word::{NOTES, Spoken, level_name};
use super::{ActionField, Field, action, json, list};
use crate::french::Language;
use amtia_domain::matrix::{Matrix, View};
use amtia_domain::plan::{ActionStatus, AssessmentSource, EFFECT_MAX};
use amtia_domain::risk::{Assessment, Risk};
use amtia_domain::time::rfc3339;
use amtia_domain::words::Word;
use amtia_exchange::{Cell, Choice, Column, MAX_ROWS, Unwritable, Written};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use std::cell::RefCell;
use std::collections::VecDeque;

amtia_domain::words! {
    /// A format of a register.
    RegisterFormat {
        /// A workbook: the register, and a sheet of history notes.
        Xlsx = "xlsx",
        /// Text with a separator: a comma in English, a semicolon in French, as spreadsheets there expect it.
        Csv = "csv",
        /// The records, with links by name.
        Json = "json",
    }
}

pub use RegisterFormat as Format;

impl RegisterFormat {
    /// The media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Json => "application/json",
        }
    }
}

/// A risk with the names of what it links to and the reasons given for its changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Linked {
    /// The risk.
    pub risk: Risk,
    /// Its controls, as `framework:reference`, in its order.
    pub controls: Vec<String>,
    /// Its assets, as reference and name, in its order.
    pub assets: Vec<String>,
    /// The control of each action of its plan, as `framework:reference`.
    pub action_controls: Vec<Option<String>>,
    /// Its documents by title, in its order.
    pub documents: Vec<String>,
    /// Who bears it, where somebody accepted it.
    pub accepted: Option<Accepted>,
    /// Its notes, oldest first.
    pub notes: Vec<Note>,
}

/// An acceptance as a register tells it. To be read by people: nobody is asked by a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// Its id.
    pub id: String,
    /// The short reference, such as `RA-0007`.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The last day on which it is in force.
    pub expires_on: Date,
    /// Whether the risk is no longer in the state that was accepted.
    pub void: bool,
    /// Who accepted it.
    pub decided_by: Option<String>,
    /// When, RFC 3339.
    pub decided_at: Option<String>,
    /// Why the risk is borne.
    pub justification: Option<String>,
}

impl Accepted {
    /// As one cell, but for what a day makes of it: reference, person, last day.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{} | {} | {}", self.reference, self.decided_by.as_deref().unwrap_or(""), self.expires_on)
    }

    /// As one cell.
    fn cell(&self, language: Language) -> String {
        let void = if language == Language::French { "caduque" } else { "void" };
        if self.void { format!("{} | {void}", self.text()) } else { self.text() }
    }

    /// Whether a cell tells of this one.
    #[must_use]
    pub fn is_told(&self, cell: &str) -> bool {
        cell == self.id || cell.strip_prefix(&self.text()).is_some_and(|rest| rest.is_empty() || rest.starts_with(" | "))
    }
}

/// The name of the sheet of risks.
#[must_use]
pub fn sheet_name(language: Language) -> &'static str {
    match language {
        Language::English => "Risks",
        Language::French => "Risques",
    }
}

/// Writes a register. `made` is the moment it says that it was made: the same risks give the same bytes.
///
/// # Errors
/// What no workbook holds, in a sentence.
pub fn write(
    format: Format,
    language: Language,
    matrix: &Matrix,
    risks: &mut dyn Iterator<Item = Linked>,
    made: Timestamp,
) -> Result<Vec<u8>, String> {
    match format {
        Format::Json => Ok(json::write(risks)),
        Format::Csv => {
            let separator = if language == Language::French { ';' } else { ',' };
            let mut rows = risks.map(|linked| row(Field::ALL, language, matrix, &linked));
            Ok(amtia_exchange::csv(&columns(Field::ALL, language, matrix), &mut rows, separator))
        }
        Format::Xlsx => workbook(language, matrix, risks, made),
    }
}

fn workbook(language: Language, matrix: &Matrix, risks: &mut dyn Iterator<Item = Linked>, made: Timestamp) -> Result<Vec<u8>, String> {
    let fields: Vec<Field> = Field::ALL.iter().copied().filter(|field| !matches!(field, Field::Notes | Field::Actions)).collect();
    let (notes, plans, last) = (RefCell::new(VecDeque::new()), RefCell::new(VecDeque::new()), RefCell::new(String::new()));
    let mut rows = risks.map(|linked| {
        let row = row(&fields, language, matrix, &linked);
        let Linked { risk, notes: own, action_controls, .. } = linked;
        let planned = risk.actions.into_iter().zip(action_controls);
        plans.borrow_mut().extend(planned.map(|planned| (risk.id.clone(), risk.reference.clone(), planned)));
        notes.borrow_mut().extend(own.into_iter().map(|note| (risk.id.clone(), risk.reference.clone(), note)));
        *last.borrow_mut() = risk.reference;
        row
    });
    let text = |text: String| if text.is_empty() { Cell::Empty } else { Cell::Text(text.into()) };
    // The plans and the notes are all there once the risks are written.
    let mut planned = std::iter::from_fn(|| {
        let (id, reference, (action, control)) = plans.borrow_mut().pop_front()?;
        last.borrow_mut().clone_from(&reference);
        let named = [id, reference].map(text);
        Some(named.into_iter().chain(action::cells(&action, control.as_deref(), language)).collect())
    });
    let mut lines = std::iter::from_fn(|| {
        let (id, reference, note) = notes.borrow_mut().pop_front()?;
        last.borrow_mut().clone_from(&reference);
        Some([id, reference, note.at, note.by, note.text].map(text).to_vec())
    });
    let (name, headings) = NOTES[usize::from(language == Language::French)];
    let beside: Vec<Column> = headings
        .iter()
        .zip([38, 14, 26, 24, 80])
        .map(|(heading, width)| Column { heading: (*heading).to_owned(), width, choice: None })
        .collect();
    let register = columns(&fields, language, matrix);
    let actions = action_columns(language);
    let sheets = [(sheet_name(language), &register), (action::SHEET, &actions), (name, &beside)];
    let every: [&mut dyn Iterator<Item = Vec<Cell>>; 3] = [&mut rows, &mut planned, &mut lines];
    let written = sheets.iter().zip(every).map(|((name, columns), rows)| Written { name, columns, rows }).collect();
    amtia_exchange::xlsx(written, made).map_err(|what| match what {
        Unwritable::TooLong { sheet, column, .. } => format!(
            "{} has more under {} in the sheet {} than a cell of a workbook holds. Nothing was exported; choose CSV or JSON, which have no such limit.",
            last.borrow(),
            sheets[sheet].1[column].heading,
            sheets[sheet].0,
        ),
        Unwritable::TooManyRows { sheet } => format!(
            "The sheet {} would have more than {} rows below its heading, and an import reads no more. Nothing was exported; set a filter and export in parts, or choose CSV or JSON.",
            sheets[sheet].0,
            MAX_ROWS - 1,
        ),
    })
}

fn words<W: Spoken>(language: Language) -> Choice {
    Choice::Words(W::ALL.iter().map(|value| value.name(language).to_owned()).collect())
}

/// The columns of the sheet of actions: those that name the risk, and those of [`ActionField`].
fn action_columns(language: Language) -> Vec<Column> {
    let choice = |heading: &str| match ActionField::of_heading(heading) {
        Some(ActionField::Status) => Some(words::<ActionStatus>(language)),
        Some(ActionField::Progress) => Some(Choice::Whole(0, 100)),
        Some(ActionField::LowersLikelihood | ActionField::LowersImpact) => Some(Choice::Whole(0, EFFECT_MAX)),
        _ => None,
    };
    let column = |(heading, width): (&str, u16)| Column { heading: heading.to_owned(), width, choice: choice(heading) };
    action::headings(language).into_iter().map(column).collect()
}

fn columns(fields: &[Field], language: Language, matrix: &Matrix) -> Vec<Column> {
    let choice = |field: Field| match (field, field.half_of()) {
        (Field::Status, _) => Some(words::<amtia_domain::risk::RiskStatus>(language)),
        (Field::CurrentFrom | Field::ResidualFrom, _) => Some(words::<AssessmentSource>(language)),
        (Field::Treatment, _) => Some(words::<amtia_domain::risk::Treatment>(language)),
        (_, Some((_, Half::Likelihood))) => Some(Choice::Whole(1, matrix.likelihood_steps())),
        (_, Some((_, Half::Impact))) => Some(Choice::Whole(1, matrix.impact_steps())),
        _ => None,
    };
    fields
        .iter()
        .map(|field| Column { heading: field.heading(language).to_owned(), width: field.width(), choice: choice(*field) })
        .collect()
}

fn row(fields: &[Field], language: Language, matrix: &Matrix, linked: &Linked) -> Vec<Cell> {
    let risk = &linked.risk;
    let text = |text: &str| if text.is_empty() { Cell::Empty } else { Cell::Text(text.into()) };
    let optional = |value: Option<&String>| value.map_or(Cell::Empty, |value| text(value));
    fields
        .iter()
        .map(|field| match field {
            Field::Id => text(&risk.id),
            Field::Ref => text(&risk.reference),
            Field::Name => text(&risk.name),
            Field::Description => optional(risk.description.as_ref()),
            Field::Category => optional(risk.category.as_ref()),
            Field::Owner => optional(risk.owner.as_ref()),
            Field::Rationale => optional(risk.rationale.as_ref()),
            Field::InherentRationale => optional(risk.inherent_rationale.as_ref()),
            Field::ResidualRationale => optional(risk.residual_rationale.as_ref()),
            Field::TargetRationale => optional(risk.target_rationale.as_ref()),
            // Without a plan there is nothing that they could follow.
            Field::CurrentFrom | Field::ResidualFrom if risk.actions.is_empty() => Cell::Empty,
            Field::CurrentFrom => text(risk.current_from.name(language)),
            Field::ResidualFrom => text(risk.residual_from.name(language)),
            Field::Actions => text(&action::join(&risk.actions, &linked.action_controls, language)),
            Field::Acceptance => linked.accepted.as_ref().map_or(Cell::Empty, |accepted| text(&accepted.cell(language))),
            Field::Documents => text(&list::join(&linked.documents)),
            Field::Status => text(risk.status.name(language)),
            Field::Treatment => text(risk.treatment.name(language)),
            Field::Controls => text(&list::join(&linked.controls)),
            Field::Assets => text(&list::join(&linked.assets)),
            Field::Tags => text(&list::join(&risk.tags)),
            Field::ReviewDate => risk.review_date.map_or(Cell::Empty, Cell::Day),
            Field::Notes => text(&Note::join(&linked.notes)),
            Field::CreatedAt => text(&rfc3339(risk.created_at)),
            Field::UpdatedAt => text(&rfc3339(risk.updated_at)),
            Field::Score => risk.score.map_or(Cell::Empty, |score| Cell::Number(score.into())),
            Field::Likelihood => half(risk.assessment(View::Current), Half::Likelihood),
            Field::Impact => half(risk.assessment(View::Current), Half::Impact),
            Field::InherentLikelihood => half(risk.assessment(View::Inherent), Half::Likelihood),
            Field::InherentImpact => half(risk.assessment(View::Inherent), Half::Impact),
            Field::ResidualLikelihood => half(risk.assessment(View::Residual), Half::Likelihood),
            Field::ResidualImpact => half(risk.assessment(View::Residual), Half::Impact),
            Field::TargetLikelihood => half(risk.assessment(View::Target), Half::Likelihood),
            Field::TargetImpact => half(risk.assessment(View::Target), Half::Impact),
            Field::BaselineLikelihood => half(risk.baseline, Half::Likelihood),
            Field::BaselineImpact => half(risk.baseline, Half::Impact),
            Field::Level => level(risk, View::Current, language, matrix),
            Field::InherentLevel => level(risk, View::Inherent, language, matrix),
            Field::ResidualLevel => level(risk, View::Residual, language, matrix),
            Field::TargetLevel => level(risk, View::Target, language, matrix),
        })
        .collect()
}

fn half(judged: Option<Assessment>, half: Half) -> Cell {
    judged.map_or(Cell::Empty, |judged| Cell::Number(if half == Half::Likelihood { judged.likelihood } else { judged.impact }.into()))
}

fn level(risk: &Risk, view: View, language: Language, matrix: &Matrix) -> Cell {
    risk.assessment(view).map_or(Cell::Empty, |judged| Cell::Text(level_name(matrix, judged.level, language).into()))
}
