//! import, with small files and with the real ones where they are at hand.

use super::Place;
use std::path::{Path, PathBuf};

fn samples() -> PathBuf {
    let named = std::env::var_os("AMTIA_SAMPLES").map(PathBuf::from);
    named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"))
}

/// The real file, or `None` where it is not at hand: then the test says which it left out.
#[expect(clippy::print_stderr, reason = "what was left out is told")]
fn sample(name: &str) -> Option<PathBuf> {
    let path = samples().join(name);
    if !path.is_file() {
        eprintln!("left out, for it is not at hand: {name} (AMTIA_SAMPLES names its folder)");
        return None;
    }
    Some(path)
}

#[test]
fn real_frameworks_come_in_once_after_a_dry_run_that_changes_nothing() {
    let place = Place::made();
    for (name, controls) in [("oscal/NIST_SP-800-53_rev5.0.1_full_catalog.json", Some(1189)), ("ciso-assistant/nist-csf-2.0.yaml", None)] {
        let Some(path) = sample(name) else { continue };
        let path = path.to_str().expect("a path of text");
        let before = place.verify();
        let dry = place.run(&["import", "W.amtia", path, "--dry-run", "--json"]).expect_code(0).json();
        assert_eq!(place.verify()["head"], before["head"], "{name}: a dry run changes nothing");
        assert_eq!((&dry["dry_run"], &dry["verdict"], &dry["errors"]), (&true.into(), &"new".into(), &0.into()), "{name}: {dry}");
        assert!(dry["created"].as_u64().is_some_and(|count| count > 100), "{name}: what would be made, as a number: {dry}");
        if let Some(controls) = controls {
            assert_eq!(dry["framework"]["control_count"], controls, "{name}: controls and enhancements, groups not");
        }
        let done = place.run(&["import", "W.amtia", path, "--json"]).expect_code(0).json();
        assert_eq!((&done["created"], &done["framework"]), (&dry["created"], &dry["framework"]), "{name}: what the dry run said");
        let after = place.verify();
        assert_ne!(after["head"], before["head"], "{name}: now it is in");
        let again = place.run(&["import", "W.amtia", path, "--json"]).expect_code(0).json();
        assert_eq!(
            (&again["created"], &again["verdict"], &again["unchanged"]),
            (&0.into(), &"unchanged".into(), &done["created"]),
            "{name}: the second time nothing is new"
        );
        assert_eq!(place.verify()["head"], after["head"], "{name}: and nothing is written");
    }
}

#[test]
fn a_real_file_cut_short_is_refused_in_one_sentence_and_nothing_is_kept() {
    let place = Place::made();
    let before = place.verify();
    for name in ["oscal/NIST_SP-800-53_rev5.0.1_full_catalog.json", "ciso-assistant/nist-csf-2.0.yaml"] {
        let Some(path) = sample(name) else { continue };
        let bytes = std::fs::read(&path).expect("read");
        let ending = path.extension().and_then(|ending| ending.to_str()).expect("an ending");
        for part in [bytes.len() / 2, bytes.len() / 3, 40] {
            let cut = place.path(&format!("cut.{ending}"));
            std::fs::write(&cut, &bytes[..part]).expect("written");
            place.run(&["import", "W.amtia", cut.to_str().expect("text")]).expect_sentence("");
        }
    }
    for name in [
        "oscal/example-component-definition.json",
        "oscal/NIST_SP-800-53_rev5_LOW-baseline_profile.json",
        "ciso-assistant/example_framework.xlsx",
        "ciso-assistant/mapping-nist-csf-2.0-to-iso27001-2022.yaml",
    ] {
        let Some(path) = sample(name) else { continue };
        place.run(&["import", "W.amtia", path.to_str().expect("text")]).expect_sentence("");
    }
    assert_eq!(place.verify()["head"], before["head"], "nothing of any of them is kept");
}

