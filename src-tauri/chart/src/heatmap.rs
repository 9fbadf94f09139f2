//! The heatmap as a picture for a slide, 16 to 9: what the page's map shows, with its legend, its date and its filters in
//! words. The proportions are those of the page (`ui/src/lib/risk/geometry.ts`), drawn larger.

use crate::brush::{Area, Brush, Point, rounded};
use crate::letters::{Letters, Weight};
use crate::paint::{Pixels, encoded, finished, halved};
use crate::{Error, Theme};
use amtia_domain::colour::Rgb;
use amtia_domain::matrix::{Matrix, Shade, Shades};
use plotters_backend::DrawingBackend;
use plotters_backend::text_anchor::HPos;
use plotters_bitmap::BitMapBackend;
use plotters_svg::SVGBackend;

/// Width and height in the picture's units: CSS pixels in an SVG.
const SIZE: (u32, u32) = (1_600, 900);
/// A unit of the picture in the SVG's own, so that whole numbers are fine enough.
const SVG_FINER: u32 = 10;
/// Pixels to a unit in a PNG, and how many times finer they are drawn.
const PNG_FINER: u32 = 2;
const DRAWN_FINER: u32 = 2 * PNG_FINER;
const PER_INCH: u32 = 192;

const MARGIN: f64 = 64.0;
const RIGHT: f64 = 1_522.0;
const TOP: f64 = 214.0;
const BOTTOM: f64 = 746.0;
const GAP: f64 = 5.0;
/// How far a line stands out of the grid.
const OUT: f64 = 10.0;

/// How many risks stand in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// A step of likelihood, from 1.
    pub likelihood: u8,
    /// A step of impact, from 1.
    pub impact: u8,
    /// Risks in it.
    pub count: u64,
}

/// A step of a scale in words.
#[derive(Clone, Debug)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// Its range, or what it means.
    pub detail: String,
}

/// A level in words.
#[derive(Clone, Debug)]
pub struct Legend {
    /// Its name and the scores that it spans.
    pub text: String,
    /// Its place among the matrix's levels.
    pub place: usize,
}

/// What stands around the picture, in the reader's language.
#[derive(Clone, Debug)]
pub struct Words {
    /// What it is.
    pub title: String,
    /// What it says, in one sentence.
    pub says: String,
    /// Which risks it counts.
    pub filter: String,
    /// Whose it is.
    pub workspace: String,
    /// Of which day.
    pub date: String,
    /// The likelihood scale, lowest first.
    pub likelihood: Vec<Label>,
    /// The impact scale, lowest first.
    pub impact: Vec<Label>,
    /// The levels, lowest first.
    pub legend: Vec<Legend>,
    /// "Appetite 10".
    pub appetite: String,
    /// "Tolerance 16".
    pub tolerance: String,
    /// How many risks a dot stands for, for 1, 10 and 100.
    pub dots: [String; 3],
    /// Each count as it is written.
    pub counts: fn(u64) -> String,
}

/// A heatmap to draw.
#[derive(Clone, Debug)]
pub struct Heatmap<'a> {
    /// The matrix that it is drawn on.
    pub matrix: &'a Matrix,
    /// The cells; one that is missing is empty.
    pub cells: &'a [Cell],
    /// The ground.
    pub theme: Theme,
    /// What stands around it.
    pub words: &'a Words,
}

/// The ground's own colours: `--surface`, `--text`, `--text-2`, `--text-3` and `--line-control` of the page in sRGB.
struct Ground {
    surface: Rgb,
    text: Rgb,
    second: Rgb,
    third: Rgb,
    edge: Rgb,
}

