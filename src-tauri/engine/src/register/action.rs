//! Actions of treatment plans: in a workbook a sheet of their own, a row for each; in CSV a cell of their risk, a line for each; in
//! JSON objects of their risk.
//!
//! A line is `title | Owner: Mara | Status: Done | …`: the title, then what there is to say under the headings of the sheet, in
//! either language or by wire name; a backslash before bars and backslashes within, `\n` and `\r` for line breaks. What a line or a
//! sheet does not say stays as it is.

use super::cell::{self, Clause, quoted};
use super::field::{RISK, names_risk};
use super::table::is_id;
use super::word::Spoken;
use super::{ActionField, CellProblem, Field, Reading, TOLD};
use crate::french::Language;
use amtia_domain::plan::{ActionPatch, ActionStatus, EFFECT_MAX, PlannedAction, ToldAction};
use amtia_domain::time::rfc3339;
use amtia_domain::words::Word;
use amtia_exchange::{Cell, Row, column_name};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Where a file tells of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the cell of its risk, as which of the actions there, from 1.
    Cell(usize),
    /// In a row of a sheet of actions.
    Row(Arc<Head>, usize),
}

/// A sheet of actions: its name, and what stands above its columns.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    /// Its name.
    pub sheet: String,
    /// What stands above each column.
    pub headings: Vec<String>,
}

impl Head {
    /// A problem of one cell. `clause` completes "the cell …".
    #[must_use]
    pub fn problem(&self, row: usize, column: usize, clause: &str) -> CellProblem {
        CellProblem {
            column: Some(column_name(column)),
            heading: self.headings.get(column).cloned(),
            field: Some(Field::Actions),
            message: format!("in row {row} of “{}” {clause}", self.sheet),
        }
    }

    /// The column of a field.
    fn column(&self, field: ActionField) -> Option<usize> {
        self.headings.iter().position(|heading| ActionField::of_heading(heading) == Some(field))
    }
}

/// One action as a file tells it, its control still as people write it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Where.
    pub place: Place,
    /// What, but for the control.
    pub action: ToldAction,
    /// The control's name; `Some(None)` for none.
    pub control: Option<Option<String>>,
}

impl Place {
    /// Something wrong with a field of the action that is told of here. `clause` completes "the cell …".
    #[must_use]
    pub fn problem(&self, reading: &Reading<'_>, field: ActionField, clause: &str) -> CellProblem {
        match self {
            Self::Cell(number) => {
                // The names in JSON are those of the wire.
                let heading = if reading.table.lettered { field.heading(Language::English) } else { field.word() };
                reading.problem(Field::Actions, format!("in action {number} under “{heading}” {clause}"))
            }
            // What no column is there for is missed under the title.
            Self::Row(head, row) => {
                head.problem(*row, head.column(field).or_else(|| head.column(ActionField::Title)).unwrap_or_default(), clause)
            }
        }
    }
}

/// What is wrong with one action, field by field.
type Wrong = Vec<(ActionField, Clause)>;

