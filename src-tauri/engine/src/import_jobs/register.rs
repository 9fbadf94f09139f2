//! What a file with a register of risks would do, row by row, and doing it as one step.

use super::judge::{Judge, Judged, sentence};
use super::{ImportRow, RowFate, Verdict};
use crate::error::Error;
use crate::import;
use crate::register::{self, CellProblem, DateOrder, Field, Mapping, Note, Reading, Table};
use crate::store::Tx;
use crate::store::records;
use crate::store::registers::{self, Links};
use amtia_domain::Problems;
use amtia_domain::matrix::Matrix;
use amtia_domain::risk::Risk;
use amtia_domain::words::Word;
use amtia_exchange::{Book, Found, Row};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use utoipa::ToSchema;

/// Rows between two questions whether to go on.
const STRIDE: usize = 250;
/// How far beyond the next reference one of a file may lie and be kept.
const REACH: i64 = 1_000_000;

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
    fn format(&self) -> &'static str {
        match self {
            Self::Book(Book { found: Found::Workbook, .. }) => "xlsx",
            Self::Book(Book { found: Found::Separated { .. }, .. }) => "csv",
            Self::Json(_) => "json",
        }
    }

    fn sheets(&self) -> (Vec<String>, usize) {
        match self {
            Self::Book(book) => Table::sheets(book),
            Self::Json(_) => (vec![String::new()], 0),
        }
    }

    fn table(&self, sheet: &str) -> Result<Table, Sentence> {
        match self {
            Self::Book(book) => Table::of(book, sheet).map_err(|none| none.to_string()),
            Self::Json(table) => Ok(table.clone()),
        }
    }
}

/// What becomes of one row, kept small: the rest is read from the table again.
struct Planned {
    fate: RowFate,
    /// Its place among the table's rows; beyond them for a row of the notes' sheet.
    place: usize,
    /// The risk it is about, and at which revision that was found.
    target: Option<(String, i64)>,
    /// What that risk is called.
    label: Option<(String, String)>,
    fields: Vec<Field>,
    message: Option<String>,
    problems: Vec<CellProblem>,
}

/// A register that was read and compared.
pub(super) struct RegisterPlan {
    pub(super) source: Arc<Source>,
    pub(super) chosen: Chosen,
    table: Table,
    mapping: Mapping,
    remembered: bool,
    sheets: Vec<String>,
    beside: HashMap<String, Vec<Note>>,
    rows: Vec<Planned>,
    missing_links: usize,
    notes: usize,
}

/// What was chosen so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Chosen {
    sheet: Option<String>,
    mapping: Option<Mapping>,
    dates: Option<DateOrder>,
    leave_out_links: bool,
}

/// What is remembered of a heading.
#[derive(Serialize, Deserialize)]
struct Memory {
    columns: Mapping,
    dates: Option<DateOrder>,
}