const LIGHT: Ground = Ground {
    surface: Rgb::new(0xfd, 0xfe, 0xfe),
    text: Rgb::new(0x17, 0x22, 0x2a),
    second: Rgb::new(0x43, 0x50, 0x59),
    third: Rgb::new(0x5d, 0x6a, 0x72),
    edge: Rgb::new(0x7c, 0x86, 0x8b),
};
const DARK: Ground = Ground {
    surface: Rgb::new(0x13, 0x1a, 0x1e),
    text: Rgb::new(0xe9, 0xee, 0xf0),
    second: Rgb::new(0xb1, 0xbb, 0xbf),
    third: Rgb::new(0x91, 0x9c, 0xa1),
    edge: Rgb::new(0x70, 0x7c, 0x83),
};

/// Draws it as SVG.
///
/// # Errors
/// A font or a backend that fails.
pub fn svg(heatmap: &Heatmap<'_>) -> Result<String, Error> {
    let mut text = String::new();
    {
        let mut backend = SVGBackend::with_string(&mut text, (SIZE.0 * SVG_FINER, SIZE.1 * SVG_FINER));
        draw(heatmap, &Letters::new()?, &mut Brush { backend: &mut backend, finer: f64::from(SVG_FINER) })?;
        backend.present().map_err(Error::of)?;
    }
    let words = heatmap.words;
    let title = format!("{}, {}", words.title, words.workspace);
    finished(&text, SIZE, SVG_FINER, (&title, &format!("{} {}", words.says, words.filter)))
}

/// Draws it as PNG: 3,200 by 1,800 pixels.
///
/// # Errors
/// A font or a backend that fails.
pub fn png(heatmap: &Heatmap<'_>) -> Result<Vec<u8>, Error> {
    let letters = Letters::new()?;
    let drawn = (SIZE.0 * DRAWN_FINER, SIZE.1 * DRAWN_FINER);
    let wide = (drawn.0 as usize, drawn.1 as usize);
    let mut pixels = vec![0; wide.0 * wide.1 * 3];
    {
        let mut backend = Pixels { under: BitMapBackend::with_buffer(&mut pixels, drawn), letters: &letters };
        draw(heatmap, &letters, &mut Brush { backend: &mut backend, finer: f64::from(DRAWN_FINER) })?;
        backend.present().map_err(Error::of)?;
    }
    encoded(&halved(&pixels, wide), (SIZE.0 * PNG_FINER, SIZE.1 * PNG_FINER), PER_INCH, &heatmap.words.title)
}

/// The grid in the picture.
struct Frame {
    left: f64,
    width: f64,
    height: f64,
    rows: u8,
    columns: u8,
}

impl Frame {
    fn cell(&self, likelihood: u8, impact: u8) -> Area {
        let (rows, columns) = (f64::from(self.rows), f64::from(self.columns));
        let width = (self.width - GAP * (columns - 1.0)) / columns;
        let height = (self.height - GAP * (rows - 1.0)) / rows;
        Area {
            x: self.left + f64::from(impact.saturating_sub(1)) * (width + GAP),
            y: TOP + f64::from(self.rows.saturating_sub(likelihood)) * (height + GAP),
            width,
            height,
        }
    }

    /// Corners of the line between scores up to `limit` and scores above it, from the top to the right or the bottom.
    fn corners(&self, limit: u16) -> Vec<Point> {
        let first = |likelihood: u8| (1..=self.columns).find(|impact| Matrix::score(likelihood, *impact) > limit);
        let edge = |impact: Option<u8>| impact.map_or(self.left + self.width + OUT, |impact| self.cell(1, impact).x - GAP / 2.0);
        if first(self.rows).is_none() {
            return Vec::new();
        }
        let mut x = edge(first(self.rows));
        let mut corners = vec![(x, TOP - GAP / 2.0 - OUT)];
        for likelihood in (1..=self.rows).rev() {
            let here = self.cell(likelihood, 1);
            let below = here.y + here.height + GAP / 2.0;
            if likelihood == 1 {
                corners.push((x, below + OUT / 2.0));
            } else if (edge(first(likelihood - 1)) - x).abs() > f64::EPSILON {
                corners.push((x, below));
                x = edge(first(likelihood - 1));
                corners.push((x, below));
                if first(likelihood - 1).is_none() {
                    break;
                }
            }
        }
        corners
    }
}

