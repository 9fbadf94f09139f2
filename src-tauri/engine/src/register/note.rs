//! Why changes were made, in people's words: kept with the history, carried from one workspace to another.

use serde::{Deserialize, Serialize};

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = HistoryNote)]
pub struct Note {
    /// When it was given, RFC 3339.
    pub at: String,
    /// Who gave it.
    pub by: String,
    /// What was said.
    pub text: String,
}

impl Note {
    /// Notes as one cell: a line for each, `at | by | text`, a backslash before line breaks, bars and backslashes within.
    #[must_use]
    pub fn join(notes: &[Self]) -> String {
        let escaped = |text: &str| text.replace('\\', "\\\\").replace('|', "\\|").replace('\r', "\\r").replace('\n', "\\n");
        let line = |note: &Self| format!("{} | {} | {}", note.at, escaped(&note.by), escaped(&note.text));
        notes.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// The notes of a cell; `None` where a line is none.
    #[must_use]
    pub fn split(cell: &str) -> Option<Vec<Self>> {
        cell.split('\n').map(|line| line.trim_end_matches('\r')).filter(|line| !line.trim().is_empty()).map(Self::of_line).collect()
    }

    fn of_line(line: &str) -> Option<Self> {
        let (mut parts, mut part, mut escaped) = (Vec::new(), String::new(), false);
        for c in line.chars() {
            match (escaped, c) {
                (true, 'n') => part.push('\n'),
                (true, 'r') => part.push('\r'),
                (true, c) => part.push(c),
                (false, '\\') => {
                    escaped = true;
                    continue;
                }
                (false, '|') => parts.push(std::mem::take(&mut part)),
                (false, c) => part.push(c),
            }
            escaped = false;
        }
        parts.push(part);
        let [at, by, text] = <[String; 3]>::try_from(parts).ok()?;
        Self::checked(&at, &by, &text)
    }

    /// A note whose time is one, and which says something.
    #[must_use]
    pub fn checked(at: &str, by: &str, text: &str) -> Option<Self> {
        let at: jiff::Timestamp = at.trim().parse().ok()?;
        let (by, text) = (by.trim(), text.trim());
        let fits = |text: &str, most: usize| !text.is_empty() && text.chars().count() <= most;
        let whole = fits(by, amtia_domain::input::NAME_MAX) && fits(text, amtia_domain::input::TEXT_MAX);
        whole.then(|| Self { at: amtia_domain::time::rfc3339(at), by: by.to_owned(), text: text.to_owned() })
    }
}
