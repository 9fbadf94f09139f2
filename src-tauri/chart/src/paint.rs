//! What a picture is drawn on: the SVG backend of plotters, or its pixels with our letters.

use crate::Error;
use crate::letters::{FAMILY, Letters, Weight};
use plotters_backend::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontFamily, FontStyle,
};
use plotters_bitmap::{BitMapBackend, BitMapBackendError};
use std::convert::Infallible;

/// Where the baseline lies below the top of a text, in em: plotters writes it into an SVG.
pub(crate) const BASELINE: f64 = 0.76;
/// Plotters' size of a text for an em of 1.
pub(crate) const SIZE: f64 = 1.24;

/// A colour and how wide it is drawn.
#[derive(Clone, Copy)]
pub(crate) struct Stroke {
    pub(crate) color: BackendColor,
    pub(crate) width: u32,
}

impl BackendStyle for Stroke {
    fn color(&self) -> BackendColor {
        self.color
    }

    fn stroke_width(&self) -> u32 {
        self.width
    }
}

/// How a text is drawn.
#[derive(Clone, Copy)]
pub(crate) struct Writing {
    pub(crate) color: BackendColor,
    pub(crate) weight: Weight,
    pub(crate) em: f64,
    pub(crate) side: HPos,
}

impl BackendTextStyle for Writing {
    type FontError = Infallible;

    fn color(&self) -> BackendColor {
        self.color
    }

    fn size(&self) -> f64 {
        self.em * SIZE
    }

    fn style(&self) -> FontStyle {
        if self.weight == Weight::SemiBold { FontStyle::Bold } else { FontStyle::Normal }
    }

    fn anchor(&self) -> Pos {
        Pos::new(self.side, VPos::Top)
    }

    fn family(&self) -> FontFamily<'_> {
        FontFamily::Name(FAMILY)
    }

    /// Nothing that draws here asks for it: an SVG is measured by its reader, and pixels by [`Letters`].
    fn layout_box(&self, _text: &str) -> Result<((i32, i32), (i32, i32)), Infallible> {
        Ok(((0, 0), (0, 0)))
    }

    fn draw<E, D: FnMut(i32, i32, BackendColor) -> Result<(), E>>(
        &self,
        _: &str,
        _: BackendCoord,
        _: D,
    ) -> Result<Result<(), E>, Infallible> {
        Ok(Ok(()))
    }
}

/// Pixels, on which our letters are written.
pub(crate) struct Pixels<'a> {
    pub(crate) under: BitMapBackend<'a>,
    pub(crate) letters: &'a Letters,
}

type Drawn = Result<(), DrawingErrorKind<BitMapBackendError>>;

impl DrawingBackend for Pixels<'_> {
    type ErrorType = BitMapBackendError;

    fn get_size(&self) -> (u32, u32) {
        self.under.get_size()
    }

    fn ensure_prepared(&mut self) -> Drawn {
        self.under.ensure_prepared()
    }

    fn present(&mut self) -> Drawn {
        self.under.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        self.under.draw_pixel(point, color)
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Drawn {
        self.under.draw_rect(from, to, style, fill)
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Drawn {
        let weight = if matches!(style.style(), FontStyle::Bold) { Weight::SemiBold } else { Weight::Regular };
        let em = style.size() / SIZE;
        let width = self.letters.width(text, weight, em);
        let before = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => width / 2.0,
            HPos::Right => width,
        };
        let color = style.color();
        let (wide, high) = self.under.get_size();
        let mut result = Ok(());
        self.letters.draw(text, weight, em, (f64::from(x) - before, f64::from(y) + BASELINE * em), |x, y, covered| {
            let within = u32::try_from(x).is_ok_and(|x| x < wide) && u32::try_from(y).is_ok_and(|y| y < high);
            if within && result.is_ok() {
                result = self.under.draw_pixel((x, y), color.mix(covered));
            }
        });
        result
    }
}

/// Halves pixels in either direction: each kept pixel is the mean of the four that were drawn for it.
pub(crate) fn halved(pixels: &[u8], (wide, high): (usize, usize)) -> Vec<u8> {
    let mut kept = Vec::with_capacity(wide * high * 3 / 4);
    for y in 0..high / 2 {
        let (above, below) = (&pixels[2 * y * wide * 3..], &pixels[(2 * y + 1) * wide * 3..]);
        for x in 0..wide / 2 {
            for channel in 0..3 {
                let at = 6 * x + channel;
                let sum = u16::from(above[at]) + u16::from(above[at + 3]) + u16::from(below[at]) + u16::from(below[at + 3]);
                kept.push(u8::try_from((sum + 2) / 4).unwrap_or(u8::MAX));
            }
        }
    }
    kept
}

/// RGB pixels as PNG. `per_inch` says how large they are meant to be.
pub(crate) fn encoded(pixels: &[u8], (wide, high): (u32, u32), per_inch: u32, title: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, wide, high);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    // An inch has 0.0254 m.
    let per_metre = per_inch * 10_000 / 254;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: png::Unit::Meter }));
    encoder.add_itxt_chunk("Title".into(), title.to_owned()).map_err(Error::of)?;
    let mut writer = encoder.write_header().map_err(Error::of)?;
    writer.write_image_data(pixels).map_err(Error::of)?;
    writer.finish().map_err(Error::of)?;
    Ok(bytes)
}

/// An SVG of plotters, drawn `finer` times finer than `size`, with a title and a description for who cannot see it and
/// without what it says needlessly.
pub(crate) fn finished(text: &str, size: (u32, u32), finer: u32, (title, description): (&str, &str)) -> Result<String, Error> {
    let fine = (size.0 * finer, size.1 * finer);
    let head = format!("<svg width=\"{}\" height=\"{}\"", fine.0, fine.1);
    let (rest, body) = text
        .strip_prefix(&head)
        .and_then(|rest| rest.split_once('>'))
        .ok_or_else(|| Error::of("the SVG does not begin as plotters begins one"))?;
    let body = body
        .replace(" opacity=\"1\"", "")
        .replace(" stroke=\"none\" stroke-width=\"1\"", "")
        // Bold is lighter in this family.
        .replace("font-weight=\"bold\"", "font-weight=\"640\"");
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    Ok(format!(
        "<svg width=\"{}\" height=\"{}\"{rest} role=\"img\" aria-labelledby=\"title description\">\n<title id=\"title\">{}</title>\n<desc id=\"description\">{}</desc>{body}",
        size.0,
        size.1,
        escaped(title),
        escaped(description),
    ))
}