fn colour(text: &str) -> Rgb {
    Rgb::parse(text).unwrap_or(Rgb::new(128, 128, 128))
}

fn draw<B: DrawingBackend>(heatmap: &Heatmap<'_>, letters: &Letters, brush: &mut Brush<'_, B>) -> Result<(), Error> {
    let Heatmap { matrix, words, .. } = heatmap;
    let ground = if heatmap.theme == Theme::Light { &LIGHT } else { &DARK };
    let shades: Vec<Shade> = matrix
        .levels
        .iter()
        .map(|label| {
            let shades = Shades::of(label);
            if heatmap.theme == Theme::Light { shades.light } else { shades.dark }
        })
        .collect();
    brush.ground(ground.surface)?;
    head(words, letters, ground, brush)?;

    let widest = words.likelihood.iter().flat_map(|label| {
        label.name.split(' ').map(|word| letters.width(word, Weight::SemiBold, 18.0)).chain([letters.width(
            &label.detail,
            Weight::Regular,
            15.0,
        )])
    });
    let room = widest.fold(96.0_f64, f64::max).min(220.0);
    let left = MARGIN + room + 18.0;
    let frame = Frame { left, width: RIGHT - left, height: BOTTOM - TOP, rows: matrix.likelihood_steps(), columns: matrix.impact_steps() };

    let fullest = heatmap.cells.iter().map(|cell| cell.count).max().unwrap_or(0);
    // The fullest cell shows at most 250 dots.
    let (scale, scale_words) = match fullest {
        0..=250 => (1, &words.dots[0]),
        251..=2_500 => (10, &words.dots[1]),
        _ => (100, &words.dots[2]),
    };
    let pitch = pitch(&frame, fullest.div_ceil(scale));
    for likelihood in 1..=frame.rows {
        for impact in 1..=frame.columns {
            let place = matrix.level(likelihood, impact).and_then(|level| matrix.levels.iter().position(|label| label.level == level));
            let Some(shade) = place.and_then(|place| shades.get(place)) else { continue };
            let area = frame.cell(likelihood, impact);
            brush.area(area, 10.0, colour(&shade.wash))?;
            let count =
                heatmap.cells.iter().find(|cell| (cell.likelihood, cell.impact) == (likelihood, impact)).map_or(0, |cell| cell.count);
            let dots = dot_colour(shade, place, ground, heatmap.theme, matrix);
            for centre in centres(area, pitch, usize::try_from(count.div_ceil(scale)).unwrap_or(0)) {
                brush.dot(centre, pitch * 0.3, dots)?;
            }
            let at = (area.x + area.width - 12.0, area.y + 28.0);
            brush.text(&(words.counts)(count), at, 20.0, Weight::SemiBold, ground.second, HPos::Right)?;
        }
    }
    lines(heatmap, letters, ground, &frame, brush)?;
    axes(words, letters, ground, &frame, room, brush)?;

    let mut x = frame.left;
    for legend in &words.legend {
        let Some(shade) = shades.get(legend.place) else { continue };
        brush.dot((x + 7.0, 850.0), 7.0, dot_colour(shade, Some(legend.place), ground, heatmap.theme, matrix))?;
        brush.text(&legend.text, (x + 22.0, 856.0), 17.0, Weight::Regular, ground.second, HPos::Left)?;
        x += 22.0 + letters.width(&legend.text, Weight::Regular, 17.0) + 28.0;
    }
    let scale_width = letters.width(scale_words, Weight::Regular, 17.0);
    // Long names of levels may need the whole line.
    let below = if x + scale_width > RIGHT { 882.0 } else { 856.0 };
    brush.text(scale_words, (RIGHT, below), 17.0, Weight::Regular, ground.third, HPos::Right)
}

