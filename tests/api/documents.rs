//! Documents: files up and down, whole or not at all, and what is known of them.

use super::{Answer, At, Bed, engine};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const EDGE: [(&str, &str); 1] = [("content-type", "multipart/form-data; boundary=edge")];

/// One part of a form.
pub fn part(name: &str, file: Option<(&str, &str)>, content: &[u8]) -> Vec<u8> {
    let file = file.map_or_else(String::new, |(name, kind)| format!("; filename=\"{name}\"\r\nContent-Type: {kind}"));
    [format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").as_bytes(), content, b"\r\n"].concat()
}

pub fn form(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat(), b"--edge--\r\n".to_vec()].concat()
}

fn upload(bed: &Bed, at: At<'_>, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
    bed.ask_bytes(at, "POST", "/v1/documents/upload", &[&EDGE, headers].concat(), Some(body))
}

fn text_file(bed: &Bed, name: &str, content: &str) -> Value {
    upload(bed, At::Port(&bed.analyst), &[], form(&[part("file", Some((name, "text/plain")), content.as_bytes())])).expect(201, "uploaded")
}

fn path_of(document: &Value) -> String {
    format!("/v1/documents/{}", document["id"].as_str().expect("an id"))
}

/// The folder of files beside the workspace.
fn folder(bed: &Bed) -> PathBuf {
    let file = bed.engine.default_file();
    PathBuf::from(format!("{}.blobs", file.display()))
}

fn stored(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).map(|entries| entries.filter_map(Result::ok).collect::<Vec<_>>()).unwrap_or_default();
    entries.into_iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn sound(bed: &Bed) -> bool {
    bed.engine.workspace().expect("open").verify().expect("verified").sound
}

#[test]
fn a_file_goes_up_and_comes_down_as_it_was_through_both_doors() {
    let bed = Bed::new(false);
    let content: Vec<u8> =
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".iter().copied().chain((0..300_000).map(|n| u8::try_from(n % 251).expect("small"))).collect();
    let fields = [
        ("title", "Access policy"),
        ("kind", "policy"),
        ("version", "3.1"),
        ("owner", "Ines Okafor"),
        ("classification", "internal"),
        ("effective_date", "2026-01-01"),
        ("review_date", "2027-01-01"),
        ("expires_at", "2028-01-01T00:00:00Z"),
    ];
    for (number, at) in [At::Window, At::Port(&bed.analyst)].into_iter().enumerate() {
        let mut parts: Vec<Vec<u8>> = fields.iter().map(|(name, value)| part(name, None, value.as_bytes())).collect();
        // The file may stand anywhere among the fields.
        parts.insert(number * 4, part("file", Some(("Règles d'accès.pdf", "application/octet-stream")), &content));
        let answer = upload(&bed, at, &[], form(&parts));
        let location = answer.header("location").to_owned();
        let document = answer.expect(201, "uploaded");
        assert_eq!(location, path_of(&document));
        for (name, value) in fields {
            let expected = if name == "expires_at" { "2028-01-01T00:00:00.000Z" } else { value };
            assert_eq!(document[name], expected, "{name}");
        }
        assert_eq!(
            (&document["name"], &document["media_type"], &document["size"], &document["status"], &document["ref"]),
            (
                &json!("Règles d'accès.pdf"),
                &json!("application/pdf"),
                &json!(content.len()),
                &json!("draft"),
                &json!(format!("DOC-000{}", number + 1))
            ),
        );
        assert_eq!(bed.get(&location).expect(200, "read"), document, "the answer was the record");
        for reader in [At::Window, At::Port(&bed.viewer)] {
            let down = bed.ask(reader, "GET", &format!("{location}/content"), &[], None);
            assert_eq!((down.status, down.bytes == content), (200, true), "byte for byte");
            assert_eq!(down.header("content-type"), "application/pdf");
            assert_eq!(
                down.header("content-disposition"),
                "attachment; filename=\"R_gles d'acc_s.pdf\"; filename*=UTF-8''R%C3%A8gles%20d%27acc%C3%A8s.pdf"
            );
            assert_eq!(down.header("x-content-type-options"), "nosniff");
            assert_eq!(down.header("content-length"), content.len().to_string());
            assert!(down.header("content-security-policy").contains("sandbox"));
        }
    }
    assert_eq!(stored(&folder(&bed)).len(), 1, "the same content is stored once");
    let listed = bed.get("/v1/documents").expect(200, "listed");
    assert_eq!((&listed["total"], &listed["data"][0]["ref"]), (&json!(2), &json!("DOC-0002")), "newest first");
    assert!(sound(&bed));
}

