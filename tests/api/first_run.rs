//! First run, keys and files: what opens a workspace, what does not, and what is then left untouched.

use super::engine;
use amtia_engine::{Engine, NewWorkspace, SlotKind, Unlock};
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

fn ask(engine: &Engine, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let request = request.body(Body::from(body.to_string())).expect("a request");
    runtime.block_on(async {
        let (parts, body) = engine.call(request).await.into_parts();
        let bytes = body.collect().await.expect("a whole body").to_bytes();
        (parts.status.as_u16(), serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    })
}

fn made(folder: &Path) -> PathBuf {
    let engine = engine(folder, None);
    engine.create(NewWorkspace { sample: false, name: None, path: None }).expect("made");
    let (status, body) = ask(&engine, "POST", "/v1/risks", &json!({ "name": "Zanzibar clearing outage" }));
    assert_eq!(status, 201, "{body}");
    engine.close();
    folder.join("W.amtia")
}

#[test]
fn first_run_goes_from_none_to_open_and_a_key_file_is_named() {
    for (kind, risks) in [("empty", 0), ("sample", 1243)] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let engine = engine(folder.path(), None);
        engine.open_existing().expect("no file is no failure");
        let (status, state) = ask(&engine, "GET", "/v1/workspace", &Value::Null);
        assert_eq!((status, &state["state"], &state["name"]), (200, &json!("none"), &json!(null)), "{state}");
        assert_eq!(ask(&engine, "GET", "/v1/risks", &Value::Null).0, 404, "no records before there is a workspace");
        for body in [json!({}), json!({ "kind": "large" }), json!({ "kind": "empty", "colour": 1 })] {
            assert_eq!(ask(&engine, "POST", "/v1/workspace", &body).0, 400, "{body}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0, "a refusal leaves no file");
        let (status, info) = ask(&engine, "POST", "/v1/workspace", &json!({ "kind": kind }));
        assert_eq!((status, &info["state"]), (201, &json!("open")), "{info}");
        let key_file = folder.path().join("W.amtia.key");
        assert_eq!(
            (&info["protection"], &info["key_file"]),
            (&json!(["key_file"]), &json!(key_file.display().to_string())),
            "no keychain: a key file, named"
        );
        #[cfg(unix)]
        for file in ["W.amtia.key", "W.amtia.keys"] {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(folder.path().join(file)).expect("it is there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file} is its owner's alone");
        }
        assert_eq!(ask(&engine, "GET", "/v1/summary", &Value::Null).1["risks"], risks, "{kind}");
        assert_eq!(ask(&engine, "POST", "/v1/workspace", &json!({ "kind": "empty" })).0, 400, "one at a time");
        engine.close();
    }
}

#[test]
fn a_workspace_that_was_moved_is_named_and_found_or_gone_on_without() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (old, new) = (folder.path().join("old"), folder.path().join("new"));
    std::fs::create_dir_all(&new).expect("a folder");
    let lost = made(&old);
    std::fs::rename(&old, folder.path().join("moved")).expect("moved");
    let engine = engine(&new, None);
    engine.miss(lost.clone());
    let missing = |engine: &Engine| {
        let (status, info) = ask(engine, "GET", "/v1/workspace", &Value::Null);
        assert_eq!((status, &info["state"], &info["file"]), (200, &json!("missing"), &json!(lost.display().to_string())), "{info}");
        let message = info["message"].as_str().expect("a sentence");
        assert!(message.contains(&lost.display().to_string()), "{message}");
    };
    missing(&engine);
    let stranger = folder.path().join("holiday.jpg");
    std::fs::write(&stranger, b"no workspace").expect("written");
    for wrong in [json!({}), json!({ "path": stranger })] {
        assert_eq!(ask(&engine, "POST", "/v1/workspace/open", &wrong).0, 400, "{wrong}");
        missing(&engine);
    }
    let (status, info) = ask(&engine, "POST", "/v1/workspace/open", &json!({ "path": folder.path().join("moved/W.amtia") }));
    assert_eq!((status, &info["state"]), (200, &json!("open")), "found: {info}");
    assert_eq!(ask(&engine, "GET", "/v1/risks", &Value::Null).1["total"], 1, "with what was in it");
    engine.close();

    let again = super::engine(&new, None);
    again.miss(lost.clone());
    let (status, info) = ask(&again, "POST", "/v1/workspace/open", &json!({ "usual": true }));
    assert_eq!((status, &info["state"], &info["folder"]), (200, &json!("none"), &json!(new.display().to_string())), "{info}");
    again.create(NewWorkspace { sample: false, name: None, path: None }).expect("made at the usual place");
    again.close();
    let third = super::engine(&new, None);
    third.miss(lost.clone());
    missing(&third);
    let (status, info) = ask(&third, "POST", "/v1/workspace/open", &json!({ "usual": true }));
    assert_eq!((status, &info["state"]), (200, &json!("open")), "the one at the usual place: {info}");
    third.close();
}

#[test]
fn a_missing_workspace_that_is_found_locked_asks_for_its_key() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let first = engine(folder.path(), Some("correct horse"));
    first.create(NewWorkspace { sample: false, name: None, path: None }).expect("made");
    first.close();
    let usual = tempfile::tempdir().expect("a temporary folder");
    let engine = engine(usual.path(), None);
    engine.miss(usual.path().join("gone.amtia"));
    assert_eq!(ask(&engine, "POST", "/v1/workspace/open", &json!({ "path": folder.path().join("W.amtia") })).0, 400);
    assert_eq!(ask(&engine, "GET", "/v1/workspace", &Value::Null).1["state"], "locked");
    let (status, info) = ask(&engine, "POST", "/v1/workspace/open", &json!({ "passphrase": "correct horse" }));
    assert_eq!((status, &info["state"]), (200, &json!("open")), "{info}");
    engine.close();
}

