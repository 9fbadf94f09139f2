//! The command line as scripts use it: exit codes, one JSON object, one plain sentence.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const PASSPHRASE: &str = "canary-passphrase-7c1f";

fn binary() -> PathBuf {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/debug/amtia");
    std::env::var_os("AMTIA_BIN").map_or(built, PathBuf::from)
}

/// A real input, or none where the samples are absent.
fn sample(name: &str) -> Option<PathBuf> {
    let folder =
        std::env::var_os("AMTIA_SAMPLES").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let file = folder.join(name);
    if file.exists() {
        return Some(file);
    }
    eprintln!("skipped: {name}: sample data absent");
    None
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder can be made"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(words).current_dir(self.0.path()).env("AMTIA_PASSPHRASE", PASSPHRASE).env("AMTIA_LOG", "trace");
        // No keychain is to be found: without a passphrase nothing opens.
        command.env("DBUS_SESSION_BUS_ADDRESS", "disabled:").stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("amtia starts")
    }

    fn with_workspace() -> Self {
        let place = Self::new();
        let made = place.run(&["init", "W.amtia"]);
        assert!(made.status.success(), "{made:?}");
        place
    }

    fn head(&self) -> String {
        let checked = self.run(&["verify", "W.amtia", "--json"]);
        assert_eq!(checked.status.code(), Some(0), "{checked:?}");
        json(&checked)["head"].as_str().expect("a head").to_owned()
    }
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.trim().lines().count(), 1, "one JSON object and nothing else: {text}");
    serde_json::from_str(&text).expect("standard output is JSON")
}

/// What people are told, without the log.
fn sentence(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines().filter(|line| !line.contains("TRACE") && !line.contains("DEBUG") && !line.contains("INFO")).collect::<Vec<_>>().join("\n")
}

#[test]
fn init_makes_a_workspace_once() {
    let place = Place::new();
    assert_eq!(place.run(&["init", "W.amtia", "--sample"]).status.code(), Some(0), "made");
    let again = place.run(&["init", "W.amtia"]);
    assert_eq!(again.status.code(), Some(1), "an existing file is left alone: {again:?}");
    assert!(sentence(&again).contains("exists already"), "{}", sentence(&again));
    let bytes = std::fs::read(place.path("W.amtia")).expect("the file is there");
    let plain = b"Supplier administrators keep access";
    assert!(!bytes.windows(plain.len()).any(|part| part == plain), "nothing of it is readable");
    assert!(!bytes.starts_with(b"SQLite format 3"), "not even that it is a database");
}

#[test]
fn wrong_usage_exits_two_and_a_missing_key_exits_one() {
    let place = Place::with_workspace();
    for words in [
        &["init"][..],
        &["no-such-command"],
        &["key", "create", "W.amtia", "--name", "n", "--role", "owner"],
        &["serve", "W.amtia", "--port", "x"],
    ] {
        assert_eq!(place.run(words).status.code(), Some(2), "{words:?}");
    }
    for words in [&["verify", "W.amtia"][..], &["init", "N.amtia"], &["serve", "W.amtia", "--port", "0"], &["backup", "W.amtia", "B.amtia"]]
    {
        let refused = place.command(words).env_remove("AMTIA_PASSPHRASE").output().expect("amtia starts");
        assert_eq!(refused.status.code(), Some(1), "{words:?}: {refused:?}");
        assert!(sentence(&refused).contains("AMTIA_PASSPHRASE"), "it says what to do: {}", sentence(&refused));
    }
    let wrong = place.command(&["verify", "W.amtia"]).env("AMTIA_PASSPHRASE", "wrong").output().expect("amtia starts");
    assert_eq!((wrong.status.code(), sentence(&wrong).contains("does not open")), (Some(1), true), "{wrong:?}");
    std::fs::write(place.path("pass.txt"), format!("{PASSPHRASE}\nmore")).expect("written");
    let by_file = place
        .command(&["--passphrase-file", "pass.txt", "verify", "W.amtia"])
        .env_remove("AMTIA_PASSPHRASE")
        .output()
        .expect("amtia starts");
    assert_eq!(by_file.status.code(), Some(0), "the file's first line is the passphrase: {by_file:?}");
    assert_eq!(place.run(&["verify", "Nowhere.amtia"]).status.code(), Some(1), "a missing file");
}

