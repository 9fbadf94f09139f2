//! The room that the tables of one file may take in memory, counted before it is taken.

use crate::{MAX_ALL_ROWS, MAX_CELLS, MAX_TEXT, Refusal};

/// What a row weighs beside its cells, in cells.
const ROW: usize = 2;

/// What the tables of one file hold so far, over all sheets. Every reader counts here before it keeps anything.
#[derive(Debug, Default)]
pub struct Room {
    rows: usize,
    cells: usize,
    text: usize,
}

impl Room {
    /// Room for one more row, its cells not counted.
    ///
    /// # Errors
    /// [`Refusal::TooManyRowsInAll`], [`Refusal::TooManyCells`].
    pub fn row(&mut self) -> Result<(), Refusal> {
        self.rows += 1;
        if self.rows > MAX_ALL_ROWS { Err(Refusal::TooManyRowsInAll) } else { self.cells(ROW) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_holds_over_all_sheets() {
        let mut room = Room::default();
        assert_eq!((0..MAX_ALL_ROWS).find_map(|_| room.row().err()), None);
        assert_eq!(room.row(), Err(Refusal::TooManyRowsInAll));
        let mut room = Room::default();
        assert_eq!((room.row(), room.cells(MAX_CELLS - ROW), room.cells(1)), (Ok(()), Ok(()), Err(Refusal::TooManyCells)));
        assert_eq!((room.text(MAX_TEXT), room.text(1)), (Ok(()), Err(Refusal::TooMuchText)));
    }
}
