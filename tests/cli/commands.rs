//! init, key, verify, backup, and wrong usage.

use super::{PASSPHRASE, Place};

#[test]
fn wrong_usage_ends_with_2_and_tells_on_stderr() {
    let place = Place::empty();
    for words in [
        &[][..],
        &["frobnicate"],
        &["init"],
        &["serve"],
        &["init", "W.amtia", "--colour"],
        &["serve", "W.amtia", "--port", "banana"],
        &["serve", "W.amtia", "--port", "70000"],
        &["key", "create", "W.amtia"],
        &["key", "create", "W.amtia", "--name", "n", "--role", "king"],
        &["import", "W.amtia"],
        &["backup", "W.amtia"],
        &["verify"],
    ] {
        let said = place.run(words).expect_code(2);
        assert!(said.out.is_empty() && !said.err.is_empty(), "{words:?}: {said:?}");
    }
    assert_eq!(std::fs::read_dir(place.path("")).expect("the folder").count(), 0, "nothing was made");
    for words in [&["--help"][..], &["--version"], &["import", "--help"]] {
        assert!(!place.run(words).expect_code(0).out.is_empty(), "{words:?} is an answer, on stdout");
    }
}

#[test]
fn init_makes_a_file_once() {
    let place = Place::empty();
    let said = place.run(&["init", "W.amtia"]).expect_code(0);
    assert_eq!(said.out, "", "what is for people is on stderr");
    let bytes = std::fs::read(place.path("W.amtia")).expect("made");
    place.run(&["init", "W.amtia"]).expect_sentence("exists");
    place.run(&["init", "W.amtia", "--sample"]).expect_sentence("exists");
    assert_eq!(std::fs::read(place.path("W.amtia")).expect("still there"), bytes, "and leaves the first as it was");
    std::fs::write(place.path("notes.txt"), "mine").expect("written");
    place.run(&["init", "notes.txt"]).expect_sentence("exists");
    assert_eq!(std::fs::read_to_string(place.path("notes.txt")).expect("read"), "mine", "nobody's file is overwritten");
    assert_eq!(place.verify()["records"], 0, "it is empty");
}

#[test]
fn init_with_the_sample_makes_one_that_verifies() {
    let place = Place::empty();
    place.run(&["init", "W.amtia", "--sample"]).expect_code(0);
    let report = place.verify();
    assert_eq!(report["sound"], true, "{report}");
    assert!(report["records"].as_u64().is_some_and(|count| count > 1243), "1,243 risks and incidents, counted as numbers: {report}");
    let words = place.run(&["verify", "W.amtia"]).expect_code(0);
    assert!(words.out.starts_with("Sound:"), "in words for people: {words:?}");
}

#[test]
fn a_key_is_printed_once_and_names_need_not_be_unique() {
    let place = Place::made();
    for role in ["viewer", "analyst", "admin"] {
        let key = place.run(&["key", "create", "W.amtia", "--name", "same", "--role", role, "--json"]).expect_code(0).json();
        let fields: Vec<&String> = key.as_object().expect("an object").keys().collect();
        assert_eq!(fields, ["api_key", "secret"], "both parts and nothing else");
        assert!(key["secret"].as_str().is_some_and(|secret| secret.len() > 40), "256 bits");
    }
    let said = place.run(&["key", "create", "W.amtia", "--name", "for people", "--role", "viewer"]).expect_code(0);
    assert!(said.out.contains("api_key") && said.err.contains("once"), "{said:?}");
    place.run(&["key", "create", "W.amtia", "--name", " ", "--role", "viewer"]).expect_sentence("name");
    assert_eq!(place.verify()["sound"], true, "and the file is sound");
}

#[test]
fn a_missing_file_and_a_wrong_passphrase_are_told_and_change_nothing() {
    let place = Place::made();
    std::fs::write(place.path("f.json"), "{}").expect("written");
    for words in [
        &["verify", "none.amtia"][..],
        &["backup", "none.amtia", "b.amtia"],
        &["import", "none.amtia", "f.json"],
        &["key", "create", "none.amtia", "--name", "n", "--role", "viewer"],
    ] {
        place.run(words).expect_sentence("There is no workspace");
    }
    let bytes = std::fs::read(place.path("W.amtia")).expect("read");
    for words in [&["verify", "W.amtia"][..], &["serve", "W.amtia", "--port", "0"], &["backup", "W.amtia", "b.amtia"]] {
        let mut command = place.command(words);
        super::Said::of(&command.env("AMTIA_PASSPHRASE", "wrong").output().expect("amtia starts")).expect_sentence("passphrase");
    }
    assert!(!place.path("b.amtia").exists(), "no copy was begun");
    assert_eq!(std::fs::read(place.path("W.amtia")).expect("read"), bytes, "the file is as it was");
}

