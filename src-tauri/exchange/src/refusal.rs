//! Why a whole file was refused.

use crate::{MAX_ALL_ROWS, MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_TEXT};

/// Why nothing was read from a file. Each says in one plain sentence what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing in it, or white space only.
    #[error("The file is empty; nothing was imported: export it again and import that copy.")]
    Empty,
    /// A workbook that cannot be opened: cut, or never whole.
    #[error("The workbook is damaged or a part of it is missing; nothing was imported: save it again as XLSX and import that copy.")]
    Damaged,
    /// A workbook behind a password.
    #[error("The workbook is protected by a password; nothing was imported: save a copy without one and import that.")]
    Locked,
    /// A table that ends within a cell or a row.
    #[error(
        "The file ends in the middle, in row {row}, so a part of it is missing; nothing was imported: export it again and import the whole file."
    )]
    Cut {
        /// The row, from 1.
        row: usize,
    },
    /// Bytes that are no text that is read.
    #[error("The file is {what}; nothing was imported: save it as CSV in UTF-8 and import it again.")]
    Encoding {
        /// What it looks like, with an article.
        what: &'static str,
    },
    /// It inflates to more than is read.
    #[error("The workbook unpacks to more than is read; nothing was imported: take out what is no register, or save it as CSV.")]
    Bomb,
    /// Too many rows.
    #[error("The table has more than {MAX_ROWS} rows; nothing was imported: split it and import the parts.")]
    TooManyRows,
    /// Too many rows in all sheets.
    #[error(
        "The sheets of the file have more than {MAX_ALL_ROWS} rows together; nothing was imported: take out the sheets that are no part of the register."
    )]
    TooManyRowsInAll,
    /// Too many columns.
    #[error("The table has more than {MAX_COLUMNS} columns; nothing was imported: take out the columns that are not needed.")]
    TooManyColumns,
    /// Too many cells.
    #[error(
        "The file has more than {} million cells, counting the empty ones before the last of each row; nothing was imported: take out the columns that are not needed, or split it and import the parts.",
        MAX_CELLS / 1_000_000
    )]
    TooManyCells,
    /// Too much text.
    #[error("The table holds more than {} MB of text; nothing was imported: split it and import the parts.", MAX_TEXT >> 20)]
    TooMuchText,
    /// The caller stopped it.
    #[error("Reading was cancelled; nothing was imported: import the file again when you want to.")]
    Cancelled,
}
