//! A file with a register as it was read, before anything is made of it.

use crate::import;
use crate::register::{self, Table};
use amtia_exchange::{Book, Found, Row};

/// A register as it was read, before anything is made of it.
pub(super) enum Source {
    Book(Book),
    Json(Table),
}

/// Why a file was refused: a sentence.
pub(super) type Sentence = String;

impl Source {
    /// Reads a file, if it holds a register: `None` where it is for others to read.
    pub(super) fn read(bytes: &[u8], name: &str, watch: &mut dyn FnMut(usize) -> bool) -> Option<Result<Self, Sentence>> {
        let kind = amtia_exchange::kind(bytes, name)?;
        Some(match amtia_exchange::read(bytes, kind, watch) {
            // Its lists of controls have names and categories as well, and are no risks.
            Ok(book) if book.sheets.iter().any(|sheet| sheet.name == "library_meta") => Err(import::Refusal::NotFramework {
                what: "a CISO Assistant library as a workbook".into(),
                advice: "export or download the framework in one of these formats",
            }
            .to_string()),
            Ok(book) => Ok(Self::Book(book)),
            Err(refusal) => Err(refusal.to_string()),
        })
    }

    /// Reads JSON, if it holds a register.
    pub(super) fn read_json(bytes: &[u8]) -> Option<Result<Self, Sentence>> {
        let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).ok()?;
        register::json::is_register(text).then(|| register::json::read(text).map(Self::Json).map_err(|refused| refused.to_string()))
    }

    /// The wire word of its format.
    pub(super) fn format(&self) -> &'static str {
        match self {
            Self::Book(Book { found: Found::Workbook, .. }) => "xlsx",
            Self::Book(Book { found: Found::Separated { .. }, .. }) => "csv",
            Self::Json(_) => "json",
        }
    }

    pub(super) fn sheets(&self) -> (Vec<String>, usize) {
        match self {
            Self::Book(book) => Table::sheets(book),
            Self::Json(_) => (vec![String::new()], 0),
        }
    }

    pub(super) fn table(&self, sheet: &str) -> Result<Table, Sentence> {
        match self {
            Self::Book(book) => Table::of(book, sheet).map_err(|none| none.to_string()),
            Self::Json(table) => Ok(table.clone()),
        }
    }

    /// About how many bytes of memory it takes.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Book(book) => book.sheets.iter().flat_map(|sheet| sheet.rows.iter()).map(Row::weight).sum(),
            Self::Json(table) => table.rows.iter().map(Row::weight).sum(),
        }
    }
}
