//! The table in a book: which sheet, which row is its heading, which column holds what.

use super::note::Note;
use super::word::NOTES;
use super::{Field, fold};
use amtia_exchange::{Book, Cell, Found, Row, Sheet};
use std::collections::HashMap;
use std::sync::Arc;

/// Rows in which the heading is looked for.
pub(super) const HEAD_WITHIN: usize = 20;

/// What each column holds; `None` for one that is left out.
pub type Mapping = Vec<Option<Field>>;

/// A sheet with its heading.
#[derive(Clone, Debug)]
pub struct Table {
    /// The sheet's name; empty in a CSV file.
    pub name: String,
    /// What stands above each column, in the order of columns; blank where there is nothing.
    pub headings: Vec<String>,
    /// The rows below.
    pub rows: Rows,
    /// Whether it comes from a workbook.
    pub workbook: bool,
    /// Whether its columns have letters, as a spreadsheet shows them; those of JSON have names alone.
    pub lettered: bool,
    /// The row of the heading, as a spreadsheet shows it.
    pub head: usize,
}

/// The rows of a sheet from one on, held once together with the sheet.
#[derive(Clone, Debug)]
pub struct Rows {
    all: Arc<[Row]>,
    from: usize,
}

impl From<Vec<Row>> for Rows {
    fn from(rows: Vec<Row>) -> Self {
        Self { all: rows.into(), from: 0 }
    }
}

impl std::ops::Deref for Rows {
    type Target = [Row];

    fn deref(&self) -> &[Row] {
        &self.all[self.from..]
    }
}

/// Why a sheet is no register.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTable {
    /// No heading, or nothing below it.
    #[error("The file holds no register: below a row of column headings there must be at least one row; nothing was imported.")]
    Nothing,
    /// A heading over several columns.
    #[error(
        "The heading in row {row} is merged over the columns {from} to {to}; nothing was imported: give each column a heading of its own, in one row, and import the file again."
    )]
    Merged {
        /// The row, as a spreadsheet shows it.
        row: usize,
        /// The first column.
        from: String,
        /// The last column.
        to: String,
    },
}

/// How many headings of a row are known.
fn known(row: &Row) -> usize {
    row.cells.iter().filter(|cell| matches!(cell, Cell::Text(text) if Field::of_heading(text).is_some())).count()
}

fn filled(row: &Row) -> usize {
    row.cells.iter().filter(|cell| !cell.is_blank()).count()
}

fn is_beside(sheet: &Sheet) -> bool {
    super::action::head_of(sheet).is_some() || sheet.rows.first().is_some_and(|top| notes_head(top).is_some())
}

/// The heading's place: among the first rows the one with the most known headings; without any the first that names several
/// columns, else the first.
fn head(sheet: &Sheet) -> Option<usize> {
    let first = || sheet.rows.iter().take(HEAD_WITHIN).enumerate();
    let best = first().max_by_key(|(place, row)| (known(row), std::cmp::Reverse(*place)))?;
    if known(best.1) > 0 {
        return Some(best.0);
    }
    first().find(|(_, row)| filled(row) > 1).or_else(|| first().find(|(_, row)| filled(row) > 0)).map(|(place, _)| place)
}

impl Table {
    /// The names of the sheets that hold rows, and which of them is taken unless told otherwise: the one whose heading is
    /// known best.
    #[must_use]
    pub fn sheets(book: &Book) -> (Vec<String>, usize) {
        let filled: Vec<&Sheet> = book.sheets.iter().filter(|sheet| !sheet.rows.is_empty()).collect();
        // A sheet of actions has headings that a register has as well.
        let weight = |sheet: &Sheet| if is_beside(sheet) { 0 } else { head(sheet).map_or(0, |place| known(&sheet.rows[place])) };
        let best =
            filled.iter().enumerate().max_by_key(|(place, sheet)| (weight(sheet), std::cmp::Reverse(*place))).map_or(0, |(place, _)| place);
        (filled.iter().map(|sheet| sheet.name.clone()).collect(), best)
    }