#[test]
fn content_outlives_one_of_two_documents_and_undo_brings_both_record_and_content_back() {
    let bed = Bed::new(false);
    let (one, two) = (path_of(&text_file(&bed, "a.txt", "the same")), path_of(&text_file(&bed, "b.txt", "the same")));
    let content = |path: &str| bed.get(&format!("{path}/content"));
    bed.ask(At::Port(&bed.analyst), "DELETE", &two, &[], None).expect(204, "deleted");
    assert_eq!((content(&two).status, content(&one).bytes.as_slice()), (404, b"the same".as_slice()), "the other keeps its content");
    bed.ask(At::Port(&bed.analyst), "DELETE", &one, &[], None).expect(204, "deleted");
    assert_eq!((content(&one).status, bed.get("/v1/documents").json()["total"].clone()), (404, json!(0)));
    for path in [&one, &two] {
        bed.ask(At::Port(&bed.analyst), "POST", "/v1/undo", &[], Some("{}".into())).expect(200, "undone");
        assert_eq!(content(path).bytes, b"the same", "back with its content");
    }
    for _ in 0..2 {
        bed.ask(At::Port(&bed.analyst), "POST", "/v1/undo", &[], Some("{}".into())).expect(200, "the uploads too");
    }
    assert_eq!(bed.get("/v1/documents").json()["total"], 0, "taken back");
    bed.ask(At::Port(&bed.analyst), "POST", "/v1/redo", &[], Some("{}".into())).expect(200, "made again");
    assert_eq!(content(&one).bytes, b"the same", "with its content");
    assert!(sound(&bed));
}

#[test]
fn a_keyed_upload_is_stored_once_whatever_its_boundary() {
    let bed = Bed::new(false);
    let send = |key: &str, boundary: &str, title: &str, content: &str| {
        let body = form(&[part("title", None, title.as_bytes()), part("file", Some(("a.txt", "text/plain")), content.as_bytes())]);
        let body = String::from_utf8(body).expect("text").replace("--edge", &format!("--{boundary}"));
        let kind = format!("multipart/form-data; boundary={boundary}");
        bed.ask(At::Port(&bed.analyst), "POST", "/v1/documents/upload", &[("content-type", &kind), ("idempotency-key", key)], Some(body))
    };
    let (first, again) = (send("k", "one", "A", "x"), send("k", "two", "A", "x"));
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, "false"));
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, "true"), "another boundary is the same upload");
    assert_eq!((&again.bytes, again.header("location")), (&first.bytes, first.header("location")));
    assert_eq!(send("k", "three", "A", "y").status, 400, "another content is another");
    assert_eq!(send("k", "three", "B", "x").status, 400, "another field too");
    assert_eq!(send("", "three", "B", "x").status, 400, "an empty key is none");
    assert_eq!((bed.get("/v1/documents").json()["total"].clone(), stored(&folder(&bed)).len()), (json!(1), 1), "nothing of these was kept");
}

