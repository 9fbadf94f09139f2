//! Why a whole file was refused.

use super::{MAX_BYTES, MAX_NAME};
use amtia_domain::framework::{MAX_DEPTH, MAX_NODES};

/// The syntax of a text file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Json => "JSON",
            Self::Yaml => "YAML",
        })
    }
}

/// Why nothing was read from a file. Each says in one plain sentence what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing in it, or white space only.
    #[error("The file is empty; nothing was imported: download or export it again and import that copy.")]
    Empty,
    /// More bytes than are read.
    #[error(
        "The file has {} MB and at most {} MB are read; nothing was imported: split it or leave out what is no framework.",
        bytes.div_ceil(1024 * 1024), MAX_BYTES / (1024 * 1024)
    )]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// It ends inside a structure.
    #[error(
        "The file ends in the middle, at line {line} (byte {byte}), so a part of it is missing; nothing was imported: download or export it again and import the whole file."
    )]
    Truncated {
        /// The last line, from 1.
        line: usize,
        /// How many bytes there are.
        byte: usize,
    },
    /// It is well-formed, yet shows signs of a cut. The YAML end mark overrules them.
    #[error(
        "The file seems to be cut off at line {line}, because {sign}; nothing was imported: download it again, or, if it is complete, add a last line of three dots (...) and import it again."
    )]
    Incomplete {
        /// The last line, from 1.
        line: usize,
        /// What gives it away, as a clause.
        sign: String,
    },
    /// Not valid JSON or YAML, or another type of value than the format has in that place.
    #[error(
        "The file has a fault at line {line}, column {column} of its {language} ({what}); nothing was imported: correct that place or export the file again."
    )]
    Malformed {
        /// What it was read as.
        language: Language,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// The parser's words.
        what: String,
    },
    /// Bytes that are no text in a supported encoding.
    #[error("The file is {what}; nothing was imported: save it as UTF-8 and import it again.")]
    Encoding {
        /// What it looks like, with an article.
        what: &'static str,
    },
    /// A file of another kind.
    #[error("This is {what}; frameworks come as OSCAL JSON or CISO Assistant YAML; nothing was imported: {advice}.")]
    NotFramework {
        /// What it is, with an article.
        what: String,
        /// What to do, as a clause.
        advice: &'static str,
    },
    /// A key that stands twice in one mapping.
    #[error(
        "The key \"{key}\" stands twice in one place, the second time at line {line}, column {column}; nothing was imported: remove one of the two and import the file again."
    )]
    DuplicateKey {
        /// The key.
        key: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// YAML aliases that blow the file up.
    #[error(
        "The file repeats parts of itself through YAML aliases more often than is read; nothing was imported: export it again without anchors and aliases."
    )]
    Expansion,
    /// Nested too deeply.
    #[error(
        "The file is nested deeper than is read (a framework has at most {MAX_DEPTH} levels); nothing was imported: flatten it and import it again."
    )]
    TooDeep,
    /// Too many nodes.
    #[error(
        "The file holds more than is read (a framework has at most {MAX_NODES} nodes); nothing was imported: split it and import the parts."
    )]
    TooMany,
    /// A library with several frameworks.
    #[error("The file holds {count} frameworks; nothing was imported: keep one framework in each file and import them one by one.")]
    SeveralFrameworks {
        /// How many.
        count: usize,
    },
    /// A framework with nothing in it.
    #[error("The framework in the file holds no control; nothing was imported: choose a file that lists the controls themselves.")]
    NoControls,
    /// A library without a risk matrix, where one was asked for.
    #[error("The file holds no risk matrix; nothing was read: choose a CISO Assistant library that has one.")]
    NoMatrix,
    /// No usable identity.
    #[error(
        "The file does not say which framework it is, because its {field} is missing or not valid; nothing was imported: get the file from its publisher again or add the {field}."
    )]
    NoIdentity {
        /// Where the identity should stand.
        field: &'static str,
    },
    /// No name, or one too long.
    #[error("The framework's {field} is missing or longer than {MAX_NAME} characters; nothing was imported: correct it in the file.")]
    NoName {
        /// Where the name should stand.
        field: &'static str,
    },
    /// A slug that cannot be one.
    #[error("The short name must have 1 to 80 of the characters a-z, 0-9, dot and hyphen; nothing was imported: choose another.")]
    Slug,
    /// The caller stopped it.
    #[error("Reading was cancelled; nothing was imported: import the file again when you want to.")]
    Cancelled,
}
