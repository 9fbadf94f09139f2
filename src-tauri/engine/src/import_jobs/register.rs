//! What a file with a register of risks would do, row by row, and doing it as one step.

use super::answer::{Choices, ImportedRegister, RegisterColumn, Tally};
use super::judge::{Beside, Judge, Judged, sentence};
use super::source::{Sentence, Source};
use super::{ImportRow, RowFate, Verdict};
use crate::error::Error;
use crate::register::{self, CellProblem, DateOrder, Field, Mapping, Reading, SheetAction, Table};
use crate::store::Tx;
use crate::store::records;
use crate::store::registers::{self, Links};
use amtia_domain::Problems;
use amtia_domain::matrix::Matrix;
use amtia_domain::risk::Risk;
use amtia_domain::words::Word;
use amtia_exchange::{Book, Found, Row};
use jiff::Timestamp;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Rows between two questions whether to go on.
const STRIDE: usize = 250;
/// Wrong rows of the other sheets that are told of one by one.
const TOLD_BESIDE: usize = 10_000;
/// How far beyond the next reference one of a file may lie and be kept.
const REACH: i64 = 1_000_000;

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

impl Planned {
    /// A row of another sheet, with what is wrong with it.
    fn wrong(message: String) -> Self {
        Self { fate: RowFate::Error, place: 0, target: None, label: None, fields: Vec::new(), message: Some(message), problems: Vec::new() }
    }
}

/// A register that was read and compared.
pub(super) struct RegisterPlan {
    pub(super) source: Arc<Source>,
    pub(super) chosen: Chosen,
    table: Table,
    mapping: Mapping,
    remembered: bool,
    sheets: Vec<String>,
    beside: Beside,
    rows: Vec<Planned>,
    tally: Tally,
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
        now: Timestamp,
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
        let mut tally = Tally::default();
        let mut plan =
            Self { source, chosen, table, mapping, remembered: by_memory, sheets, beside: Beside::default(), rows: Vec::new(), tally };
        plan.chosen.sheet = Some(sheet);
        let (wrong_notes, mut orphans) = plan.read_beside(matrix);
        let total = plan.table.rows.len();
        let mut rows = Vec::with_capacity(total);
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut judge = plan.judge(connection, matrix, now);
        let (mut named, mut told): (HashSet<String>, usize) = (HashSet::new(), 0);
        let free = registers::next_number(connection)?;
        for (place, row) in plan.table.rows.iter().enumerate() {
            if place.is_multiple_of(STRIDE) && !watch(place, total) {
                return Ok(Err("Reading was cancelled; nothing was imported: import the file again when you want to.".into()));
            }
            let mut judged = judge.judge(row)?;
            plan.refuse_second(&mut judged, row, &mut seen, &judge.reading);
            named.extend([&judged.names.id, &judged.names.reference].into_iter().flatten().cloned());
            tally.count(&judged);
            let mut planned = planned(place, judged, free);
            told += planned.problems.len();
            if told > register::TOLD {
                planned.problems.truncate(1);
                planned.problems.shrink_to_fit();
            }
            rows.push(planned);
        }
        drop(judge);
        orphans
            .extend(plan.beside.actions.iter().filter(|(risk, _)| !named.contains(*risk)).flat_map(|(_, actions)| actions.iter().cloned()));
        orphans.sort_by_key(SheetAction::row);
        let all = orphans.len() + wrong_notes.len();
        let orphans = orphans.iter().map(orphaned);
        let notes = wrong_notes
            .iter()
            .map(|(row, heading)| Planned::wrong(format!("Row {row} of the history notes: “{heading}” is missing or no such value.")));
        rows.extend(orphans.chain(notes).take(TOLD_BESIDE));
        if all > TOLD_BESIDE {
            rows.push(Planned::wrong(format!("{} more rows of the other sheets are wrong.", all - TOLD_BESIDE)));
        }
        rows.iter_mut().enumerate().skip(total).for_each(|(place, row)| row.place = place);
        (plan.rows, plan.tally) = (rows, tally);
        Ok(Ok(plan))
    }

    /// Reads the other sheets. Answers the rows of notes that are none, and the actions that name no risk.
    fn read_beside(&mut self, matrix: &Matrix) -> (Vec<(usize, &'static str)>, Vec<SheetAction>) {
        let Source::Book(book) = &*self.source else { return Default::default() };
        let (notes, wrong) = register::notes(book);
        let mut beside = Beside { notes, ..Beside::default() };
        let mut nameless = Vec::new();
        for action in register::actions(book, &self.reading(matrix)) {
            match &action.risk {
                Some(risk) => beside.actions.entry(risk.clone()).or_default().push(action),
                None => nameless.push(action),
            }
        }
        self.beside = beside;
        (wrong, nameless)
    }

    fn reading<'a>(&'a self, matrix: &'a Matrix) -> Reading<'a> {
        Reading { table: &self.table, mapping: &self.mapping, order: self.chosen.dates, matrix }
    }

    fn judge<'a>(&'a self, connection: &'a Connection, matrix: &'a Matrix, now: Timestamp) -> Judge<'a> {
        let (reading, links) = (self.reading(matrix), Links::default());
        Judge { reading, connection, links, beside: &self.beside, leave_out: self.chosen.leave_out_links, now }
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

    /// About how many bytes of memory it takes.
    pub(super) fn weight(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let problem = |problem: &CellProblem| size_of::<CellProblem>() + length(&problem.heading) + problem.message.len();
        let row = |row: &Planned| size_of::<Planned>() + length(&row.message) + row.problems.iter().map(problem).sum::<usize>();
        self.source.weight() + self.beside.weight() + self.rows.iter().map(row).sum::<usize>()
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
            missing_links: self.tally.missing_links,
            notes: self.tally.notes,
            actions: self.tally.actions,
            acceptances_left: self.tally.acceptances_left,
            documents_left: self.tally.documents_left,
            rows: self.table.rows.len(),
        }
    }

    /// Stores what the rows say, as one step: each is judged again, and must do what the dry run said.
    ///
    /// # Errors
    /// 412 where the workspace changed since; a cancelled import; the database's.
    pub(super) fn store(&self, tx: &Tx<'_>, import: &str, file: &str, matrix: &Matrix, going: &dyn Fn(usize) -> bool) -> Result<(), Error> {
        registers::open_step(tx, import, file)?;
        let mut judge = self.judge(tx.connection, matrix, tx.now);
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
                (None, Some(risk)) => {
                    let number = kept.get(&planned.place).copied().unwrap_or_else(|| {
                        next += 1;
                        next - 1
                    });
                    let known_id = judged.names.id.is_some();
                    let id = judged.names.id.unwrap_or_else(|| crate::ids::new(tx.now));
                    registers::add(tx, Risk { id, reference: Risk::reference_of(number), ..risk }, known_id)?
                }
                (_, None) => return Err(Error::internal("a row without problems makes a risk")),
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

/// A row of a sheet of actions that is about no risk of the file.
fn orphaned(action: &SheetAction) -> Planned {
    let problems = vec![action.orphaned()];
    let label = Some((action.risk.clone().unwrap_or_default(), action.title.clone().unwrap_or_default()));
    let wrong = Planned::wrong(sentence(&problems).unwrap_or_default());
    Planned { label, problems, ..wrong }
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