impl RegisterPlan {
    /// Reads the table under what was chosen, and compares each row with the workspace.
    pub(super) fn new(
        connection: &Connection,
        source: Arc<Source>,
        chosen: Chosen,
        matrix: &Matrix,
        watch: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Result<Self, Sentence>, Error> {
        let (sheets, best) = source.sheets();
        let sheet = chosen.sheet.clone().or_else(|| sheets.get(best).cloned()).unwrap_or_default();
        let table = match source.table(&sheet) {
            Ok(table) => table,
            Err(sentence) => return Ok(Err(sentence)),
        };
        let fits = |mapping: &Mapping| mapping.len() == table.headings.len();
        let remembered = registers::remembered(connection, &table.fingerprint())?;
        let kept = remembered.and_then(|kept| serde_json::from_value::<Memory>(kept).ok()).filter(|kept| fits(&kept.columns));
        let own = chosen.mapping.clone().filter(fits);
        let by_memory = own.is_none() && kept.is_some();
        let mut chosen = chosen;
        if own.is_none() {
            chosen.dates = chosen.dates.or(kept.as_ref().and_then(|kept| kept.dates));
        }
        let kept = kept.map(|kept| kept.columns);
        let mapping = own.or(kept).unwrap_or_else(|| table.mapping());
        let (beside, wrong_notes) = match &*source {
            Source::Book(book) => register::notes(book),
            Source::Json(_) => (HashMap::new(), Vec::new()),
        };
        let mut plan =
            Self { source, chosen, table, mapping, remembered: by_memory, sheets, beside, rows: Vec::new(), missing_links: 0, notes: 0 };
        plan.chosen.sheet = Some(sheet);
        let total = plan.table.rows.len();
        let mut rows = Vec::with_capacity(total);
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut judge = plan.judge(connection, matrix);
        let (mut missing_links, mut notes) = (0, 0);
        let free = registers::next_number(connection)?;
        for (place, row) in plan.table.rows.iter().enumerate() {
            if place.is_multiple_of(STRIDE) && !watch(place, total) {
                return Ok(Err("Reading was cancelled; nothing was imported: import the file again when you want to.".into()));
            }
            let mut judged = judge.judge(row)?;
            plan.refuse_second(&mut judged, row, &mut seen, &judge.reading);
            missing_links += usize::from(judged.missing);
            if judged.problems.is_empty() {
                notes += judged.notes.len();
            }
            rows.push(planned(place, judged, free));
        }
        drop(judge);
        rows.extend(wrong_notes.into_iter().enumerate().map(|(at, (row, heading))| Planned {
            fate: RowFate::Error,
            place: total + at,
            target: None,
            label: None,
            fields: Vec::new(),
            message: Some(format!("Row {row} of the history notes: “{heading}” is missing or no such value.")),
            problems: Vec::new(),
        }));
        (plan.rows, plan.missing_links, plan.notes) = (rows, missing_links, notes);
        Ok(Ok(plan))
    }

    fn judge<'a>(&'a self, connection: &'a Connection, matrix: &'a Matrix) -> Judge<'a> {
        let reading = Reading { table: &self.table, mapping: &self.mapping, order: self.chosen.dates, matrix };
        Judge { reading, connection, links: Links::default(), beside: &self.beside, leave_out: self.chosen.leave_out_links }
    }

    /// A row about a risk that an earlier row is about.
    fn refuse_second(&self, judged: &mut Judged, row: &Row, seen: &mut HashMap<String, usize>, reading: &Reading<'_>) {
        let named = judged.target.as_ref().map(|stored| (Field::Id, stored.record.id.clone()));
        let named = named.or_else(|| judged.names.id.clone().map(|id| (Field::Id, id)));
        let Some((field, key)) = named.or_else(|| judged.names.reference.clone().map(|reference| (Field::Ref, reference))) else { return };
        match seen.get(&key) {
            Some(first) => {
                let field = if field == Field::Id && judged.names.id.is_none() { Field::Ref } else { field };
                judged.problems.insert(0, reading.problem(field, format!("names the risk of row {first} again: keep one of the two rows")));
            }
            None => drop(seen.insert(key, row.number)),
        }
    }

    /// Other choices for the same file.
    ///
    /// # Errors
    /// Every choice that the file does not offer.
    pub(super) fn choose(&self, choices: &Choices) -> Result<Chosen, Error> {
        let mut problems = Problems::default();
        let mut chosen = self.chosen.clone();
        chosen.mapping = Some(self.mapping.clone());
        if let Some(sheet) = &choices.sheet {
            if self.sheets.contains(sheet) {
                if chosen.sheet.as_ref() != Some(sheet) {
                    (chosen.sheet, chosen.mapping) = (Some(sheet.clone()), None);
                }
            } else {
                problems.add("sheet", "is no sheet of this file that holds rows");
            }
        }
        if let Some(mapping) = &mut chosen.mapping {
            for (column, field) in &choices.columns {
                match mapping.get_mut(*column) {
                    Some(place) => *place = *field,
                    None => problems.add("columns", "names a column that the file does not have"),
                }
            }
            let mut held = HashSet::new();
            if let Some(twice) = mapping.iter().flatten().find(|field| !held.insert(**field)) {
                problems.add("columns", format!("takes two columns for {}", twice.word()));
            }
        } else if !choices.columns.is_empty() {
            problems.add("columns", "belong to the sheet that was read: choose the sheet first");
        }
        if let Some(dates) = choices.dates {
            chosen.dates = dates;
        }
        if let Some(leave_out) = choices.leave_out_links {
            chosen.leave_out_links = leave_out;
        }
        problems.check()?;
        Ok(chosen)
    }

    /// How many rows have this fate.
    pub(super) fn count(&self, fate: RowFate) -> usize {
        self.rows.iter().filter(|row| row.fate == fate).count()
    }

    /// Rows in all.
    pub(super) fn total(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is anything to do.
    pub(super) fn verdict(&self) -> Verdict {
        let changes = self.rows.iter().any(|row| matches!(row.fate, RowFate::Create | RowFate::Change));
        if changes { Verdict::New } else { Verdict::Unchanged }
    }

    /// Whether it may be stored.
    pub(super) fn applicable(&self, leave_out_errors: bool) -> Result<(), Error> {
        let errors = self.count(RowFate::Error);
        if errors > 0 && !leave_out_errors {
            return Err(Error::bad(format!("{errors} rows have errors. Nothing was imported; correct the file and choose it again.")));
        }
        Ok(())
    }

    /// One row of the dry run.
    fn row(&self, planned: &Planned) -> ImportRow {
        let row = self.table.rows.get(planned.place);
        let cell = |field: Field| {
            let column = self.mapping.iter().position(|mapped| *mapped == Some(field))?;
            let text = register::cell_text(row?.cells.get(column)?)?;
            Some(text.chars().take(200).collect::<String>())
        };
        let (reference, name) = planned.label.clone().unzip();
        ImportRow {
            row: row.map_or(0, |row| row.number),
            reference: reference.or_else(|| cell(Field::Ref)),
            title: cell(Field::Name).or(name),
            fate: planned.fate,
            message: planned.message.clone(),
            depth: 1,
            fields: planned.fields.clone(),
            problems: planned.problems.clone(),
        }
    }

    /// Rows of the dry run from a place on, and how many there are of that fate.
    pub(super) fn page(&self, fate: Option<RowFate>, from: usize, limit: usize) -> (Vec<ImportRow>, usize) {
        let matching = || self.rows.iter().filter(|row| fate.is_none_or(|fate| row.fate == fate));
        (matching().skip(from).take(limit).map(|planned| self.row(planned)).collect(), matching().count())
    }

    /// The wire word of the file's format.
    pub(super) fn format(&self) -> &'static str {
        self.source.format()
    }

    /// How it was read, as the API answers it.
    pub(super) fn describe(&self) -> ImportedRegister {
        let (encoding, separator) = match &*self.source {
            Source::Book(Book { found: Found::Separated { encoding, separator }, .. }) => {
                (Some(encoding.name().to_owned()), Some(separator.to_string()))
            }
            Source::Book(_) | Source::Json(_) => (None, None),
        };
        let column = |(column, (heading, field)): (usize, (&String, &Option<Field>))| RegisterColumn {
            column,
            letter: self.table.lettered.then(|| amtia_exchange::column_name(column)),
            heading: heading.clone(),
            field: *field,
            computed: field.is_some_and(Field::is_computed),
            samples: self.table.samples(column, 3),
        };
        ImportedRegister {
            sheet: Some(self.table.name.clone()).filter(|name| !name.is_empty()),
            sheets: self.sheets.iter().filter(|name| !name.is_empty()).cloned().collect(),
            encoding,
            separator,
            head_row: self.table.head,
            columns: self.table.headings.iter().zip(&self.mapping).enumerate().map(column).collect(),
            remembered: self.remembered,
            dates: self.chosen.dates,
            leave_out_links: self.chosen.leave_out_links,
            missing_links: self.missing_links,
            notes: self.notes,
            rows: self.table.rows.len(),
        }
    }

    /// Stores what the rows say, as one step: each is judged again, and must do what the dry run said.
    ///
    /// # Errors
    /// 412 where the workspace changed since; a cancelled import; the database's.
    pub(super) fn store(&self, tx: &Tx<'_>, import: &str, file: &str, matrix: &Matrix, going: &dyn Fn(usize) -> bool) -> Result<(), Error> {
        registers::open_step(tx, import, file)?;
        let mut judge = self.judge(tx.connection, matrix);
        let first = registers::next_number(tx.connection)?;
        let kept = self.kept_numbers(first);
        let mut next = kept.values().max().map_or(first, |last| last + 1);
        for (done, planned) in self.rows.iter().enumerate() {
            if done.is_multiple_of(STRIDE) && !going(done) {
                return Err(Error::bad("The import was cancelled. Nothing was imported."));
            }
            if !matches!(planned.fate, RowFate::Create | RowFate::Change) {
                continue;
            }
            let Some(row) = self.table.rows.get(planned.place) else { continue };
            let judged = judge.judge(row)?;
            let found = judged.target.as_ref().map(|stored| (stored.record.id.clone(), stored.rev));
            if found != planned.target || !judged.problems.is_empty() {
                let called = self.row(planned);
                return Err(Error::Stale {
                    message: format!(
                        "Row {}, {}, would no longer do what the check said: the workspace was changed since. Nothing was imported; check the file again.",
                        called.row,
                        called.reference.or(called.title).unwrap_or_default()
                    ),
                    details: Vec::new(),
                });
            }
            let stored = match (judged.target, judged.risk) {
                (Some(old), Some(mut risk)) => {
                    risk.updated_at = tx.now;
                    records::replace(tx, &old, risk, None, None)?
                }
                (None, _) => {
                    let number = kept.get(&planned.place).copied().unwrap_or_else(|| {
                        next += 1;
                        next - 1
                    });
                    let known_id = judged.names.id.is_some();
                    let id = judged.names.id.unwrap_or_else(|| crate::ids::new(tx.now));
                    registers::add(tx, Risk::create(judged.patch, id, number, tx.now, matrix)?, known_id)?
                }
                (Some(_), None) => return Err(Error::internal("a row without problems makes a risk")),
            };
            registers::keep_notes(tx, &stored, &judged.notes)?;
        }
        registers::set_next_number(tx.connection, next)?;
        registers::remember(tx, &self.table.fingerprint(), self.memory())
    }

    /// The references of new risks that can stay what they are: beyond all that were ever given, each once.
    fn kept_numbers(&self, first: i64) -> HashMap<usize, i64> {
        let mut taken = HashSet::new();
        let mut kept = HashMap::new();
        for planned in self.rows.iter().filter(|row| row.fate == RowFate::Create) {
            let number = self.row(planned).reference.as_deref().and_then(registers::number_of);
            if let Some(number) = number.filter(|number| (first..first + REACH).contains(number))
                && taken.insert(number)
            {
                kept.insert(planned.place, number);
            }
        }
        kept
    }

    fn memory(&self) -> Value {
        json!(Memory { columns: self.mapping.clone(), dates: self.chosen.dates })
    }
}

