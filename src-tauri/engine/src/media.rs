//! The media type of a file by its content. What the sender claims decides only among kinds of plain text, which content
//! cannot tell apart.

/// Bytes from the beginning that are looked at, where the file has so many.
pub const HEAD: usize = 64 << 10;

const ZIP: &str = "application/zip";
const OLE: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
const LOCAL: &[u8] = b"PK\x03\x04";

/// The media type. `head` is the beginning of the file, `whole` whether that is all of it.
#[must_use]
pub fn found(head: &[u8], whole: bool, name: &str, claimed: Option<&str>) -> String {
    let ending = name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase());
    if head.starts_with(OLE) {
        return ole(&ending).to_owned();
    }
    if head.starts_with(LOCAL) {
        return zip(head).to_owned();
    }
    let known = infer::get(head).filter(|kind| kind.matcher_type() != infer::MatcherType::Text);
    if let Some(text) = text(head, whole) {
        // Two letters can begin a sentence as well as a picture: of what reads as text only these are something else.
        let stated = known
            .map(|kind| kind.mime_type())
            .filter(|kind| matches!(*kind, "application/pdf" | "application/rtf" | "application/postscript"));
        return stated.unwrap_or_else(|| markup(&text).unwrap_or_else(|| plain(&text, &ending, claimed))).to_owned();
    }
    known.map_or("application/octet-stream", |kind| kind.mime_type()).to_owned()
}

/// Whether a browser could run what is in it: such a file is only ever handed over as bytes.
#[must_use]
pub fn is_active(media_type: &str) -> bool {
    media_type.ends_with("xml") || media_type.ends_with("html") || media_type.ends_with("script")
}

/// Office files of the years before 2007 share one container.
fn ole(ending: &str) -> &'static str {
    match ending {
        "doc" | "dot" => "application/msword",
        "xls" | "xlt" => "application/vnd.ms-excel",
        "ppt" | "pps" | "pot" => "application/vnd.ms-powerpoint",
        "msg" => "application/vnd.ms-outlook",
        _ => "application/x-ole-storage",
    }
}

/// Documents that are zip archives are told by the names of their first entries. Nothing is unpacked.
fn zip(head: &[u8]) -> &'static str {
    let names = entry_names(head);
    let first = names.first().copied().unwrap_or_default();
    if first == b"mimetype" {
        return infer::get(head).map_or(ZIP, |kind| kind.mime_type());
    }
    let office: [(&[u8], &'static str); 3] = [
        (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ];
    let begins = |name: &[u8]| office.iter().find(|(folder, _)| name.starts_with(folder)).map(|(_, kind)| *kind);
    let package = first == b"[Content_Types].xml" || first.starts_with(b"_rels/") || first.starts_with(b"docProps/");
    if package || begins(first).is_some() { names.iter().find_map(|name| begins(name)).unwrap_or(ZIP) } else { ZIP }
}

/// The names of the entries whose headers lie in the beginning of an archive.
fn entry_names(head: &[u8]) -> Vec<&[u8]> {
    let mut names = Vec::new();
    let mut from = 0;
    while let Some(at) = head.get(from..).and_then(|rest| rest.windows(LOCAL.len()).position(|window| window == LOCAL)) {
        let entry = from + at;
        let Some(length) = head.get(entry + 26..entry + 28).map(|bytes| usize::from(u16::from_le_bytes([bytes[0], bytes[1]]))) else {
            break;
        };
        let Some(name) = head.get(entry + 30..entry + 30 + length) else { break };
        names.push(name);
        from = entry + 30 + length;
    }
    names
}

/// The beginning as text, if it is text: UTF-8, or UTF-16 that says so, without control characters.
fn text(head: &[u8], whole: bool) -> Option<String> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    let text = match head {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => {
            let bytes = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
            match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                // The last letter may go on after the beginning.
                Err(cause) if !whole && cause.error_len().is_none() => String::from_utf8_lossy(&bytes[..cause.valid_up_to()]).into_owned(),
                Err(_) => return None,
            }
        }
    };
    let readable = text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{c}' | '\u{1b}' | '\u{85}'));
    readable.then_some(text)
}