    /// Takes a sheet apart into heading and rows.
    ///
    /// # Errors
    /// See [`NoTable`].
    pub fn of(book: &Book, name: &str) -> Result<Self, NoTable> {
        let sheet = book.sheets.iter().find(|sheet| sheet.name == name && !sheet.rows.is_empty()).ok_or(NoTable::Nothing)?;
        let place = head(sheet).ok_or(NoTable::Nothing)?;
        let top = &sheet.rows[place];
        if let Some((row, from, to)) =
            sheet.merged.iter().find(|(row, from, _)| *row == top.number && top.cells.get(*from).is_some_and(|cell| !cell.is_blank()))
        {
            let column = amtia_exchange::column_name;
            return Err(NoTable::Merged { row: *row, from: column(*from), to: column(*to) });
        }
        let rows = Rows { all: Arc::clone(&sheet.rows), from: place + 1 };
        if rows.is_empty() {
            return Err(NoTable::Nothing);
        }
        let workbook = book.found == Found::Workbook;
        // In a workbook a column may stand beside the headings; in a CSV file a row that is longer is a row gone wrong.
        let width = if workbook { rows.iter().map(|row| row.cells.len()).max().unwrap_or(0).max(top.cells.len()) } else { top.cells.len() };
        let heading = |cell: Option<&Cell>| match cell {
            Some(Cell::Text(text)) => text.trim().chars().filter(|c| !c.is_control()).take(200).collect(),
            Some(Cell::Number(number)) => number.to_string(),
            Some(Cell::Day(day)) => day.to_string(),
            Some(Cell::Flag(_) | Cell::Fault(_) | Cell::Empty) | None => String::new(),
        };
        let headings = (0..width).map(|column| heading(top.cells.get(column))).collect();
        Ok(Self { name: sheet.name.clone(), headings, rows, workbook, lettered: true, head: top.number })
    }

    /// What tells this heading from others: its words in order.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.headings.iter().map(|heading| fold(heading)).collect::<Vec<_>>().join("\u{1f}")
    }

    /// What each column holds by its heading; of two columns for one field the first.
    #[must_use]
    pub fn mapping(&self) -> Mapping {
        let mut seen = HashMap::new();
        let known = self.headings.iter().enumerate().map(|(column, heading)| {
            let field = Field::of_heading(heading)?;
            // A column of numbers that another tool calls its ID holds no id of ours.
            if field == Field::Id && !self.samples(column, 5).iter().all(|id| is_id(id)) {
                return None;
            }
            (*seen.entry(field).or_insert(column) == column).then_some(field)
        });
        known.collect()
    }

    /// The first values of a column, as text.
    #[must_use]
    pub fn samples(&self, column: usize, most: usize) -> Vec<String> {
        let texts = self.rows.iter().filter_map(|row| super::cell::text(row.cells.get(column)?).ok().flatten());
        texts.map(|text| text.chars().take(80).collect()).take(most).collect()
    }
}

/// The headings of the sheet of notes, if this is their row.
fn notes_head(top: &Row) -> Option<&'static [&'static str; 5]> {
    let heads = |headings: &[&str; 5]| {
        headings.iter().zip(&top.cells).all(|(heading, cell)| matches!(cell, Cell::Text(text) if fold(text) == fold(heading)))
    };
    NOTES.iter().map(|(_, headings)| headings).find(|headings| top.cells.len() >= 5 && heads(headings))
}

/// Notes by the id or the reference of their risk.
pub type NotesByRisk = HashMap<String, Vec<Note>>;

/// The notes of a workbook's sheet of notes, by the id or the reference of their risk; and what is wrong with its rows: the
/// row's number and the heading of the cell.
#[must_use]
pub fn notes(book: &Book) -> (NotesByRisk, Vec<(usize, &'static str)>) {
    let (mut notes, mut wrong): (NotesByRisk, _) = (HashMap::new(), Vec::new());
    for sheet in &book.sheets {
        let Some((top, rows)) = sheet.rows.split_first() else { continue };
        let Some(headings) = notes_head(top) else { continue };
        for row in rows {
            let text = |column: usize| row.cells.get(column).and_then(|cell| super::cell::text(cell).ok().flatten());
            let Some(risk) = text(0).map(|id| id.to_lowercase()).or_else(|| text(1)) else {
                wrong.push((row.number, headings[0]));
                continue;
            };
            match Note::checked(&text(2).unwrap_or_default(), &text(3).unwrap_or_default(), &text(4).unwrap_or_default()) {
                Some(note) => notes.entry(risk).or_default().push(note),
                None => wrong.push((
                    row.number,
                    headings[if text(4).is_none() {
                        4
                    } else if text(3).is_none() {
                        3
                    } else {
                        2
                    }],
                )),
            }
        }
    }
    (notes, wrong)
}

/// Whether a text has the form of an id, a UUID.
#[must_use]
pub fn is_id(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .enumerate()
            .all(|(place, byte)| if matches!(place, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() })
}
