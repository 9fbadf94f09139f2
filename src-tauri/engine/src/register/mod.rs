//! A register of risks as a table: what its columns are called and what may stand in their cells, in both languages.
//!
//! Everything here is pure: no file, clock or database. A table comes from `amtia-exchange` (XLSX, CSV) or from
//! [`json`]; [`Reading`] makes what a row says into a patch of a risk, or tells column by column why it cannot. What the
//! rows mean to a workspace (which risk is meant, which control) is found by whoever has one.

mod action;
mod cell;
mod field;
pub mod json;
mod list;
mod note;
mod read;
mod table;
#[cfg(test)]
mod tests;
mod word;
mod write;

pub use action::{Place, SheetAction, Told, actions};
pub use cell::DateOrder;
pub use field::{ActionField, Field};
pub use note::Note;
pub use read::{CellProblem, Names, Reading, Said, TOLD};
pub use table::{Mapping, Table, notes};
pub use word::level_name;
pub use write::{Accepted, Format, Linked, RegisterFormat, sheet_name, write};

/// Lower case, accents off, anything that is no letter or digit one space.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'à' | 'â' | 'ä' | 'á' | 'ã' => folded.push('a'),
            'é' | 'è' | 'ê' | 'ë' => folded.push('e'),
            'î' | 'ï' | 'í' => folded.push('i'),
            'ô' | 'ö' | 'ó' => folded.push('o'),
            'ù' | 'û' | 'ü' | 'ú' => folded.push('u'),
            'ç' => folded.push('c'),
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            // A combining accent, as files from macOS have them.
            '\u{300}'..='\u{36f}' => {}
            c if c.is_alphanumeric() => folded.push(c),
            _ if folded.ends_with(' ') || folded.is_empty() => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// The texts of a cell that holds several.
#[must_use]
pub fn items(text: &str) -> Vec<String> {
    list::split(text)
}

/// A cell as text; `None` where it is blank or an error.
#[must_use]
pub fn cell_text(cell: &amtia_exchange::Cell) -> Option<String> {
    cell::text(cell).ok().flatten()
}