fn planned(place: usize, judged: Judged, free: i64) -> Planned {
    let target = judged.target.as_ref().map(|stored| (stored.record.id.clone(), stored.rev));
    let label = judged.target.as_ref().map(|stored| (stored.record.reference.clone(), stored.record.name.clone()));
    let (fate, message) = if !judged.problems.is_empty() {
        (RowFate::Error, sentence(&judged.problems))
    } else {
        let fate = match (&target, judged.fields.is_empty()) {
            (None, _) => RowFate::Create,
            (Some(_), true) => RowFate::Unchanged,
            (Some(_), false) => RowFate::Change,
        };
        let left_out = (!judged.left_out.is_empty()).then(|| format!("Left out, for it is not here: {}.", judged.left_out.join("; ")));
        // The reference of a new risk stays where nobody has or had it.
        let renamed = match (&target, &judged.names.reference) {
            (None, Some(reference)) if registers::number_of(reference).is_none_or(|number| !(free..free + REACH).contains(&number)) => {
                Some(format!("It gets a reference of this workspace in place of {}.", reference.chars().take(40).collect::<String>()))
            }
            _ => None,
        };
        (fate, left_out.or(renamed))
    };
    Planned { fate, place, target, label, fields: judged.fields, message, problems: judged.problems }
}
