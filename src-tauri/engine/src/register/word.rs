//! The closed lists in both languages.

use super::fold;
use crate::french::Language;
use amtia_domain::matrix::{Level, Matrix};
use amtia_domain::plan::{ActionStatus, AssessmentSource};
use amtia_domain::risk::{RiskStatus, Treatment};
use amtia_domain::words::Word;

/// A closed list whose words people read.
pub trait Spoken: Word {
    /// In English and in French.
    fn names(self) -> (&'static str, &'static str);

    /// In one language.
    fn name(self, language: Language) -> &'static str {
        let (english, french) = self.names();
        match language {
            Language::English => english,
            Language::French => french,
        }
    }

    /// The value of a wire word or of a name in either language; case, accents and punctuation aside.
    fn of_name(text: &str) -> Option<Self> {
        let folded = fold(text);
        Self::ALL.iter().copied().find(|value| {
            let (english, french) = value.names();
            [value.word(), english, french].iter().any(|name| fold(name) == folded)
        })
    }
}

impl Spoken for RiskStatus {
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Identified => ("Identified", "Identifié"),
            Self::Analysed => ("Analysed", "Analysé"),
            Self::InTreatment => ("In treatment", "En traitement"),
            Self::Monitored => ("Monitored", "Suivi"),
            Self::Closed => ("Closed", "Clos"),
        }
    }
}

impl Spoken for Treatment {
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Open => ("Open", "À décider"),
            Self::Mitigate => ("Mitigate", "Réduire"),
            Self::Accept => ("Accept", "Accepter"),
            Self::Transfer => ("Transfer", "Transférer"),
            Self::Avoid => ("Avoid", "Éviter"),
        }
    }
}

impl Spoken for AssessmentSource {
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Hand => ("Set by hand", "Fixée à la main"),
            Self::Plan => ("Follows the plan", "Suit le plan"),
        }
    }
}

impl Spoken for ActionStatus {
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Planned => ("Planned", "Prévue"),
            Self::InProgress => ("In progress", "En cours"),
            Self::Done => ("Done", "Réalisée"),
            Self::Cancelled => ("Cancelled", "Abandonnée"),
        }
    }
}

impl Spoken for Level {
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::VeryLow => ("Very low", "Très faible"),
            Self::Low => ("Low", "Faible"),
            Self::Medium => ("Medium", "Moyen"),
            Self::High => ("High", "Élevé"),
            Self::Critical => ("Critical", "Critique"),
        }
    }
}

/// What presets call levels beside their own names.
const OTHER_LEVELS: [(&str, &str); 2] = [("Moderate", "Modéré"), ("Very high", "Très élevé")];

/// What people call a level: as the matrix says, in French where the name is the app's own.
pub fn level_name(matrix: &Matrix, level: Level, language: Language) -> String {
    let Some(label) = matrix.label_of(level) else { return level.name(language).to_owned() };
    let known = Level::ALL.iter().map(|level| level.names()).chain(OTHER_LEVELS).find(|(english, _)| *english == label.label);
    known.filter(|_| language == Language::French).map_or(label.label.as_str(), |(_, french)| french).to_owned()
}

/// The sheet of notes: its name and the headings of its five columns, in both languages.
pub(super) const NOTES: [(&str, [&str; 5]); 2] = [
    ("History notes", ["Risk ID", "Reference", "Time", "Person", "Note"]),
    ("Notes d’historique", ["ID du risque", "Référence", "Heure", "Personne", "Note"]),
];
