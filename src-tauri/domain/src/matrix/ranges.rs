//! The ranges of the scales in words: probabilities, frequencies, amounts of money.

use super::{LikelihoodUnit, Matrix};

/// A language of ranges and meanings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// As they are kept.
    English,
    /// On the way out.
    French,
}

/// Tells the ranges of one matrix.
#[derive(Clone, Debug)]
pub struct Ranges {
    language: Language,
    unit: LikelihoodUnit,
    currency: String,
}

impl Matrix {
    /// Tells the ranges of this matrix in a language.
    #[must_use]
    pub fn ranges(&self, language: Language) -> Ranges {
        Ranges { language, unit: self.likelihood_unit, currency: self.currency.clone() }
    }
}

/// At most two decimals, none that are nought; a comma in French.
fn number(value: f64, language: Language) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if language == Language::French { text.replace('.', ",") } else { text.to_owned() }
}

/// A number below a thousand and the unit that it counts.
fn scaled(value: f64, language: Language) -> (f64, &'static str) {
    let units: [(f64, &str, &str); 3] = [(1e9, "bn", "Md"), (1e6, "m", "M"), (1e3, "k", "k")];
    let unit = units.into_iter().find(|(size, ..)| value >= *size);
    let (size, english, french) = unit.unwrap_or((1.0, "", ""));
    (value / size, if language == Language::French { french } else { english })
}

impl Ranges {
    fn between(
        &self,
        low: Option<f64>,
        high: Option<f64>,
        tell: impl Fn(f64) -> String,
        pair: impl Fn(f64, f64) -> String,
    ) -> Option<String> {
        let _ = self;
        Some(match (low, high) {
            (None, None) => return None,
            (None, Some(high)) => format!("< {}", tell(high)),
            (Some(low), None) => format!("> {}", tell(low)),
            (Some(low), Some(high)) => pair(low, high),
        })
    }

    /// A range of the likelihood scale, or `None` where it is open on both sides.
    #[must_use]
    pub fn likelihood(&self, low: Option<f64>, high: Option<f64>) -> Option<String> {
        let year = if self.language == Language::French { "an" } else { "yr" };
        let plain = |value: f64| number(value, self.language);
        match self.unit {
            LikelihoodUnit::Probability => {
                let percent = |value: f64| plain(value * 100.0);
                let text =
                    self.between(low, high, |one| format!("{} %", percent(one)), |a, b| format!("{}–{} %", percent(a), percent(b)))?;
                // The first step says what the others mean.
                Some(if low.is_none() { format!("{text} / {year}") } else { text })
            }
            LikelihoodUnit::Frequency => {
                let text = self.between(low, high, plain, |a, b| format!("{}–{}", plain(a), plain(b)))?;
                Some(format!("{text} / {year}"))
            }
        }
    }

    /// A range of the impact scale, or `None` where it is open on both sides.
    #[must_use]
    pub fn impact(&self, low: Option<f64>, high: Option<f64>) -> Option<String> {
        let sign = match self.currency.as_str() {
            "EUR" => "€",
            "USD" => "$",
            "GBP" => "£",
            "JPY" => "¥",
            other => other,
        };
        if self.language == Language::French {
            let unit = |unit: &str| {
                if sign.len() == 3 && sign.is_ascii() && !unit.is_empty() { format!("{unit} {sign}") } else { format!("{unit}{sign}") }
            };
            let one = |value: f64| {
                let (amount, of) = scaled(value, self.language);
                format!("{} {}", number(amount, self.language), unit(of))
            };
            let pair = |a: f64, b: f64| {
                let ((least, of_least), (most, of_most)) = (scaled(a, self.language), scaled(b, self.language));
                let from = number(least, self.language);
                if of_least == of_most {
                    format!("{from}–{} {}", number(most, self.language), unit(of_most))
                } else {
                    format!("{from} {of_least}–{} {}", number(most, self.language), unit(of_most))
                }
            };
            return self.between(low, high, one, pair);
        }
        let sign = if sign.len() == 3 && sign.is_ascii() { format!("{sign} ") } else { sign.to_owned() };
        let bare = |value: f64| {
            let (amount, of) = scaled(value, self.language);
            format!("{}{of}", number(amount, self.language))
        };
        self.between(low, high, |one| format!("{sign}{}", bare(one)), |a, b| format!("{sign}{}–{}", bare(a), bare(b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_told_in_the_manner_of_the_language() {
        let mut matrix = Matrix::standard();
        let (english, french) = (matrix.ranges(Language::English), matrix.ranges(Language::French));
        for (low, high, en, fr) in [
            (None, Some(50_000.0), "< €50k", "< 50 k€"),
            (Some(50_000.0), Some(250_000.0), "€50k–250k", "50–250 k€"),
            (Some(250_000.0), Some(1_000_000.0), "€250k–1m", "250 k–1 M€"),
            (Some(1_250_000.0), Some(2e9), "€1.25m–2bn", "1,25 M–2 Md€"),
            (Some(500.0), None, "> €500", "> 500 €"),
        ] {
            assert_eq!((english.impact(low, high).as_deref(), french.impact(low, high).as_deref()), (Some(en), Some(fr)));
        }
        assert_eq!(english.likelihood(None, Some(0.005)).as_deref(), Some("< 0.5 % / yr"));
        assert_eq!(french.likelihood(Some(0.005), Some(0.1)).as_deref(), Some("0,5–10 %"));
        assert_eq!(english.impact(None, None), None, "a step without a range has no words for one");
        matrix.likelihood_unit = LikelihoodUnit::Frequency;
        matrix.currency = "CHF".into();
        let (english, french) = (matrix.ranges(Language::English), matrix.ranges(Language::French));
        assert_eq!(english.likelihood(Some(0.1), Some(2.0)).as_deref(), Some("0.1–2 / yr"));
        assert_eq!(french.likelihood(Some(10.0), None).as_deref(), Some("> 10 / an"));
        assert_eq!(english.impact(Some(1_000.0), Some(5_000.0)).as_deref(), Some("CHF 1k–5k"));
        assert_eq!(french.impact(Some(1_000.0), Some(5_000.0)).as_deref(), Some("1–5 k CHF"));
    }
}
