//! What a file is, from its bytes: encoding, syntax and the kinds of file that people mistake for a framework.

use super::refusal::Refusal;
use std::borrow::Cow;

/// The syntax to read a text with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    Json,
    Yaml,
}

const CHOOSE_SOURCE: &str = "export or download the framework in one of these formats";
const CHOOSE_OTHER: &str = "choose another file";

/// How a file starts, at which byte, and what it then is.
const MAGIC: &[(&[u8], &str)] = &[
    (b"%PDF-", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (XLS, DOC)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"{\\rtf", "an RTF document"),
    (b"\x7fELF", "a program"),
];

/// What a ZIP container is, from the names of its first entries.
const ZIP_KINDS: &[(&[u8], &str)] = &[
    (b"xl/", "an XLSX workbook"),
    (b"word/", "a Word document (DOCX)"),
    (b"ppt/", "a PowerPoint presentation (PPTX)"),
    (b"opendocument.spreadsheet", "an OpenDocument spreadsheet (ODS)"),
    (b"opendocument.text", "an OpenDocument text (ODT)"),
];

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn other(what: impl Into<String>, advice: &'static str) -> Refusal {
    Refusal::NotFramework { what: what.into(), advice }
}

fn container(bytes: &[u8]) -> Option<Refusal> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        // The directory stands at the end, the first entries at the start: either names the parts.
        let head = &bytes[..bytes.len().min(64 * 1024)];
        let tail = &bytes[bytes.len().saturating_sub(64 * 1024)..];
        let named = ZIP_KINDS.iter().find(|(part, _)| contains(head, part) || contains(tail, part));
        return Some(other(named.map_or("a ZIP archive", |(_, what)| what), CHOOSE_SOURCE));
    }
    MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, what)| other(*what, CHOOSE_SOURCE))
}

/// The line on which `text` ends, from 1: a line break at the very end opens no new line.
pub(super) fn last_line(text: &str) -> usize {
    let body = text.strip_suffix('\n').unwrap_or(text);
    1 + body.matches('\n').count()
}

fn cut(readable: &str, bytes: usize) -> Refusal {
    Refusal::Truncated { line: last_line(readable), byte: bytes }
}

/// The text of a file: UTF-8 with or without a byte order mark, or UTF-16 with one.
pub(super) fn text(bytes: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    if let Some(refusal) = container(bytes) {
        return Err(refusal);
    }
    let text = match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => {
            return Err(Refusal::Encoding { what: "text in UTF-32" });
        }
        [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)?),
        [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)?),
        [0xef, 0xbb, 0xbf, rest @ ..] => Cow::Borrowed(utf8(rest)?),
        _ => Cow::Borrowed(utf8(bytes)?),
    };
    if text.trim().is_empty() {
        return Err(Refusal::Empty);
    }
    Ok(text)
}

fn utf8(bytes: &[u8]) -> Result<&str, Refusal> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let readable = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
            return Err(match error.error_len() {
                None => cut(readable, bytes.len()),
                Some(_) if is_binary(bytes) => Refusal::Encoding { what: "no text but binary data" },
                Some(_) => Refusal::Encoding { what: "not in UTF-8 (it looks like Latin-1 or Windows-1252)" },
            });
        }
    };
    // A file whose end was never written is often padded with zero bytes.
    let written = text.trim_end_matches('\0');
    if written.contains('\0') {
        let sparse = bytes.iter().take(1024).filter(|byte| **byte == 0).count() * 3 > bytes.len().min(1024);
        let what = if sparse { "text in UTF-16 without its byte order mark" } else { "no text but binary data" };
        return Err(Refusal::Encoding { what });
    }
    if written.len() < text.len() && written.trim().is_empty() {
        return Err(Refusal::Empty);
    }
    if written.len() < text.len() { Err(cut(written, written.len())) } else { Ok(text) }
}

fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(4096)];
    let control = |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    head.contains(&0) || head.iter().filter(control).count() * 50 > head.len()
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Refusal> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let mut units = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)));
    while let Some(next) = units.next() {
        match next {
            Ok('\0') => {
                return Err(Refusal::Encoding { what: "no text but binary data" });
            }
            Ok(c) => text.push(c),
            Err(_) if units.next().is_none() => return Err(cut(&text, bytes.len())),
            Err(_) => {
                return Err(Refusal::Encoding { what: "damaged UTF-16 text" });
            }
        }
    }
    if rest.is_empty() { Ok(text) } else { Err(cut(&text, bytes.len())) }
}

/// Which syntax to read with. Refuses XML, web pages and tables by name.
pub(super) fn sniff(text: &str, file_name: &str) -> Result<Syntax, Refusal> {
    let start = text.trim_start();
    if start.starts_with(['{', '[']) {
        return Ok(Syntax::Json);
    }
    if start.starts_with('<') {
        return Err(markup(start));
    }
    let lower = file_name.to_lowercase();
    if lower.ends_with(".csv") || lower.ends_with(".tsv") || is_table(start) {
        return Err(other("a table (CSV)", CHOOSE_SOURCE));
    }
    Ok(Syntax::Yaml)
}

fn markup(start: &str) -> Refusal {
    let end = start.char_indices().nth(4096).map_or(start.len(), |(at, _)| at);
    let head = start[..end].to_lowercase();
    if head.contains("<html") || head.contains("<!doctype html") {
        return other("a web page", "download the file itself, not the page that shows it");
    }
    if head.contains("<catalog") && head.contains("csrc.nist.gov/ns/oscal") {
        return other("an OSCAL catalog in XML", "get its JSON version");
    }
    if head.contains("csrc.nist.gov/ns/oscal") {
        return other("an OSCAL document in XML, not a catalog", CHOOSE_OTHER);
    }
    if head.contains("<nessusclientdata") {
        return other("a Nessus scan report", CHOOSE_OTHER);
    }
    other("an XML file", CHOOSE_SOURCE)
}

