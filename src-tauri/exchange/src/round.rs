//! What is written is read back the same.

use super::hostile::{SHEET, parts};
use super::*;
use jiff::Timestamp;

fn columns(headings: &[&str]) -> Vec<Column> {
    headings.iter().map(|heading| Column { heading: (*heading).to_owned(), width: 12, choice: None }).collect()
}

fn cell(text: &str) -> Cell {
    if text.is_empty() { Cell::Empty } else { Cell::Text(text.into()) }
}

/// Texts that go wrong elsewhere.
const ODD: &[&str] = &[
    "=1+1",
    "+33 1 23",
    "-",
    "@SUM(A1)",
    "'quoted",
    "'=x",
    "two\nlines",
    "two\r\nlines\rthree",
    "tab\there",
    "a;b,c|d\te",
    "a;=1",
    "a,=1",
    "a\t=1",
    "a|=1",
    "a\n=1",
    "a\r\n- b",
    "a; \"=1+1;b",
    "'a;'=1",
    "''a;''=1",
    "'a;=1",
    " =1",
    "\"q\"",
    "_x0041_ _x000D_",
    "<b>&amp;</b>",
    "\u{1F600} élève œuvre",
    "  inner   spaces  ",
    "1e5",
    "2026-11-24",
    "TRUE",
    "\u{feff}mark",
    "\u{200b}",
];

fn written(rows: &[Vec<Cell>], headings: &[&str]) -> Vec<u8> {
    let columns = columns(headings);
    let sheet = Written { name: "Risks", columns: &columns, rows: &mut rows.iter().cloned() };
    xlsx(vec![sheet], "2026-11-24T10:00:00Z".parse().expect("a time")).expect("it fits")
}

fn rows_of(bytes: &[u8], kind: Kind) -> Vec<Vec<Cell>> {
    let book = read(bytes, kind, &mut |_| true).expect("it is read");
    book.sheets[0].rows.iter().skip(1).map(|row| row.cells.clone()).collect()
}

#[test]
fn every_text_comes_back_as_it_was() {
    let rows: Vec<Vec<Cell>> = ODD.iter().map(|text| vec![cell("x"), cell(text), cell("y")]).collect();
    let bytes = written(&rows, &["A", "B", "C"]);
    assert_eq!(kind(&bytes, "any"), Some(Kind::Workbook));
    assert_eq!(rows_of(&bytes, Kind::Workbook), rows, "XLSX");
    assert_eq!(bytes, written(&rows, &["A", "B", "C"]), "the same rows give the same bytes");
    for separator in [',', ';'] {
        let bytes = csv(&columns(&["A", "B", "C"]), &mut rows.iter().cloned(), separator);
        assert!(bytes.starts_with(b"\xef\xbb\xbf"), "spreadsheets know UTF-8 by its mark");
        assert_eq!(rows_of(&bytes, Kind::Separated), rows, "CSV with {separator}");
        // Whatever separator a program splits the file at, and whether or not it takes quotes off, it finds no formula.
        for other in [b',', b';', b'\t', b'|'] {
            for quoting in [true, false] {
                let mut reader = ::csv::ReaderBuilder::new();
                let reader = reader.has_headers(false).flexible(true).delimiter(other).quoting(quoting).from_reader(&bytes[3..]);
                for field in reader.into_records().flat_map(|line| line.expect("a record").iter().map(str::to_owned).collect::<Vec<_>>()) {
                    let shown = field.trim_start_matches(|c: char| c == '"' || c.is_whitespace());
                    assert!(!shown.starts_with(['=', '+', '-', '@']), "{field:?} would be run");
                }
            }
        }
        let text = std::str::from_utf8(&bytes).expect("UTF-8");
        assert!(text.contains("\"a;b,c|d\te\""), "a cell that holds any separator is quoted");
    }
}

#[test]
fn any_text_comes_back_from_either_format() {
    const PIECES: [&str; 16] = ["'", "=", "-", "@", ";", ",", "\t", "|", "\n", "\r\n", "\"", "\"\"", " ", "_x000D_", "a", "é"];
    let mut seed = 7u64;
    let mut text = || {
        let mut text = String::from("x");
        for _ in 0..7 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(PIECES[usize::try_from(seed >> 60).unwrap_or(0)]);
        }
        text.split_off(usize::from(seed & 1024 == 0))
    };
    // The last cell of each row is there, so that none is left out at the end.
    let rows: Vec<Vec<Cell>> = (0..5_000).map(|_| vec![cell(&text()), cell(&text()), cell("end")]).collect();
    let headings = columns(&["A", "B", "C"]);
    let text = |separator: char| rows_of(&csv(&headings, &mut rows.iter().cloned(), separator), Kind::Separated);
    for back in [rows_of(&written(&rows, &["A", "B", "C"]), Kind::Workbook), text(','), text(';')] {
        assert_eq!(back.len(), rows.len());
        back.iter().zip(&rows).for_each(|(is, was)| assert_eq!(is, was));
    }
}