/// Markup that a browser might show or run.
fn markup(text: &str) -> Option<&'static str> {
    const PAGES: [&str; 18] = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<script",
        "<iframe",
        "<style",
        "<title",
        "<table",
        "<div",
        "<span",
        "<font",
        "<img",
        "<h1",
        "<br",
        "<a ",
        "<p>",
        "<form",
    ];
    let lower = text.trim_start().to_ascii_lowercase();
    if !lower.starts_with('<') {
        return None;
    }
    if lower.contains("<svg") || lower.contains(":svg") || lower.contains("<!doctype svg") {
        return Some("image/svg+xml");
    }
    if lower.contains("http://www.w3.org/1999/xhtml") {
        return Some("application/xhtml+xml");
    }
    if PAGES.iter().any(|mark| lower.contains(mark)) {
        return Some("text/html");
    }
    (lower.starts_with("<?xml") || lower.starts_with("<!doctype") || lower.starts_with("<!--")).then_some("application/xml")
}

/// Kinds of plain text: as its name or its sender says, where that is one of these.
fn plain(text: &str, ending: &str, claimed: Option<&str>) -> &'static str {
    const KINDS: [(&str, &[&str]); 7] = [
        ("text/csv", &["csv"]),
        ("text/tab-separated-values", &["tsv"]),
        ("text/markdown", &["md", "markdown"]),
        ("application/json", &["json"]),
        ("application/yaml", &["yaml", "yml"]),
        ("message/rfc822", &["eml"]),
        ("text/calendar", &["ics"]),
    ];
    let claimed = claimed.and_then(|claimed| claimed.split(';').next()).map(|claimed| claimed.trim().to_ascii_lowercase());
    let by_ending = KINDS.iter().find(|(_, endings)| endings.contains(&ending));
    let by_claim = || KINDS.iter().find(|(kind, _)| claimed.as_deref() == Some(kind));
    let kind = by_ending.or_else(by_claim).map_or("text/plain", |(kind, _)| kind);
    let begins = |marks: &[char]| text.trim_start().starts_with(marks);
    match kind {
        "application/json" if !begins(&['{', '[']) => "text/plain",
        "text/calendar" if !text.trim_start().starts_with("BEGIN:VCALENDAR") => "text/plain",
        kind => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, content: &[u8]) -> Vec<u8> {
        let size = u32::try_from(content.len()).expect("small").to_le_bytes();
        let mut bytes = LOCAL.to_vec();
        bytes.extend([20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend(size.iter().chain(&size));
        bytes.extend(u16::try_from(name.len()).expect("short").to_le_bytes());
        bytes.extend([0, 0]);
        bytes.extend(name.as_bytes());
        bytes.extend(content);
        bytes
    }

    fn archive(names: &[&str]) -> Vec<u8> {
        names.iter().flat_map(|name| entry(name, b"<x/>")).collect()
    }

    /// What it is, its content, its name, the type claimed, the type found.
    type Case = (&'static str, Vec<u8>, &'static str, Option<&'static str>, &'static str);

    #[test]
    fn content_decides_and_claims_do_not() {
        let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        let nested = entry("inner.zip", &archive(&["[Content_Types].xml", "word/document.xml"]));
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain("<html><script>".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let cases: Vec<Case> = vec![
            ("a PDF", b"%PDF-1.7\n%\xe2\xe3".to_vec(), "a.pdf", None, "application/pdf"),
            ("a PDF that is all text", b"%PDF-1.4\n1 0 obj\n".to_vec(), "a.txt", Some("text/plain"), "application/pdf"),
            ("a picture", png.clone(), "a.png", Some("image/png"), "image/png"),
            ("a picture called a page", png, "a.html", Some("text/html"), "image/png"),
            ("a page called a picture", b"<!DOCTYPE html><p>".to_vec(), "a.png", Some("image/png"), "text/html"),
            ("a page after space", b"  \n\t<HTML>".to_vec(), "a.txt", Some("text/plain"), "text/html"),
            ("a page after a mark", b"\xef\xbb\xbf<script>alert(1)</script>".to_vec(), "a.txt", None, "text/html"),
            ("a page in UTF-16", utf16, "a.txt", Some("text/plain"), "text/html"),
            ("a page after a remark", b"<!-- x --><img src=x onerror=alert(1)>".to_vec(), "a.csv", Some("text/csv"), "text/html"),
            (
                "a page in XML",
                b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>".to_vec(),
                "a.xml",
                None,
                "application/xhtml+xml",
            ),
            ("a drawing", b"<svg onload=alert(1)>".to_vec(), "a.png", Some("image/png"), "image/svg+xml"),
            (
                "a drawing under a prefix",
                b"<?xml version='1.0'?><s:svg xmlns:s='http://www.w3.org/2000/svg'>".to_vec(),
                "a",
                None,
                "image/svg+xml",
            ),
            ("XML", b"<?xml version='1.0'?><a/>".to_vec(), "a.xml", Some("text/xml"), "application/xml"),
            ("a Word file", archive(&["[Content_Types].xml", "_rels/.rels", "word/document.xml"]), "a.docx", None, docx),
            ("a Word file in another order", archive(&["word/document.xml", "[Content_Types].xml"]), "a.bin", None, docx),
            ("an Excel file", archive(&["_rels/.rels", "docProps/app.xml", "xl/workbook.xml"]), "a.zip", Some(ZIP), xlsx),
            ("an archive", archive(&["a.txt", "word/document.xml"]), "a.docx", Some(docx), ZIP),
            ("an archive with a Word file in it", nested, "a.zip", Some(ZIP), ZIP),
            ("half an archive's header", LOCAL.to_vec(), "a.docx", Some(docx), ZIP),
            ("an old Word file", [OLE, &[0; 600]].concat(), "a.doc", None, "application/msword"),
            ("an old container", [OLE, &[0; 600]].concat(), "a.pdf", Some("application/pdf"), "application/x-ole-storage"),
            ("text", "Règles".as_bytes().to_vec(), "a.txt", None, "text/plain"),
            ("text that begins like a picture", b"BMW leases, 2026".to_vec(), "a.txt", None, "text/plain"),
            ("text that begins like a program", b"MZ is a place".to_vec(), "a.txt", None, "text/plain"),
            ("a script", b"#!/bin/sh\nrm -rf /".to_vec(), "a.csv", Some("text/csv"), "text/csv"),
            ("text called a picture", b"just words".to_vec(), "a.png", Some("image/png"), "text/plain"),
            ("text called a program", b"alert(1)".to_vec(), "a.js", Some("text/javascript"), "text/plain"),
            ("CSV", b"a;b\n1;2".to_vec(), "a.csv", Some("application/vnd.ms-excel"), "text/csv"),
            ("CSV by its sender's word", b"a;b\n1;2".to_vec(), "a", Some("text/csv; charset=utf-8"), "text/csv"),
            ("JSON", b" {\"a\":1}".to_vec(), "a.json", None, "application/json"),
            ("no JSON", b"hello".to_vec(), "a.json", Some("application/json"), "text/plain"),
            ("bytes", vec![1, 2, 3, 0, 255], "a.txt", Some("text/plain"), "application/octet-stream"),
            ("text with a null", b"a\0b".to_vec(), "a.txt", Some("text/plain"), "application/octet-stream"),
        ];
        for (what, content, name, claimed, expected) in cases {
            assert_eq!(found(&content, true, name, claimed), expected, "{what}");
        }
        assert_eq!(found("é".repeat(10).as_bytes(), true, "a", None), "text/plain", "whole letters");
        assert_eq!(found(&"é".as_bytes()[..1], true, "a", None), "application/octet-stream", "half a letter at the end of a file");
        assert_eq!(found(&"é".as_bytes()[..1], false, "a", None), "text/plain", "half a letter at the end of the beginning");
    }

    #[test]
    fn what_a_browser_could_run_is_known() {
        for active in ["text/html", "application/xhtml+xml", "image/svg+xml", "application/xml", "text/javascript"] {
            assert!(is_active(active), "{active}");
        }
        for still in ["application/pdf", "image/png", "text/plain", "text/csv", "application/zip"] {
            assert!(!is_active(still), "{still}");
        }
        let ooxml = found(&archive(&["xl/workbook.xml"]), true, "a", None);
        assert!(!is_active(&ooxml), "{ooxml}");
    }
}
