//! The room that the tables of one file may take in memory, counted before it is taken.

use crate::{MAX_CELLS, MAX_TEXT, Refusal};

/// What a row weighs beside its cells, in cells.
const ROW: usize = 2;

/// What the tables of one file hold so far, over all sheets. Every reader counts here before it keeps anything.
#[derive(Debug, Default)]
pub struct Room {
    cells: usize,
    text: usize,
}

impl Room {
    /// Room for one more row, its cells not counted.
    ///
    /// # Errors
    /// [`Refusal::TooManyCells`].
    pub fn row(&mut self) -> Result<(), Refusal> {
        self.cells(ROW)
    }

    /// Room for so many more cells. Empty ones that are kept before another one of their row are cells as well.
    ///
    /// # Errors
    /// [`Refusal::TooManyCells`].
    pub fn cells(&mut self, more: usize) -> Result<(), Refusal> {
        self.cells += more;
        if self.cells > MAX_CELLS { Err(Refusal::TooManyCells) } else { Ok(()) }
    }

    /// Room for so many more bytes of text.
    ///
    /// # Errors
    /// [`Refusal::TooMuchText`].
    pub fn text(&mut self, more: usize) -> Result<(), Refusal> {
        self.text += more;
        if self.text > MAX_TEXT { Err(Refusal::TooMuchText) } else { Ok(()) }
    }
}
