//! Text with a separator: CSV, TSV and what spreadsheets make of them.

use crate::{Book, Cell, Found, MAX_COLUMNS, MAX_ROWS, Refusal, Room, Row, Sheet, text, unguarded};

/// What may stand between cells, in the order of preference.
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];
/// Bytes and records by which the separator is found.
const SAMPLE: usize = 64 * 1024;
const SAMPLE_RECORDS: usize = 40;
/// Rows between two questions whether to go on.
const STRIDE: usize = 1_000;

/// Whether a file without a telling name is a table: its first lines hold the same three cells or more, and the first is no
/// line of YAML.
pub(crate) fn looks_like(bytes: &[u8]) -> bool {
    if text::is_other(bytes) {
        return false;
    }
    let head = &bytes[..bytes.len().min(SAMPLE)];
    let Ok((text, _)) = text::decode(head) else { return false };
    let first = text.lines().next().unwrap_or("");
    let yaml = first.contains(": ") || first.ends_with(':') || first.starts_with("- ") || first.starts_with('#') || first.starts_with('[');
    let (separator, fields) = separator(&text);
    !yaml && fields > 2 && records(&text, separator).take(SAMPLE_RECORDS).count() > 1
}

/// Reads the one table of the file.
pub(crate) fn read(bytes: &[u8], watch: &mut dyn FnMut(usize) -> bool) -> Result<Book, Refusal> {
    let (text, encoding) = text::decode(bytes)?;
    let (hinted, body) = hint(&text);
    let separator = hinted.unwrap_or_else(|| separator(body).0);
    let shape = shape(body, separator);
    if shape.widest > MAX_COLUMNS {
        return Err(Refusal::TooManyColumns);
    }
    let (mut rows, mut room): (Vec<Row>, Room) = (Vec::new(), Room::default());
    let (mut number, mut width, mut even, mut last) = (usize::from(hinted.is_some()), 0, true, 0);
    for record in records(body, separator) {
        let start = usize::try_from(record.position().map_or(0, csv::Position::byte)).unwrap_or(0);
        number += blank_lines(body, start) + 1;
        if number > MAX_ROWS {
            return Err(Refusal::TooManyRows);
        }
        room.text(record.as_slice().len())?;
        if rows.len().is_multiple_of(STRIDE) && !watch(rows.len()) {
            return Err(Refusal::Cancelled);
        }
        if rows.is_empty() {
            (width, last) = (record.len(), record.len());
        } else {
            even &= last == width;
            last = record.len();
        }
        // What is empty at the end is never kept.
        let filled = (0..record.len()).rfind(|place| !record[*place].is_empty()).map_or(0, |place| place + 1);
        room.row()?;
        room.cells(filled)?;
        let row = Row { number, cells: record.iter().take(filled).map(cell_of).collect() };
        if !row.is_blank() {
            rows.push(row);
        } else if rows.is_empty() {
            width = 0;
        }
    }
    let whole_line = body.ends_with(['\n', '\r']);
    if shape.open || (!whole_line && even && rows.len() > 2 && last < width) {
        return Err(Refusal::Cut { row: number });
    }
    let sheet = Sheet { name: String::new(), rows: rows.into(), merged: Vec::new() };
    Ok(Book { found: Found::Separated { encoding, separator }, sheets: vec![sheet] })
}

/// How many blank lines stand from a place on, which the parser leaves out and a spreadsheet shows as rows.
fn blank_lines(text: &str, start: usize) -> usize {
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let run = &rest[..rest.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len())];
    // The second half of the line break before.
    let run = if start > 0 && text.as_bytes()[start - 1] == b'\r' { run.strip_prefix(b"\n").unwrap_or(run) } else { run };
    let breaks = run.iter().filter(|byte| **byte == b'\n').count();
    breaks + run.iter().enumerate().filter(|(at, byte)| **byte == b'\r' && run.get(at + 1) != Some(&b'\n')).count()
}

fn cell_of(text: &str) -> Cell {
    if text.is_empty() { Cell::Empty } else { Cell::Text(unguarded(text).into_owned().into()) }
}

/// The separator that a first line such as `sep=;` names, which spreadsheets write for one another.
fn hint(text: &str) -> (Option<char>, &str) {
    let named = text.strip_prefix("sep=").and_then(|rest| {
        let separator = rest.chars().next().filter(|c| SEPARATORS.contains(c))?;
        let rest = &rest[separator.len_utf8()..];
        rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')).map(|body| (separator, body))
    });
    named.map_or((None, text), |(separator, body)| (Some(separator), body))
}