/// Reads what the cells tell of one action.
pub(super) fn read(cells: &[(ActionField, &Cell)], reading: &Reading<'_>, place: Place) -> Result<Told, Vec<CellProblem>> {
    let (mut body, mut wrong) = (Map::new(), Wrong::new());
    let (mut id, mut done_at, mut control) = (None, None, None);
    for (field, cell) in cells {
        let taken = (|| -> Result<Option<Value>, Clause> {
            let text = || Ok::<_, Clause>(cell::text(cell)?.map_or(Value::Null, Value::from));
            Ok(match field {
                ActionField::Id => {
                    id = cell::text(cell)?.map(|id| id.to_lowercase());
                    if id.as_deref().is_some_and(|id| !is_id(id)) {
                        return Err("is no id of an action: leave it empty for a new one".into());
                    }
                    None
                }
                ActionField::DoneAt => {
                    done_at = moment(cell)?;
                    None
                }
                ActionField::Control => {
                    control = Some(cell::text(cell)?);
                    None
                }
                ActionField::Title => Some(cell::text(cell)?.map(Value::from).ok_or("is required")?),
                ActionField::Description | ActionField::Owner => Some(text()?),
                ActionField::DueDate => {
                    Some(cell::day(cell, reading.order, reading.table.workbook)?.map_or(Value::Null, |day| day.to_string().into()))
                }
                // Without a word there is nothing to change.
                ActionField::Status => cell::word::<ActionStatus>(cell)?.map(|word| json!(word)),
                ActionField::Progress => count(cell, 100)?.map(Value::from),
                ActionField::LowersLikelihood | ActionField::LowersImpact => Some(count(cell, EFFECT_MAX)?.unwrap_or_default().into()),
            })
        })();
        match taken {
            Ok(Some(value)) => drop(body.insert(field.word().to_owned(), value)),
            Ok(None) => {}
            Err(clause) => wrong.push((*field, clause)),
        }
    }
    let patch = match ActionPatch::read(body, false) {
        Ok(patch) => patch,
        Err(found) => {
            wrong.extend(
                found.0.into_iter().map(|problem| (ActionField::from_word(&problem.field).unwrap_or(ActionField::Title), problem.message)),
            );
            ActionPatch::default()
        }
    };
    if wrong.is_empty() {
        return Ok(Told { place, action: ToldAction { id, patch, done_at }, control });
    }
    Err(wrong.iter().map(|(field, clause)| place.problem(reading, *field, clause)).collect())
}

/// A whole number up to `max`, with or without a sign for per cent; `None` where the cell is blank.
fn count(cell: &Cell, max: u8) -> Result<Option<u8>, Clause> {
    let Some(text) = cell::text(cell)? else { return Ok(None) };
    let digits = text.trim_end_matches('%').trim_end();
    let number = digits.parse::<u8>().ok().filter(|number| *number <= max && digits.bytes().all(|byte| byte.is_ascii_digit()));
    number.map(Some).ok_or_else(|| format!("holds {}, which is no whole number from 0 to {max}", quoted(&text)))
}

/// A moment; a day alone is its beginning, UTC.
fn moment(cell: &Cell) -> Result<Option<Timestamp>, Clause> {
    let Some(text) = cell::text(cell)? else { return Ok(None) };
    let day = || text.parse::<jiff::civil::Date>().ok()?.to_zoned_datetime(TimeZone::UTC).ok().map(|day| day.timestamp());
    let at = text.parse::<Timestamp>().ok().or_else(day).and_then(|at| Timestamp::from_millisecond(at.as_millisecond()).ok());
    at.map(Some).ok_or_else(|| format!("holds {}, which is no time: write it as YYYY-MM-DD, or as RFC 3339 does", quoted(&text)))
}

/// The actions of a risk's cell, each read or with what is wrong with it.
pub(super) fn of_cell(text: &str, reading: &Reading<'_>) -> Vec<Result<Told, Vec<CellProblem>>> {
    let read = |(place, cells): (usize, Result<Vec<(ActionField, Cell)>, Clause>)| {
        let place = place + 1;
        let cells = cells.map_err(|clause| vec![reading.problem(Field::Actions, format!("in action {place} {clause}"))])?;
        let cells: Vec<(ActionField, &Cell)> = cells.iter().map(|(field, cell)| (*field, cell)).collect();
        self::read(&cells, reading, Place::Cell(place))
    };
    if reading.table.lettered {
        return text
            .split('\n')
            .map(|line| line.trim_end_matches('\r'))
            .filter(|line| !line.trim().is_empty())
            .map(line)
            .enumerate()
            .map(read)
            .collect();
    }
    match serde_json::from_str::<Vec<Value>>(text) {
        Ok(actions) => actions.into_iter().map(object).enumerate().map(read).collect(),
        Err(_) => vec![Err(vec![reading.problem(Field::Actions, "is no list of actions")])],
    }
}

fn object(action: Value) -> Result<Vec<(ActionField, Cell)>, Clause> {
    let Value::Object(fields) = action else { return Err("is no object".into()) };
    let one = |(name, value): (String, Value)| Ok((field_of(&name)?, super::json::cell(value)));
    fields.into_iter().map(one).collect()
}

