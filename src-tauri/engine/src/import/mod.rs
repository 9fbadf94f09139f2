//! Frameworks from files: bytes in, [`FrameworkDraft`] out.
//!
//! Everything here is pure: no file, clock or database. [`read`] recognises the format by content, never by the
//! file's name alone, and either answers a whole draft or one [`Refusal`]. Faults of single rows (a duplicate id, a
//! parent that is not in the file) travel in [`FrameworkDraft::problems`], so that a dry run can show all at once;
//! a row that could not be placed at all is then missing from [`FrameworkDraft::nodes`].
//!
//! **What a cut file gives away.** A cut JSON file always lacks closing brackets and is always refused. YAML has no
//! closing brackets: a library cut between two lines is often valid YAML. `ending` refuses every sign of a cut that
//! the format offers and lists there what it cannot see, because nothing in the bytes differs from a complete file.

mod catalog;
mod ciso;
mod compare;
mod detect;
mod ending;
mod fingerprint;
mod index;
mod library;
mod markup;
mod matrix;
mod oscal;
mod prose;
mod refusal;
mod slug;
#[cfg(test)]
mod tests;

use amtia_domain::framework::{FrameworkDraft, RowProblem};

pub use compare::{Fate, compare};
pub use fingerprint::fingerprint;
pub use matrix::{ReadMatrix, read_matrices};
pub use refusal::Refusal;

/// The largest file that is read.
pub const MAX_BYTES: usize = 50 * 1024 * 1024;
/// The longest title or name, in characters.
pub const MAX_NAME: usize = 200;
/// The longest description, in characters.
pub const MAX_TEXT: usize = 20_000;

/// A file format that holds a framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// OSCAL 1.x catalog, JSON.
    OscalCatalog,
    /// CISO Assistant library, YAML.
    CisoAssistant,
}

impl Format {
    /// The wire word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::OscalCatalog => "oscal_catalog",
            Self::CisoAssistant => "ciso_assistant",
        }
    }
}

/// How far reading has come, in nodes. `total` is 0 until it is known; `done` never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Nodes read.
    pub done: usize,
    /// Nodes expected (an estimate until the last report).
    pub total: usize,
}

/// What the caller wants after a report of progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    /// Read on.
    Continue,
    /// Give up: [`read`] answers [`Refusal::Cancelled`].
    Stop,
}

/// Reads a framework from the bytes of a file.
///
/// `file_name` only helps to name a wrong format. `slug`, when given, takes the place of the one that the format
/// suggests. `watch` is called before the parse and every [`STRIDE`] nodes.
///
/// # Errors
/// One [`Refusal`] for the whole file; see there.
pub fn read(
    bytes: &[u8],
    file_name: &str,
    slug: Option<&str>,
    watch: &mut dyn FnMut(Progress) -> Go,
) -> Result<(Format, FrameworkDraft), Refusal> {
    if let Some(wanted) = slug {
        slug::check(wanted)?;
    }
    if bytes.len() > MAX_BYTES {
        return Err(Refusal::TooLarge { bytes: bytes.len() });
    }
    let text = detect::text(bytes)?;
    let mut meter = Meter::new(watch);
    meter.report()?;
    let (format, mut draft) = match detect::sniff(&text, file_name)? {
        detect::Syntax::Json => match oscal::read(&text, &mut meter)? {
            oscal::Outcome::Catalog(draft) => (Format::OscalCatalog, *draft),
            oscal::Outcome::Library => (Format::CisoAssistant, ciso::read(&text, &mut meter)?),
        },
        detect::Syntax::Yaml => (Format::CisoAssistant, ciso::read(&text, &mut meter)?),
    };
    if let Some(wanted) = slug {
        wanted.clone_into(&mut draft.slug);
    }
    draft.problems.sort_by_key(|problem| problem.row);
    meter.finish(draft.nodes.len())?;
    Ok((format, draft))
}

/// How many nodes are read between two reports of progress.
pub const STRIDE: usize = 128;

/// Counts nodes, reports progress and enforces the most nodes one framework may hold.
struct Meter<'w> {
    watch: &'w mut dyn FnMut(Progress) -> Go,
    done: usize,
    total: usize,
}

impl<'w> Meter<'w> {
    fn new(watch: &'w mut dyn FnMut(Progress) -> Go) -> Self {
        Self { watch, done: 0, total: 0 }
    }

    fn report(&mut self) -> Result<(), Refusal> {
        let total = if self.total == 0 { 0 } else { self.total.max(self.done) };
        match (self.watch)(Progress { done: self.done, total }) {
            Go::Continue => Ok(()),
            Go::Stop => Err(Refusal::Cancelled),
        }
    }

    /// One more node.
    fn step(&mut self) -> Result<(), Refusal> {
        self.done += 1;
        if self.done > amtia_domain::framework::MAX_NODES {
            return Err(Refusal::TooMany);
        }
        if self.done.is_multiple_of(STRIDE) { self.report() } else { Ok(()) }
    }

    fn finish(&mut self, nodes: usize) -> Result<(), Refusal> {
        self.done = self.done.max(nodes);
        self.total = self.done;
        self.report()
    }
}

/// Trimmed text, or nothing where it is empty.
fn filled(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Reports texts that are longer than a record may hold.
fn check_lengths(row: usize, label: &str, title: Option<&str>, description: Option<&str>) -> Vec<RowProblem> {
    let texts = [("title", title, MAX_NAME), ("description", description, MAX_TEXT)];
    let problem = |(what, text, most): (&str, Option<&str>, usize)| {
        // A character takes at least one byte, so most texts need no counting.
        let length = text.filter(|text| text.len() > most).map_or(0, |text| text.chars().count());
        (length > most).then(|| RowProblem {
            row,
            label: label.to_owned(),
            message: format!("The {what} is longer than {most} characters; shorten it in the file."),
        })
    };
    texts.into_iter().filter_map(problem).collect()
}