#[test]
fn numbers_days_and_flags_keep_their_kind_in_a_workbook() {
    let day = |text: &str| Cell::Day(text.parse().expect("a date"));
    let row = vec![Cell::Number(3.0), Cell::Number(-2.5), Cell::Flag(true), day("2026-11-24"), day("1900-03-01"), day("9999-12-31")];
    let bytes = written(std::slice::from_ref(&row), &["A", "B", "C", "D", "E", "F"]);
    assert_eq!(rows_of(&bytes, Kind::Workbook), [row]);
    let old = written(&[vec![day("1899-12-31"), day("1900-02-28")]], &["A", "B"]);
    assert_eq!(rows_of(&old, Kind::Workbook), [[cell("1899-12-31"), cell("1900-02-28")]], "before the calendar they are text");
}

#[test]
fn a_text_that_no_cell_holds_is_named() {
    let long = "é".repeat(MAX_CELL);
    assert_eq!(rows_of(&written(&[vec![cell(&long)]], &["A"]), Kind::Workbook), [[cell(&long)]], "the longest that fits");
    let columns = columns(&["A", "B"]);
    let rows = [vec![cell("a")], vec![cell("b"), cell(&format!("{long}x"))]];
    let sheet = Written { name: "Risks", columns: &columns, rows: &mut rows.iter().cloned() };
    assert_eq!(xlsx(vec![sheet], Timestamp::UNIX_EPOCH), Err(Unwritable::TooLong { sheet: 0, row: 1, column: 1 }));
}

#[test]
fn a_sheet_is_never_longer_than_is_read_again() {
    let columns = columns(&["A"]);
    let rows = |count: usize| std::iter::repeat_n(vec![cell("a")], count);
    let book = |count: usize| {
        let (mut one, mut other) = (rows(1), rows(count));
        let sheets = vec![
            Written { name: "Risks", columns: &columns, rows: &mut one },
            Written { name: "Notes", columns: &columns, rows: &mut other },
        ];
        xlsx(sheets, Timestamp::UNIX_EPOCH)
    };
    let longest = read(&book(MAX_ROWS - 1).expect("it fits"), Kind::Workbook, &mut |_| true).expect("it is read again");
    assert_eq!(longest.sheets[1].rows.len(), MAX_ROWS);
    assert_eq!(book(MAX_ROWS), Err(Unwritable::TooManyRows { sheet: 1 }));
    assert_eq!(book(1_048_576), Err(Unwritable::TooManyRows { sheet: 1 }), "more than the format holds");
}

#[test]
fn a_row_of_white_space_is_none() {
    let sheet = br#"<worksheet><sheetData><row r="1"><c r="A1" t="str"><v> </v></c></row><row r="2"><c r="A2" t="str"><v>a</v></c></row><row r="3"><c r="B3" t="str"><v> </v></c></row></sheetData></worksheet>"#;
    let workbook = read(&parts(&[(SHEET, sheet)]), Kind::Workbook, &mut |_| true).expect("read");
    let text = read(b" ,\na,b\n , \n", Kind::Separated, &mut |_| true).expect("read");
    for (book, cells) in [(workbook, vec![cell("a")]), (text, vec![cell("a"), cell("b")])] {
        assert_eq!(*book.sheets[0].rows, [Row { number: 2, cells }]);
    }
}

#[test]
fn a_merged_heading_and_an_error_are_told() {
    let sheet = br##"<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>Name</v></c><c r="B1" t="str"><v>Inherent</v></c><c r="C1"/></row><row r="2"><c r="A2" t="e"><v>#REF!</v></c><c r="B2"><v>2</v></c><c r="C2" t="b"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="B1:C1"/></mergeCells></worksheet>"##;
    let book = read(&parts(&[(SHEET, sheet)]), Kind::Workbook, &mut |_| true).expect("read");
    assert_eq!(book.sheets[0].merged, [(1, 1, 2)]);
    assert_eq!(book.sheets[0].rows[1].cells, [Cell::Fault("#REF!"), Cell::Number(2.0), Cell::Flag(true)]);
}