fn field_of(name: &str) -> Result<ActionField, Clause> {
    ActionField::of_heading(name).ok_or_else(|| format!("holds {}, which is no field of an action", quoted(name)))
}

/// Takes a line apart.
fn line(line: &str) -> Result<Vec<(ActionField, Cell)>, Clause> {
    let (mut parts, mut part, mut escaped) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match (escaped, c) {
            (true, 'n') => part.push('\n'),
            (true, 'r') => part.push('\r'),
            (true, c) => part.push(c),
            (false, '\\') => {
                escaped = true;
                continue;
            }
            (false, '|') => parts.push(std::mem::take(&mut part)),
            (false, c) => part.push(c),
        }
        escaped = false;
    }
    parts.push(part);
    let mut cells = Vec::with_capacity(parts.len());
    for (place, part) in parts.into_iter().enumerate() {
        let (field, value) = match part.split_once(':') {
            _ if place == 0 => (ActionField::Title, part.as_str()),
            Some((name, value)) => (field_of(name.trim())?, value),
            None => return Err(format!("holds {}, which is no field of an action", quoted(part.trim()))),
        };
        if cells.iter().any(|(known, _)| *known == field) {
            return Err(format!("holds {} twice", quoted(field.heading(Language::English))));
        }
        cells.push((field, Cell::Text(value.trim().into())));
    }
    Ok(cells)
}

/// What there is to say of an action; blank where there is nothing.
pub(super) fn cells(action: &PlannedAction, control: Option<&str>, language: Language) -> [Cell; ActionField::ALL.len()] {
    let text = |text: Option<&str>| text.map_or(Cell::Empty, |text| Cell::Text(text.into()));
    let number = |number: u8| if number == 0 { Cell::Empty } else { Cell::Number(number.into()) };
    std::array::from_fn(|place| match ActionField::ALL[place] {
        ActionField::Title => text(Some(&action.title)),
        ActionField::Description => text(action.description.as_deref()),
        ActionField::Owner => text(action.owner.as_deref()),
        ActionField::DueDate => action.due_date.map_or(Cell::Empty, Cell::Day),
        ActionField::Status => text(Some(action.status.name(language))),
        ActionField::Progress => number(action.progress),
        ActionField::LowersLikelihood => number(action.lowers_likelihood),
        ActionField::LowersImpact => number(action.lowers_impact),
        ActionField::Control => text(control),
        ActionField::DoneAt => text(action.done_at.map(rfc3339).as_deref()),
        ActionField::Id => text(Some(&action.id)),
    })
}

/// Actions as one cell.
pub(super) fn join(actions: &[PlannedAction], controls: &[Option<String>], language: Language) -> String {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('|', "\\|").replace('\r', "\\r").replace('\n', "\\n");
    let colon = if language == Language::French { "\u{a0}:" } else { ":" };
    let line = |(action, control): (&PlannedAction, &Option<String>)| {
        let said = cells(action, control.as_deref(), language);
        let parts = ActionField::ALL.iter().zip(&said).filter_map(|(field, cell)| {
            let value = escaped(&cell::text(cell).ok()??);
            Some(if *field == ActionField::Title { value } else { format!("{}{colon} {value}", field.heading(language)) })
        });
        parts.collect::<Vec<_>>().join(" | ")
    };
    actions.iter().zip(controls).map(line).collect::<Vec<_>>().join("\n")
}

/// The name of the sheet of actions, which is the same in both languages.
pub(super) const SHEET: &str = "Actions";

/// The headings of the sheet of actions, with the width of each column in characters.
pub(super) fn headings(language: Language) -> Vec<(&'static str, u16)> {
    let risk = RISK.map(|(english, french)| if language == Language::French { french } else { english });
    let width = |field: ActionField| match field {
        ActionField::Title | ActionField::Description => 44,
        ActionField::Owner | ActionField::Control | ActionField::DoneAt => 24,
        ActionField::Id => 38,
        _ => 14,
    };
    let own = ActionField::ALL.iter().map(|field| (field.heading(language), width(*field)));
    [(risk[0], 38), (risk[1], 14)].into_iter().chain(own).collect()
}