#[test]
fn a_framework_imports_once_and_a_dry_run_changes_nothing() {
    let Some(catalog) = sample("oscal/NIST_SP-800-53_rev5.0.1_full_catalog.json") else { return };
    let Some(library) = sample("ciso-assistant/nist-csf-2.0.yaml") else { return };
    let place = Place::with_workspace();
    let before = place.head();
    let catalog = catalog.to_string_lossy().into_owned();
    let dry = place.run(&["import", "W.amtia", &catalog, "--dry-run", "--json"]);
    assert_eq!(dry.status.code(), Some(0), "{dry:?}");
    assert_eq!(
        (json(&dry)["created"].as_u64(), json(&dry)["framework"]["control_count"].as_u64()),
        (Some(1209), Some(1189)),
        "what would happen"
    );
    assert_eq!(place.head(), before, "nothing happened");
    let done = place.run(&["import", "W.amtia", &catalog, "--json"]);
    assert_eq!((done.status.code(), json(&done)["created"].as_u64()), (Some(0), Some(1209)), "{done:?}");
    let after = place.head();
    assert_ne!(after, before, "it is in the trail");
    let again = place.run(&["import", "W.amtia", &catalog, "--json"]);
    assert_eq!(
        (again.status.code(), json(&again)["created"].as_u64(), json(&again)["unchanged"].as_u64()),
        (Some(0), Some(0), Some(1209)),
        "{again:?}"
    );
    assert_eq!(place.head(), after, "twice is once");
    let yaml = place.run(&["import", "W.amtia", &library.to_string_lossy(), "--json"]);
    assert_eq!((yaml.status.code(), json(&yaml)["framework"]["id"].as_str()), (Some(0), Some("nist-csf-2.0")), "{yaml:?}");
}