/// The lowest level's own colour is so quiet that its dots borrow some of the text's, as on the page.
fn dot_colour(shade: &Shade, place: Option<usize>, ground: &Ground, theme: Theme, matrix: &Matrix) -> Rgb {
    let lowest = place.and_then(|place| matrix.levels.get(place)).is_some_and(|label| label.level as u8 == 0 && label.colour.is_none());
    if !lowest {
        return colour(&shade.solid);
    }
    let (a, b) = (colour(&shade.solid).oklch(), ground.third.oklch());
    let share = if theme == Theme::Light { 0.70 } else { 0.82 };
    let mix = |place: usize| a[place] * share + b[place] * (1.0 - share);
    Rgb::of_oklch(mix(0), mix(1), a[2])
}

fn head<B: DrawingBackend>(words: &Words, letters: &Letters, ground: &Ground, brush: &mut Brush<'_, B>) -> Result<(), Error> {
    let aside = letters.width(&words.date, Weight::Regular, 18.0).max(letters.width(&words.workspace, Weight::SemiBold, 18.0)).min(420.0);
    let room = RIGHT - MARGIN - aside - 40.0;
    let fit = |text: &str, weight, em| letters.fit(text, weight, em, room);
    brush.text(&fit(&words.title, Weight::SemiBold, 34.0), (MARGIN, 86.0), 34.0, Weight::SemiBold, ground.text, HPos::Left)?;
    brush.text(&fit(&words.says, Weight::Regular, 21.0), (MARGIN, 121.0), 21.0, Weight::Regular, ground.second, HPos::Left)?;
    let filter = letters.fit(&words.filter, Weight::Regular, 17.0, RIGHT - MARGIN);
    brush.text(&filter, (MARGIN, 151.0), 17.0, Weight::Regular, ground.third, HPos::Left)?;
    let workspace = letters.fit(&words.workspace, Weight::SemiBold, 18.0, 420.0);
    brush.text(&workspace, (RIGHT, 86.0), 18.0, Weight::SemiBold, ground.second, HPos::Right)?;
    brush.text(&words.date, (RIGHT, 121.0), 18.0, Weight::Regular, ground.third, HPos::Right)
}

fn lines<B: DrawingBackend>(
    heatmap: &Heatmap<'_>,
    letters: &Letters,
    ground: &Ground,
    frame: &Frame,
    brush: &mut Brush<'_, B>,
) -> Result<(), Error> {
    let Heatmap { matrix, words, .. } = heatmap;
    let (appetite, tolerance) = (frame.corners(matrix.appetite), frame.corners(matrix.tolerance));
    brush.line(&rounded(&tolerance, 14.0), 2.0, ground.second, Some((6.0, 6.0)))?;
    brush.line(&rounded(&appetite, 14.0), 3.5, ground.text, None)?;
    let mut taken = f64::MIN;
    let height = 26.0;
    for (corners, text, edge) in [(&appetite, &words.appetite, false), (&tolerance, &words.tolerance, true)] {
        let Some((x, _)) = corners.first().copied() else { continue };
        let width = letters.width(text, Weight::SemiBold, 15.0) + 20.0;
        // Two lines may begin at the same place: their names stand beside each other, and within the picture.
        let x = (x - 2.0).max(taken + 6.0).min(RIGHT + 14.0 - width);
        let area = Area { x, y: TOP - GAP / 2.0 - OUT - height + 4.0, width, height };
        if edge {
            brush.area(area, height / 2.0, ground.edge)?;
            let inner = Area { x: area.x + 1.25, y: area.y + 1.25, width: width - 2.5, height: height - 2.5 };
            brush.area(inner, height / 2.0 - 1.25, ground.surface)?;
        } else {
            brush.area(area, height / 2.0, ground.text)?;
        }
        let ink = if edge { ground.second } else { ground.surface };
        brush.text(text, (x + width / 2.0, area.y + 18.5), 15.0, Weight::SemiBold, ink, HPos::Center)?;
        taken = x + width;
    }
    Ok(())
}