#[test]
fn a_passphrase_is_used_alone_and_a_wrong_one_locks() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let first = engine(folder.path(), Some("correct horse"));
    first.create(NewWorkspace { sample: false, name: None, path: None }).expect("made");
    assert_eq!(first.workspace().expect("open").protection(), [SlotKind::Passphrase], "no other way in");
    assert!(!folder.path().join("W.amtia.key").exists(), "and no key file");
    first.close();
    for wrong in ["wrong", "correct hors", "Correct horse"] {
        let engine = engine(folder.path(), Some(wrong));
        assert!(engine.open_existing().is_err(), "{wrong} opens nothing");
        assert_eq!(ask(&engine, "GET", "/v1/workspace", &Value::Null).1["state"], "locked", "it is locked, not damaged");
    }
    let asked = engine(folder.path(), None);
    assert!(asked.open_existing().is_err(), "without asking it does not open");
    let (status, body) = ask(&asked, "POST", "/v1/workspace/open", &json!({ "passphrase": "wrong" }));
    assert_eq!((status, &body["error"]["details"][0]["field"]), (400, &json!("passphrase")), "{body}");
    let (status, body) = ask(&asked, "POST", "/v1/workspace/open", &json!({ "passphrase": "correct horse" }));
    assert_eq!((status, &body["state"]), (200, &json!("open")), "{body}");
    asked.close();
}

#[test]
fn a_recovery_key_opens_when_the_key_file_is_gone_and_a_new_one_ends_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = made(folder.path());
    let first = engine(folder.path(), None);
    first.open_existing().expect("the key file opens it");
    let key = |engine: &Engine| {
        ask(engine, "POST", "/v1/workspace/recovery-key", &json!({})).1["recovery_key"].as_str().expect("shown once").to_owned()
    };
    let (earlier, latest) = (key(&first), key(&first));
    first.close();
    std::fs::remove_file(folder.path().join("W.amtia.key")).expect("removed");
    let second = engine(folder.path(), None);
    assert!(second.open_existing().is_err(), "without the key file it does not open by itself");
    assert_eq!(ask(&second, "GET", "/v1/workspace", &Value::Null).1["state"], "locked", "and says so");
    for wrong in [earlier.as_str(), "XXXXX", &latest[..latest.len() - 1], &latest.replace(&latest[..5], "00000")] {
        let (status, body) = ask(&second, "POST", "/v1/workspace/open", &json!({ "recovery_key": wrong }));
        assert_eq!((status, &body["error"]["details"][0]["field"]), (400, &json!("recovery_key")), "{body}");
        assert!(!body.to_string().contains(&latest[..11]), "a refusal repeats no key");
    }
    let (status, body) = ask(&second, "POST", "/v1/workspace/open", &json!({ "recovery_key": latest.to_lowercase().replace('-', " ") }));
    assert_eq!((status, &body["state"]), (200, &json!("open")), "as people type it: {body}");
    assert_eq!(ask(&second, "GET", "/v1/summary", &Value::Null).1["risks"], 1, "with what was in it");
    second.close();
    assert!(file.exists(), "in the same file");
}

