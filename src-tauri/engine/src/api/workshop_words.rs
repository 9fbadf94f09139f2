//! The words of a workshop's minutes, in the reader's language.

use super::language::Language;
use super::picture_words::{day, step};
use amtia_domain::matrix::{Matrix, View};
use amtia_domain::risk::Judgement;
use amtia_domain::words::Word;
use amtia_domain::workshop::{Agreement, Decides, ItemStatus, Tally, WorkshopStatus};
use jiff::civil::Date;

/// What is told by words of its own: a name, English, French. `{n}` and `{of}` are numbers, `{cell}` and `{text}` what was said.
const TOLD: &[(&str, &str, &str)] = &[
    ("minutes", "Minutes of workshop {text}", "Compte rendu de l’atelier {text}"),
    ("held_on", "Held on", "Tenu le"),
    ("planned_on", "Planned for", "Prévu le"),
    ("place", "Room", "Salle"),
    ("facilitator", "Facilitator", "Animation"),
    ("question", "Question", "Question"),
    ("view", "Judged", "Évaluation jugée"),
    ("view.current", "the current risk", "le risque actuel"),
    ("view.inherent", "the inherent risk", "le risque inhérent"),
    ("view.residual", "the residual risk", "le risque résiduel"),
    ("view.target", "the target", "la cible"),
    ("votes", "Votes", "Votes"),
    ("votes.blind", "revealed together", "dévoilés ensemble"),
    ("votes.open", "seen as they came", "visibles à mesure"),
    ("votes.anonymous", "anonymous", "anonymes"),
    ("votes.named", "named", "nominatifs"),
    ("decides", "Decides", "Décide"),
    ("decides.facilitator", "the facilitator", "l’animateur"),
    ("decides.owner", "the risk’s owner", "le responsable du risque"),
    ("decides.room", "the room, by the median", "la salle, par la médiane"),
    ("status", "Status", "Statut"),
    ("status.planned", "planned", "prévu"),
    ("status.running", "running", "en cours"),
    ("status.closed", "closed", "clos"),
    ("applied", "Applied to the register", "Appliqué au registre"),
    ("yes", "yes", "oui"),
    ("no", "not yet", "pas encore"),
    ("attendance", "Attendance", "Présence"),
    ("present", "present", "présent"),
    ("absent", "absent", "absent"),
    ("agenda", "Agenda", "Ordre du jour"),
    ("item.waiting", "Not discussed.", "Non traité."),
    ("item.voting", "Being voted on.", "Vote en cours."),
    ("item.revealed", "Voted on, not decided.", "Voté, non décidé."),
    ("item.skipped", "Skipped.", "Passé."),
    ("item.decided", "Decided", "Décidé"),
    ("before", "Before", "Avant"),
    ("unassessed", "not assessed", "non évalué"),
    ("by", "by {text}", "par {text}"),
    ("by.room", "by the room", "par la salle"),
    ("rationale", "Rationale", "Justification"),
    ("dissent", "Dissent", "Désaccord"),
    ("unnamed", "a participant", "un participant"),
    ("round", "Round {n}", "Tour {n}"),
    ("median", "median {cell}", "médiane {cell}"),
    ("spread", "spread: likelihood {n}, impact {of}", "étendue\u{a0}: vraisemblance {n}, impact {of}"),
    ("cannot_judge", "{n} cannot judge", "{n} ne peuvent pas juger"),
    ("cannot_judge.one", "1 cannot judge", "1 ne peut pas juger"),
    ("abstains", "cannot judge", "ne peut pas juger"),
    ("cell", "Cell", "Case"),
    ("group", "Group", "Groupe"),
    ("comments", "Comments", "Commentaires"),
    ("notes", "Notes", "Notes"),
    ("actions", "Actions", "Actions"),
    ("due", "by {text}", "pour le {text}"),
    ("no_owner", "no owner", "sans responsable"),
    ("divided", "What divided the room", "Ce qui a divisé la salle"),
    ("places", "Before and after", "Avant et après"),
    ("after", "After", "Après"),
    ("parking", "Parking lot", "À traiter ailleurs"),
    ("agreement.none", "Nobody judged", "Personne n’a jugé"),
    ("agreement.one", "One vote", "Un seul vote"),
    ("agreement.unanimous", "Unanimous: {n} votes in one cell", "Unanime\u{a0}: {n} votes dans une même case"),
    ("agreement.close", "Close: {n} of {of} votes within one step", "Proche\u{a0}: {n} votes sur {of} à un échelon près"),
    ("agreement.mixed", "Mixed: {n} of {of} votes within one step", "Partagé\u{a0}: {n} votes sur {of} à un échelon près"),
    ("agreement.divided", "Divided: {n} of {of} votes within one step", "Divisé\u{a0}: {n} votes sur {of} à un échelon près"),
];

/// The words, in one language.
#[derive(Clone, Copy)]
pub(super) struct MinutesWords<'a> {
    pub(super) language: Language,
    pub(super) matrix: &'a Matrix,
}

