//! Colours: contrast (WCAG 2.2), perceived difference (OKLab) and how people with a colour-vision deficiency see them
//! (Machado, Oliveira and Fernandes 2009, severity 1).

use std::fmt;

/// A colour of the sRGB space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb {
    /// Red, 0–255.
    pub red: u8,
    /// Green, 0–255.
    pub green: u8,
    /// Blue, 0–255.
    pub blue: u8,
}

crate::words! {
    /// A way of seeing.
    Sight {
        /// All three kinds of cones.
        Full = "full",
        /// Without the cones for long waves.
        Protan = "protanopia",
        /// Without the cones for middle waves.
        Deutan = "deuteranopia",
        /// Without the cones for short waves.
        Tritan = "tritanopia",
        /// A grey print.
        Grey = "grey",
    }
}

impl Sight {
    /// Rows by which linear red, green and blue are weighed.
    fn weights(self) -> [[f64; 3]; 3] {
        const LUMINANCE: [f64; 3] = [0.2126, 0.7152, 0.0722];
        match self {
            Self::Full => [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            Self::Protan => [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
            Self::Deutan => [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
            Self::Tritan => [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]],
            Self::Grey => [LUMINANCE; 3],
        }
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

fn linear(channel: u8) -> f64 {
    let value = f64::from(channel) / 255.0;
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

fn encoded(linear: f64) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let value = if linear <= 0.003_130_8 { linear * 12.92 } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
    // Within 0 and 255 by the clamp.
    (value * 255.0).round() as u8
}

impl Rgb {
    /// A colour of its channels.
    #[must_use]
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// `#rrggbb`, with or without the sign, in either case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().trim_start_matches('#');
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let channel = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        Some(Self { red: channel(0)?, green: channel(2)?, blue: channel(4)? })
    }

    fn linear(self) -> [f64; 3] {
        [linear(self.red), linear(self.green), linear(self.blue)]
    }

    /// Relative luminance (WCAG 2.2), 0–1.
    #[must_use]
    pub fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Contrast ratio (WCAG 2.2), 1–21.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// How it looks to somebody.
    #[must_use]
    pub fn seen(self, sight: Sight) -> Self {
        let from = self.linear();
        let [red, green, blue] = sight.weights().map(|row| encoded(row.iter().zip(from).map(|(weight, value)| weight * value).sum()));
        Self { red, green, blue }
    }

    /// Lightness, and the two axes of colour (OKLab).
    #[must_use]
    pub fn oklab(self) -> [f64; 3] {
        let [red, green, blue] = self.linear();
        let long = (0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue).cbrt();
        let middle = (0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue).cbrt();
        let short = (0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue).cbrt();
        [
            0.210_454_255_3 * long + 0.793_617_785 * middle - 0.004_072_046_8 * short,
            1.977_998_495_1 * long - 2.428_592_205 * middle + 0.450_593_709_9 * short,
            0.025_904_037_1 * long + 0.782_771_766_2 * middle - 0.808_675_766 * short,
        ]
    }

    /// Lightness 0–1, chroma and hue in degrees (OKLCH).
    #[must_use]
    pub fn oklch(self) -> [f64; 3] {
        let [lightness, a, b] = self.oklab();
        [lightness, a.hypot(b), b.atan2(a).to_degrees()]
    }

    /// The colour of a lightness, a chroma and a hue in degrees; what sRGB cannot show loses chroma.
    #[must_use]
    pub fn of_oklch(lightness: f64, chroma: f64, hue: f64) -> Self {
        let lightness = lightness.clamp(0.0, 1.0);
        let at = |chroma: f64| {
            let (a, b) = (chroma * hue.to_radians().cos(), chroma * hue.to_radians().sin());
            let long = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
            let middle = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
            let short = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
            [
                4.076_741_662_1 * long - 3.307_711_591_3 * middle + 0.230_969_929_2 * short,
                -1.268_438_004_6 * long + 2.609_757_401_1 * middle - 0.341_319_396_5 * short,
                -0.004_196_086_3 * long - 0.703_418_614_7 * middle + 1.707_614_701 * short,
            ]
        };
        let shown = |chroma: f64| at(chroma).iter().all(|channel| (-0.0005..=1.0005).contains(channel));
        let mut chroma = chroma.max(0.0);
        while chroma > 0.0 && !shown(chroma) {
            chroma = (chroma - 0.002).max(0.0);
        }
        let [red, green, blue] = at(chroma).map(encoded);
        Self { red, green, blue }
    }

    /// How different two colours look, 0–100: the distance in OKLab. About 2 is just seen side by side.
    #[must_use]
    pub fn distance(self, other: Self) -> f64 {
        let (a, b) = (self.oklab(), other.oklab());
        100.0 * a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt()
    }

    /// Of black and white the one that is read more easily on it: at least 4.5 to 1 on any colour.
    #[must_use]
    pub fn ink(self) -> Self {
        let (black, white) = (Self::new(0, 0, 0), Self::new(255, 255, 255));
        if self.contrast(black) >= self.contrast(white) { black } else { white }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Rgb {
        Rgb::parse(text).expect("a colour")
    }

    #[test]
    fn a_colour_is_six_hexadecimal_digits() {
        assert_eq!(Rgb::parse("#0A7bff"), Some(Rgb::new(10, 123, 255)));
        assert_eq!(Rgb::parse("#0A7bff").map(|colour| colour.to_string()).as_deref(), Some("#0a7bff"), "and is told in small letters");
        for none in ["", "#fff", "#12345", "#1234567", "#12345g", "red", "#é2345"] {
            assert_eq!(Rgb::parse(none), None, "{none}");
        }
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        for (a, b, ratio) in
            [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#0000ff", "#ffffff", 8.59), ("#123456", "#123456", 1.0)]
        {
            assert!((colour(a).contrast(colour(b)) - ratio).abs() < 0.01, "{a} on {b}: {}", colour(a).contrast(colour(b)));
        }
        for channel in 0..=255u8 {
            for colour in [Rgb::new(channel, channel, channel), Rgb::new(channel, 0, 255 - channel), Rgb::new(255, channel, 0)] {
                assert!(colour.contrast(colour.ink()) >= 4.5, "one of black and white is read on {colour}");
            }
        }
    }

    #[test]
    fn a_colour_taken_apart_and_put_together_is_the_same() {
        for text in ["#000000", "#ffffff", "#ff0000", "#00ff00", "#0000ff", "#c86432", "#123456"] {
            let [lightness, chroma, hue] = colour(text).oklch();
            assert_eq!(Rgb::of_oklch(lightness, chroma, hue).to_string(), text);
        }
        // Known values of the space: CSS Color 4 gives oklch(62.796% 0.25768 29.234) for red.
        let [lightness, chroma, hue] = colour("#ff0000").oklch();
        assert!(
            (lightness - 0.62796).abs() < 1e-4 && (chroma - 0.25768).abs() < 1e-4 && (hue - 29.234).abs() < 0.05,
            "{lightness} {chroma} {hue}"
        );
        assert!(Rgb::of_oklch(0.7, 0.4, 145.0).green < 255, "what sRGB cannot show loses chroma and keeps its lightness");
    }

    #[test]
    fn what_differs_by_red_and_green_alone_looks_alike_without_the_cones_for_either() {
        let (red, green) = (colour("#b05a3c"), colour("#7d7a3a"));
        assert!(red.distance(green) > 10.0, "apart for most people");
        assert!(red.seen(Sight::Deutan).distance(green.seen(Sight::Deutan)) < 6.0, "alike for some");
        assert_eq!(red.seen(Sight::Full), red);
        let grey = red.seen(Sight::Grey);
        assert!(grey.red == grey.green && grey.green == grey.blue, "a grey print has one channel");
    }
}