fn axes<B: DrawingBackend>(
    words: &Words,
    letters: &Letters,
    ground: &Ground,
    frame: &Frame,
    room: f64,
    brush: &mut Brush<'_, B>,
) -> Result<(), Error> {
    for (step, label) in (1u8..).zip(&words.likelihood) {
        let area = frame.cell(step, 1);
        let names = letters.wrap(&label.name, Weight::SemiBold, 18.0, room, 2);
        let detail = letters.fit(&label.detail, Weight::Regular, 15.0, room);
        let height = 21.0 * names.len() as f64 + if detail.is_empty() { 0.0 } else { 20.0 };
        let mut y = area.y + (area.height - height) / 2.0 + 16.0;
        for name in names {
            brush.text(&name, (frame.left - 18.0, y), 18.0, Weight::SemiBold, ground.text, HPos::Right)?;
            y += 21.0;
        }
        brush.text(&detail, (frame.left - 18.0, y - 1.0), 15.0, Weight::Regular, ground.third, HPos::Right)?;
    }
    for (step, label) in (1u8..).zip(&words.impact) {
        let area = frame.cell(1, step);
        let mut y = BOTTOM + 34.0;
        for name in letters.wrap(&label.name, Weight::SemiBold, 18.0, area.width, 2) {
            brush.text(&name, (area.x + area.width / 2.0, y), 18.0, Weight::SemiBold, ground.text, HPos::Center)?;
            y += 21.0;
        }
        let detail = letters.fit(&label.detail, Weight::Regular, 15.0, area.width);
        brush.text(&detail, (area.x + area.width / 2.0, y - 1.0), 15.0, Weight::Regular, ground.third, HPos::Center)?;
    }
    Ok(())
}

/// How far the dots of every cell stand apart, so that as many as the fullest has fit under its count.
fn pitch(frame: &Frame, most: u64) -> f64 {
    let area = frame.cell(1, 1);
    let mut pitch = 12.0;
    let fits = |pitch: f64| ((area.width - 24.0) / pitch).floor() * ((area.height - 44.0) / pitch).floor() >= most as f64;
    while pitch > 4.0 && !fits(pitch) {
        pitch -= 0.25;
    }
    pitch
}

