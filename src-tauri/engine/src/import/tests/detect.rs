//! What files are taken for.

use super::super::Refusal;
use super::super::detect::{Syntax, sniff, text};

fn what(bytes: &[u8], name: &str) -> String {
    let refusal = text(bytes).and_then(|text| sniff(&text, name).map(|_| ())).expect_err("refused");
    refusal.to_string()
}

#[test]
fn files_of_other_kinds_are_named() {
    let rows: &[(&[u8], &str, &str)] = &[
        (b"PK\x03\x04....xl/workbook.xml", "a.xlsx", "an XLSX workbook"),
        (b"PK\x03\x04....word/document.xml", "a.docx", "a Word document"),
        (b"PK\x03\x04....readme", "a.zip", "a ZIP archive"),
        (b"%PDF-1.7", "a.pdf", "a PDF document"),
        (b"\x1f\x8b\x08\x00", "a.gz", "a gzip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls", "an old Office document"),
        (b"ref;title;text\nA;B;C\nD;E;F\n", "a.txt", "a table (CSV)"),
        (b"ref,title\n", "a.csv", "a table (CSV)"),
        (b"<!DOCTYPE html><html></html>", "a.yaml", "a web page"),
        (b"<?xml version='1.0'?><catalog xmlns='http://csrc.nist.gov/ns/oscal/1.0'/>", "a.xml", "an OSCAL catalog in XML"),
        (b"<?xml version='1.0'?><NessusClientData_v2/>", "a.nessus", "a Nessus scan report"),
        (b"<a/>", "a.xml", "an XML file"),
    ];
    for (bytes, name, expected) in rows {
        let sentence = what(bytes, name);
        assert!(sentence.starts_with(&format!("This is {expected}")), "{sentence}");
    }
}

#[test]
fn encodings() {
    for (bytes, refusal) in [
        (&b""[..], Refusal::Empty),
        (b" \n\t ", Refusal::Empty),
        (b"\xef\xbb\xbf", Refusal::Empty),
        (b"\0\0\0\0", Refusal::Empty),
        (b"name: caf\xe9 au lait\n", Refusal::Encoding { what: "not in UTF-8 (it looks like Latin-1 or Windows-1252)" }),
        (b"a: \xff\x00\x01\x02\x03", Refusal::Encoding { what: "no text but binary data" }),
        (b"{\0\"\0a\0\"\0", Refusal::Encoding { what: "text in UTF-16 without its byte order mark" }),
        (b"\xff\xfe\0\0a\0\0\0", Refusal::Encoding { what: "text in UTF-32" }),
        (b"\xff\xfea\0\x00\xd8b\0", Refusal::Encoding { what: "damaged UTF-16 text" }),
        (b"a: 1\nb: \xc3", Refusal::Truncated { line: 2, byte: 9 }),
        (b"a: 1\nb: 2\0\0\0", Refusal::Truncated { line: 2, byte: 9 }),
        (b"\xff\xfea\0b", Refusal::Truncated { line: 1, byte: 3 }),
        (b"\xff\xfea\0\x00\xd8", Refusal::Truncated { line: 1, byte: 4 }),
    ] {
        assert_eq!(text(bytes), Err(refusal), "{bytes:?}");
    }
    let little: Vec<u8> = b"\xff\xfe".iter().copied().chain("é: 1\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let big: Vec<u8> = b"\xfe\xff".iter().copied().chain("é: 1\n".encode_utf16().flat_map(u16::to_be_bytes)).collect();
    for bytes in [&little[..], &big, "\u{feff}é: 1\n".as_bytes(), "é: 1\n".as_bytes()] {
        assert_eq!(text(bytes).expect("text"), "é: 1\n");
    }
}

#[test]
fn yaml_is_no_table() {
    for yaml in ["a: b, c, d\n", "# x,y,z\na: 1\n", "urn: a\nname: b\n"] {
        assert_eq!(sniff(yaml, "x"), Ok(Syntax::Yaml), "{yaml}");
    }
    assert_eq!(sniff(" \n{", "x.yaml"), Ok(Syntax::Json));
}
