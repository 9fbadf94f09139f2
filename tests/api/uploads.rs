//! Hostile and unlucky uploads: each is refused in words or stored as what it is, and leaves nothing else behind.

use super::documents::{form, part};
use super::{At, Bed};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

const MEGABYTE: usize = 1 << 20;

/// What becomes of an upload.
enum Fate {
    /// Refused with this status.
    Refused(u16),
    /// Refused with 400, naming these fields.
    Names(&'static [&'static str]),
    /// Stored under this name as this type.
    Stored(&'static str, &'static str),
}
use Fate::{Names, Refused, Stored};

fn file(name: &str, kind: &str, content: &[u8]) -> Vec<u8> {
    form(&[part("file", Some((name, kind)), content)])
}

fn with(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut parts: Vec<Vec<u8>> = fields.iter().map(|(name, value)| part(name, None, value.as_bytes())).collect();
    parts.push(part("file", Some(("a.txt", "text/plain")), b"x"));
    form(&parts)
}

/// A zip archive of one entry that says it holds four gigabytes.
fn bomb(name: &str) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\x40\0\0\0\xff\xff\xff\xff".to_vec();
    bytes.extend(u16::try_from(name.len()).expect("short").to_le_bytes());
    bytes.extend([0, 0]);
    bytes.extend(name.as_bytes());
    bytes.extend([0; 64]);
    bytes
}

fn names() -> Vec<(&'static str, Vec<u8>, Fate)> {
    let text = |name: &str| file(name, "text/plain", b"x");
    vec![
        ("a path that climbs", text("../../../etc/passwd"), Stored("passwd", "text/plain")),
        ("a path that climbs as Windows writes it", text("..\\..\\boot.ini"), Stored("boot.ini", "text/plain")),
        ("an absolute path", text("/etc/shadow"), Stored("shadow", "text/plain")),
        ("a drive", text("C:\\Users\\x\\a.txt"), Stored("a.txt", "text/plain")),
        ("a stream of a file", text("a.txt:hidden"), Stored("a.txt_hidden", "text/plain")),
        ("a device", text("CON"), Stored("_CON", "text/plain")),
        ("a name that turns its order", text("invoice\u{202e}fdp.exe"), Stored("invoicefdp.exe", "text/plain")),
        ("a name with nothing to see", text("\u{200b}\u{2066}"), Stored("file", "text/plain")),
        ("a name of dots", text(".."), Stored("file", "text/plain")),
        ("no name", text(""), Stored("file", "text/plain")),
        ("a name with tags", text("<script>.txt"), Stored("_script_.txt", "text/plain")),
        ("another alphabet", text("Řízení přístupu 規則.txt"), Stored("Řízení přístupu 規則.txt", "text/plain")),
        ("no file name at all", form(&[part("file", None, b"x")]), Stored("file", "text/plain")),
    ]
}