/// Whether the first lines have the same number of separators and none is a YAML key.
fn is_table(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().take(4).collect();
    let yaml = |line: &&str| line.contains(": ") || line.ends_with(':') || line.starts_with("- ") || line.starts_with('#');
    if lines.len() < 2 || lines.iter().any(yaml) {
        return false;
    }
    [',', ';', '\t'].into_iter().any(|separator| {
        let count = |line: &str| line.matches(separator).count();
        count(lines[0]) >= 2 && lines.iter().all(|line| count(line) >= count(lines[0]))
    })
}

/// Kinds of JSON, by the keys at the top that all must be there. The first that fits wins.
const JSON_KINDS: &[(&[&str], &str)] = &[
    (&["profile"], "an OSCAL profile, which only selects controls of a catalog"),
    (&["component-definition"], "an OSCAL component definition"),
    (&["system-security-plan"], "an OSCAL system security plan"),
    (&["assessment-plan"], "an OSCAL assessment plan"),
    (&["assessment-results"], "OSCAL assessment results"),
    (&["plan-of-action-and-milestones"], "an OSCAL plan of action and milestones (POA&M)"),
    (&["mapping-collection"], "an OSCAL mapping collection"),
    (&["$schema", "definitions"], "a JSON schema"),
    (&["$schema", "$defs"], "a JSON schema"),
    (&["bomFormat", "components"], "a CycloneDX bill of materials"),
    (&["bomFormat"], "a CycloneDX document"),
    (&["spdxVersion"], "an SPDX bill of materials"),
    (&["version", "runs"], "a SARIF report of scan results"),
    (&["matches", "descriptor"], "a Grype scan report"),
    (&["matches", "source"], "a Grype scan report"),
    (&["SchemaVersion"], "a Trivy scan report"),
    (&["ClusterName", "Resources"], "a Trivy scan report"),
    (&["dataType", "containers"], "a CVE record"),
    (&["catalogVersion", "vulnerabilities"], "the CISA catalogue of known exploited vulnerabilities"),
];

/// Names a JSON object that is no catalog.
pub(super) fn other_json(keys: &[String]) -> Refusal {
    let known = JSON_KINDS.iter().find(|(wanted, _)| wanted.iter().all(|key| keys.iter().any(|have| have == key)));
    match known {
        Some((["profile"], what)) => other(*what, "import the catalog that it refers to"),
        Some((_, what)) => other(*what, CHOOSE_OTHER),
        None => other(format!("a JSON file {}", with_keys(keys)), CHOOSE_OTHER),
    }
}

/// Names a JSON document whose root is no object.
pub(super) fn json_root(what: &str) -> Refusal {
    other(what, CHOOSE_OTHER)
}

/// Names a YAML document that is no CISO Assistant library.
pub(super) fn other_yaml(keys: &[String]) -> Refusal {
    let has = |key: &str| keys.iter().any(|have| have == key);
    if has("catalog") {
        return other("an OSCAL catalog in YAML", "get its JSON version");
    }
    if keys.iter().any(|have| JSON_KINDS[..7].iter().any(|(wanted, _)| wanted[0] == have)) {
        return other("an OSCAL document in YAML, not a catalog", CHOOSE_OTHER);
    }
    other(format!("a YAML file {}", with_keys(keys)), CHOOSE_OTHER)
}

/// Names a YAML document whose root is no mapping.
pub(super) fn yaml_root(what: &str) -> Refusal {
    other(what, CHOOSE_OTHER)
}

/// What the objects of a library without a framework are called.
const OBJECTS: &[(&str, &str)] = &[
    ("requirement_mapping_set", "a crosswalk between frameworks"),
    ("risk_matri", "a risk matrix"),
    ("threat", "threats"),
    ("reference_control", "reference controls"),
    ("metric", "metrics"),
];

/// Names a CISO Assistant library that holds other objects than a framework.
pub(super) fn other_library(objects: &[String]) -> Refusal {
    let mut named: Vec<String> = Vec::new();
    for object in objects {
        let known = OBJECTS.iter().find(|(start, _)| object.starts_with(start));
        let name = known.map_or_else(|| short(object), |(_, name)| (*name).to_owned());
        if !named.contains(&name) && named.len() < 5 {
            named.push(name);
        }
    }
    let what = format!("a CISO Assistant library of {}, without a framework", named.join(" and "));
    other(what, "import the library that holds the framework, or get this one again if it should")
}

fn with_keys(keys: &[String]) -> String {
    let mut shown: Vec<String> = keys.iter().take(4).map(|key| format!("\"{}\"", short(key))).collect();
    if keys.len() > shown.len() {
        shown.push("…".to_owned());
    }
    if shown.is_empty() { "without any key".to_owned() } else { format!("with the keys {}", shown.join(", ")) }
}

/// A word of the file as it may stand in a message: short, and without control characters.
pub(super) fn short(word: &str) -> String {
    at_most(60, word)
}

/// A parser's sentence as it may stand in a message.
pub(super) fn words(sentence: &str) -> String {
    at_most(160, sentence)
}

fn at_most(length: usize, text: &str) -> String {
    let mut shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(length).collect();
    if text.chars().nth(length).is_some() {
        shown.push('…');
    }
    shown
}
