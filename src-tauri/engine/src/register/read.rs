//! A row as a patch of a risk, or what is wrong with it, column by column.

use super::cell::{self, Clause, DateOrder};
use super::field::Half;
use super::table::is_id;
use super::{Field, Mapping, Note, Table, Told, action, list};
use amtia_domain::matrix::Matrix;
use amtia_domain::plan::AssessmentSource;
use amtia_domain::risk::{RiskPatch, RiskStatus, Treatment};
use amtia_domain::words::Word;
use amtia_exchange::{Cell, Row, column_name};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Wrong cells of a file that are told of one by one. Beyond them a row keeps the first alone.
pub const TOLD: usize = 50_000;

/// What is wrong with one cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CellProblem {
    /// The column as a spreadsheet names it; null where the file has no column for it.
    pub column: Option<String>,
    /// What stands above the column.
    pub heading: Option<String>,
    /// What the column holds.
    pub field: Option<Field>,
    /// A clause that completes "the cell …".
    pub message: String,
}

/// By what a row names its risk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Its id.
    pub id: Option<String>,
    /// Its reference.
    pub reference: Option<String>,
}

/// What a row says, its links still as people write them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// The fields of the risk, without its links.
    pub patch: RiskPatch,
    /// Its controls, as `framework:reference`.
    pub controls: Option<Vec<String>>,
    /// Its assets, as reference and name.
    pub assets: Option<Vec<String>>,
    /// Reasons given for earlier changes.
    pub notes: Vec<Note>,
    /// Actions of its plan.
    pub actions: Vec<Told>,
}

/// A table that is being read under a mapping.
pub struct Reading<'a> {
    /// The table.
    pub table: &'a Table,
    /// What its columns hold.
    pub mapping: &'a Mapping,
    /// The order of day and month, where it was chosen.
    pub order: Option<DateOrder>,
    /// The matrix in force.
    pub matrix: &'a Matrix,
}