/// Centres of the dots of a cell, filled from the bottom row up, from the left.
fn centres(area: Area, pitch: f64, count: usize) -> Vec<Point> {
    let columns = ((area.width - 24.0) / pitch).floor().max(1.0) as usize;
    let place = |dot: usize| {
        let (column, row) = ((dot % columns) as f64, (dot / columns) as f64);
        (area.x + 12.0 + (column + 0.5) * pitch, area.y + area.height - 12.0 - (row + 0.5) * pitch)
    };
    (0..count).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use amtia_domain::matrix::Preset;
    use amtia_domain::words::Word;

    fn words(matrix: &Matrix) -> Words {
        let label = |step: &amtia_domain::matrix::Step| Label { name: step.label.clone(), detail: step.detail.clone() };
        Words {
            title: "Risk map".into(),
            says: "1,243 risks, 232 above appetite.".into(),
            filter: "All risks & <none> left out".into(),
            workspace: "Corvane Group".into(),
            date: "27 November 2026".into(),
            likelihood: matrix.likelihood.iter().map(label).collect(),
            impact: matrix.impact.iter().map(label).collect(),
            legend: matrix.levels.iter().enumerate().map(|(place, label)| Legend { text: label.label.clone(), place }).collect(),
            appetite: format!("Appetite {}", matrix.appetite),
            tolerance: format!("Tolerance {}", matrix.tolerance),
            dots: ["One dot is one risk".into(), "One dot is 10 risks".into(), "One dot is 100 risks".into()],
            counts: |count| count.to_string(),
        }
    }

    fn cells(matrix: &Matrix, count: u64) -> Vec<Cell> {
        let of = |likelihood| (1..=matrix.impact_steps()).map(move |impact| Cell { likelihood, impact, count: count * u64::from(impact) });
        (1..=matrix.likelihood_steps()).flat_map(of).collect()
    }

    #[test]
    fn an_svg_holds_every_word_every_cell_and_a_dot_for_every_risk() {
        for preset in Preset::ALL {
            let matrix = preset.matrix();
            let (words, cells) = (words(&matrix), cells(&matrix, 3));
            let text = svg(&Heatmap { matrix: &matrix, cells: &cells, theme: Theme::Light, words: &words }).expect("it is drawn");
            let risks: u64 = cells.iter().map(|cell| cell.count).sum();
            let circles = text.matches("<circle").count();
            assert_eq!(circles as u64, risks + matrix.levels.len() as u64, "{preset:?}: a dot for each risk, and one for each level below");
            // The ground is a rectangle; cells and names of lines are polygons.
            assert_eq!(text.matches("<polygon").count(), cells.len() + 3, "{preset:?}: cells, and the names of two lines");
            for word in ["Corvane Group", "27 November 2026", "One dot is one risk", "1,243 risks, 232 above appetite."] {
                assert!(text.contains(word), "{preset:?}: {word}");
            }
            assert!(text.contains("&amp; &lt;none&gt;") && !text.contains("<none>"), "text is text: {}", &text[..400]);
            assert!(text.starts_with("<svg width=\"1600\" height=\"900\" viewBox=\"0 0 16000 9000\""), "{}", &text[..120]);
        }
    }

    #[test]
    fn a_full_map_draws_a_dot_for_ten_or_a_hundred_risks_and_says_so() {
        let matrix = Matrix::standard();
        let words = words(&matrix);
        for (count, dots, says) in [
            (50, 25 * 150, "One dot is one risk"),
            (51, 5 * (6 + 11 + 16 + 21 + 26), "One dot is 10 risks"),
            (5_000, 5 * (50 + 100 + 150 + 200 + 250), "One dot is 100 risks"),
        ] {
            let cells = cells(&matrix, count);
            let text = svg(&Heatmap { matrix: &matrix, cells: &cells, theme: Theme::Dark, words: &words }).expect("it is drawn");
            assert!(text.contains(says), "{count}: {says}");
            assert_eq!(text.matches("<circle").count(), dots + 5, "{count} to a step");
        }
    }

    #[test]
    fn a_png_is_as_large_as_it_says_and_holds_the_ground_of_its_theme() {
        let matrix = Preset::Simple.matrix();
        let (words, cells) = (words(&matrix), cells(&matrix, 2));
        for (theme, ground) in [(Theme::Light, [0xfd, 0xfe, 0xfe]), (Theme::Dark, [0x13, 0x1a, 0x1e])] {
            let bytes = png(&Heatmap { matrix: &matrix, cells: &cells, theme, words: &words }).expect("it is drawn");
            let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("it is a PNG");
            let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
            let info = reader.next_frame(&mut pixels).expect("pixels");
            assert_eq!((info.width, info.height), (3_200, 1_800));
            assert_eq!(pixels[..3], ground, "{theme:?}");
            assert!(pixels.chunks(3).filter(|pixel| *pixel != ground).count() > 100_000, "{theme:?}: something stands on it");
        }
    }

    #[test]
    fn the_line_leaves_the_grid_where_no_cell_lies_above_it() {
        let matrix = Matrix::standard();
        let frame = Frame { left: 100.0, width: 500.0, height: BOTTOM - TOP, rows: 5, columns: 5 };
        assert_eq!(frame.corners(25), Vec::new(), "nothing is above the highest score");
        let all = frame.corners(0);
        assert_eq!(all.len(), 2, "everything is above nothing: one straight line, {all:?}");
        let appetite = frame.corners(matrix.appetite);
        assert_eq!(appetite.last().map(|(x, _)| *x), Some(600.0 + OUT), "it ends to the right: {appetite:?}");
    }
}
