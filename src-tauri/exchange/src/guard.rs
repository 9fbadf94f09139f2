//! Text in a CSV file that no spreadsheet program takes for a formula.
//!
//! A program may split a file at another separator than it was written with: Excel at the one of the system's language. What
//! follows any separator or line break within a text can then begin a cell, just as the text itself does (OWASP, CSV
//! Injection). An apostrophe before a formula makes it text.

use std::borrow::Cow;

/// What may stand between cells for one program or another.
const SEPARATORS: [char; 6] = [',', ';', '\t', '|', '\r', '\n'];
/// What begins a formula, in its wide forms as well.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Whether a cell of CSV must stand in double quotes, whatever the file's separator.
pub(crate) fn needs_quotes(text: &str) -> bool {
    text.contains(SEPARATORS) || text.contains('"')
}

/// What programs read over at the beginning of a cell, or take off: white space, quotes, and an apostrophe.
fn read_over(c: char) -> bool {
    !SEPARATORS.contains(&c) && (matches!(c, '\'' | '"' | '\u{feff}') || c.is_whitespace() || c.is_control())
}

/// Whether a text that begins a cell is taken for a formula.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches(read_over).starts_with(FORMULA)
}

/// As [`is_formula`], for the text of a cell: there a tab or a line break counts as well, for some programs take it off.
fn begins_formula(text: &str) -> bool {
    is_formula(text) || text.trim_start_matches(read_over).starts_with(['\t', '\r', '\n'])
}

/// The places within a text at which another separator would begin a cell.
fn starts(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.char_indices().filter(|(_, c)| SEPARATORS.contains(c)).map(|(at, _)| at + 1)
}

/// A CSV cell's text as it is written. Where a program could take it, or what follows a separator or line break in it, for a
/// formula, an apostrophe stands before each such place and before the whole.
#[must_use]
pub fn guarded(text: &str) -> Cow<'_, str> {
    let mut places = starts(text).filter(|at| is_formula(&text[*at..])).peekable();
    if places.peek().is_none() && !begins_formula(text) {
        return text.into();
    }
    let (mut written, mut done) = (String::with_capacity(text.len() + 8), 0);
    written.push('\'');
    for at in places {
        written.push_str(&text[done..at]);
        written.push('\'');
        done = at;
    }
    written.push_str(&text[done..]);
    written.into()
}

/// A CSV cell's text as it was before [`guarded`]. An apostrophe is taken away only where [`guarded`] would put it, or where
/// another program put one before a formula: `printf('a','-b')` stays as it is.
#[must_use]
pub fn unguarded(text: &str) -> Cow<'_, str> {
    let Some(rest) = text.strip_prefix('\'') else { return text.into() };
    let (mut plain, mut done) = (String::with_capacity(rest.len()), 0);
    for at in starts(rest) {
        if rest[at..].strip_prefix('\'').is_some_and(is_formula) {
            plain.push_str(&rest[done..at]);
            done = at + 1;
        }
    }
    plain.push_str(&rest[done..]);
    if guarded(&plain) == text {
        plain.into()
    } else if begins_formula(rest) {
        rest.into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_a_formula_anywhere_is_written_behind_an_apostrophe() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1", "'＝1"),
            ("\tx", "'\tx"),
            (" =1", "' =1"),
            ("\u{a0}=1", "'\u{a0}=1"),
            ("\"=1\"", "'\"=1\""),
            ("a;=1", "'a;'=1"),
            ("a,=1", "'a,'=1"),
            ("a\t=1", "'a\t'=1"),
            ("a|=1", "'a|'=1"),
            ("a\n=1", "'a\n'=1"),
            ("a\r\n=1", "'a\r\n'=1"),
            ("a; \"=1+1;b", "'a;' \"=1+1;b"),
            ("=1;=2", "'=1;'=2"),
            ("a;;@b|-c", "'a;;'@b|'-c"),
            ("\t=1", "'\t'=1"),
            ("'=1", "''=1"),
            ("'a;'=1", "''a;''=1"),
            ("'a;=1", "''a;'=1"),
        ] {
            assert_eq!(guarded(text), expected, "{text:?}");
            assert_eq!(unguarded(expected), text, "{text:?} comes back");
        }
    }

    #[test]
    fn other_text_is_written_as_it_is() {
        for text in ["", "'", "''", "'t Hooft", "plain", "a=b", "5-3", "a;b", "a;'b", "é", "a\nb", "'a;b", "printf('a','-b') x"] {
            assert_eq!(unguarded(text), text, "{text:?}");
            assert_eq!(guarded(&unguarded(text)), guarded(text), "{text:?}");
        }
        for text in ["", "'t Hooft", "a=b", "5-3", "a;b", "a;'b", "two\r\nlines"] {
            assert_eq!(guarded(text), text, "{text:?}");
        }
        assert_eq!(unguarded("'-one\n-two"), "-one\n-two", "as other programs guard the beginning alone");
    }

    #[test]
    fn any_text_comes_back() {
        const PIECES: [&str; 16] = ["'", "'", "=", "-", "＠", ";", ",", "\t", "|", "\n", "\r", "\"", " ", "\u{a0}", "a", "é"];
        let mut seed = 1u64;
        for _ in 0..200_000 {
            let mut text = String::new();
            for _ in 0..8 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(PIECES[usize::try_from(seed >> 60).unwrap_or(0)]);
            }
            let written = guarded(&text);
            assert_eq!(unguarded(&written), text, "{written:?}");
            // Whatever a program splits it at, no part of it is a formula.
            for part in written.split(SEPARATORS) {
                let shown = part.trim_start_matches(|c: char| c == '"' || c.is_whitespace());
                assert!(!shown.starts_with(FORMULA), "{part:?} of {written:?}");
            }
        }
    }
}