#[test]
fn a_document_lives_by_its_rules() {
    let bed = Bed::new(false);
    let path = path_of(&text_file(&bed, "rules.md", "# Rules"));
    let put = |at: At<'_>, body: Value| bed.ask(at, "PUT", &path, &[], Some(body.to_string()));
    let (window, port) = (At::Window, At::Port(&bed.analyst));
    put(window, json!({ "kind": "policy", "owner": "Hugo Marchetti" })).expect(200, "a policy of the person at the window");
    let early = put(port, json!({ "status": "published" }));
    assert_eq!((early.status, early.fields()), (400, vec!["status".to_owned()]), "reviewed first");
    put(window, json!({ "status": "in_review" })).expect(200, "sent to review");
    let own = put(window, json!({ "status": "approved" }));
    assert_eq!((own.status, own.fields()), (400, vec!["approver".to_owned()]), "its owner does not approve it");
    let approved = put(port, json!({ "status": "approved" })).expect(200, "another does");
    assert_eq!((&approved["approver"], approved["approved_at"].is_string()), (&json!("the Analyst"), true), "who and when: {approved}");
    put(window, json!({ "status": "published" })).expect(200, "published");
    let ignored =
        put(window, json!({ "sha256": "0", "size": 1, "name": "x", "media_type": "x", "approver": "x" })).expect(200, "read-only");
    assert_eq!((&ignored["name"], &ignored["approver"]), (&json!("rules.md"), &json!("the Analyst")), "what was stored stays");
    let wrong = put(window, json!({ "review_date": "2026-01-01", "effective_date": "2026-02-01", "kind": null }));
    assert_eq!((wrong.status, wrong.fields()), (400, vec!["review_date".to_owned()]));
    let wrong = put(window, json!({ "title": "", "kind": "poem", "colour": 1 }));
    assert_eq!((wrong.status, wrong.fields().len()), (400, 3), "every field at once");
    let tag = bed.get(&path).header("etag").to_owned();
    put(port, json!({ "version": "2" })).expect(200, "changed");
    let stale = bed.ask(window, "PUT", &path, &[("if-match", &tag)], Some(json!({ "version": "3" }).to_string()));
    assert_eq!(stale.status, 412, "both values: {}", stale.json());
    let history = bed.get(&format!("{path}/history")).expect(200, "history");
    let actions: Vec<&str> = history["data"].as_array().expect("a list").iter().filter_map(|entry| entry["action"].as_str()).collect();
    assert_eq!(actions, ["updated", "status_changed", "status_changed", "status_changed", "updated", "created"]);
    assert!(sound(&bed));
}

#[test]
fn lists_filter_sort_and_find() {
    let bed = Bed::new(false);
    for (title, kind, class, owner, review) in [
        ("Alpha", "policy", "public", "Ines", "2026-03-01"),
        ("Beta", "evidence", "restricted", "Ines", "2026-01-01"),
        ("Gamma", "evidence", "internal", "Hugo", "2026-02-01"),
    ] {
        let parts = [
            part("title", None, title.as_bytes()),
            part("kind", None, kind.as_bytes()),
            part("classification", None, class.as_bytes()),
            part("owner", None, owner.as_bytes()),
            part("review_date", None, review.as_bytes()),
            part("file", Some(("x.csv", "text/csv")), title.as_bytes()),
        ];
        upload(&bed, At::Window, &[], form(&parts)).expect(201, title);
    }
    let sha256 = bed.get("/v1/documents?q=alp").json()["data"][0]["sha256"].as_str().expect("a hash").to_owned();
    for (query, expected) in [
        ("kind=evidence", "Gamma Beta"),
        ("classification=restricted", "Beta"),
        ("owner=Ines&kind=policy", "Alpha"),
        ("status=draft&sort=title", "Alpha Beta Gamma"),
        ("sort=-title", "Gamma Beta Alpha"),
        ("sort=review_date", "Beta Gamma Alpha"),
        ("sort=classification", "Alpha Gamma Beta"),
        ("review_before=2026-02-15&sort=ref", "Beta Gamma"),
        ("media_type=text/csv&sort=size", "Beta Alpha Gamma"),
        ("q=bet", "Beta"),
        ("q=DOC-0003", "Gamma"),
        ("status=retired", ""),
        (&format!("sha256={sha256}"), "Alpha"),
    ] {
        let listed = bed.get(&format!("/v1/documents?{query}")).expect(200, query);
        let titles: Vec<&str> = listed["data"].as_array().expect("a list").iter().filter_map(|one| one["title"].as_str()).collect();
        assert_eq!(titles.join(" "), expected, "{query}");
        assert_eq!(listed["total"], titles.len(), "{query}");
    }
    for query in ["kind=poem", "review_before=soon", "sort=colour", "colour=red"] {
        assert_eq!(bed.get(&format!("/v1/documents?{query}")).status, 400, "{query}");
    }
    assert_eq!(bed.get("/v1/summary").json()["documents"], 3);
    let hits = bed.get("/v1/search?q=gamma").json();
    assert_eq!((&hits["data"][0]["kind"], &hits["data"][0]["ref"]), (&json!("document"), &json!("DOC-0003")), "{hits}");
}