/// The heading of a sheet of actions, and which of the rows it is: it says what is to be done and of which risk, and does not tell
/// what a risk is called.
pub(super) fn head_of(sheet: &amtia_exchange::Sheet) -> Option<(Arc<Head>, usize)> {
    let texts = |row: &Row| -> Vec<String> {
        row.cells.iter().map(|cell| if let Cell::Text(text) = cell { text.trim().to_owned() } else { String::new() }).collect()
    };
    let is = |headings: &Vec<String>| {
        headings.iter().any(|heading| names_risk(heading).is_some())
            && headings.iter().any(|heading| ActionField::of_heading(heading) == Some(ActionField::Title))
            && headings.iter().all(|heading| Field::of_heading(heading) != Some(Field::Name))
    };
    let (place, headings) = sheet.rows.iter().take(super::table::HEAD_WITHIN).map(texts).enumerate().find(|(_, headings)| is(headings))?;
    Some((Arc::new(Head { sheet: sheet.name.clone(), headings }), place))
}

/// One row of a sheet of actions.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetAction {
    /// The id or the reference of its risk, where it names one.
    pub risk: Option<String>,
    /// What is to be done, as it stands there.
    pub title: Option<String>,
    /// What it tells, or what is wrong with it.
    pub told: Result<Told, Vec<CellProblem>>,
    head: Arc<Head>,
    row: usize,
}

impl SheetAction {
    /// Its row, as a spreadsheet shows it.
    #[must_use]
    pub fn row(&self) -> usize {
        self.row
    }

    /// About how many bytes of memory it takes.
    #[must_use]
    pub fn weight(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let told = match &self.told {
            Ok(_) => length(&self.title),
            Err(problems) => problems.iter().map(|problem| size_of::<CellProblem>() + problem.message.len()).sum(),
        };
        size_of::<Self>() + length(&self.risk) + length(&self.title) + told
    }

    /// Of one that names no risk of the file.
    #[must_use]
    pub fn orphaned(&self) -> CellProblem {
        let column = self.head.headings.iter().position(|heading| names_risk(heading).is_some()).unwrap_or_default();
        let clause = match &self.risk {
            Some(risk) => format!("names {}, which is no risk of this file", quoted(risk)),
            None => "names no risk: write its reference".to_owned(),
        };
        self.head.problem(self.row, column, &clause)
    }
}

/// The rows of a book's sheets of actions, but for the sheet that is read as the register.
#[must_use]
pub fn actions(book: &amtia_exchange::Book, reading: &Reading<'_>) -> Vec<SheetAction> {
    let (mut all, mut wrong) = (Vec::new(), 0);
    for sheet in book.sheets.iter().filter(|sheet| sheet.name != reading.table.name) {
        let Some((head, place)) = head_of(sheet) else { continue };
        let mut fields: Vec<(ActionField, usize)> =
            ActionField::ALL.iter().filter_map(|field| Some((*field, head.column(*field)?))).collect();
        fields.sort_by_key(|(_, column)| *column);
        for row in sheet.rows[place + 1..].iter().filter(|row| !row.cells.iter().all(Cell::is_blank)) {
            let cell = |column: usize| row.cells.get(column).unwrap_or(&Cell::Empty);
            let risk = (0..RISK.len()).find_map(|which| {
                let column = head.headings.iter().position(|heading| names_risk(heading) == Some(which))?;
                cell::text(cell(column)).ok()?
            });
            let cells: Vec<(ActionField, &Cell)> = fields.iter().map(|(field, column)| (*field, cell(*column))).collect();
            let title = head.column(ActionField::Title).and_then(|column| cell::text(cell(column)).ok()?);
            let mut told = read(&cells, reading, Place::Row(Arc::clone(&head), row.number));
            if let Err(problems) = &mut told {
                wrong += problems.len();
                if wrong > TOLD {
                    problems.truncate(1);
                    problems.shrink_to_fit();
                }
            }
            all.push(SheetAction {
                risk: risk.map(|risk| if is_id(&risk) { risk.to_lowercase() } else { risk }),
                title,
                told,
                head: Arc::clone(&head),
                row: row.number,
            });
        }
    }
    all
}
