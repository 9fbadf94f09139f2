//! XLSX workbooks, read cell by cell.

use crate::{Book, Cell, Found, MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Refusal, Room, Row, Sheet, inflate};
use calamine::{CellErrorType, DataRef, ExcelDateTime, Reader, SheetType, Xlsx, XlsxError};
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Cells between two questions whether to go on.
const STRIDE: usize = 20_000;
/// Rows in which merged headings are looked for.
const HEAD: u32 = 20;

/// Whether a ZIP container holds a workbook: it has the parts of one, or is named one and is cut before they are listed.
pub(crate) fn is_workbook(bytes: &[u8], name: &str) -> bool {
    match zip::ZipArchive::new(Cursor::new(bytes)) {
        Ok(archive) => archive.file_names().any(|name| name.is_ok_and(|name| name.to_lowercase().starts_with("xl/"))),
        Err(_) => [".xlsx", ".xlsm"].iter().any(|ending| name.to_lowercase().ends_with(ending)),
    }
}

/// Reads every worksheet.
pub(crate) fn read(bytes: &[u8], watch: &mut dyn FnMut(usize) -> bool) -> Result<Book, Refusal> {
    inflate::measure(bytes, &mut || watch(0))?;
    // The reader's arithmetic on hostile references may overflow.
    catch_unwind(AssertUnwindSafe(|| sheets(bytes, watch))).unwrap_or(Err(Refusal::Damaged))
}

fn refusal(cause: XlsxError) -> Refusal {
    match cause {
        XlsxError::Password => Refusal::Locked,
        _ => Refusal::Damaged,
    }
}

/// A file that is read at most a few times over: many sheets may all be one part of it, each as large as is read.
struct Rationed<'a> {
    bytes: Cursor<&'a [u8]>,
    left: usize,
}

impl<'a> Rationed<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: Cursor::new(bytes), left: bytes.len().saturating_mul(8) + (1 << 20) }
    }
}

impl Read for Rationed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        self.left = self.left.checked_sub(read).ok_or(std::io::ErrorKind::FileTooLarge)?;
        Ok(read)
    }
}

impl Seek for Rationed<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.bytes.seek(to)
    }
}

fn sheets(bytes: &[u8], watch: &mut dyn FnMut(usize) -> bool) -> Result<Book, Refusal> {
    let mut workbook = Xlsx::new(Rationed::new(bytes)).map_err(refusal)?;
    let names: Vec<String> =
        workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).map(|sheet| sheet.name.clone()).collect();
    let mut seen = Seen::default();
    let mut sheets = Vec::with_capacity(names.len());
    for name in names {
        if !watch(seen.rows) {
            return Err(Refusal::Cancelled);
        }
        let rows = rows(&mut workbook, &name, &mut seen, watch)?;
        let merged = if has_gap(&rows) { merged(&mut workbook, &name) } else { Vec::new() };
        sheets.push(Sheet { name, rows: rows.into(), merged });
    }
    if sheets.iter().all(|sheet| sheet.rows.is_empty()) {
        return Err(Refusal::Empty);
    }
    Ok(Book { found: Found::Workbook, sheets })
}

/// What was come across so far, over all sheets.
#[derive(Default)]
struct Seen {
    /// Cells, those without a value among them.
    cells: usize,
    rows: usize,
    room: Room,
}

fn rows(workbook: &mut Xlsx<Rationed<'_>>, name: &str, seen: &mut Seen, watch: &mut dyn FnMut(usize) -> bool) -> Result<Vec<Row>, Refusal> {
    let mut cells = workbook.worksheet_cells_reader(name).map_err(refusal)?;
    let mut rows: Vec<Row> = Vec::new();
    while let Some(cell) = cells.next_cell().map_err(refusal)? {
        seen.cells += 1;
        if seen.cells.is_multiple_of(STRIDE) && !watch(seen.rows) {
            return Err(Refusal::Cancelled);
        }
        if seen.cells > MAX_CELLS {
            return Err(Refusal::TooManyCells);
        }
        let (row, column) = cell.get_position();
        let value = cell.get_value();
        if is_empty(value) {
            continue;
        }
        let (row, column) = (usize::try_from(row).unwrap_or(usize::MAX - 1) + 1, usize::try_from(column).unwrap_or(usize::MAX));
        if column >= MAX_COLUMNS {
            return Err(Refusal::TooManyColumns);
        }
        // Rows stand in order; one that does not is a workbook that no program writes.
        match rows.last() {
            Some(last) if last.number == row => {}
            Some(last) if last.number > row => return Err(Refusal::Damaged),
            _ => {
                finish(&mut rows);
                if rows.len() == MAX_ROWS {
                    return Err(Refusal::TooManyRows);
                }
                seen.rows += 1;
                seen.room.row()?;
                rows.push(Row { number: row, cells: Vec::new() });
            }
        }
        seen.room.text(text_of(value).map_or(0, str::len))?;
        if let Some(last) = rows.last_mut() {
            if last.cells.len() <= column {
                seen.room.cells(column + 1 - last.cells.len())?;
                last.cells.resize(column + 1, Cell::Empty);
            }
            last.cells[column] = cell_of(value);
        }
    }
    finish(&mut rows);
    Ok(rows)
}

