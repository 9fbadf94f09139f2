//! Whatever the engine and the domain say to people, they can say in French.

use std::collections::HashSet;

use super::{none, text, tracked_below};

/// Sources whose sentences stay English.
const ENGLISH: &[(&str, &str)] = &[
    ("src-tauri/engine/src/sample", "the sample's content has its own language"),
    ("src-tauri/engine/src/store/verify.rs", "only `amtia verify` says what is wrong with a file"),
    ("src-tauri/engine/src/store/history.rs", "only `amtia verify` says what is wrong with the audit trail"),
    ("src-tauri/engine/src/api/openapi.rs", "the description of the API is for developers"),
    ("src-tauri/engine/src/register/field.rs", "the headings of a register stand there in both languages"),
    ("src-tauri/engine/src/register/word.rs", "the words of a register stand there in both languages"),
    ("src-tauri/exchange/src/hostile.rs", "only tests"),
    ("src-tauri/exchange/src/round.rs", "only tests"),
    ("src-tauri/engine/src/api/picture_words.rs", "has the French of each word beside it, and a test that none lacks it"),
    ("src-tauri/engine/src/api/workshop_words.rs", "has the French of each word beside it, and a test that none lacks it"),
    ("src-tauri/domain/src/matrix/presets.rs", "the page and the pictures have the names of steps and levels, meanings.rs what they mean"),
    ("src-tauri/domain/src/matrix/meanings.rs", "has the French of each meaning beside it, and a test that none lacks it"),
];

/// What a text begins with that is no sentence for people: labels that go into keys and seals, beginnings of files.
const LABELS: &[&str] = &["amtia ", "<!doctype ", "SQLite format 3"];

/// Words that only SQL writes so.
const SQL: &[&str] = &["SELECT", "INSERT", "UPDATE", "DELETE", "JOIN", "WHERE", "AND", "PRAGMA", "SAVEPOINT", "RELEASE"];

/// Other texts that stay English, and why.
const OTHERS: &[(&str, &[&str])] = &[
    (
        "a cause, for the log",
        &["internal error", "an import that was awaited is settled", "within the limits of the format", "a part's header is too long"],
    ),
    ("a first name for something that the person renames", &["This device", "My workspace"]),
    (
        "the recovery sheet, in both languages",
        &["AMTIA Desktop: recovery key, cl\\u{e9} de secours\\n\\n{name}\\n{file}\\n{}\\n\\n{key}\\n"],
    ),
    (
        "what a parser's words are known by",
        &[
            " at line ",
            "recursion limit",
            "recursion limit exceeded",
            "unclosed quote",
            "while parsing a quoted scalar",
            "end of stream",
            "end of file",
            "end of input",
            "duplicate field `",
        ],
    ),
    ("the name of a place in the file", &["catalog uuid"]),
    (
        "content of a framework, in the language of the framework",
        &["Preuves typiques", "Typical evidence", "incorporated into", "moved to", "Withdrawn by its publisher."],
    ),
    ("a noun, which has its French after its article", &["API key"]),
    ("a reason that is written into the history", &["The secret was replaced.", "The risk matrix was changed."]),
    ("a name that the page has in its own words", &["Risk matrix"]),
    (
        "only `amtia verify` says what is wrong with the files of documents",
        &[
            "What is kept of the documents' files cannot be read.",
            "The workspace does not know the file of {holder}.",
            "of a deleted document",
            "The file {whose} is missing.",
            "The file {whose} is not what was stored.",
            "The file {whose} cannot be read: {cause}.",
        ],
    ),
];

/// The text literals of a source, each with its line and the code of its statement before it.
fn literals(source: &str) -> Vec<(usize, String, String)> {
    let (mut found, mut rest, mut line, mut statement) = (Vec::new(), source, 1, String::new());
    while let Some(next) = rest.chars().next() {
        let taken = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if next == '\'' {
            // A character, or the mark of a lifetime.
            let escaped = rest[1..].starts_with('\\');
            let end = rest[1..].char_indices().nth(if escaped { 2 } else { 1 }).map(|(at, _)| at + 1);
            match end {
                Some(end) if escaped => rest[end..].find('\'').map_or(1, |at| end + at + 1),
                Some(end) if rest[end..].starts_with('\'') => end + 1,
                _ => 1,
            }
        } else if next == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|c: char| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            let end = end.unwrap_or(rest.len() - 2);
            found.push((line, rest[1..=end].replace("\\\"", "\""), statement.clone()));
            end + 2
        } else {
            next.len_utf8()
        };
        let (token, after) = rest.split_at(taken);
        line += token.matches('\n').count();
        if matches!(next, ';' | '{' | '}') {
            statement.clear();
        } else if !token.starts_with("//") {
            statement.push_str(token);
        }
        rest = after;
    }
    found
}

/// Whether a text holds two words of a sentence, one after the other.
fn is_sentence(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let lower = |word: &str| {
        word.chars().all(|c| c.is_ascii_lowercase() || ",.:;'".contains(c)) && word.starts_with(|c: char| c.is_ascii_lowercase())
    };
    words.windows(2).any(|pair| {
        let first = !pair[0].is_empty() && pair[0].chars().all(|c| c.is_ascii_alphabetic() || c == ',');
        first && lower(pair[1])
    })
}

/// For the log, the developer of this code, or nobody.
fn is_unheard(text: &str, statement: &str) -> bool {
    let before = statement.trim_end();
    ["tracing::", "assert!(", "assert_eq!(", "Error::internal("].iter().any(|call| before.contains(call))
        || [".expect(", "reason = ", "summary = ", "description = "].iter().any(|call| before.ends_with(call.trim_end()))
        || LABELS.iter().any(|start| text.starts_with(start))
        || text.split(|c: char| !c.is_alphanumeric()).any(|word| SQL.contains(&word))
        || OTHERS.iter().any(|(_, texts)| texts.contains(&text))
}

/// A text with its blanks, whatever their names.
fn blank(text: &str) -> String {
    let (mut shape, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        shape.push_str(before);
        shape.push('\0');
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    shape + rest
}

#[test]
fn every_sentence_of_the_engine_has_a_french_pair() {
    let shapes: HashSet<String> = amtia_engine::french_pairs().map(|(english, _)| blank(english)).collect();
    let (mut problems, mut count) = (Vec::new(), 0);
    let mut unused: HashSet<&str> = OTHERS.iter().flat_map(|(_, texts)| texts.iter().copied()).collect();
    let sources = ["engine", "exchange", "domain"].map(|name| tracked_below(&format!("src-tauri/{name}/src/"), &[".rs"])).concat();
    for file in sources {
        if ENGLISH.iter().any(|(folder, _)| file.starts_with(folder)) || file.contains("/tests/") || file.ends_with("tests.rs") {
            continue;
        }
        let source = text(&file);
        let code = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        for (line, text, statement) in literals(code) {
            unused.remove(text.as_str());
            if !is_sentence(&text) || is_unheard(&text, &statement) {
                continue;
            }
            count += 1;
            let shape = blank(&text);
            if !shapes.contains(&shape) && amtia_engine::in_french(&shape.replace('\0', "7")).is_none() {
                problems.push(format!("{file}:{line}: {text}"));
            }
        }
    }
    assert!(count > 200, "only {count} sentences were found");
    problems.extend(unused.into_iter().map(|text| format!("{text:?} is an exception that nothing needs")));
    none(&problems, "A sentence that can reach a person has its French in src-tauri/engine/src/french.");
}