/// The separator by which the first records have the same number of cells, the most cells where several do; and that number.
fn separator(text: &str) -> (char, usize) {
    let mut end = text.len().min(SAMPLE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let sample = &text[..end];
    let mut best = (0, SEPARATORS[0], 1);
    for separator in SEPARATORS {
        let widths: Vec<usize> = records(sample, separator).take(SAMPLE_RECORDS).map(|record| record.len()).collect();
        // The last one may be cut by the sample.
        let widths = if end < text.len() && widths.len() > 1 { &widths[..widths.len() - 1] } else { &widths[..] };
        let Some(width) = widths.first().copied().filter(|width| *width > 1) else { continue };
        let even = widths.iter().filter(|other| **other == width).count() * 100 / widths.len();
        let weight = if even >= 90 { 1_000 + width } else { even };
        if weight > best.0 {
            best = (weight, separator, width);
        }
    }
    (best.1, best.2)
}

fn records(text: &str, separator: char) -> impl Iterator<Item = csv::StringRecord> {
    let separator = u8::try_from(separator).unwrap_or(b',');
    let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
    // The text is UTF-8 and in memory, and rows may be of any length: nothing is left that could fail.
    reader.into_records().map_while(Result::ok)
}

/// What a text shows before it is taken apart.
struct Shape {
    /// The most cells in one row. The parser makes room for all of them before it tells how many they are.
    widest: usize,
    /// Whether the text ends within a quoted cell.
    open: bool,
}

fn shape(text: &str, separator: char) -> Shape {
    #[derive(Clone, Copy, PartialEq)]
    enum At {
        Start,
        Bare,
        Quoted,
        Quote,
    }
    let separator = u8::try_from(separator).unwrap_or(b',');
    let (mut at, mut width, mut widest) = (At::Start, 1, 1);
    for byte in text.bytes() {
        at = match (at, byte) {
            (At::Start, b'"') | (At::Quote, b'"') => At::Quoted,
            (At::Quoted, b'"') => At::Quote,
            (At::Quoted, _) => At::Quoted,
            (_, b'\n' | b'\r') => {
                width = 1;
                At::Start
            }
            (_, byte) if byte == separator => {
                width += 1;
                widest = widest.max(width);
                At::Start
            }
            _ => At::Bare,
        };
    }
    Shape { widest, open: at == At::Quoted }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Encoding;

    fn table(text: &str) -> (char, Vec<(usize, Vec<String>)>) {
        let book = read(text.as_bytes(), &mut |_| true).expect("a table");
        let Found::Separated { separator, encoding: Encoding::Utf8 } = book.found else {
            panic!("UTF-8 with a separator: {:?}", book.found)
        };
        let shown = |cell: &Cell| match cell {
            Cell::Text(text) => text.to_string(),
            other => {
                assert_eq!(*other, Cell::Empty, "a CSV file holds text");
                String::new()
            }
        };
        (separator, book.sheets[0].rows.iter().map(|row| (row.number, row.cells.iter().map(shown).collect())).collect())
    }

    fn row(number: usize, cells: &[&str]) -> (usize, Vec<String>) {
        (number, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn the_separator_is_found_whatever_stands_in_the_cells() {
        for (text, separator) in [
            ("a,b,c\n1,2,3\n", ','),
            ("a;b;c\n1,5;2,5;3,5\n", ';'),
            ("a;b;c\n\"x;y\";2;3\n", ';'),
            ("a,b,c\n\"x;y;z\",\"u;v;w\",3\n", ','),
            ("a\tb\n1,2\t3\n", '\t'),
            ("a|b|c\n1|2|3\n", '|'),
            ("sep=;\r\na;b\r\n1;2\r\n", ';'),
            ("name\nonly one\n", ','),
        ] {
            assert_eq!(table(text).0, separator, "{text:?}");
        }
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_shows_them() {
        let (_, rows) = table("a,b\r\n\"two\r\nlines\",x\r\n\r\n\r\n'=1,\"say \"\"hi\"\"\"\r\n");
        assert_eq!(rows, [row(1, &["a", "b"]), row(2, &["two\r\nlines", "x"]), row(5, &["=1", "say \"hi\""])]);
        assert_eq!(table("sep=;\na;b\n1;2\n").1, [row(2, &["a", "b"]), row(3, &["1", "2"])]);
        assert_eq!(table("\n\na,b\n,\n1,2\n").1, [row(3, &["a", "b"]), row(5, &["1", "2"])]);
    }

    #[test]
    fn a_file_that_is_cut_is_refused() {
        let whole = "a,b,c\n1,2,3\n4,5,6\n7,\"eight\n8\",9\n";
        let refused = |text: &str| read(text.as_bytes(), &mut |_| true).err();
        assert_eq!(refused(whole), None);
        assert_eq!(refused(whole.trim_end()), None, "the last line break may be missing");
        assert_eq!(refused("a,b,c\n1,2,3\n4,5,6\n7,\"eig"), Some(Refusal::Cut { row: 4 }), "within quotes");
        assert_eq!(refused("a,b,c\n1,2,3\n4,5,6\n7,8"), Some(Refusal::Cut { row: 4 }), "within a row");
        assert_eq!(refused("a,b,c\n1,2,3\n4,5\n7,8"), None, "a file whose rows end early by habit");
        assert_eq!(refused("a,5\" pipe,c\n1,2,3\n"), None, "a quote within a cell opens nothing");
    }

    #[test]
    fn limits_hold_and_a_caller_can_stop() {
        let many = "a,b\n".to_owned() + &"1,2\n".repeat(MAX_ROWS);
        assert_eq!(read(many.as_bytes(), &mut |_| true).err(), Some(Refusal::TooManyRows));
        assert_eq!(read(many.as_bytes(), &mut |done| done < 5_000).err(), Some(Refusal::Cancelled));
        let wide = ",x".repeat(MAX_COLUMNS + 1);
        assert_eq!(read(wide.as_bytes(), &mut |_| true).err(), Some(Refusal::TooManyColumns));
    }

    #[test]
    fn a_table_is_known_by_its_lines() {
        for (text, is) in [
            ("Name;Owner;Status\na;b;c\n", true),
            ("Name,Owner,Status\n", false),
            ("urn: urn:a:b\nlocale: en, fr, de\n", false),
            ("# a, b, c\n1, 2, 3\n", false),
            ("{\"a\":1,\"b\":2,\"c\":3}\n", false),
            ("just words\nand more\n", false),
        ] {
            assert_eq!(looks_like(text.as_bytes()), is, "{text:?}");
        }
    }
}
