//! What a file may hold, and how long it may be.

use super::{none, root, text, tracked};

const LIMIT: usize = 500;
const HAND_WRITTEN: &[&str] = &[".rs", ".ts", ".svelte", ".js", ".mjs", ".css", ".c", ".sql", ".md", ".py", ".php"];
const GENERATED: &[&str] = &["ui/src/lib/api/schema.ts", "sdks/js/src/schema.ts"];

#[test]
fn a_long_file_states_its_reason() {
    let mut problems = Vec::new();
    for file in tracked() {
        if !HAND_WRITTEN.iter().any(|end| file.ends_with(end)) || GENERATED.contains(&file.as_str()) {
            continue;
        }
        let text = text(&file);
        let lines = text.lines().count();
        let reason = text.lines().take(5).any(|line| line.contains("long: "));
        if lines > LIMIT && !reason {
            problems.push(format!("{file} has {lines} lines"));
        }
    }
    none(&problems, "A hand-written file over 500 lines wants splitting by concept, or a comment `long: why` in its first lines.");
}

#[test]
fn nothing_is_left_half_done() {
    // Put together here, so that this file does not find itself.
    let forbidden: Vec<String> = [
        ("TO", "DO"),
        ("FIX", "ME"),
        ("todo", "!("),
        ("unimplemented", "!("),
        ("console", ".log"),
        ("eslint", "-disable"),
        ("@ts-", "ignore"),
        ("@ts-", "expect-error"),
        ("as ", "any;"),
        ("as ", "any)"),
        ("Coming ", "soon"),
        ("coming ", "soon"),
        ("Bientôt ", "disponible"),
        ("lorem ", "ipsum"),
    ]
    .iter()
    .map(|(a, b)| format!("{a}{b}"))
    .collect();
    let mut problems = Vec::new();
    for file in tracked() {
        let code = HAND_WRITTEN.iter().any(|end| file.ends_with(end)) || file.starts_with("ui/messages/");
        if !code || GENERATED.contains(&file.as_str()) {
            continue;
        }
        for (number, line) in text(&file).lines().enumerate() {
            for word in forbidden.iter().filter(|word| holds(line, word)) {
                problems.push(format!("{file}:{}: {word}", number + 1));
            }
        }
    }
    none(&problems, "A thing that is not there yet has no place in the tree.");
}

/// Whether a line holds a word that is not merely part of a longer one.
fn holds(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !(letter(before) || letter(after) && word.chars().all(char::is_alphanumeric))
    })
}

#[test]
fn no_file_names_this_machine() {
    let mut forbidden: Vec<String> = [("/wo", "rk/main"), ("/wo", "rk/shared"), ("/tmp", "/w/"), ("/ro", "ot/"), ("/Us", "ers/")]
        .iter()
        .map(|(a, b)| format!("{a}{b}"))
        .collect();
    let here = root().display().to_string();
    if here.len() > 4 {
        forbidden.push(here);
    }
    let mut problems = Vec::new();
    for file in tracked() {
        let text = text(&file);
        for word in forbidden.iter().filter(|word| text.contains(word.as_str())) {
            problems.push(format!("{file}: {word}"));
        }
    }
    none(&problems, "A path of one machine means nothing on another.");
}

#[test]
fn lock_files_name_public_registries_only() {
    let mut problems = Vec::new();
    for line in text("Cargo.lock").lines().filter(|line| line.starts_with("source = ")) {
        if line != "source = \"registry+https://github.com/rust-lang/crates.io-index\"" {
            problems.push(format!("Cargo.lock: {line}"));
        }
    }
    for line in text("ui/package-lock.json").lines().filter(|line| line.contains("\"resolved\"")) {
        if !line.contains("\"https://registry.npmjs.org/") {
            problems.push(format!("ui/package-lock.json: {}", line.trim()));
        }
    }
    for file in tracked() {
        let settings = file.ends_with(".npmrc") || file.starts_with(".cargo/");
        let chooses = |line: &str| {
            let name = line.split('=').next().unwrap_or("").trim();
            name == "registry" || name.ends_with(":registry") || name == "replace-with"
        };
        if settings && text(&file).lines().any(chooses) {
            problems.push(format!("{file} sets a registry"));
        }
    }
    none(&problems, "Packages come from wherever the reader's own settings say.");
}
