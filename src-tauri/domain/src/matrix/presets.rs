//! Matrices to start from, in our own words, in the manner of the sources that their names tell.

use super::{Level, LevelLabel, LikelihoodUnit, Matrix, Step};

crate::words! {
    /// A matrix to start from.
    Preset {
        /// 5×5, in the manner of ISO/IEC 27005: level by likelihood × impact.
        Iso27005 = "iso_27005",
        /// 4×4, in the manner of EBIOS Risk Manager (ANSSI): likelihood V1–V4 and severity G1–G4, three levels.
        EbiosRm = "ebios_rm",
        /// 3×3, for a first look.
        Simple = "simple",
        /// 5×5, in the manner of NIST SP 800-30 revision 1, tables G-4, H-3 and I-2.
        Nist80030 = "nist_800_30",
    }
}

type Named = (&'static str, &'static str, Option<f64>, Option<f64>);

/// Steps that have a translation: key and English name.
const LIKELIHOOD: &[(&str, &str)] = &[
    ("rare", "Rare"),
    ("unlikely", "Unlikely"),
    ("possible", "Possible"),
    ("likely", "Likely"),
    ("almost_certain", "Almost certain"),
    ("improbable", "Improbable"),
    ("very_likely", "Very likely"),
    ("nearly_certain", "Nearly certain"),
    ("very_low", "Very low"),
    ("low", "Low"),
    ("moderate", "Moderate"),
    ("high", "High"),
    ("very_high", "Very high"),
];
const IMPACT: &[(&str, &str)] = &[
    ("minor", "Minor"),
    ("limited", "Limited"),
    ("serious", "Serious"),
    ("major", "Major"),
    ("critical", "Critical"),
    ("significant", "Significant"),
    ("severe", "Severe"),
    ("very_low", "Very low"),
    ("low", "Low"),
    ("moderate", "Moderate"),
    ("high", "High"),
    ("very_high", "Very high"),
];

/// The key by which a step of this name is translated, or an empty one where the name is somebody's own.
#[must_use]
pub fn known_key(of_likelihood: bool, label: &str) -> &'static str {
    let known = if of_likelihood { LIKELIHOOD } else { IMPACT };
    known.iter().find(|(_, english)| *english == label).map_or("", |(key, _)| key)
}

fn steps(named: &[Named]) -> Vec<Step> {
    (1u8..)
        .zip(named)
        .map(|(value, (label, description, low, high))| Step {
            value,
            key: String::new(),
            label: (*label).to_owned(),
            detail: String::new(),
            description: (*description).to_owned(),
            low: *low,
            high: *high,
        })
        .collect()
}

fn levels(named: &[(Level, &str)]) -> Vec<LevelLabel> {
    named.iter().map(|(level, label)| LevelLabel { level: *level, label: (*label).to_owned(), colour: None }).collect()
}

const FIVE: &[(Level, &str)] =
    &[(Level::VeryLow, "Very low"), (Level::Low, "Low"), (Level::Medium, "Medium"), (Level::High, "High"), (Level::Critical, "Critical")];

/// The digits 1 to 5 stand for the five levels; a row for each step of likelihood, lowest first.
fn grid(rows: &[&str]) -> Vec<Vec<Level>> {
    let level = |digit: u8| match digit {
        b'1' => Level::VeryLow,
        b'2' => Level::Low,
        b'3' => Level::Medium,
        b'4' => Level::High,
        _ => Level::Critical,
    };
    rows.iter().map(|row| row.bytes().map(level).collect()).collect()
}

impl Preset {
    /// The matrix itself.
    #[must_use]
    pub fn matrix(self) -> Matrix {
        let mut matrix = match self {
            Self::Iso27005 => Self::iso_27005(),
            Self::EbiosRm => Self::ebios_rm(),
            Self::Simple => Self::simple(),
            Self::Nist80030 => Self::nist_800_30(),
        };
        matrix.tidy();
        matrix
    }

    fn iso_27005() -> Matrix {
        Matrix {
            likelihood: steps(&[
                ("Rare", "Would surprise everyone.", None, Some(0.02)),
                ("Unlikely", "Has happened elsewhere, under other conditions.", Some(0.02), Some(0.10)),
                ("Possible", "Happens in the sector from time to time.", Some(0.10), Some(0.30)),
                ("Likely", "Has happened here or to close peers.", Some(0.30), Some(0.70)),
                ("Almost certain", "Happens regularly, or nothing stands in its way.", Some(0.70), None),
            ]),
            impact: steps(&[
                ("Minor", "Absorbed by the day's work.", None, Some(50_000.0)),
                ("Limited", "One team is taken up for days; no customer notices.", Some(50_000.0), Some(250_000.0)),
                ("Serious", "Customers notice; goals of the year are touched.", Some(250_000.0), Some(1_000_000.0)),
                ("Major", "Duties towards customers or the law are missed.", Some(1_000_000.0), Some(5_000_000.0)),
                ("Critical", "The organisation itself is in question.", Some(5_000_000.0), None),
            ]),
            likelihood_unit: LikelihoodUnit::Probability,
            currency: "EUR".into(),
            levels: levels(FIVE),
            grid: grid(&["11122", "12233", "12344", "23445", "23455"]),
            appetite: 10,
            tolerance: 16,
        }
    }

