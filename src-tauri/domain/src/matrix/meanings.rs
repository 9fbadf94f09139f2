//! What the steps of the presets mean, in French: English is what is kept.

use super::{Language, Matrix};

const MEANINGS: &[(&str, &str)] = &[
    ("Would surprise everyone.", "Surprendrait tout le monde."),
    ("Has happened elsewhere, under other conditions.", "S’est produit ailleurs, dans d’autres conditions."),
    ("Happens in the sector from time to time.", "Se produit de temps à autre dans le secteur."),
    ("Has happened here or to close peers.", "S’est produit ici ou chez des pairs proches."),
    ("Happens regularly, or nothing stands in its way.", "Se produit régulièrement, ou rien ne s’y oppose."),
    ("Absorbed by the day's work.", "Absorbé par le travail courant."),
    (
        "One team is taken up for days; no customer notices.",
        "Une équipe est mobilisée des jours durant\u{202f}; aucun client ne le remarque.",
    ),
    ("Customers notice; goals of the year are touched.", "Des clients le remarquent\u{202f}; des objectifs de l’année sont touchés."),
    ("Duties towards customers or the law are missed.", "Des obligations envers les clients ou la loi ne sont pas tenues."),
    ("The organisation itself is in question.", "L’organisation elle-même est en jeu."),
    (
        "V1: the source of risk has little chance to reach its goal by any of the ways looked at.",
        "V1\u{a0}: la source de risque a peu de chances d’atteindre son objectif par l’un des chemins étudiés.",
    ),
    ("V2: the source of risk may reach its goal.", "V2\u{a0}: la source de risque peut atteindre son objectif."),
    ("V3: the source of risk will probably reach its goal.", "V3\u{a0}: la source de risque atteindra probablement son objectif."),
    (
        "V4: the source of risk will surely reach its goal, or has done so already.",
        "V4\u{a0}: la source de risque atteindra sûrement son objectif, ou l’a déjà atteint.",
    ),
    (
        "G1: no effect on operations or on people's safety; surmounted without much difficulty.",
        "G1\u{a0}: aucun effet sur l’activité ni sur la sécurité des personnes\u{202f}; surmonté sans grande difficulté.",
    ),
    (
        "G2: degraded activity without effect on safety; surmounted despite some difficulties.",
        "G2\u{a0}: activité dégradée sans effet sur la sécurité\u{202f}; surmonté malgré quelques difficultés.",
    ),
    (
        "G3: strongly degraded activity, perhaps effects on safety; surmounted with serious difficulties.",
        "G3\u{a0}: activité fortement dégradée, peut-être des effets sur la sécurité\u{202f}; surmonté avec de sérieuses difficultés.",
    ),
    (
        "G4: activity cannot be carried on, perhaps grave effects on safety; perhaps not surmounted.",
        "G4\u{a0}: activité impossible à poursuivre, peut-être de graves effets sur la sécurité\u{202f}; peut-être pas surmonté.",
    ),
    ("Not expected within the next years.", "N’est pas attendu dans les prochaines années."),
    ("May happen within the next years.", "Peut se produire dans les prochaines années."),
    ("Expected within a year.", "Attendu dans l’année."),
    ("Highly unlikely to happen, or to have an effect.", "Très improbable, ou très improbablement suivi d’effet."),
    ("Unlikely to happen, or to have an effect.", "Improbable, ou improbablement suivi d’effet."),
    ("Somewhat likely to happen and to have an effect.", "Assez probable et assez probablement suivi d’effet."),
    ("Highly likely to happen and to have an effect.", "Très probable et très probablement suivi d’effet."),
    ("Almost certain to happen and to have an effect.", "Quasi certain et quasi certainement suivi d’effet."),
    ("Effects that can be neglected.", "Effets négligeables."),
    ("A limited effect: the mission goes on, somewhat weakened.", "Effet limité\u{a0}: la mission se poursuit, quelque peu affaiblie."),
    ("A serious effect: the mission goes on, significantly weakened.", "Effet sérieux\u{a0}: la mission se poursuit, nettement affaiblie."),
    ("A severe effect: one or more primary functions fail.", "Effet grave\u{a0}: une ou plusieurs fonctions essentielles font défaut."),
    ("Several severe or catastrophic effects.", "Plusieurs effets graves ou catastrophiques."),
];

impl Matrix {
    /// The matrix with the meanings of the presets told in a language; those of one's own stay as they are.
    #[must_use]
    pub fn told(mut self, language: Language) -> Self {
        self.tell(language);
        self
    }

    pub(super) fn tell(&mut self, language: Language) {
        for step in self.likelihood.iter_mut().chain(&mut self.impact) {
            let found = MEANINGS.iter().find(|(english, french)| step.description == *english || step.description == *french);
            if let Some((english, french)) = found {
                let word = if language == Language::French { french } else { english };
                (*word).clone_into(&mut step.description);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Preset;
    use crate::words::Word;

    #[test]
    fn every_meaning_of_a_preset_is_told_in_french_and_kept_in_english() {
        for preset in Preset::ALL {
            let kept = preset.matrix();
            let french = kept.clone().told(Language::French);
            for (step, told) in kept.likelihood.iter().chain(&kept.impact).zip(french.likelihood.iter().chain(&french.impact)) {
                assert_ne!(step.description, told.description, "{preset:?}: {} has its French", step.label);
            }
            let sent = serde_json::to_value(&french).expect("a matrix is JSON");
            assert_eq!(Matrix::read(sent), Ok(kept), "{preset:?}: what comes back in French is the same matrix");
        }
        let used: Vec<String> = Preset::ALL
            .iter()
            .flat_map(|preset| {
                let matrix = preset.matrix();
                matrix.likelihood.into_iter().chain(matrix.impact).map(|step| step.description).collect::<Vec<_>>()
            })
            .collect();
        for (place, (english, french)) in MEANINGS.iter().enumerate() {
            assert!(used.iter().any(|used| used == english), "{english} stands in a preset");
            assert!(MEANINGS[..place].iter().all(|(_, other)| other != french), "{french} stands for one meaning");
        }
    }

    #[test]
    fn a_meaning_of_ones_own_stays_in_its_language() {
        let mut own = Matrix::standard();
        own.likelihood[0].description = "Une fois par siècle, à la louche.".into();
        assert_eq!(own.clone().told(Language::French).likelihood[0].description, "Une fois par siècle, à la louche.");
        own.tidy();
        assert_eq!(own.likelihood[0].description, "Une fois par siècle, à la louche.");
    }
}
