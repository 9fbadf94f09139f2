//! Signs that a YAML library was cut off although what is left of it is valid YAML.
//!
//! Refused: text that ends in the middle of a line or with a key without its value; a last requirement that stops at
//! a key where no other does and others go on; a last group with nothing in it when every group like it has
//! something. A final line of three dots, YAML's own end mark, says that the file is complete and overrules them all.
//!
//! Not visible, because the bytes left are those of a complete, shorter library, are cuts
//! - exactly between two requirements (unless it leaves a group empty as above);
//! - between two lines of a plain or block text, or two items of a list, that is the last value of its requirement;
//! - between two lines of the first assessable requirement, which then has no other to be compared with.

use super::detect::{last_line, short};
use super::refusal::Refusal;
use std::collections::HashMap;

/// The keys of every requirement in their order, and which of them the file ends with.
#[derive(Default)]
pub(super) struct Shapes {
    /// How many requirements, of which kind (assessable or not, if it says), have these keys.
    counts: HashMap<(String, Option<bool>), usize>,
    last: (String, Option<bool>),
}

impl Shapes {
    /// Notes the keys of one more requirement: each key preceded by `;` and its depth.
    pub(super) fn note(&mut self, shape: String, assessable: Option<bool>) {
        let shape = (shape, assessable);
        *self.counts.entry(shape.clone()).or_default() += 1;
        self.last = shape;
    }

    /// How many requirements have the last one's keys and go on, if no other of its kind ends where it does. One
    /// entry alone is no sign, unless it goes on for long or the last is a group with nothing in it.
    fn going_on(&self, childless: bool) -> Option<usize> {
        let (last, kind) = &self.last;
        if self.counts.get(&self.last).is_none_or(|count| *count > 1) {
            return None;
        }
        let (mut count, mut most) = (0, 0);
        for ((shape, other), alike) in &self.counts {
            let rest = shape.strip_prefix(last.as_str()).filter(|rest| rest.starts_with(';'));
            if let Some(rest) = rest.filter(|_| childless || kind.is_none() || other == kind) {
                count += alike;
                most = most.max(rest.matches(';').count());
            }
        }
        (count >= 2 || count == 1 && (childless || most >= 3)).then_some(count)
    }

    fn last_key(&self) -> String {
        let key = self.last.0.rsplit(';').next().unwrap_or_default();
        short(key.trim_start_matches(|c: char| c.is_ascii_digit()))
    }
}

/// Whether the end of `text` needs no further proof: an end mark, or a flow collection that closed.
pub(super) fn is_certain(text: &str) -> bool {
    text.trim_start().starts_with('{') || text.trim_end().lines().next_back() == Some("...")
}

fn incomplete(text: &str, sign: String) -> Refusal {
    Refusal::Incomplete { line: last_line(text), sign }
}

/// The whole file is there, but something that must follow is not.
pub(super) fn missing(text: &str, what: &str) -> Refusal {
    incomplete(text, format!("it has no {what}"))
}

/// Whether everything after `line` (from 1) stands deeper than it: a value that starts there runs to the end.
pub(super) fn is_inside_last_value(text: &str, line: usize) -> bool {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
    let mut lines = text.lines().skip(line.saturating_sub(1)).filter(|line| !line.trim().is_empty());
    let own = lines.next().map_or(0, indent);
    lines.all(|line| indent(line) > own)
}

/// Refuses a text whose last line names a key without a value, or has no line break and no closed value.
pub(super) fn check_line(text: &str) -> Result<(), Refusal> {
    let end = text.trim_end().lines().next_back().unwrap_or_default().trim();
    if !end.starts_with('#') && [":", ": |", ": |-", ": >", ": >-"].iter().any(|bare| end.ends_with(bare)) {
        return Err(incomplete(text, "its last line names a key without its value".to_owned()));
    }
    if text.ends_with(['\n', '\r']) {
        return Ok(());
    }
    let line = text.lines().next_back().unwrap_or_default().trim();
    let value = line.rsplit_once(": ").map_or(line, |(_, value)| value);
    let value = value.strip_prefix("- ").unwrap_or(value).trim();
    let word = ["true", "false", "null", "~"].contains(&value);
    let quoted = |quote: char| value.len() > 1 && value.ends_with(quote);
    let closed = quoted('"') || quoted('\'') || value.ends_with(['}', ']']);
    if word || closed || line.starts_with('#') {
        return Ok(());
    }
    Err(incomplete(text, "its last line ends in the middle, without a line break".to_owned()))
}

/// Whether `text` ends within a backslash escape.
pub(super) fn is_inside_escape(text: &str) -> bool {
    let tail: Vec<char> = text.trim_end().chars().rev().take(10).collect();
    tail.iter().position(|c| *c == '\\').is_some_and(|at| tail[..at].iter().all(char::is_ascii_alphanumeric))
}

/// What the tree says about a last entry that is a group without children.
pub(super) struct Childless {
    /// How many other groups say that they stand at its depth.
    pub(super) others: usize,
    /// Whether all of these have children.
    pub(super) alone: bool,
}

/// Refuses a list of requirements that is the last thing in the file and whose last entry looks cut.
pub(super) fn check_nodes(text: &str, shapes: &Shapes, label: &str, childless: Option<&Childless>) -> Result<(), Refusal> {
    if let Some(count) = shapes.going_on(childless.is_some()) {
        let others = if count == 1 { "another entry goes on".to_owned() } else { format!("{count} other entries go on") };
        let sign = format!("its last entry ({label}) stops after \"{}\" where {others}", shapes.last_key());
        return Err(incomplete(text, sign));
    }
    if let Some(Childless { others, alone: true }) = childless
        && *others >= 2
    {
        let sign = format!("its last entry ({label}) is a group with nothing in it, unlike the {others} other groups of its level");
        return Err(incomplete(text, sign));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_must_end() {
        for (text, ends) in [
            ("name: a\n", true),
            ("name: a\r\n", true),
            ("name: a", false),
            ("name:", false),
            ("name: a\nlist:\n", false),
            ("text: |-\n\n", false),
            ("# name:\n", true),
            ("- urn: urn:x:y", false),
            ("- x", false),
            ("assessable: true", true),
            ("name: 'a b'", true),
            ("name: \"a b\"", true),
            ("name: \"", false),
            ("groups: [a, b]", true),
            ("a: 1\n# end", true),
        ] {
            assert_eq!(check_line(text).is_ok(), ends, "{text:?}");
        }
    }

    #[test]
    fn certain_ends() {
        for (text, certain) in [("a: 1\n...\n", true), ("a: 1\n... \n\n", true), ("{\"a\": 1}", true), ("a: ...\n", false)] {
            assert_eq!(is_certain(text), certain, "{text:?}");
        }
    }

    #[test]
    fn escapes_that_were_cut() {
        for (text, inside) in [("\"a\\", true), ("\"a\\x", true), ("\"a\\u20", true), ("\"a\\u20 b", false), ("\"abc", false)] {
            assert_eq!(is_inside_escape(text), inside, "{text:?}");
        }
    }
}
