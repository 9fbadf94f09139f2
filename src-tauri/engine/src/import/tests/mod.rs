//! The reader as a whole, on texts written here and on real files.

mod detect;
mod hostile;
mod library;
mod oscal;
mod samples;

use super::{Format, Go, Progress, Refusal, read};
use amtia_domain::framework::FrameworkDraft;
use std::path::PathBuf;

/// Reads without watching.
fn plain(bytes: &[u8]) -> Result<(Format, FrameworkDraft), Refusal> {
    read(bytes, "file", None, &mut |_| Go::Continue)
}

fn draft(text: &str) -> FrameworkDraft {
    plain(text.as_bytes()).expect("a framework").1
}

fn refusal(text: &str) -> Refusal {
    plain(text.as_bytes()).expect_err("a refusal")
}

/// Row, label and message of each problem.
fn problems(draft: &FrameworkDraft) -> Vec<String> {
    draft.problems.iter().map(|problem| format!("{} {}: {}", problem.row, problem.label, problem.message)).collect()
}

/// A small generator of numbers (xorshift), so that a failure can be repeated.
fn random(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 16) as usize
}

/// The folder of real files: `AMTIA_SAMPLES`, or beside the repository.
fn folder() -> PathBuf {
    std::env::var_os("AMTIA_SAMPLES").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from)
}

/// A real file, or nothing and a word about it where it is absent.
#[expect(clippy::print_stderr, reason = "a test that did not run says so")]
fn sample(test: &str, path: &str) -> Option<Vec<u8>> {
    let bytes = std::fs::read(folder().join(path)).ok();
    if bytes.is_none() {
        eprintln!("skipped: {test}: sample data absent");
    }
    bytes
}

#[test]
fn every_refusal_says_what_is_wrong_and_that_nothing_was_imported() {
    let texts = [
        "",
        "a: 1\n",
        "hello\n",
        "{",
        "{\"catalog\": 1}",
        "{\"profile\": {}}",
        "[1]",
        "urn: a\nurn: b\n",
        "urn: a:b\nname: x\n",
        "urn: a:b\nname: x\nobjects:\n  threats: []\n",
        "urn: a:b\n\tx: [1\ny: 2\n",
        "a,b,c\n1,2,3\n",
    ];
    for text in texts {
        let sentence = refusal(text).to_string();
        assert!(sentence.contains("; nothing was imported: "), "{sentence}");
        assert!(sentence.ends_with('.') && !sentence.trim_end_matches('.').contains(". "), "one sentence: {sentence}");
    }
}

#[test]
fn a_slug_may_be_chosen() {
    let text = "urn: urn:x:library:Some_Thing\nname: N\nobjects:\n  framework:\n    requirement_nodes:\n    - {urn: a, assessable: true, name: A}\n";
    assert_eq!(draft(text).slug, "some-thing");
    let (_, chosen) = read(text.as_bytes(), "f", Some("mine-1.0"), &mut |_| Go::Continue).expect("a framework");
    assert_eq!(chosen.slug, "mine-1.0");
    assert_eq!(read(text.as_bytes(), "f", Some("Not This"), &mut |_| { Go::Continue }).err(), Some(Refusal::Slug));
}

#[test]
fn reading_reports_progress_and_can_be_stopped() {
    let mut text = "urn: a:b\nname: N\nobjects:\n  framework:\n    requirement_nodes:\n".to_owned();
    for at in 0..1000 {
        text.push_str(&format!("    - urn: n{at}\n      assessable: true\n      name: A\n"));
    }
    let mut seen: Vec<Progress> = Vec::new();
    read(text.as_bytes(), "f", None, &mut |progress| {
        seen.push(progress);
        Go::Continue
    })
    .expect("a framework");
    assert!(seen.len() > 5 && seen.is_sorted_by_key(|progress| progress.done), "{seen:?}");
    assert_eq!(seen.last(), Some(&Progress { done: 1000, total: 1000 }));

    for stop in 1..=seen.len() {
        let mut calls = 0;
        let outcome = read(text.as_bytes(), "f", None, &mut |_| {
            calls += 1;
            if calls == stop { Go::Stop } else { Go::Continue }
        });
        assert_eq!((outcome.err(), calls), (Some(Refusal::Cancelled), stop));
    }
}
