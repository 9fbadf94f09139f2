//! Tables in files: XLSX and CSV, bytes in and cells out, cells in and bytes out.
//!
//! Knows sheets, rows and cells, and nothing of what they mean. Pure: no file, clock or network. The libraries that read
//! and write spreadsheets are named here alone.
//!
//! A hostile file costs bounded memory: what a workbook inflates to is counted before it is read (`inflate`), what is kept of
//! any table is counted before it is kept ([`Room`]), and rows and columns have limits of their own. A file that is cut, empty
//! or of another kind is one [`Refusal`].

mod guard;
#[cfg(test)]
mod hostile;
mod inflate;
mod refusal;
mod room;
#[cfg(test)]
mod round;
mod separated;
mod text;
mod workbook;
mod write;

use jiff::civil::Date;
use std::sync::Arc;

pub use guard::{guarded, unguarded};
pub use refusal::Refusal;
pub use room::Room;
pub use text::Encoding;
pub use write::{Choice, Column, MAX_CELL, Unwritable, Written, csv, xlsx};

/// Rows of one sheet at the most, its heading among them.
pub const MAX_ROWS: usize = 200_000;
/// Rows of all sheets at the most.
pub const MAX_ALL_ROWS: usize = 3 * MAX_ROWS;
/// Columns of one sheet at the most.
pub const MAX_COLUMNS: usize = 256;
/// Cells of all sheets at the most, empty ones before the last of a row among them.
pub const MAX_CELLS: usize = 12_000_000;
/// Bytes of text in all cells at the most.
pub const MAX_TEXT: usize = 200 << 20;

/// What stands in one place of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text as it stands there. In a CSV file every cell is text.
    Text(Box<str>),
    /// A number.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// A day, by the workbook's own calendar.
    Day(Date),
    /// An error of the spreadsheet, such as `#REF!`.
    Fault(&'static str),
}

impl Cell {
    /// Whether there is nothing but white space.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Number(_) | Self::Flag(_) | Self::Day(_) | Self::Fault(_) => false,
        }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its number as a spreadsheet shows it, from 1.
    pub number: usize,
    /// Its cells from the first column on; empty ones at the end are left out.
    pub cells: Vec<Cell>,
}

impl Row {
    /// Whether there is nothing but white space in its cells.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_blank)
    }

    /// About how many bytes of memory it takes.
    #[must_use]
    pub fn weight(&self) -> usize {
        let text = |cell: &Cell| if let Cell::Text(text) = cell { text.len() } else { 0 };
        size_of::<Self>() + self.cells.len() * size_of::<Cell>() + self.cells.iter().map(text).sum::<usize>()
    }
}

/// One table.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Its name; empty in a CSV file.
    pub name: String,
    /// Its rows in order; those with nothing but white space are left out. Shared with whoever reads on in them.
    pub rows: Arc<[Row]>,
    /// Cells of its first rows that are merged over several columns: row (from 1), first and last column (from 0).
    pub merged: Vec<(usize, usize, usize)>,
}

/// What a file was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A workbook.
    Workbook,
    /// Text with a separator.
    Separated {
        /// How its bytes were read.
        encoding: Encoding,
        /// What stands between its cells.
        separator: char,
    },
}

/// The tables of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Book {
    /// What it was found to be.
    pub found: Found,
    /// Its sheets in order; hidden ones too.
    pub sheets: Vec<Sheet>,
}

/// A kind of file that holds tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An XLSX workbook.
    Workbook,
    /// Text with a separator.
    Separated,
}

/// What a file is by its content, and where that leaves it open by its name: `None` where it is no table.
#[must_use]
pub fn kind(bytes: &[u8], name: &str) -> Option<Kind> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return workbook::is_workbook(bytes, name).then_some(Kind::Workbook);
    }
    let lower = name.to_lowercase();
    let named = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    let separated = named(&[".csv", ".tsv"]) && !text::is_other(bytes)
        || !named(&[".json", ".yaml", ".yml", ".xml", ".html"]) && separated::looks_like(bytes);
    separated.then_some(Kind::Separated)
}

/// Reads every table of a file. `watch` is told the rows read so far and answers whether to go on.
///
/// # Errors
/// One [`Refusal`] for the whole file; see there.
pub fn read(bytes: &[u8], kind: Kind, watch: &mut dyn FnMut(usize) -> bool) -> Result<Book, Refusal> {
    match kind {
        Kind::Workbook => workbook::read(bytes, watch),
        Kind::Separated => separated::read(bytes, watch),
    }
}

/// `A`, `Z`, `AA`: a column as spreadsheets name it, from 0.
#[must_use]
pub fn column_name(mut column: usize) -> String {
    let mut name = Vec::new();
    loop {
        name.push(b'A' + u8::try_from(column % 26).unwrap_or(0));
        column /= 26;
        if column == 0 {
            break;
        }
        column -= 1;
    }
    name.reverse();
    String::from_utf8(name).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_spreadsheets_name_them() {
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(column_name(column), name);
        }
    }
}
