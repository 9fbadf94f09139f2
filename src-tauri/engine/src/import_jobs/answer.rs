//! What an import of a register answers, and what can be chosen for it.

use super::judge::Judged;
use crate::register::{DateOrder, Field};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A column of a register and what it is taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RegisterColumn {
    /// Its place, from 0.
    pub column: usize,
    /// How a spreadsheet names it; null in JSON.
    pub letter: Option<String>,
    /// What stands above it.
    pub heading: String,
    /// What it holds; null where it is left out.
    pub field: Option<Field>,
    /// Whether what it holds is computed here, so that it is not read.
    pub computed: bool,
    /// Its first values.
    pub samples: Vec<String>,
}

/// The register that an import brings: how it was read, and what can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportedRegister {
    /// The sheet that is read; null in a file without sheets.
    pub sheet: Option<String>,
    /// The sheets that hold rows.
    pub sheets: Vec<String>,
    /// How the bytes of a CSV file were read.
    pub encoding: Option<String>,
    /// What stands between the cells of a CSV file.
    pub separator: Option<String>,
    /// The row of the headings, as a spreadsheet shows it; 0 in JSON.
    pub head_row: usize,
    /// Its columns.
    pub columns: Vec<RegisterColumn>,
    /// Whether the columns are taken for what they were taken for the last time.
    pub remembered: bool,
    /// The order of day and month, where it was chosen.
    pub dates: Option<DateOrder>,
    /// Whether links to what is not here are left out; otherwise each is an error.
    pub leave_out_links: bool,
    /// Rows that name a control or an asset which is not here.
    pub missing_links: usize,
    /// Reasons for earlier changes that the file brings and the workspace does not have.
    pub notes: usize,
    /// Actions of treatment plans that come or change.
    pub actions: usize,
    /// Rows that tell of an acceptance which is not here. It does not come: who bears a risk is asked here.
    pub acceptances_left: usize,
    /// Rows that tell of documents which their risks do not have here. They do not come: the file holds their titles alone.
    pub documents_left: usize,
    /// Rows below the headings.
    pub rows: usize,
}

/// What a person chooses for a register. What is absent stays as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// The sheet to read.
    pub sheet: Option<String>,
    /// What columns hold, by their place; those not named stay.
    pub columns: Vec<(usize, Option<Field>)>,
    /// The order of day and month; `Some(None)` for none.
    pub dates: Option<Option<DateOrder>>,
    /// Whether links to what is not here are left out.
    pub leave_out_links: Option<bool>,
}

/// What is counted over all rows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) missing_links: usize,
    pub(super) notes: usize,
    pub(super) actions: usize,
    pub(super) acceptances_left: usize,
    pub(super) documents_left: usize,
}

impl Tally {
    pub(super) fn count(&mut self, judged: &Judged) {
        self.missing_links += usize::from(judged.missing);
        self.acceptances_left += usize::from(judged.unread[0]);
        self.documents_left += usize::from(judged.unread[1]);
        if judged.problems.is_empty() {
            self.notes += judged.notes.len();
            self.actions += judged.actions;
        }
    }
}