    fn ebios_rm() -> Matrix {
        Matrix {
            likelihood: steps(&[
                ("Unlikely", "V1: the source of risk has little chance to reach its goal by any of the ways looked at.", None, None),
                ("Likely", "V2: the source of risk may reach its goal.", None, None),
                ("Very likely", "V3: the source of risk will probably reach its goal.", None, None),
                ("Nearly certain", "V4: the source of risk will surely reach its goal, or has done so already.", None, None),
            ]),
            impact: steps(&[
                ("Minor", "G1: no effect on operations or on people's safety; surmounted without much difficulty.", None, None),
                ("Significant", "G2: degraded activity without effect on safety; surmounted despite some difficulties.", None, None),
                ("Serious", "G3: strongly degraded activity, perhaps effects on safety; surmounted with serious difficulties.", None, None),
                ("Critical", "G4: activity cannot be carried on, perhaps grave effects on safety; perhaps not surmounted.", None, None),
            ]),
            likelihood_unit: LikelihoodUnit::Frequency,
            currency: "EUR".into(),
            levels: levels(&[(Level::Low, "Low"), (Level::Medium, "Medium"), (Level::High, "High")]),
            grid: grid(&["2223", "2233", "2344", "3344"]),
            appetite: 4,
            tolerance: 8,
        }
    }

    fn simple() -> Matrix {
        Matrix {
            likelihood: steps(&[
                ("Unlikely", "Not expected within the next years.", None, Some(0.1)),
                ("Possible", "May happen within the next years.", Some(0.1), Some(1.0)),
                ("Likely", "Expected within a year.", Some(1.0), None),
            ]),
            impact: steps(&[
                ("Minor", "Absorbed by the day's work.", None, Some(50_000.0)),
                ("Serious", "Customers notice; goals of the year are touched.", Some(50_000.0), Some(1_000_000.0)),
                ("Major", "Duties towards customers or the law are missed.", Some(1_000_000.0), None),
            ]),
            likelihood_unit: LikelihoodUnit::Frequency,
            currency: "EUR".into(),
            levels: levels(&[(Level::Low, "Low"), (Level::Medium, "Medium"), (Level::High, "High")]),
            grid: grid(&["223", "234", "344"]),
            appetite: 3,
            tolerance: 6,
        }
    }

    fn nist_800_30() -> Matrix {
        Matrix {
            likelihood: steps(&[
                ("Very low", "Highly unlikely to happen, or to have an effect.", None, None),
                ("Low", "Unlikely to happen, or to have an effect.", None, None),
                ("Moderate", "Somewhat likely to happen and to have an effect.", None, None),
                ("High", "Highly likely to happen and to have an effect.", None, None),
                ("Very high", "Almost certain to happen and to have an effect.", None, None),
            ]),
            impact: steps(&[
                ("Very low", "Effects that can be neglected.", None, None),
                ("Low", "A limited effect: the mission goes on, somewhat weakened.", None, None),
                ("Moderate", "A serious effect: the mission goes on, significantly weakened.", None, None),
                ("High", "A severe effect: one or more primary functions fail.", None, None),
                ("Very high", "Several severe or catastrophic effects.", None, None),
            ]),
            likelihood_unit: LikelihoodUnit::Frequency,
            currency: "USD".into(),
            levels: levels(&[
                (Level::VeryLow, "Very low"),
                (Level::Low, "Low"),
                (Level::Medium, "Moderate"),
                (Level::High, "High"),
                (Level::Critical, "Very high"),
            ]),
            grid: grid(&["11122", "12223", "12334", "12345", "12345"]),
            appetite: 9,
            tolerance: 16,
        }
    }
}

impl Matrix {
    /// Sets what follows from the rest: each step's number, the key of its translation, its range in words; a preset's meaning that
    /// was told in French is kept in English.
    pub fn tidy(&mut self) {
        self.tell(super::Language::English);
        let ranges = self.ranges(super::Language::English);
        for (of_likelihood, scale) in [(true, &mut self.likelihood), (false, &mut self.impact)] {
            for (value, step) in (1u8..).zip(scale) {
                step.value = value;
                step.label = step.label.trim().to_owned();
                known_key(of_likelihood, &step.label).clone_into(&mut step.key);
                let range = if of_likelihood { ranges.likelihood(step.low, step.high) } else { ranges.impact(step.low, step.high) };
                step.detail = range.unwrap_or_else(|| step.detail.trim().to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Word;

    #[test]
    fn every_preset_is_a_sound_matrix_whose_names_are_translated() {
        for preset in Preset::ALL {
            let matrix = preset.matrix();
            matrix.check().unwrap_or_else(|problems| panic!("{preset:?}: {problems:?}"));
            for step in matrix.likelihood.iter().chain(&matrix.impact) {
                assert!(!step.key.is_empty(), "{preset:?}: {} has a translation", step.label);
            }
            assert!(matrix.remarks().is_empty(), "{preset:?} gives no cause for a remark: {:?}", matrix.remarks());
        }
    }

    #[test]
    fn the_standard_matrix_tells_its_ranges_as_before() {
        let details = |steps: &[Step]| steps.iter().map(|step| step.detail.clone()).collect::<Vec<_>>();
        let matrix = Matrix::standard();
        assert_eq!(details(&matrix.likelihood), ["< 2 % / yr", "2–10 %", "10–30 %", "30–70 %", "> 70 %"]);
        assert_eq!(details(&matrix.impact), ["< €50k", "€50k–250k", "€250k–1m", "€1m–5m", "> €5m"]);
    }

    #[test]
    fn a_name_of_ones_own_has_no_translation() {
        let mut matrix = Matrix::standard();
        matrix.likelihood[0].label = "  Once in a lifetime ".into();
        matrix.tidy();
        assert_eq!((matrix.likelihood[0].key.as_str(), matrix.likelihood[0].label.as_str()), ("", "Once in a lifetime"));
        assert_eq!(matrix.likelihood[1].key, "unlikely", "the others keep theirs");
    }
}