#[test]
fn the_passphrase_comes_from_a_file_before_the_environment() {
    let place = Place::made();
    std::fs::write(place.path("pass"), format!("{PASSPHRASE}\nsecond line\n")).expect("written");
    std::fs::write(place.path("empty"), "").expect("written");
    let with = |file: &str| {
        let mut command = place.command(&["verify", "W.amtia", "--passphrase-file", file]);
        super::Said::of(&command.env("AMTIA_PASSPHRASE", "wrong").output().expect("amtia starts"))
    };
    with("pass").expect_code(0);
    with("nowhere").expect_sentence("cannot be read");
    with("empty").expect_sentence("empty");
}

#[test]
fn without_a_passphrase_and_without_a_keychain_the_command_says_so() {
    let place = Place::made();
    std::fs::write(place.path("f.json"), "{}").expect("written");
    for words in [&["verify", "W.amtia"][..], &["init", "N.amtia"], &["serve", "W.amtia", "--port", "0"], &["import", "W.amtia", "f.json"]]
    {
        let mut command = place.command(words);
        // No session bus and no home: no keychain of this machine's answers.
        command
            .env_remove("AMTIA_PASSPHRASE")
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
            .env("HOME", place.path(""))
            .env_remove("XDG_RUNTIME_DIR");
        super::Said::of(&command.output().expect("amtia starts")).expect_sentence("AMTIA_PASSPHRASE");
    }
    assert!(!place.path("N.amtia").exists(), "nothing was made unprotected");
}

#[test]
fn a_backup_opens_and_never_overwrites() {
    let place = Place::empty();
    place.run(&["init", "W.amtia", "--sample"]).expect_code(0);
    place.run(&["backup", "W.amtia", "copies/B.amtia"]).expect_code(0);
    let (of, copy) = (place.verify(), place.run(&["verify", "copies/B.amtia", "--json"]).expect_code(0).json());
    assert_eq!(
        (&copy["records"], &copy["head"], &copy["sound"]),
        (&of["records"], &of["head"], &true.into()),
        "the same records under the same head"
    );
    place.run(&["backup", "W.amtia", "copies/B.amtia"]).expect_sentence("exists");
    place.run(&["backup", "W.amtia", "W.amtia"]).expect_sentence("exists");
    assert_eq!(place.verify()["head"], of["head"], "a backup adds nothing to the chain");
}

#[test]
fn verify_fails_on_a_flipped_bit_and_on_other_files() {
    let place = Place::made();
    let sound = std::fs::read(place.path("W.amtia")).expect("read");
    for at in [20, sound.len() / 2, sound.len() - 100] {
        let mut flipped = sound.clone();
        flipped[at] ^= 4;
        std::fs::write(place.path("W.amtia"), &flipped).expect("written");
        let said = place.run(&["verify", "W.amtia"]);
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "byte {at}: {said:?}");
        assert!(said.err.contains("damaged"), "byte {at} is told: {said:?}");
    }
    for bytes in [Vec::new(), b"not a workspace".to_vec(), sound[..5000].to_vec()] {
        std::fs::write(place.path("W.amtia"), &bytes).expect("written");
        assert_eq!(place.run(&["verify", "W.amtia"]).code, Some(1), "{} bytes", bytes.len());
        assert_eq!(std::fs::read(place.path("W.amtia")).expect("still there"), bytes, "and the file is left as it is");
    }
}

#[test]
fn check_tells_what_is_wrong_in_the_register_and_ends_with_0() {
    let place = Place::made();
    let nothing = place.run(&["check", "W.amtia"]).expect_code(0);
    assert!(nothing.out.starts_with("The checks find nothing"), "{nothing:?}");
    let empty = place.run(&["check", "W.amtia", "--json"]).expect_code(0).json();
    assert_eq!((&empty["total"], empty["checks"].as_array().map(Vec::len)), (&serde_json::json!(0), Some(8)), "every check is told");
    let sample = Place::empty();
    sample.run(&["init", "W.amtia", "--sample"]).expect_code(0);
    let before = sample.verify()["head"].clone();
    let found = sample.run(&["check", "W.amtia", "--json"]).expect_code(0).json();
    assert_eq!(sample.verify()["head"], before, "looking adds nothing to the audit trail");
    let mut total = 0;
    for one in found["checks"].as_array().expect("checks") {
        let (count, risks) = (one["count"].as_u64().expect("a number"), one["risks"].as_array().expect("the risks"));
        assert_eq!(count, risks.len() as u64, "{}: each is named", one["check"]);
        assert!(risks.iter().all(|risk| risk["ref"].as_str().is_some_and(|name| name.starts_with("R-"))), "by its reference");
        total += count;
    }
    assert!(total > 0, "the sample has something to find");
    assert_eq!(found["total"], total);
    let words = sample.run(&["check", "W.amtia"]).expect_code(0);
    let overdue = found["checks"].as_array().into_iter().flatten().find(|one| one["check"] == "review_overdue").expect("a check");
    let named = format!("  {}  {}", overdue["risks"][0]["ref"].as_str().unwrap_or(""), overdue["risks"][0]["name"].as_str().unwrap_or(""));
    assert!(words.out.contains("review date has passed") && words.out.contains(&named), "explained and named: {}", words.out);
    place.run(&["check", "missing.amtia"]).expect_sentence("no workspace");
}
