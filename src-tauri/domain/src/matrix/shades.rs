//! The colours of the levels in either theme: the app's own palette, or what follows from a colour of one's own.

use super::{Level, LevelLabel};
use crate::colour::Rgb;
use crate::words::Word;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A level's colours in one theme, each `#rrggbb`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Shade {
    /// Of dots, bars and badges.
    pub solid: String,
    /// Of a cell of the map.
    pub wash: String,
    /// Of text on the solid colour.
    pub on: String,
    /// Of text on a cell and on the page.
    pub ink: String,
}

/// A level's colours in both themes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Shades {
    /// On light ground.
    pub light: Shade,
    /// On dark ground.
    pub dark: Shade,
}

/// Solid, wash, on, ink of the five levels: `--risk-1` to `--risk-5` of the page's `tokens.css` in sRGB.
const LIGHT: [[u32; 4]; 5] = [
    [0x00c4_dee6, 0x00ef_f8fa, 0x0015_2a32, 0x0036_5f6b],
    [0x00b7_c280, 0x00f2_f4e0, 0x0023_260e, 0x0055_5b27],
    [0x00cc_8c2f, 0x00fc_eaca, 0x002a_1903, 0x0078_4b10],
    [0x00b5_4b19, 0x00fa_dbc5, 0x00ff_fcf8, 0x008a_360e],
    [0x0079_1b28, 0x00ee_c4bc, 0x00ff_f9f9, 0x0079_1b28],
];
const DARK: [[u32; 4]; 5] = [
    [0x0034_4a52, 0x0016_1f23, 0x00ec_f3f5, 0x0099_b7c1],
    [0x0060_683c, 0x0021_2518, 0x00fb_fdf5, 0x00bb_c28e],
    [0x00a8_7c2e, 0x0037_2913, 0x0019_0f03, 0x00e6_bd79],
    [0x00f0_8b54, 0x004a_2717, 0x0022_0e04, 0x00f7_ac7a],
    [0x00ff_bdb8, 0x0060_2527, 0x002f_0a0b, 0x00ff_b4ac],
];

fn palette(parts: [u32; 4]) -> Shade {
    let hex = |colour: u32| format!("#{colour:06x}");
    let [solid, wash, on, ink] = parts;
    Shade { solid: hex(solid), wash: hex(wash), on: hex(on), ink: hex(ink) }
}

impl Shades {
    /// The colours of a level.
    #[must_use]
    pub fn of(label: &LevelLabel) -> Self {
        match label.colour.as_deref().and_then(Rgb::parse) {
            Some(own) => Self::own(own),
            None => {
                let place = Level::ALL.iter().position(|level| *level == label.level).unwrap_or(0);
                Self { light: palette(LIGHT[place]), dark: palette(DARK[place]) }
            }
        }
    }

    /// What follows from a colour of one's own. The ground of a cell stays so near to the page's that text is read on it,
    /// and keeps the colours' order of lightness.
    fn own(own: Rgb) -> Self {
        let [lightness, chroma, hue] = own.oklch();
        let shade =
            |wash: Rgb, ink: Rgb| Shade { solid: own.to_string(), wash: wash.to_string(), on: own.ink().to_string(), ink: ink.to_string() };
        Self {
            light: shade(
                Rgb::of_oklch(0.865 + 0.11 * lightness, (chroma * 0.4).min(0.05), hue),
                Rgb::of_oklch(lightness.min(0.44), chroma.min(0.12), hue),
            ),
            dark: shade(
                Rgb::of_oklch(0.235 + 0.1 * lightness, (chroma * 0.5).min(0.07), hue),
                Rgb::of_oklch(lightness.max(0.82), chroma.min(0.1), hue),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Rgb {
        Rgb::parse(text).expect("a colour")
    }

    #[test]
    fn the_palette_is_that_of_the_page() {
        let css = include_str!("../../../../ui/src/styles/tokens.css");
        let (light, dark) =
            css.split_once(":root[data-theme=\"dark\"]").or_else(|| css.split_once("[data-theme='dark']")).expect("two themes");
        for (theme, palette) in [(light, LIGHT), (dark, DARK)] {
            for (place, parts) in palette.iter().enumerate() {
                for (end, have) in ["", "-wash", "-on", "-ink"].iter().zip(parts) {
                    let name = format!("--risk-{}{end}: oklch(", place + 1);
                    let (_, after) = theme.split_once(&name).unwrap_or_else(|| panic!("{name} is a token"));
                    let numbers: Vec<f64> =
                        after.split(')').next().unwrap_or("").split_whitespace().map(|number| number.parse().expect("a number")).collect();
                    let token = Rgb::of_oklch(numbers[0], numbers[1], numbers[2]);
                    let kept = colour(&format!("#{have:06x}"));
                    assert!(token.distance(kept) < 1.0, "{name}: {token} in the page, {kept} here");
                }
            }
        }
    }

    #[test]
    fn text_is_read_on_whatever_follows_from_a_colour_of_ones_own() {
        let surfaces = [("#fdfefe", "#435059"), ("#131a1e", "#b1bbbf")];
        for own in ["#ff0000", "#00ff00", "#0000ff", "#ffff00", "#000000", "#ffffff", "#808080", "#b54b19", "#00b050", "#ffc000"] {
            let shades = Shades::own(colour(own));
            for (shade, (surface, text)) in [&shades.light, &shades.dark].into_iter().zip(surfaces) {
                let pairs = [(&shade.on, shade.solid.as_str()), (&shade.ink, shade.wash.as_str()), (&shade.ink, surface)];
                for (over, under) in pairs.into_iter().chain([(&text.to_owned(), shade.wash.as_str())]) {
                    assert!(
                        colour(over).contrast(colour(under)) >= 4.5,
                        "{own}: {over} on {under} has {}",
                        colour(over).contrast(colour(under))
                    );
                }
            }
        }
    }
}