/// Gives back the room that the last row was made with and does not need; leaves the row out where it is blank.
fn finish(rows: &mut Vec<Row>) {
    if let Some(row) = rows.last_mut() {
        row.cells.shrink_to_fit();
        if row.is_blank() {
            rows.pop();
        }
    }
}

/// The text of a cell that holds one.
fn text_of<'a>(value: &'a DataRef<'_>) -> Option<&'a str> {
    match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Some(text),
        DataRef::SharedString(text) => Some(text),
        DataRef::Empty | DataRef::Int(_) | DataRef::Float(_) | DataRef::Bool(_) | DataRef::DateTime(_) | DataRef::Error(_) => None,
    }
}

fn is_empty(value: &DataRef<'_>) -> bool {
    *value == DataRef::Empty || text_of(value).is_some_and(str::is_empty)
}

fn cell_of(value: &DataRef<'_>) -> Cell {
    let text = |text: &str| Cell::Text(text.into());
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::String(value) => text(value),
        DataRef::SharedString(value) => text(value),
        #[expect(clippy::cast_precision_loss, reason = "a spreadsheet's numbers are all f64")]
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Bool(flag) => Cell::Flag(*flag),
        DataRef::DateTime(at) => day(at),
        DataRef::DateTimeIso(iso) => iso.get(..10).and_then(|day| day.parse().ok()).map_or_else(|| text(iso), Cell::Day),
        DataRef::DurationIso(iso) => text(iso),
        DataRef::Error(fault) => Cell::Fault(match fault {
            CellErrorType::Div0 => "#DIV/0!",
            CellErrorType::NA => "#N/A",
            CellErrorType::Name => "#NAME?",
            CellErrorType::Null => "#NULL!",
            CellErrorType::Num => "#NUM!",
            CellErrorType::Ref => "#REF!",
            CellErrorType::Value => "#VALUE!",
            CellErrorType::GettingData => "#DATA!",
        }),
    }
}

/// The day of a date cell; its number where it is a time span or lies outside the calendar.
fn day(at: &ExcelDateTime) -> Cell {
    let (year, month, day, ..) = at.to_ymd_hms_milli();
    let whole = |number: u8| i8::try_from(number).unwrap_or(0);
    let date = i16::try_from(year).ok().and_then(|year| jiff::civil::Date::new(year, whole(month), whole(day)).ok());
    match date {
        Some(date) if at.is_datetime() && at.as_f64() >= 1.0 => Cell::Day(date),
        _ => Cell::Number(at.as_f64()),
    }
}

/// Whether one of the first rows lacks a cell that others have, as a heading over several columns leaves it.
fn has_gap(rows: &[Row]) -> bool {
    let first = || rows.iter().take(HEAD as usize);
    let widest = first().map(|row| row.cells.len()).max().unwrap_or(0);
    first().any(|row| row.cells.len() < widest || row.cells.iter().any(Cell::is_blank))
}

fn merged(workbook: &mut Xlsx<Rationed<'_>>, name: &str) -> Vec<(usize, usize, usize)> {
    let place = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let regions = workbook.merge_cells_by_sheet_name(name).unwrap_or_default();
    let wide = regions.iter().filter(|region| region.start.0 < HEAD && region.end.1 > region.start.1);
    wide.map(|region| (place(region.start.0) + 1, place(region.start.1), place(region.end.1))).take(1_000).collect()
}
