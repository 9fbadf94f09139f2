//! Shapes in the picture's own units, whatever they are drawn on.

use crate::Error;
use crate::letters::Weight;
use crate::paint::{BASELINE, Stroke, Writing};
use amtia_domain::colour::Rgb;
use plotters_backend::text_anchor::HPos;
use plotters_backend::{BackendColor, BackendCoord, DrawingBackend};

/// A point in the picture's units.
pub(crate) type Point = (f64, f64);

/// A box: its upper left corner, its width and height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// Draws on a backend; `finer` of its units make one of the picture's.
pub(crate) struct Brush<'b, B: DrawingBackend> {
    pub(crate) backend: &'b mut B,
    pub(crate) finer: f64,
}

fn solid(colour: Rgb) -> BackendColor {
    BackendColor { alpha: 1.0, rgb: (colour.red, colour.green, colour.blue) }
}

/// Points on the way from `from` to `to` that is drawn towards `by`.
fn bend(from: Point, by: Point, to: Point) -> impl Iterator<Item = Point> {
    (1..=8).map(move |part| {
        let t = f64::from(part) / 8.0;
        let mix = |a: f64, b: f64, c: f64| (1.0 - t) * (1.0 - t) * a + 2.0 * t * (1.0 - t) * b + t * t * c;
        (mix(from.0, by.0, to.0), mix(from.1, by.1, to.1))
    })
}

/// A line through the corners, each rounded.
pub(crate) fn rounded(corners: &[Point], radius: f64) -> Vec<Point> {
    let [first, .., last] = corners else { return corners.to_vec() };
    let mut line = vec![*first];
    for around in corners.windows(3) {
        let [before, corner, after] = [around[0], around[1], around[2]];
        let towards = |end: Point| {
            let length = (end.0 - corner.0).hypot(end.1 - corner.1);
            let reach = radius.min(length / 2.0) / length.max(f64::EPSILON);
            (corner.0 + (end.0 - corner.0) * reach, corner.1 + (end.1 - corner.1) * reach)
        };
        let (enter, leave) = (towards(before), towards(after));
        line.push(enter);
        line.extend(bend(enter, corner, leave));
    }
    line.push(*last);
    line
}

/// The pieces of a line that are drawn when `on` units are drawn and `off` are not, in turn.
fn dashes(line: &[Point], on: f64, off: f64) -> Vec<Vec<Point>> {
    let (mut pieces, mut piece, mut drawn, mut left) = (Vec::new(), Vec::new(), true, on);
    let Some(mut at) = line.first().copied() else { return pieces };
    piece.push(at);
    for end in &line[1..] {
        loop {
            let length = (end.0 - at.0).hypot(end.1 - at.1);
            if length <= left {
                left -= length;
                at = *end;
                if drawn {
                    piece.push(at);
                }
                break;
            }
            at = (at.0 + (end.0 - at.0) * left / length, at.1 + (end.1 - at.1) * left / length);
            if drawn {
                piece.push(at);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![at];
            }
            drawn = !drawn;
            left = if drawn { on } else { off };
        }
    }
    if piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

impl<B: DrawingBackend> Brush<'_, B> {
    fn at(&self, (x, y): Point) -> BackendCoord {
        // Pictures are a few thousand units wide.
        ((x * self.finer).round() as i32, (y * self.finer).round() as i32)
    }

    fn length(&self, units: f64) -> u32 {
        (units * self.finer).round().max(1.0) as u32
    }

    fn points(&self, line: &[Point]) -> Vec<BackendCoord> {
        line.iter().map(|point| self.at(*point)).collect()
    }

    /// Fills everything.
    pub(crate) fn ground(&mut self, colour: Rgb) -> Result<(), Error> {
        let (wide, high) = self.backend.get_size();
        let end = (i32::try_from(wide).unwrap_or(i32::MAX), i32::try_from(high).unwrap_or(i32::MAX));
        self.backend.draw_rect((0, 0), end, &solid(colour), true).map_err(Error::of)
    }

    /// A filled box with rounded corners.
    pub(crate) fn area(&mut self, area: Area, radius: f64, colour: Rgb) -> Result<(), Error> {
        let Area { x, y, width, height } = area;
        let middle = (x + width / 2.0, y);
        let corners = [middle, (x + width, y), (x + width, y + height), (x, y + height), (x, y), middle];
        let points = self.points(&rounded(&corners, radius));
        self.backend.fill_polygon(points, &solid(colour)).map_err(Error::of)
    }

    /// A filled circle.
    pub(crate) fn dot(&mut self, centre: Point, radius: f64, colour: Rgb) -> Result<(), Error> {
        let (centre, radius) = (self.at(centre), self.length(radius));
        self.backend.draw_circle(centre, radius, &solid(colour), true).map_err(Error::of)
    }

    /// A line; `dash` says how much of it is drawn and how much is not, in turn.
    pub(crate) fn line(&mut self, line: &[Point], width: f64, colour: Rgb, dash: Option<(f64, f64)>) -> Result<(), Error> {
        let stroke = Stroke { color: solid(colour), width: self.length(width) };
        let pieces = dash.map_or_else(|| vec![line.to_vec()], |(on, off)| dashes(line, on, off));
        for piece in pieces {
            let points = self.points(&piece);
            self.backend.draw_path(points, &stroke).map_err(Error::of)?;
        }
        Ok(())
    }

    /// A text whose baseline stands at a point.
    pub(crate) fn text(&mut self, text: &str, at: Point, em: f64, weight: Weight, colour: Rgb, side: HPos) -> Result<(), Error> {
        if text.is_empty() {
            return Ok(());
        }
        let writing = Writing { color: solid(colour), weight, em: em * self.finer, side };
        let top = self.at((at.0, at.1 - BASELINE * em));
        self.backend.draw_text(text, &writing, top).map_err(Error::of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dashed_line_is_drawn_by_as_much_as_its_dashes_say() {
        let line = [(0.0, 0.0), (60.0, 0.0), (60.0, 40.0)];
        let pieces = dashes(&line, 6.0, 4.0);
        let drawn: f64 =
            pieces.iter().flat_map(|piece| piece.windows(2).map(|ends| (ends[1].0 - ends[0].0).hypot(ends[1].1 - ends[0].1))).sum();
        assert!((drawn - 60.0).abs() < 1e-6, "six of each ten units of a line of a hundred: {drawn}");
        assert_eq!(pieces.len(), 10);
    }

    #[test]
    fn a_rounded_line_begins_and_ends_where_its_corners_do_and_cuts_them() {
        let line = rounded(&[(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)], 10.0);
        assert_eq!((line.first(), line.last()), (Some(&(0.0, 0.0)), Some(&(100.0, 100.0))));
        assert!(!line.contains(&(100.0, 0.0)), "the corner itself is off the line");
        assert!(line.iter().any(|(x, y)| (*x - 97.5).abs() < 0.1 && (*y - 2.5).abs() < 0.1), "{line:?}");
    }
}