fn contents() -> Vec<(&'static str, Vec<u8>, Fate)> {
    let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    vec![
        ("no bytes", file("a.txt", "text/plain", b""), Names(&["file"])),
        ("a page called a picture", file("a.png", "image/png", b"<!doctype html><script>alert(1)</script>"), Stored("a.png", "text/html")),
        (
            "a drawing with a script",
            file("a.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
            Stored("a.svg", "image/svg+xml"),
        ),
        (
            "a drawing called text",
            file("a.txt", "text/plain", b"<?xml version='1.0'?>\n<svg onload='alert(1)'/>"),
            Stored("a.txt", "image/svg+xml"),
        ),
        (
            "a page in XML",
            file("a.xml", "text/xml", b"<html xmlns='http://www.w3.org/1999/xhtml'/>"),
            Stored("a.xml", "application/xhtml+xml"),
        ),
        (
            "a program called a document",
            file("a.pdf", "application/pdf", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8"),
            Stored("a.pdf", "application/vnd.microsoft.portable-executable"),
        ),
        ("an archive that says it is huge", file("a.zip", "application/zip", &bomb("bomb.bin")), Stored("a.zip", "application/zip")),
        ("a Word file that says it is huge", file("a.docx", docx, &bomb("word/document.xml")), Stored("a.docx", docx)),
        ("an archive called a Word file", file("a.docx", docx, &bomb("x.bin")), Stored("a.docx", "application/zip")),
        ("half an archive", file("a.zip", "application/zip", b"PK\x03\x04"), Stored("a.zip", "application/zip")),
        (
            "half an old container",
            file("a.doc", "application/msword", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
            Stored("a.doc", "application/msword"),
        ),
        ("text called a picture", file("a.png", "image/png", b"words"), Stored("a.png", "text/plain")),
        ("a type that is none", file("a.txt", "no type; at \"all", b"x"), Stored("a.txt", "text/plain")),
        ("a type with a line break in it", file("a.txt", "text/plain\r\nX-Evil: 1", b"x"), Stored("a.txt", "text/plain")),
        ("bytes that look like a boundary", file("a.txt", "text/plain", b"--edg\r\n--edgy-not\r\n-edge--"), Stored("a.txt", "text/plain")),
        ("nothing but nulls", file("a.txt", "text/plain", &[0; 4096]), Stored("a.txt", "application/octet-stream")),
        (
            "as large as may be",
            file("a.bin", "application/octet-stream", &vec![0; 50 * MEGABYTE]),
            Stored("a.bin", "application/octet-stream"),
        ),
        ("one byte more", file("a.bin", "application/octet-stream", &vec![0; 50 * MEGABYTE + 1]), Refused(413)),
        ("a megabyte more", file("a.bin", "application/octet-stream", &vec![0; 51 * MEGABYTE]), Refused(413)),
    ]
}

fn fields() -> Vec<(&'static str, Vec<u8>, Fate)> {
    let many: Vec<Vec<u8>> = (0..40).map(|number| part(&format!("f{number}"), None, b"x")).collect();
    let two = form(&[part("file", Some(("a", "text/plain")), b"x"), part("file", Some(("b", "text/plain")), b"y")]);
    let elsewhere = form(&[part("upload", Some(("a.txt", "text/plain")), b"x")]);
    let long = "x".repeat(20_000);
    let large = "x".repeat(70_000);
    vec![
        ("no file", form(&[part("title", None, b"x")]), Names(&["file"])),
        ("no file, and what else is wrong", form(&[part("kind", None, b"poem")]), Names(&["file", "kind"])),
        ("a file under another name", elsewhere, Names(&["file", "upload"])),
        ("two files", two, Names(&["file"])),
        ("a title given twice", with(&[("title", "a"), ("title", "b")]), Names(&["title"])),
        ("a title too long", with(&[("title", &long)]), Names(&["title"])),
        ("a field too large", with(&[("title", &large)]), Refused(413)),
        ("an unknown field", with(&[("colour", "red")]), Names(&["colour"])),
        ("a field without a name", with(&[("", "red")]), Names(&[""])),
        ("a status", with(&[("status", "published")]), Names(&["status"])),
        ("what is read-only", with(&[("sha256", "0"), ("size", "1")]), Names(&["sha256", "size"])),
        (
            "everything wrong",
            with(&[
                ("kind", "poem"),
                ("classification", "secret"),
                ("effective_date", "soon"),
                ("review_date", "2026-02-30"),
                ("expires_at", "2026-01-01"),
            ]),
            Names(&["classification", "effective_date", "expires_at", "kind", "review_date"]),
        ),
        ("dates out of order", with(&[("effective_date", "2026-02-01"), ("review_date", "2026-01-01")]), Names(&["review_date"])),
        ("a control character", with(&[("title", "a\u{1b}[31m")]), Names(&["title"])),
        ("a null", with(&[("owner", "a\0b")]), Names(&["owner"])),
        ("a field that is no text", form(&[part("title", None, b"\xff\xfe"), part("file", Some(("a", "text/plain")), b"x")]), Refused(400)),
        ("forty parts", form(&many), Refused(400)),
        (
            "blank fields, as a browser sends them",
            with(&[("title", ""), ("kind", ""), ("review_date", " ")]),
            Stored("a.txt", "text/plain"),
        ),
    ]
}

fn shapes() -> Vec<(&'static str, Vec<u8>, Fate)> {
    let whole = file("a.txt", "text/plain", b"some content that goes on");
    let cut = |at: usize| whole[..at].to_vec();
    let header = |line: &str| format!("--edge\r\n{line}\r\n\r\nx\r\n--edge--\r\n").into_bytes();
    let disposition = "Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"";
    let many: String = (0..200).map(|number| format!("X-{number}: y\r\n")).collect();
    vec![
        ("an empty body", Vec::new(), Refused(400)),
        ("an empty form", b"--edge--\r\n".to_vec(), Names(&["file"])),
        ("words", b"just words".to_vec(), Refused(400)),
        ("JSON", b"{\"title\":\"x\"}".to_vec(), Refused(400)),
        ("cut in the first boundary", cut(4), Refused(400)),
        ("cut in the header", cut(40), Refused(400)),
        ("cut in the content", cut(whole.len() - 20), Refused(400)),
        ("cut before the last boundary", cut(whole.len() - 10), Refused(400)),
        ("cut in the last boundary", cut(whole.len() - 5), Refused(400)),
        ("another boundary than it says", String::from_utf8_lossy(&whole).replace("edge", "other").into_bytes(), Refused(400)),
        ("line ends without returns", String::from_utf8_lossy(&whole).replace("\r\n", "\n").into_bytes(), Refused(400)),
        ("a header without end", [b"--edge\r\nX-Long: ".as_slice(), &vec![b'x'; 2 * MEGABYTE]].concat(), Refused(400)),
        ("a header of 300 KB", header(&format!("{disposition}\r\nX-Long: {}", "x".repeat(300_000))), Refused(400)),
        ("two hundred headers", header(&format!("{disposition}\r\n{many}X: y")), Refused(400)),
        ("a header that is none", header("no header"), Refused(400)),
        ("a header with a null", header(&format!("{disposition}\0")), Refused(400)),
        ("no disposition", header("Content-Type: text/plain"), Names(&["", "file"])),
        ("more after the end", [whole.as_slice(), &file("b.txt", "text/plain", b"y")].concat(), Stored("a.txt", "text/plain")),
        ("words before the beginning", [b"preamble\r\n".as_slice(), &whole].concat(), Stored("a.txt", "text/plain")),
    ]
}

fn folder(bed: &Bed) -> PathBuf {
    PathBuf::from(format!("{}.blobs", bed.engine.default_file().display()))
}

fn stored(bed: &Bed) -> usize {
    std::fs::read_dir(folder(bed)).map_or(0, Iterator::count)
}

fn check(cases: Vec<(&'static str, Vec<u8>, Fate)>, at_port_too: bool) {
    let bed = Bed::new(false);
    let headers = [("content-type", "multipart/form-data; boundary=edge")];
    let doors: &[At<'_>] = if at_port_too { &[At::Window, At::Port(&bed.analyst)] } else { &[At::Window] };
    let mut documents = 0;
    for (what, body, fate) in cases {
        for at in doors {
            let before = stored(&bed);
            let answer = bed.ask_bytes(*at, "POST", "/v1/documents/upload", &headers, Some(body.clone()));
            let shown = String::from_utf8_lossy(&answer.bytes).into_owned();
            match fate {
                Stored(name, kind) => {
                    documents += 1;
                    let document = answer.expect(201, what);
                    assert_eq!((&document["name"], &document["media_type"]), (&json!(name), &json!(kind)), "{what}");
                    let down = bed.get(&format!("/v1/documents/{}/content", document["id"].as_str().expect("an id")));
                    assert_eq!(down.status, 200, "{what}: it comes back");
                    assert!(down.header("content-disposition").starts_with("attachment; "), "{what}: never in place");
                    assert_eq!(down.header("x-content-type-options"), "nosniff", "{what}");
                    let active =
                        ["html", "xml", "svg"].iter().any(|word| down.header("content-type").contains(word) && !kind.contains("openxml"));
                    assert!(!active, "{what}: nothing a browser would run: {}", down.header("content-type"));
                    assert!(!down.header("content-disposition").contains(['\r', '\n']), "{what}");
                }
                Refused(status) => assert_eq!(answer.status, status, "{what}: {shown}"),
                Names(fields) => {
                    let mut told = answer.fields();
                    told.sort();
                    assert_eq!(
                        (answer.status, told.as_slice()),
                        (400, fields.iter().map(|field| (*field).to_owned()).collect::<Vec<_>>().as_slice()),
                        "{what}: {shown}"
                    );
                }
            }
            if !matches!(fate, Stored(..)) {
                assert_eq!(stored(&bed), before, "{what} leaves nothing behind");
                assert!(
                    shown.contains("\"message\":") && !shown.contains("multer") && !shown.contains(".blobs"),
                    "{what}: in words: {shown}"
                );
            }
        }
    }
    assert_eq!(bed.get("/v1/documents?limit=1&sort=ref").expect(200, "listed")["total"], json!(documents), "only what was stored is there");
    let report = bed.engine.workspace().expect("open").verify().expect("verified");
    assert!(report.sound, "the workspace is sound: {:?}", report.problems);
}

#[test]
fn names_mislead_nobody() {
    check(names(), true);
}

#[test]
fn content_is_what_it_is_whatever_it_is_called() {
    check(contents(), false);
}

#[test]
fn fields_are_judged_together_with_the_file() {
    check(fields(), true);
}

#[test]
fn malformed_forms_are_refused_whole() {
    check(shapes(), true);
}

#[test]
fn other_content_types_are_refused() {
    let bed = Bed::new(false);
    let body = file("a.txt", "text/plain", b"x");
    for (kind, status) in [
        ("text/plain", 415),
        ("application/octet-stream", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/mixed; boundary=edge", 415),
        ("application/json", 415),
        ("", 415),
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=", 400),
        ("multipart/form-data; boundary=\"", 400),
        ("MULTIPART/Form-Data; boundary=edge", 201),
    ] {
        let answer = bed.ask_bytes(At::Port(&bed.analyst), "POST", "/v1/documents/upload", &[("content-type", kind)], Some(body.clone()));
        assert_eq!(answer.status, status, "{kind}: {}", String::from_utf8_lossy(&answer.bytes));
        let ends = answer.header("connection") == "close";
        assert!(ends == (status == 415) || status == 400, "{kind}: a connection with an unread body says that it ends");
    }
}

#[test]
fn too_much_and_too_little_over_the_wire() {
    let bed = Bed::new(false);
    let head = |length: usize| {
        format!(
            "POST /v1/documents/upload HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: multipart/form-data; boundary=edge\r\nContent-Length: {length}\r\n\r\n",
            bed.address, bed.analyst
        )
    };
    let whole = file("a.bin", "application/octet-stream", &vec![7; 3 * MEGABYTE]);
    let mut gone = TcpStream::connect(bed.address).expect("connected");
    gone.write_all(head(whole.len()).as_bytes()).expect("sent");
    gone.write_all(&whole[..2 * MEGABYTE]).expect("sent");
    let waiting = |wanted: usize| {
        (0..400).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            stored(&bed) == wanted
        })
    };
    assert!(waiting(1), "it is on its way");
    drop(gone);
    assert!(waiting(0), "a body that ends half way leaves nothing behind");

    let large = file("a.bin", "application/octet-stream", &vec![7; 52 * MEGABYTE]);
    let mut stream = TcpStream::connect(bed.address).expect("connected");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
    stream.write_all(head(large.len()).as_bytes()).expect("sent");
    // The answer may come, and the connection end, before all of it was sent.
    let mut sending = stream.try_clone().expect("cloned");
    let sender = std::thread::spawn(move || drop(sending.write_all(&large)));
    let mut answer = [0; 64];
    let length = stream.read(&mut answer).unwrap_or(0);
    assert!(String::from_utf8_lossy(&answer[..length]).starts_with("HTTP/1.1 413"), "{}", String::from_utf8_lossy(&answer[..length]));
    drop(stream);
    sender.join().expect("sent or given up");
    assert!(waiting(0), "nor does one that is too large");
    assert_eq!(bed.get("/v1/documents").json()["total"], 0);
    assert!(bed.engine.workspace().expect("open").verify().expect("verified").sound);
}
