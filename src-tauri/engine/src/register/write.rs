//! A register out: XLSX, CSV or JSON, headings and words in the reader's language.

use super::field::Half;
use super::note::Note;
use super::word::{NOTES, Spoken, level_name};
use super::{Field, json, list};
use crate::french::Language;
use amtia_domain::matrix::{Matrix, View};
use amtia_domain::risk::Risk;
use amtia_domain::time::rfc3339;
use amtia_domain::words::Word;
use amtia_exchange::{Cell, Choice, Column, MAX_ROWS, Unwritable, Written};
use jiff::Timestamp;
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
    /// Its notes, oldest first.
    pub notes: Vec<Note>,
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
    let fields: Vec<Field> = Field::ALL.iter().copied().filter(|field| *field != Field::Notes).collect();
    let (notes, last) = (RefCell::new(VecDeque::new()), RefCell::new(String::new()));
    let mut rows = risks.map(|linked| {
        let row = row(&fields, language, matrix, &linked);
        let Linked { risk, notes: own, .. } = linked;
        notes.borrow_mut().extend(own.into_iter().map(|note| (risk.id.clone(), risk.reference.clone(), note)));
        *last.borrow_mut() = risk.reference;
        row
    });
    let text = |text: String| if text.is_empty() { Cell::Empty } else { Cell::Text(text.into()) };
    // The notes are all there once the risks are written.
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
    let sheets = [(sheet_name(language), &register), (name, &beside)];
    let written = vec![
        Written { name: sheets[0].0, columns: sheets[0].1, rows: &mut rows },
        Written { name: sheets[1].0, columns: sheets[1].1, rows: &mut lines },
    ];
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

fn columns(fields: &[Field], language: Language, matrix: &Matrix) -> Vec<Column> {
    fn words<W: Spoken>(language: Language) -> Choice {
        Choice::Words(W::ALL.iter().map(|value| value.name(language).to_owned()).collect())
    }
    let choice = |field: Field| match (field, field.step_of()) {
        (Field::Status, _) => Some(words::<amtia_domain::risk::RiskStatus>(language)),
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
            Field::Likelihood => half(risk, View::Current, Half::Likelihood),
            Field::Impact => half(risk, View::Current, Half::Impact),
            Field::InherentLikelihood => half(risk, View::Inherent, Half::Likelihood),
            Field::InherentImpact => half(risk, View::Inherent, Half::Impact),
            Field::ResidualLikelihood => half(risk, View::Residual, Half::Likelihood),
            Field::ResidualImpact => half(risk, View::Residual, Half::Impact),
            Field::TargetLikelihood => half(risk, View::Target, Half::Likelihood),
            Field::TargetImpact => half(risk, View::Target, Half::Impact),
            Field::Level => level(risk, View::Current, language, matrix),
            Field::InherentLevel => level(risk, View::Inherent, language, matrix),
            Field::ResidualLevel => level(risk, View::Residual, language, matrix),
            Field::TargetLevel => level(risk, View::Target, language, matrix),
        })
        .collect()
}

fn half(risk: &Risk, view: View, half: Half) -> Cell {
    risk.assessment(view)
        .map_or(Cell::Empty, |judged| Cell::Number(if half == Half::Likelihood { judged.likelihood } else { judged.impact }.into()))
}

fn level(risk: &Risk, view: View, language: Language, matrix: &Matrix) -> Cell {
    risk.assessment(view).map_or(Cell::Empty, |judged| Cell::Text(level_name(matrix, judged.level, language).into()))
}
