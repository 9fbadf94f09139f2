//! The two weights of Hanken Grotesk (SIL Open Font License 1.1, `fonts/OFL.txt`): measured for both formats, and drawn for
//! PNG. An SVG names the family, and the reader's own font stands in where it is not there.

use crate::Error;
use ab_glyph::{Font, FontRef, ScaleFont};

/// A weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    SemiBold,
}

/// What an SVG asks for, in order.
pub(crate) const FAMILY: &str = "Hanken Grotesk, Segoe UI, Helvetica Neue, Arial, sans-serif";

static REGULAR: &[u8] = include_bytes!("../fonts/HankenGrotesk-Regular.ttf");
static SEMI_BOLD: &[u8] = include_bytes!("../fonts/HankenGrotesk-SemiBold.ttf");

/// The fonts, read.
pub(crate) struct Letters {
    regular: FontRef<'static>,
    semi_bold: FontRef<'static>,
}

/// Spaces that the font lacks are drawn as the one it has.
fn drawn(letter: char) -> char {
    if matches!(letter, '\u{a0}' | '\u{2009}' | '\u{202f}') { ' ' } else { letter }
}

impl Letters {
    pub(crate) fn new() -> Result<Self, Error> {
        let read = |bytes| FontRef::try_from_slice(bytes).map_err(Error::of);
        Ok(Self { regular: read(REGULAR)?, semi_bold: read(SEMI_BOLD)? })
    }

    fn font(&self, weight: Weight) -> &FontRef<'static> {
        match weight {
            Weight::Regular => &self.regular,
            Weight::SemiBold => &self.semi_bold,
        }
    }

    /// The scale at which an em of this font is `em` pixels.
    fn scale(font: &FontRef<'static>, em: f32) -> f32 {
        em * font.height_unscaled() / font.units_per_em().unwrap_or(1000.0)
    }

    /// The width of a text at `em` pixels to the em.
    pub(crate) fn width(&self, text: &str, weight: Weight, em: f64) -> f64 {
        let font = self.font(weight);
        let scaled = font.as_scaled(Self::scale(font, em as f32));
        text.chars().map(|letter| f64::from(scaled.h_advance(scaled.glyph_id(drawn(letter))))).sum()
    }

    /// The text, or as much of its beginning as fits, with an ellipsis.
    pub(crate) fn fit(&self, text: &str, weight: Weight, em: f64, room: f64) -> String {
        if self.width(text, weight, em) <= room {
            return text.to_owned();
        }
        let mut kept: Vec<char> = text.chars().collect();
        while kept.pop().is_some() {
            let shorter = format!("{}…", kept.iter().collect::<String>().trim_end());
            if self.width(&shorter, weight, em) <= room {
                return shorter;
            }
        }
        String::new()
    }

    /// Up to `lines` lines of whole words, the last one cut where the rest does not fit.
    pub(crate) fn wrap(&self, text: &str, weight: Weight, em: f64, room: f64, lines: usize) -> Vec<String> {
        let mut wrapped: Vec<String> = Vec::new();
        let mut words = text.split(' ').filter(|word| !word.is_empty()).peekable();
        while let Some(first) = words.next() {
            let mut line = first.to_owned();
            let last = wrapped.len() + 1 == lines;
            while let Some(word) = words.peek() {
                let longer = format!("{line} {word}");
                if !last && self.width(&longer, weight, em) > room {
                    break;
                }
                line = longer;
                words.next();
            }
            wrapped.push(self.fit(&line, weight, em, room));
        }
        wrapped
    }

    /// Draws a text whose baseline begins at a point: calls back with each pixel and how much of it is covered.
    pub(crate) fn draw(&self, text: &str, weight: Weight, em: f64, (x, y): (f64, f64), mut pixel: impl FnMut(i32, i32, f64)) {
        let font = self.font(weight);
        let scale = Self::scale(font, em as f32);
        let scaled = font.as_scaled(scale);
        let mut at = x as f32;
        for letter in text.chars() {
            let id = scaled.glyph_id(drawn(letter));
            let glyph = id.with_scale_and_position(scale, ab_glyph::point(at, y as f32));
            at += scaled.h_advance(id);
            if let Some(outline) = font.outline_glyph(glyph) {
                let bounds = outline.px_bounds();
                outline.draw(|dx, dy, covered| {
                    pixel(bounds.min.x as i32 + dx as i32, bounds.min.y as i32 + dy as i32, f64::from(covered.clamp(0.0, 1.0)));
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_is_cut_and_says_so() {
        let letters = Letters::new().expect("the fonts are fonts");
        let fit = |text: &str, room: f64| letters.fit(text, Weight::Regular, 20.0, room);
        assert_eq!(fit("Almost certain", 400.0), "Almost certain");
        let cut = fit("Almost certain", 80.0);
        assert!(cut.ends_with('…') && letters.width(&cut, Weight::Regular, 20.0) <= 80.0, "{cut}");
        assert_eq!(letters.wrap("Almost certain to happen", Weight::Regular, 20.0, 90.0, 2).len(), 2);
        assert_eq!(letters.wrap("", Weight::Regular, 20.0, 90.0, 2), Vec::<String>::new());
    }

    #[test]
    fn the_letters_of_both_languages_and_of_their_numbers_are_there() {
        let letters = Letters::new().expect("the fonts are fonts");
        for weight in [Weight::Regular, Weight::SemiBold] {
            let font = letters.font(weight);
            for letter in ('a'..='z').chain('A'..='Z').chain('0'..='9').chain("éèêëàâçîïôûùüœÉÀ’«»–—…€$£%<>×·,.:;()/".chars())
            {
                assert_ne!(font.glyph_id(letter).0, 0, "{letter} in {weight:?}");
            }
        }
    }

    #[test]
    fn a_bolder_text_is_wider_and_its_pixels_stand_on_the_baseline() {
        let letters = Letters::new().expect("the fonts are fonts");
        assert!(letters.width("Risk map", Weight::SemiBold, 20.0) > letters.width("Risk map", Weight::Regular, 20.0));
        let (mut top, mut bottom) = (i32::MAX, i32::MIN);
        letters.draw("H", Weight::Regular, 100.0, (10.0, 200.0), |_, y, covered| {
            if covered > 0.5 {
                (top, bottom) = (top.min(y), bottom.max(y));
            }
        });
        assert!((198..=200).contains(&bottom) && (120..=140).contains(&top), "from {top} to {bottom}");
    }
}
