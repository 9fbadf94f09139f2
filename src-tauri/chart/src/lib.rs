//! Pictures of what the register holds: domain values and words in, SVG or PNG out.
//!
//! Pure: no file, no clock, no font of the system. What is drawn is drawn once, on whatever [`plotters`] draws on; the words
//! come in the reader's language from the caller.

mod brush;
mod heatmap;
mod letters;
mod paint;

pub use heatmap::{Cell, Heatmap, Label, Legend, Words, png, svg};

/// The ground that a picture is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A picture that could not be drawn.
#[derive(Debug)]
pub struct Error(String);

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the picture cannot be drawn: {}", self.0)
    }
}

impl std::error::Error for Error {}

impl Error {
    fn of(cause: impl std::fmt::Display) -> Self {
        Self(cause.to_string())
    }
}