#[test]
fn a_file_that_is_no_framework_is_refused_in_one_sentence() {
    let place = Place::with_workspace();
    let before = place.head();
    let mut cases: Vec<(String, Vec<u8>, &str)> = vec![
        ("empty.json".into(), Vec::new(), "empty"),
        ("words.json".into(), b"hello".to_vec(), "nothing was imported"),
        ("book.xlsx".into(), b"PK\x03\x04rest of a workbook".to_vec(), "OSCAL JSON or CISO Assistant YAML"),
        ("half.json".into(), br#"{"catalog":{"uuid":"6"#.to_vec(), "missing"),
    ];
    if let Some(catalog) = sample("oscal/NIST_SP-800-53_rev5.0.1_full_catalog.json") {
        let bytes = std::fs::read(catalog).expect("readable");
        cases.push(("cut.json".into(), bytes[..bytes.len() / 2].to_vec(), "missing"));
    }
    if let Some(profile) = sample("oscal/NIST_SP-800-53_rev5_LOW-baseline_profile.json") {
        cases.push(("profile.json".into(), std::fs::read(profile).expect("readable"), "profile"));
    }
    for (name, bytes, word) in cases {
        std::fs::write(place.path(&name), bytes).expect("written");
        for more in [&[][..], &["--dry-run"], &["--json"]] {
            let words = [&["import", "W.amtia", name.as_str()][..], more].concat();
            let refused = place.run(&words);
            assert_eq!(refused.status.code(), Some(1), "{name}: {refused:?}");
            assert!(sentence(&refused).contains(word), "{name}: {}", sentence(&refused));
        }
    }
    assert_eq!(place.head(), before, "nothing came of any");
    let missing = place.run(&["import", "W.amtia", "nowhere.json"]);
    assert_eq!((missing.status.code(), sentence(&missing).contains("nowhere.json")), (Some(1), true), "{missing:?}");
}

#[test]
fn a_backup_opens_and_holds_what_the_workspace_held() {
    let place = Place::new();
    assert!(place.run(&["init", "W.amtia", "--sample"]).status.success(), "made");
    assert_eq!(place.run(&["backup", "W.amtia", "folder/B.amtia"]).status.code(), Some(0), "copied");
    let checked = place.run(&["verify", "folder/B.amtia", "--json"]);
    assert_eq!((checked.status.code(), json(&checked)["head"].as_str()), (Some(0), Some(place.head().as_str())), "{checked:?}");
    assert_eq!(place.run(&["backup", "W.amtia", "folder/B.amtia"]).status.code(), Some(1), "a file that is there is not written over");
}

#[test]
fn serve_prints_one_line_keeps_others_out_and_ends_cleanly() {
    let place = Place::with_workspace();
    let made = place.run(&["key", "create", "W.amtia", "--name", "ci", "--role", "analyst", "--json"]);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let key = json(&made);
    let mut child =
        place.command(&["serve", "W.amtia", "--port", "0"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("amtia starts");
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    let mut line = String::new();
    out.read_line(&mut line).expect("a line comes");
    let ready: Value = serde_json::from_str(&line).expect("the line is JSON");
    let url = ready["url"].as_str().expect("a url").to_owned();
    assert!(url.starts_with("http://127.0.0.1:") && url.ends_with("/v1"), "{url}");
    assert!(ready["ui"].as_str().is_some_and(|ui| ui.ends_with('/')), "{ready}");

    let begun = Instant::now();
    let second = place.run(&["verify", "W.amtia"]);
    assert_eq!(second.status.code(), Some(1), "{second:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "refused at once");
    assert!(
        sentence(&second).contains("amtia serve") && sentence(&second).contains(&child.id().to_string()),
        "the holder is named: {}",
        sentence(&second)
    );

    let body = serde_json::json!({ "api_key": key["api_key"], "secret": key["secret"] }).to_string();
    let mut answer =
        ureq::post(&format!("{url}/auth/token")).header("content-type", "application/json").send(body.as_bytes()).expect("a token comes");
    let token: Value = serde_json::from_str(&answer.body_mut().read_to_string().expect("text")).expect("JSON");
    let token = token["token"].as_str().expect("a token").to_owned();
    let risk = ureq::post(&format!("{url}/risks"))
        .header("content-type", "application/json")
        .header("authorization", &format!("Bearer {token}"))
        .send(&br#"{"name":"canary-risk-91aa"}"#[..])
        .expect("a risk is made");
    assert_eq!(risk.status().as_u16(), 201, "over HTTP");

    let ended = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill is there");
    assert!(ended.success(), "the signal was sent");
    let status = child.wait().expect("it ends");
    assert_eq!(status.code(), Some(0), "stopped cleanly");
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("text");
    assert_eq!(rest, "", "the JSON line is all that it printed");
    let mut told = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut told).expect("text");
    assert!(told.contains("#code="), "the one-time link is on standard error");
    let secret = key["secret"].as_str().expect("a secret");
    for canary in [PASSPHRASE, secret, token.as_str(), "canary-risk-91aa"] {
        assert!(!told.contains(canary), "no secret and no text of a record is logged, even at trace: {canary}");
    }
    assert!(place.path("W.amtia.clean").exists(), "the file was closed in order");
    assert_eq!(place.run(&["verify", "W.amtia"]).status.code(), Some(0), "and opens");
}

#[test]
fn damage_is_told_and_the_file_is_left_as_it_is() {
    let place = Place::new();
    assert!(place.run(&["init", "W.amtia", "--sample"]).status.success(), "made");
    let whole = std::fs::read(place.path("W.amtia")).expect("readable");
    let mut flipped = whole.clone();
    let at = flipped.len() / 2 + 100;
    flipped[at] ^= 1;
    for (what, bytes) in [
        ("a flipped bit", flipped),
        ("half a file", whole[..whole.len() / 2].to_vec()),
        ("nothing", Vec::new()),
        ("garbage", vec![7; 8192]),
    ] {
        std::fs::write(place.path("W.amtia"), &bytes).expect("written");
        let _ = std::fs::remove_file(place.path("W.amtia.clean"));
        let told = place.run(&["verify", "W.amtia"]);
        assert_eq!(told.status.code(), Some(1), "{what}: {told:?}");
        assert!(!sentence(&told).is_empty(), "{what} is told in words");
        if what != "a flipped bit" {
            assert_eq!(std::fs::read(place.path("W.amtia")).expect("readable"), bytes, "{what}: the file is left as it is");
        }
    }
}