#[test]
fn a_second_opener_is_refused_within_a_second_and_told_who_has_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    made(folder.path());
    let first = engine(folder.path(), None);
    first.open_existing().expect("opened");
    let second = engine(folder.path(), None);
    let begun = Instant::now();
    let refusal = second.open_existing().expect_err("one at a time").to_string();
    assert!(begun.elapsed() < Duration::from_secs(1), "at once");
    assert!(refusal.contains("amtia serve") && refusal.contains(&std::process::id().to_string()), "it names the holder: {refusal}");
    let state = ask(&second, "GET", "/v1/workspace", &Value::Null).1;
    assert_eq!(state["state"], "in_use", "the page is told that the file is sound and open elsewhere: {state}");
    assert_eq!(ask(&first, "POST", "/v1/risks", &json!({ "name": "Still" })).0, 201, "the first goes on");
    first.close();
    second.open_existing().expect("and the second opens once the first has closed");
    second.close();
}

#[test]
fn damaged_and_foreign_files_are_reported_and_left_untouched() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = made(folder.path());
    let sound = std::fs::read(&file).expect("read");
    let mut flipped = sound.clone();
    flipped[20] ^= 1;
    let mut plain = b"SQLite format 3\0".to_vec();
    plain.resize(4096, 0);
    let garbage: Vec<u8> = (0..20_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (what, bytes) in [
        ("cut to nothing", Vec::new()),
        ("cut within a page", sound[..1000].to_vec()),
        ("a flipped bit in the first page", flipped),
        ("garbage", garbage),
        ("another database", plain),
    ] {
        std::fs::write(&file, &bytes).expect("written");
        let engine = engine(folder.path(), None);
        let refusal = engine.open_existing().err().map(|cause| cause.to_string());
        let state = ask(&engine, "GET", "/v1/workspace", &Value::Null).1;
        assert_eq!(state["state"], "damaged", "{what}: {refusal:?}");
        assert!(state["message"].as_str().is_some_and(|message| message.ends_with('.')), "{what}: why, in a sentence: {state}");
        assert_eq!(std::fs::read(&file).expect("still there"), bytes, "{what}: the file is untouched");
        assert_eq!(ask(&engine, "POST", "/v1/workspace", &json!({ "kind": "empty" })).0, 400, "{what}: and never overwritten");
        engine.close();
    }
    std::fs::write(&file, &sound).expect("restored");
    let engine = engine(folder.path(), None);
    engine.open_existing().expect("the sound one opens");
    engine.close();
    std::fs::write(folder.path().join("W.amtia.keys"), b"{").expect("written");
    assert!(engine.open(None, Some(Unlock::Passphrase("x".into()))).is_err(), "damaged key slots");
    assert_eq!(std::fs::read(&file).expect("still there").len(), sound.len(), "leave the file alone too");
}

#[test]
fn no_plain_text_of_a_record_is_in_any_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let engine = engine(folder.path(), None);
    engine.create(NewWorkspace { sample: false, name: None, path: None }).expect("made");
    for number in 0..200 {
        ask(&engine, "POST", "/v1/risks", &json!({ "name": format!("Zanzibar clearing outage {number}") }));
    }
    let look = |when: &str| {
        for entry in std::fs::read_dir(folder.path()).expect("the folder") {
            let path = entry.expect("an entry").path();
            let bytes = std::fs::read(&path).expect("read");
            for text in ["Zanzibar", "CREATE TABLE", "SQLite format 3", "Hugo Marchetti"] {
                let found = bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()));
                assert!(!found, "{when}: {text} is not readable in {}", path.display());
            }
        }
    };
    look("while it is open, its log included");
    engine.close();
    look("after it was closed");
}