impl Reading<'_> {
    fn column(&self, field: Field) -> Option<usize> {
        self.mapping.iter().position(|mapped| *mapped == Some(field))
    }

    fn cell<'r>(&self, row: &'r Row, field: Field) -> Option<&'r Cell> {
        self.column(field).map(|column| row.cells.get(column).unwrap_or(&Cell::Empty))
    }

    /// A problem of the column that holds a field.
    #[must_use]
    pub fn problem(&self, field: Field, message: impl Into<Clause>) -> CellProblem {
        let column = self.column(field);
        CellProblem {
            column: column.filter(|_| self.table.lettered).map(column_name),
            heading: column.map(|column| self.table.headings[column].clone()),
            field: Some(field),
            message: message.into(),
        }
    }

    /// By what a row names its risk.
    ///
    /// # Errors
    /// An id that is none.
    pub fn names(&self, row: &Row) -> Result<Names, CellProblem> {
        let text = |field: Field| -> Result<Option<String>, CellProblem> {
            self.cell(row, field).map_or(Ok(None), cell::text).map_err(|clause| self.problem(field, clause))
        };
        let id = text(Field::Id)?.map(|id| id.to_lowercase());
        if id.as_deref().is_some_and(|id| !is_id(id)) {
            return Err(self.problem(Field::Id, "is no id of a risk: leave it empty for a new one"));
        }
        Ok(Names { id, reference: text(Field::Ref)? })
    }

    /// What a row says of its risk, and everything that is wrong with its cells. With `creating`, it must name the risk.
    #[must_use]
    pub fn said(&self, row: &Row, creating: bool) -> (Said, Vec<CellProblem>) {
        let (mut body, mut problems) = (Map::new(), Vec::new());
        let mut said = Said::default();
        self.too_long(row, &mut problems);
        for (column, field) in self.mapping.iter().enumerate().filter_map(|(column, field)| field.map(|field| (column, field))) {
            let cell = row.cells.get(column).unwrap_or(&Cell::Empty);
            if field == Field::Actions {
                self.actions(cell, &mut said.actions, &mut problems);
                continue;
            }
            match self.value(field, cell, creating) {
                Ok(Taken::Nothing) => {}
                Ok(Taken::Value(value)) => put(&mut body, field, value),
                Ok(Taken::Controls(names)) => said.controls = Some(names),
                Ok(Taken::Assets(names)) => said.assets = Some(names),
                Ok(Taken::Notes(notes)) => said.notes = notes,
                Err(clause) => problems.push(self.problem(field, clause)),
            }
        }
        match RiskPatch::read(body, self.matrix, creating) {
            Ok(patch) => said.patch = patch,
            Err(found) => {
                for problem in found.0 {
                    let field = field_of(&problem.field);
                    if problems.iter().all(|known| known.field != field) {
                        let mut told = self.problem(field.unwrap_or(Field::Name), problem.message);
                        told.field = field;
                        problems.push(told);
                    }
                }
            }
        }
        problems.sort_by_key(|problem| problem.field.and_then(|field| self.column(field)));
        (said, problems)
    }

    fn actions(&self, cell: &Cell, said: &mut Vec<Told>, problems: &mut Vec<CellProblem>) {
        let text = match cell::text(cell) {
            Ok(text) => text.unwrap_or_default(),
            Err(clause) => return problems.push(self.problem(Field::Actions, clause)),
        };
        for told in if text.is_empty() { Vec::new() } else { action::of_cell(&text, self) } {
            match told {
                Ok(told) => said.push(told),
                Err(wrong) => problems.extend(wrong),
            }
        }
    }

    /// What a row says that is computed or decided elsewhere, as text: an acceptance, documents.
    #[must_use]
    pub fn unread(&self, row: &Row, field: Field) -> Option<String> {
        self.cell(row, field).and_then(|cell| cell::text(cell).ok()?)
    }

    /// A row of a CSV file that has more cells than there are headings: one of its texts held the separator.
    fn too_long(&self, row: &Row, problems: &mut Vec<CellProblem>) {
        let (cells, headings) = (row.cells.len(), self.table.headings.len());
        if self.table.lettered && cells > headings {
            let message = format!(
                "makes {cells} cells of the row where there are {headings} headings: put a text that holds the separator into double quotes"
            );
            problems.push(CellProblem { column: Some(column_name(headings)), heading: None, field: None, message });
        }
    }

    fn value(&self, field: Field, cell: &Cell, creating: bool) -> Result<Taken, Clause> {
        let or_null = |value: Option<Value>| Taken::Value(value.unwrap_or(Value::Null));
        Ok(match field {
            Field::Id | Field::Ref => Taken::Nothing,
            field if field.is_computed() => Taken::Nothing,
            // A new risk says what is missing as the API does; one that is here may not lose its name.
            Field::Name if creating && cell.is_blank() => Taken::Nothing,
            Field::Name
            | Field::Description
            | Field::Category
            | Field::Owner
            | Field::Rationale
            | Field::InherentRationale
            | Field::ResidualRationale
            | Field::TargetRationale => or_null(cell::text(cell)?.map(Value::from)),
            // Without a word there is nothing to change: neither can be cleared.
            Field::Status => cell::word::<RiskStatus>(cell)?.map_or(Taken::Nothing, |word| Taken::Value(json!(word))),
            Field::Treatment => cell::word::<Treatment>(cell)?.map_or(Taken::Nothing, |word| Taken::Value(json!(word))),
            Field::CurrentFrom | Field::ResidualFrom => {
                cell::word::<AssessmentSource>(cell)?.map_or(Taken::Nothing, |word| Taken::Value(json!(word)))
            }
            Field::ReviewDate => or_null(cell::day(cell, self.order, self.table.workbook)?.map(|day| Value::from(day.to_string()))),
            Field::Tags => Taken::Value(json!(items(cell)?)),
            Field::Controls => Taken::Controls(items(cell)?),
            Field::Assets => Taken::Assets(items(cell)?),
            Field::Notes => match cell::text(cell)? {
                Some(text) => Taken::Notes(
                    Note::split(&text).ok_or("is no list of notes: each line is a time, a name and a text, with | between them")?,
                ),
                None => Taken::Nothing,
            },
            field => match field.half_of() {
                Some((_, Half::Likelihood)) => or_null(cell::step(cell, self.matrix.likelihood_steps())?.map(Value::from)),
                Some((_, Half::Impact)) => or_null(cell::step(cell, self.matrix.impact_steps())?.map(Value::from)),
                None => Taken::Nothing,
            },
        })
    }
}

enum Taken {
    Nothing,
    Value(Value),
    Controls(Vec<String>),
    Assets(Vec<String>),
    Notes(Vec<Note>),
}

fn items(cell: &Cell) -> Result<Vec<String>, Clause> {
    Ok(cell::text(cell)?.map(|text| list::split(&text)).unwrap_or_default())
}

/// Puts a value where the body of a risk has it. Two empty halves of an assessment are one that is not there.
fn put(body: &mut Map<String, Value>, field: Field, value: Value) {
    let Some((Some(within), half)) = field.half_of() else {
        body.insert(field.word().to_owned(), value);
        return;
    };
    let key = if half == Half::Likelihood { "likelihood" } else { "impact" };
    let entry = body.entry(within).or_insert(Value::Null);
    if value.is_null() {
        return;
    }
    match entry {
        Value::Object(fields) => drop(fields.insert(key.to_owned(), value)),
        other => *other = json!({ key: value }),
    }
}

/// The column that a problem of the API's body speaks of.
fn field_of(name: &str) -> Option<Field> {
    let wire = match name {
        "inherent" => "inherent_likelihood".to_owned(),
        "residual" => "residual_likelihood".to_owned(),
        "target" => "target_likelihood".to_owned(),
        "baseline" => "baseline_likelihood".to_owned(),
        "control_ids" => "controls".to_owned(),
        "asset_ids" => "assets".to_owned(),
        other => other.replace('.', "_"),
    };
    Field::from_word(&wire)
}