#[test]
fn files_of_nothing_known_are_refused_in_one_sentence() {
    let place = Place::made();
    let before = place.verify();
    for (name, bytes) in [
        ("empty.json", &b""[..]),
        ("empty.yaml", b""),
        ("words.txt", b"just words"),
        ("object.json", b"{}"),
        ("array.json", b"[]"),
        ("cut.json", b"{\"catalog\": {"),
        ("list.yaml", b"- a\n- b\n"),
        ("binary.json", &[0xff, 0xfe, 0x00, 0x01]),
        ("zip.json", b"PK\x03\x04rest"),
        ("html.json", b"<!doctype html><p>Sign in</p>"),
        ("catalog.json", b"{\"catalog\":{\"uuid\":\"x\"}}"),
    ] {
        std::fs::write(place.path(name), bytes).expect("written");
        place.run(&["import", "W.amtia", name]).expect_sentence("");
        place.run(&["import", "W.amtia", name, "--dry-run"]).expect_sentence("");
        let json = place.run(&["import", "W.amtia", name, "--json"]);
        assert_eq!((json.code, &json.json()["created"]), (Some(1), &0.into()), "{name}: with --json the object says so too");
    }
    place.run(&["import", "W.amtia", "nowhere.json"]).expect_sentence("cannot be read");
    std::fs::create_dir(place.path("folder.json")).expect("made");
    place.run(&["import", "W.amtia", "folder.json"]).expect_sentence("cannot be read");
    assert_eq!(place.verify()["head"], before["head"], "nothing of any of them is kept");
}

#[test]
fn a_register_is_exported_and_comes_in_elsewhere_the_same() {
    let home = Place::made();
    let csv = "Name,Owner,Likelihood,Impact,Review date\nOne,Ann,3,4,2027-01-31\n\"=2+2\",Bob,,,\n";
    std::fs::write(home.path("own.csv"), csv).expect("written");
    let before = home.verify();
    let dry = home.run(&["import", "W.amtia", "own.csv", "--dry-run", "--json"]).expect_code(0).json();
    assert_eq!((&dry["format"], &dry["created"], &dry["errors"]), (&"csv".into(), &2.into(), &0.into()), "{dry}");
    assert_eq!(home.verify()["head"], before["head"], "a dry run changes nothing");
    home.run(&["import", "W.amtia", "own.csv"]).expect_code(0);
    for format in ["xlsx", "csv", "json"] {
        let file = format!("risks.{format}");
        home.run(&["export", "W.amtia", "risks", "--format", format, "--out", &file, "--language", "fr"]).expect_code(0);
        let same = home.run(&["import", "W.amtia", &file, "--json"]).expect_code(0).json();
        assert_eq!((&same["unchanged"], &same["verdict"]), (&2.into(), &"unchanged".into()), "{format}: {same}");
        let away = Place::made();
        std::fs::copy(home.path(&file), away.path(&file)).expect("copied");
        let done = away.run(&["import", "W.amtia", &file, "--json"]).expect_code(0).json();
        assert_eq!((&done["created"], &done["state"]), (&2.into(), &"applied".into()), "{format}: {done}");
    }
    let told = "Name,Acceptance,Documents\nThree,RA-0001 | Ann | 2030-01-01,Report\nFour,,Report\n";
    std::fs::write(home.path("told.csv"), told).expect("written");
    let said = home.run(&["import", "W.amtia", "told.csv", "--dry-run"]).expect_code(0);
    for left in ["1 rows tell of an acceptance. None is imported", "2 rows name documents that their risks do not have here. They are not"]
    {
        assert!(said.out.contains(left), "{}", said.out);
    }
    home.run(&["export", "W.amtia", "risks", "--format", "csv", "--out", "no/such/place.csv"]).expect_sentence("cannot be written");
    assert_eq!(home.run(&["export", "W.amtia", "risks", "--format", "pdf", "--out", "x"]).code, Some(2), "wrong usage");
}

#[test]
fn columns_of_a_register_are_mapped_on_the_command_line_and_wrong_rows_named() {
    let place = Place::made();
    std::fs::write(place.path("odd.csv"), "Alpha,Beta,Gamma\nOne,03/04/2026,x\n,soon,y\n").expect("written");
    place.run(&["import", "W.amtia", "odd.csv", "--map", "Alpha=title"]).expect_sentence("has no field title");
    place.run(&["import", "W.amtia", "odd.csv", "--map", "Delta=name"]).expect_sentence("has no column Delta");
    let mapped = ["import", "W.amtia", "odd.csv", "--map", "Alpha=name", "--map", "B=review_date", "--dates", "day-first"];
    let wrong = place.run(&mapped);
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.err.contains("Row 3") && wrong.err.contains("Column A, “Alpha”"), "row and column: {}", wrong.err);
    let done = place.run(&[&mapped[..], &["--leave-out-errors", "--json"]].concat()).expect_code(0).json();
    assert_eq!((&done["created"], &done["errors"]), (&1.into(), &1.into()), "{done}");
}
