//! Hostile workbooks and tables cost nothing.

use super::*;
use std::io::{Cursor, Write as _};
use zip::write::{SimpleFileOptions, ZipWriter};

/// A workbook of these parts beside what every workbook has and they do not.
pub(crate) fn parts(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let always: &[(&str, &[u8])] = &[
        ("_rels/.rels", br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#),
        ("xl/workbook.xml", br#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#),
        ("xl/_rels/workbook.xml.rels", br#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#),
    ];
    let always = always.iter().filter(|(name, _)| parts.iter().all(|(own, _)| own != name));
    for (name, content) in always.chain(parts) {
        zip.start_file(*name, SimpleFileOptions::default()).expect("begun");
        zip.write_all(content).expect("written");
    }
    zip.finish().expect("whole").into_inner()
}

/// The one sheet of such a workbook.
pub(crate) const SHEET: &str = "xl/worksheets/sheet1.xml";

fn refused(bytes: &[u8]) -> Option<Refusal> {
    read(bytes, Kind::Workbook, &mut |_| true).err()
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_read() {
    let one = parts(&[(
        SHEET,
        br#"<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row></sheetData></worksheet>"#,
    )]);
    assert_eq!(refused(&one), None, "the parts make a workbook");
    let spaces = [&b"<worksheet>"[..], &vec![b' '; 401 << 20]].concat();
    let bomb = parts(&[(SHEET, &spaces)]);
    assert!(bomb.len() < 1 << 20, "it is small: {}", bomb.len());
    assert_eq!(refused(&bomb), Some(Refusal::Bomb), "a sheet");
    assert_eq!(refused(&parts(&[("xl/styles.xml", &vec![b' '; 17 << 20])])), Some(Refusal::Bomb), "any other part");
    let strings = [&b"<sst>"[..], &b"<si/>".repeat(4_000_001)].concat();
    assert_eq!(refused(&parts(&[("xl/sharedStrings.xml", &strings)])), Some(Refusal::Bomb), "a list of texts");
    let claim = br#"<sst uniqueCount="99999999999"><si><t>a</t></si></sst>"#;
    assert_eq!(refused(&parts(&[("xl/SharedStrings.xml", claim)])), Some(Refusal::Bomb), "a list that claims to be long");
    let wide: Vec<u8> = "<sst>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(refused(&parts(&[("xl/sharedStrings.xml", &wide)])), Some(Refusal::Damaged), "a part in UTF-16");
}

#[test]
fn a_workbook_that_is_cut_or_broken_is_refused() {
    let whole = parts(&[(SHEET, br#"<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>"#)]);
    for part in [0, 4, 30, whole.len() / 2, whole.len() - 1] {
        let cut = &whole[..part];
        assert!(matches!(refused(cut), Some(Refusal::Damaged)), "cut to {part}: {:?}", refused(cut));
    }
    assert_eq!(kind(&whole[..40], "register.xlsx"), Some(Kind::Workbook), "a cut one is still called one");
    assert_eq!(kind(b"PK\x03\x04rest", "x.json"), None, "any other container is not");
    let sheet = |rows: &str| parts(&[(SHEET, format!("<worksheet><sheetData>{rows}</sheetData></worksheet>").as_bytes())]);
    let row = |number: &str, reference: &str| format!("<row r=\"{number}\"><c r=\"{reference}\"><v>1</v></c></row>");
    for (rows, expected) in [
        (row("1", "A99999999999"), Refusal::Damaged),
        (row("1", "ZZZZZZZZ1"), Refusal::Damaged),
        (row("1", "XFD1"), Refusal::TooManyColumns),
        (format!("{}{}", row("5", "A5"), row("2", "A2")), Refusal::Damaged),
        (String::new(), Refusal::Empty),
    ] {
        let found = refused(&sheet(&rows));
        assert!(
            found == Some(expected.clone()) || found == Some(Refusal::TooManyColumns) && expected == Refusal::Damaged,
            "{rows}: {found:?}"
        );
    }
    let many: String = (1..=MAX_ROWS + 1).map(|number| format!("<row><c r=\"A{number}\"><v>1</v></c></row>")).collect();
    assert_eq!(refused(&sheet(&many)), Some(Refusal::TooManyRows));
    assert_eq!(read(&sheet(&many), Kind::Workbook, &mut |done| done < 50_000).err(), Some(Refusal::Cancelled));
}

#[test]
fn cells_that_only_fill_up_a_row_are_counted() {
    let rows = MAX_CELLS / (MAX_COLUMNS + 2) + 1;
    let separated = format!("{}x\n", ",".repeat(MAX_COLUMNS - 1)).repeat(rows);
    assert_eq!(read(separated.as_bytes(), Kind::Separated, &mut |_| true).err(), Some(Refusal::TooManyCells), "text");
    let sheet = |rows: std::ops::Range<usize>| {
        let rows: String = rows.map(|row| format!("<row><c r=\"IV{row}\"><v>1</v></c></row>")).collect();
        format!("<worksheet><sheetData>{rows}</sheetData></worksheet>").into_bytes()
    };
    assert_eq!(refused(&parts(&[(SHEET, &sheet(1..rows + 1))])), Some(Refusal::TooManyCells), "a workbook");
    let read = read(format!("a,b\n1{}\n", ",".repeat(255)).as_bytes(), Kind::Separated, &mut |_| true).expect("read");
    assert!(read.sheets[0].rows[1].cells.capacity() < 8, "empty cells at the end take no room: {:?}", read.sheets[0].rows[1]);
}

#[test]
fn a_cell_at_the_far_corner_costs_nothing() {
    let sheet = |cell: &str| {
        let first = r#"<row r="1"><c r="A1" t="str"><v>a</v></c></row>"#;
        parts(&[(
            SHEET,
            format!(
                r#"<worksheet><dimension ref="A1:XFD1048576"/><sheetData>{first}<row r="1048576">{cell}</row></sheetData></worksheet>"#
            )
            .as_bytes(),
        )])
    };
    assert_eq!(refused(&sheet(r#"<c r="XFD1048576"><v>1</v></c>"#)), Some(Refusal::TooManyColumns), "with a value");
    let book = read(&sheet(r#"<c r="XFD1048576" s="1"/>"#), Kind::Workbook, &mut |_| true).expect("nothing stands there");
    assert_eq!(book.sheets[0].rows.len(), 1);
    let book = read(&sheet(r#"<c r="A1048576"><v>1</v></c>"#), Kind::Workbook, &mut |_| true).expect("rows between take no room");
    assert_eq!(book.sheets[0].rows[1], Row { number: 1_048_576, cells: vec![Cell::Number(1.0)] });
}

const LINKS: &str = "xl/_rels/workbook.xml.rels";
const KIND: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet";

#[test]
fn no_part_that_can_be_read_escapes_the_count() {
    let spaces = [&b"<worksheet>"[..], &vec![b' '; 3 << 20]].concat();
    let many: Vec<(String, &[u8])> = (0..140).map(|number| (format!("xl/part{number}.xml"), &spaces[..])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, content)| (name.as_str(), *content)).collect();
    assert_eq!(refused(&parts(&many)), Some(Refusal::Bomb), "many parts, each small enough");
    for target in ["worksheets/sheet1.bin", "/xl/worksheets/sheet1", "../customXml/item1.xml", "sheet&#46;xml.bin", "SHEET1.PNG"] {
        let links = format!(r#"<Relationships><Relationship Target="{target}" Type="{KIND}" Id="r1"/></Relationships>"#);
        assert_eq!(refused(&parts(&[(LINKS, links.as_bytes())])), Some(Refusal::Damaged), "a sheet that is not taken apart: {target}");
    }
    let one = br#"<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>"#;
    let noise = vec![0u8; 17 << 20];
    let beside: &[(&str, &[u8])] = &[("xl/media/image1.bmp", &noise), ("customXml/item1.xml", &noise), (SHEET, one)];
    assert_eq!(refused(&parts(beside)), None, "pictures and the like are never read");
}

#[test]
fn what_a_reader_would_copy_again_and_again_is_refused() {
    let long = "a".repeat(1 << 20);
    let styles = |names: &str, formats: &str| format!("<styleSheet>{names}<cellXfs>{formats}</cellXfs></styleSheet>").into_bytes();
    let name = format!(r#"<numFmts><numFmt numFmtId="200" formatCode="{long}"/></numFmts>"#);
    let font = format!(r#"<fonts><font><name val="{long}"/></font></fonts>"#);
    let formats = r#"<xf numFmtId="200" fontId="0"/>"#.repeat(50_000);
    for (what, content) in [("a format's name", styles(&name, &formats)), ("a font's name", styles(&font, &formats))] {
        assert_eq!(refused(&parts(&[("xl/worksheets/../styles.xml", &content)])), Some(Refusal::Bomb), "{what}");
        assert_eq!(refused(&parts(&[("xl/styles.xml", &content)])), Some(Refusal::Bomb), "{what}");
    }
    assert_eq!(refused(&parts(&[("xl/styles.xml", &styles("", &"<xf/>".repeat(500_001)))])), Some(Refusal::Bomb), "formats");
    let links = format!(r#"<Relationships><Relationship Id="r1" Type="{KIND}" Target="{long}.xml"/></Relationships>"#);
    assert_eq!(refused(&parts(&[(LINKS, links.as_bytes())])), Some(Refusal::Bomb), "a part's name");
    let sheets = format!("<workbook><sheets>{}</sheets></workbook>", r#"<sheet name="S" r:id="r1"/>"#.repeat(1_001));
    assert_eq!(refused(&parts(&[("xl/workbook.xml", sheets.as_bytes())])), Some(Refusal::Bomb), "sheets");
    let names = format!("<workbook>{}", "<x:definedName name='a'>b</x:definedName>".repeat(500_000));
    let package =
        r#"<Relationships><Relationship Id="r1" Type="a/relationships/officeDocument" Target="xl/worksheets/a.xml"/></Relationships>"#;
    let hidden: &[(&str, &[u8])] = &[("_rels/.rels", package.as_bytes()), ("xl/worksheets/a.xml", names.as_bytes())];
    assert_eq!(refused(&parts(hidden)), Some(Refusal::Bomb), "a workbook's names where a sheet would be");
}

#[test]
fn what_the_parser_itself_would_keep_is_refused() {
    for (what, content) in [
        ("a text", " ".repeat(5 << 20)),
        ("a comment", format!("<!-- {} -->", "<a>".repeat(2 << 20))),
        ("a tag", format!("<a b='{}'/>", "<a>".repeat(2 << 20))),
        ("tags within tags", "<a>".repeat(300)),
        ("merged cells", "<mergeCell/>".repeat(1_000_001)),
        ("texts under another name", "<x:si/>".repeat(4_000_001)),
        ("a claim", "<sst count='1' uniqueCount \n=\n'99999999999'>".to_owned()),
    ] {
        assert_eq!(refused(&parts(&[(SHEET, format!("<worksheet>{content}").as_bytes())])), Some(Refusal::Bomb), "{what}");
    }
}

#[test]
fn many_sheets_that_are_one_part_are_read_a_few_times_alone() {
    let mut seed = 1u64;
    let mut cell = |row: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!(r#"<row r="{row}"><c r="A{row}"><v>{seed}</v></c></row>"#)
    };
    let rows: String = (1..=20_000).map(&mut cell).collect();
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let book = |sheets: usize| {
        let list: String = (0..sheets).map(|number| format!(r#"<sheet name="S{number}" r:id="r1"/>"#)).collect();
        let list = format!("<workbook><sheets>{list}</sheets></workbook>");
        parts(&[("xl/workbook.xml", list.as_bytes()), (SHEET, sheet.as_bytes())])
    };
    assert_eq!(refused(&book(2)), None);
    assert_eq!(refused(&book(40)), Some(Refusal::Damaged));
}
