//! The two catalogs say the same things, and nothing that nobody says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{none, text, tracked_below};

/// Every message of a language, by key, and the file that holds it.
fn catalog(locale: &str) -> BTreeMap<String, (String, String)> {
    let folder = format!("ui/messages/{locale}/");
    let files = tracked_below(&folder, &[".json"]);
    assert!(!files.is_empty(), "{folder} holds the catalog");
    let mut messages = BTreeMap::new();
    for file in files {
        let value: Value = serde_json::from_str(&text(&file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        let entries = value.as_object().unwrap_or_else(|| panic!("{file} holds one object"));
        for (key, message) in entries {
            if key == "$schema" {
                continue;
            }
            // A message with variants, such as plurals, is a structure; its blanks are in its text.
            let message = message.as_str().map_or_else(|| message.to_string(), str::to_owned);
            let name = file.trim_start_matches(&folder).to_owned();
            let earlier = messages.insert(key.clone(), (message, name));
            assert!(earlier.is_none(), "{key} is in two files of {locale}");
        }
    }
    messages
}

/// The `{names}` that a message fills in.
fn blanks(message: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut rest = message;
    while let Some(start) = rest.find('{') {
        rest = &rest[start + 1..];
        let end = rest.find('}').unwrap_or(0);
        let name = &rest[..end];
        if !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            names.insert(name.to_owned());
        }
    }
    names
}

#[test]
fn both_languages_have_the_same_messages() {
    let (english, french) = (catalog("en"), catalog("fr"));
    let mut problems = Vec::new();
    for (key, (message, file)) in &english {
        match french.get(key) {
            None => problems.push(format!("{key} ({file}) has no French")),
            Some((_, other)) if other != file => {
                problems.push(format!("{key} is in {file} in English and in {other} in French"));
            }
            Some((translation, _)) if blanks(message) != blanks(translation) => {
                problems.push(format!("{key} fills in other names in French"));
            }
            Some((translation, _)) if translation.trim().is_empty() || message.trim().is_empty() => {
                problems.push(format!("{key} is empty"));
            }
            Some(_) => {}
        }
    }
    for key in french.keys().filter(|key| !english.contains_key(*key)) {
        problems.push(format!("{key} has no English"));
    }
    none(&problems, "Every message is in English and in French.");
}

#[test]
fn every_message_is_used_and_every_used_message_is_there() {
    let messages = catalog("en");
    let mut words: BTreeSet<String> = BTreeSet::new();
    let mut prefixes: BTreeSet<String> = BTreeSet::new();
    let mut problems = Vec::new();
    for file in tracked_below("ui/src/", &[".ts", ".svelte"]) {
        let text: String = text(&file)
            .lines()
            .filter(|line| !["//", "*", "/*"].iter().any(|mark| line.trim_start().starts_with(mark)))
            .flat_map(|line| [line, "\n"])
            .collect();
        for word in text.split(|c: char| !c.is_alphanumeric() && c != '_') {
            words.insert(word.to_owned());
        }
        // `status_${status}`: every key that starts so counts as used.
        for (at, _) in text.match_indices("${") {
            let before = &text[..at];
            let start = before.char_indices().rev().find(|(_, c)| !c.is_alphanumeric() && *c != '_').map_or(0, |(i, c)| i + c.len_utf8());
            let prefix = &before[start..];
            if prefix.len() >= 4 && prefix.ends_with('_') {
                prefixes.insert(prefix.to_owned());
            }
        }
        for (at, _) in text.match_indices("m.") {
            let alone = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
            let rest = &text[at + 2..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let name = &rest[..end];
            let called = rest[end..].starts_with('(');
            if alone && called && name.contains('_') && !messages.contains_key(name) {
                problems.push(format!("{file} uses {name}, which no catalog has"));
            }
        }
    }
    for (key, (_, file)) in &messages {
        let made = prefixes.iter().any(|prefix| key.starts_with(prefix));
        if !words.contains(key) && !made {
            problems.push(format!("{key} ({file}) is never used"));
        }
    }
    none(&problems, "Catalogs and screens agree.");
}
