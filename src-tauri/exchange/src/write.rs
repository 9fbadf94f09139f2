//! Tables out: a workbook, or text with a separator. The same rows give the same bytes.

use crate::{Cell, MAX_ROWS, guard};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationRule, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};
use std::borrow::Cow;

/// UTF-16 units that a cell of a workbook holds at the most.
pub const MAX_CELL: usize = 32_767;

/// What may be chosen in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// One of these words.
    Words(Vec<String>),
    /// A whole number from the first to the second.
    Whole(u8, u8),
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What stands above it.
    pub heading: String,
    /// Its width in characters.
    pub width: u16,
    /// What a spreadsheet program offers in its cells.
    pub choice: Option<Choice>,
}

/// A table to write.
pub struct Written<'a> {
    /// The sheet's name.
    pub name: &'a str,
    /// Its columns.
    pub columns: &'a [Column],
    /// Its rows.
    pub rows: &'a mut dyn Iterator<Item = Vec<Cell>>,
}

/// What no workbook holds. Places are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwritable {
    /// A text of more than [`MAX_CELL`] units.
    TooLong {
        /// The sheet.
        sheet: usize,
        /// The row below the heading.
        row: usize,
        /// The column.
        column: usize,
    },
    /// More rows than are read again: [`MAX_ROWS`], the heading among them.
    TooManyRows {
        /// The sheet.
        sheet: usize,
    },
}

/// A workbook. Text is written as text, never as a formula. `made` is the moment it says that it was made.
///
/// It is put together in memory: a library that keeps less there writes what it does not keep to disk, in the clear.
///
/// # Errors
/// See [`Unwritable`].
pub fn xlsx(sheets: Vec<Written<'_>>, made: Timestamp) -> Result<Vec<u8>, Unwritable> {
    let mut workbook = Workbook::new();
    let at = made.to_zoned_datetime(TimeZone::UTC);
    let date = excel_day(at.date()).and_then(|day| {
        let part = |number: i8| u8::try_from(number).unwrap_or(0);
        day.and_hms(u16::from(part(at.hour())), part(at.minute()), f64::from(part(at.second()))).ok()
    });
    let properties = DocProperties::new();
    workbook.set_properties(&match date {
        Some(date) => properties.set_creation_datetime(&date),
        None => properties,
    });
    for (place, sheet) in sheets.into_iter().enumerate() {
        let worksheet = workbook.add_worksheet();
        fill(worksheet, sheet, place)?;
    }
    Ok(workbook.save_to_buffer().expect("names of sheets and counts of rows and columns are within the limits of the format"))
}

/// Fills the sheet that stands at a place of the workbook.
fn fill(worksheet: &mut Worksheet, sheet: Written<'_>, place: usize) -> Result<(), Unwritable> {
    let heading = Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0x00E8_ECF1))
        .set_border_bottom(FormatBorder::Thin)
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter);
    let days = Format::new().set_num_format("yyyy-mm-dd");
    let limits = "within the limits of the format";
    worksheet.set_name(sheet.name).expect(limits);
    worksheet.set_freeze_panes(1, 0).expect(limits);
    for (place, column) in (0u16..).zip(sheet.columns) {
        worksheet.write_string_with_format(0, place, &column.heading, &heading).expect(limits);
        worksheet.set_column_width(place, f64::from(column.width)).expect(limits);
    }
    let mut last = 0;
    for (at, cells) in sheet.rows.enumerate() {
        if at + 1 == MAX_ROWS {
            return Err(Unwritable::TooManyRows { sheet: place });
        }
        let row = u32::try_from(at + 1).expect(limits);
        last = row;
        for (column, cell) in (0u16..).zip(&cells) {
            let written = match cell {
                Cell::Empty => continue,
                Cell::Text(text) if text.is_empty() => continue,
                Cell::Text(text) => worksheet.write_string(row, column, &**text).map(drop),
                Cell::Number(number) => worksheet.write_number(row, column, *number).map(drop),
                Cell::Flag(flag) => worksheet.write_boolean(row, column, *flag).map(drop),
                Cell::Day(day) => match excel_day(*day) {
                    Some(at) => worksheet.write_datetime_with_format(row, column, &at, &days).map(drop),
                    None => worksheet.write_string(row, column, day.to_string()).map(drop),
                },
                Cell::Fault(fault) => worksheet.write_string(row, column, *fault).map(drop),
            };
            match written {
                Ok(()) => {}
                Err(XlsxError::MaxStringLengthExceeded) => {
                    return Err(Unwritable::TooLong { sheet: place, row: at, column: usize::from(column) });
                }
                Err(other) => unreachable!("{other}: {limits}"),
            }
        }
    }
    let right = u16::try_from(sheet.columns.len().max(1) - 1).expect(limits);
    worksheet.autofilter(0, 0, last.max(1), right).expect(limits);
    for (place, column) in (0u16..).zip(sheet.columns) {
        let rule = match &column.choice {
            // A list that is too long for the format is not offered.
            Some(Choice::Words(words)) => DataValidation::new().allow_list_strings(words).ok(),
            Some(Choice::Whole(from, to)) => {
                Some(DataValidation::new().allow_whole_number(DataValidationRule::Between(i32::from(*from), i32::from(*to))))
            }
            None => None,
        };
        if let Some(rule) = rule {
            worksheet.add_data_validation(1, place, last.max(1) + 1_000, place, &rule).expect(limits);
        }
    }
    Ok(())
}

/// A day of the workbook's calendar, which counts right from 1 March 1900 on.
fn excel_day(day: Date) -> Option<ExcelDateTime> {
    if day < jiff::civil::date(1900, 3, 1) {
        return None;
    }
    let part = |number: i8| u8::try_from(number).unwrap_or(0);
    ExcelDateTime::from_ymd(u16::try_from(day.year()).ok()?, part(day.month()), part(day.day())).ok()
}

/// Text with a separator, in UTF-8 with the mark by which spreadsheet programs know it. What they would run as a formula is
/// written behind an apostrophe (see [`guarded`](crate::guarded)).
#[must_use]
pub fn csv(columns: &[Column], rows: &mut dyn Iterator<Item = Vec<Cell>>, separator: char) -> Vec<u8> {
    let mut text = String::from('\u{feff}');
    line(&mut text, separator, columns.iter().map(|column| guard::guarded(&column.heading)));
    for cells in rows {
        line(
            &mut text,
            separator,
            cells.iter().map(|cell| match cell {
                Cell::Empty => Cow::Borrowed(""),
                Cell::Text(text) => guard::guarded(text),
                Cell::Number(number) => number.to_string().into(),
                Cell::Flag(flag) => flag.to_string().into(),
                Cell::Day(day) => day.to_string().into(),
                Cell::Fault(fault) => (*fault).into(),
            }),
        );
    }
    text.into_bytes()
}

/// One line of CSV. A cell that holds any program's separator is quoted, so that those that know quotes keep it whole.
fn line<'a>(text: &mut String, separator: char, cells: impl Iterator<Item = Cow<'a, str>>) {
    let start = text.len();
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            text.push(separator);
        }
        if guard::needs_quotes(&cell) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(&cell);
        }
    }
    if text.len() == start {
        // A blank line would be no row.
        text.push_str("\"\"");
    }
    text.push_str("\r\n");
}