impl MinutesWords<'_> {
    pub(super) fn say(&self, name: &str) -> &'static str {
        let found = TOLD.iter().find(|(key, ..)| *key == name);
        found.map_or("", |(_, english, french)| if self.language == Language::French { french } else { english })
    }

    pub(super) fn with(&self, name: &str, text: &str) -> String {
        self.say(name).replace("{text}", text)
    }

    /// The colon that stands between a name and what it names.
    pub(super) fn colon(&self) -> &'static str {
        if self.language == Language::French { "\u{a0}: " } else { ": " }
    }

    pub(super) fn day(&self, date: Date) -> String {
        day(self.language, date)
    }

    pub(super) fn view(&self, view: View) -> &'static str {
        self.say(&format!("view.{}", view.word()))
    }

    pub(super) fn decides(&self, decides: Decides) -> &'static str {
        self.say(&format!("decides.{}", decides.word()))
    }

    pub(super) fn status(&self, status: WorkshopStatus) -> &'static str {
        self.say(&format!("status.{}", status.word()))
    }

    pub(super) fn item(&self, status: ItemStatus) -> &'static str {
        self.say(&format!("item.{}", status.word()))
    }

    /// A cell by the names of its steps and its score: `Possible × Major, 12`.
    pub(super) fn cell(&self, cell: Judgement) -> String {
        let name = |of_likelihood: bool, place: u8| {
            let scale = if of_likelihood { &self.matrix.likelihood } else { &self.matrix.impact };
            let found = scale.get(usize::from(place).saturating_sub(1));
            found.map_or_else(|| place.to_string(), |found| step(self.language, self.matrix, of_likelihood, found).name)
        };
        let score = Matrix::score(cell.likelihood, cell.impact);
        format!("{} × {}, {score}", name(true, cell.likelihood), name(false, cell.impact))
    }

    /// How far the room agrees, in a sentence.
    pub(super) fn agreement(&self, tally: &Tally) -> String {
        let name = match (tally.agreement, tally.votes) {
            (Agreement::Unanimous, 1) => "one",
            (agreement, _) => agreement.word(),
        };
        let sentence = self.say(&format!("agreement.{name}"));
        sentence.replace("{n}", &tally.near.to_string()).replace("{of}", &tally.votes.to_string())
    }

    /// Median, spread and who cannot judge, one after the other.
    pub(super) fn numbers(&self, tally: &Tally) -> String {
        let mut parts = Vec::new();
        if let (Some(median), Some(likelihood), Some(impact)) = (tally.median(), &tally.likelihood, &tally.impact) {
            parts.push(self.say("median").replace("{cell}", &self.cell(median)));
            parts.push(self.say("spread").replace("{n}", &likelihood.spread.to_string()).replace("{of}", &impact.spread.to_string()));
        }
        match tally.cannot_judge {
            0 => {}
            1 => parts.push(self.say("cannot_judge.one").to_owned()),
            many => parts.push(self.say("cannot_judge").replace("{n}", &many.to_string())),
        }
        parts.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_minutes_is_told_in_both_languages() {
        let matrix = Matrix::standard();
        let words = |language| MinutesWords { language, matrix: &matrix };
        let (english, french) = (words(Language::English), words(Language::French));
        let mut names: Vec<String> = ["current", "inherent", "residual", "target"].map(|view| format!("view.{view}")).to_vec();
        names.extend(Decides::ALL.iter().map(|word| format!("decides.{}", word.word())));
        names.extend(WorkshopStatus::ALL.iter().map(|word| format!("status.{}", word.word())));
        names.extend(ItemStatus::ALL.iter().map(|word| format!("item.{}", word.word())));
        names.extend(Agreement::ALL.iter().map(|word| format!("agreement.{}", word.word())));
        for name in names {
            assert!(!english.say(&name).is_empty() && !french.say(&name).is_empty(), "{name}");
        }
        for (name, english, french) in TOLD {
            let holes = |text: &str| ["{n}", "{of}", "{text}", "{cell}"].map(|hole| text.contains(hole));
            assert_eq!(holes(english), holes(french), "{name}");
            assert!(!french.contains('\'') && !french.contains(" :") && !french.contains(" ;"), "{name}: French typography");
        }
    }

    #[test]
    fn the_agreement_and_the_numbers_are_sentences() {
        let matrix = Matrix::standard();
        let cells = [(3, 4), (3, 4), (4, 4), (5, 5)];
        let vote = |(place, (likelihood, impact)): (usize, (u8, u8))| amtia_domain::workshop::Vote {
            item_id: String::new(),
            round: 1,
            seat_id: place.to_string(),
            cell: Some(Judgement { likelihood, impact }),
            comment: None,
            salt: String::new(),
        };
        let mut votes: Vec<_> = cells.into_iter().enumerate().map(vote).collect();
        votes.push(amtia_domain::workshop::Vote { cell: None, ..votes[0].clone() });
        let tally = Tally::of(&votes.iter().collect::<Vec<_>>());
        let words = |language| MinutesWords { language, matrix: &matrix };
        assert_eq!(words(Language::English).agreement(&tally), "Close: 4 of 4 votes within one step");
        assert_eq!(words(Language::French).agreement(&tally), "Proche\u{a0}: 4 votes sur 4 à un échelon près");
        assert_eq!(words(Language::English).numbers(&tally), "median Likely × Major, 16; spread: likelihood 2, impact 1; 1 cannot judge");
    }
}