#[test]
fn the_window_stores_a_picked_file_and_saves_one_where_it_is_told() {
    let bed = Bed::new(false);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (from, to) = (folder.path().join("Minutes.txt"), folder.path().join("copy.txt"));
    std::fs::write(&from, "What was said").expect("written");
    let body = json!({ "path": from.display().to_string(), "kind": "record" });
    let document = bed.send("POST", "/v1/documents/upload", &body).expect(201, "picked");
    assert_eq!((&document["title"], &document["media_type"]), (&json!("Minutes"), &json!("text/plain")));
    let save = format!("{}/save", path_of(&document));
    std::fs::write(&to, "an earlier file").expect("written");
    bed.send("POST", &save, &json!({ "path": to.display().to_string() })).expect(204, "saved");
    assert_eq!(std::fs::read(&to).expect("read"), b"What was said");
    assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 2, "and nothing beside it");
    for body in [json!({}), json!({ "path": 1 }), json!({ "path": folder.path().join("no/such/folder/x").display().to_string() })] {
        assert_eq!(bed.send("POST", &save, &body).status, 400, "{body}");
    }
    for body in [json!({ "path": "/no/such/file" }), json!({ "path": from.display().to_string(), "kind": "poem" }), json!({ "title": "x" })]
    {
        assert_eq!(bed.send("POST", "/v1/documents/upload", &body).status, 400, "{body}");
    }
    let port = At::Port(&bed.admin);
    assert_eq!(bed.ask(port, "POST", "/v1/documents/upload", &[], Some(body.to_string())).status, 415, "nobody at the port names a path");
    let target = json!({ "path": folder.path().join("by-port").display().to_string() });
    assert_eq!(bed.ask(port, "POST", &save, &[], Some(target.to_string())).status, 400, "nor a place");
    assert!(!folder.path().join("by-port").exists());
}

#[test]
fn damage_to_a_file_is_told_when_it_is_read_and_by_verify_and_a_backup_brings_every_file() {
    let bed = Bed::new(false);
    let (kept, hurt) = (path_of(&text_file(&bed, "a.txt", "kept")), path_of(&text_file(&bed, "b.txt", "to be hurt")));
    let place = tempfile::tempdir().expect("a temporary folder");
    let copy = place.path().join("copy.amtia");
    bed.engine.workspace().expect("open").backup(&copy).expect("copied");
    assert_eq!(stored(Path::new(&format!("{}.blobs", copy.display()))).len(), 2, "with both files");
    let before = stored(&folder(&bed));
    let later = path_of(&text_file(&bed, "c.txt", "to go missing"));
    let new = stored(&folder(&bed)).into_iter().find(|name| !before.contains(name)).expect("one more");
    std::fs::remove_file(folder(&bed).join(new)).expect("removed");
    for name in &before {
        let path = folder(&bed).join(name);
        let mut bytes = std::fs::read(&path).expect("read");
        if bytes.len() == 24 + 10 + 16 {
            bytes[30] ^= 1;
            std::fs::write(&path, bytes).expect("written");
        }
    }
    for (path, words) in [(&hurt, "damaged"), (&later, "missing")] {
        let answer = bed.get(&format!("{path}/content"));
        let message = answer.json()["error"]["message"].as_str().unwrap_or("").to_owned();
        assert_eq!((answer.status, message.contains(words)), (500, true), "{message}");
        assert_eq!(bed.get(path).status, 200, "the record is there");
    }
    assert_eq!(bed.get(&format!("{kept}/content")).bytes, b"kept");
    let report = bed.engine.workspace().expect("open").verify().expect("verified");
    assert_eq!((report.sound, report.problems.len()), (false, 2), "{:?}", report.problems);
    assert!(report.problems.iter().any(|line| line.contains("DOC-0002")) && report.problems.iter().any(|line| line.contains("DOC-0003")));
    let half = bed.engine.workspace().expect("open").backup(&place.path().join("half.amtia"));
    assert!(half.is_err(), "a copy that would lack a file is refused");
    assert_eq!(std::fs::read_dir(place.path()).expect("listed").count(), 3, "and leaves nothing: copy, keys, files");
    std::fs::rename(bed.engine.default_file().with_extension("amtia.key"), format!("{}.key", copy.display())).expect("the key goes along");
    for ending in ["", ".keys", ".blobs"] {
        let name = |stem: &str| place.path().join(format!("{stem}.amtia{ending}"));
        std::fs::rename(name("copy"), name("W")).expect("renamed");
    }
    std::fs::rename(format!("{}.key", copy.display()), place.path().join("W.amtia.key")).expect("renamed");
    let restored = engine(place.path(), None);
    restored.open_existing().expect("the copy opens");
    assert!(restored.workspace().expect("open").verify().expect("verified").sound, "and every file in it is whole");
    restored.close();
}
