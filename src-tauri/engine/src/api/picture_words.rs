//! The words around a picture of the risk map, in the reader's language.

use super::language::Language;
use crate::error::Error;
use crate::french::in_french;
use crate::register::level_name;
use crate::store::{frameworks, records};
use amtia_chart::{Cell, Label, Legend, Words};
use amtia_domain::asset::Asset;
use amtia_domain::matrix::{self, Level, Matrix, Step, View};
use amtia_domain::words::Word;
use jiff::civil::Date;
use rusqlite::Connection;

/// What is told by one word each: the name that the rest of the engine knows it by, English, French.
const TOLD: &[(&str, &str, &str)] = &[
    ("view.current", "Current", "Actuel"),
    ("view.inherent", "Inherent", "Inhérent"),
    ("view.residual", "Residual", "Résiduel"),
    ("view.target", "Target", "Cible"),
    ("likelihood.rare", "Rare", "Rare"),
    ("likelihood.unlikely", "Unlikely", "Peu probable"),
    ("likelihood.possible", "Possible", "Possible"),
    ("likelihood.likely", "Likely", "Probable"),
    ("likelihood.almost_certain", "Almost certain", "Quasi certain"),
    ("likelihood.improbable", "Improbable", "Improbable"),
    ("likelihood.very_likely", "Very likely", "Très probable"),
    ("likelihood.nearly_certain", "Nearly certain", "Quasi certain"),
    ("likelihood.very_low", "Very low", "Très faible"),
    ("likelihood.low", "Low", "Faible"),
    ("likelihood.moderate", "Moderate", "Modérée"),
    ("likelihood.high", "High", "Élevée"),
    ("likelihood.very_high", "Very high", "Très élevée"),
    ("impact.minor", "Minor", "Mineur"),
    ("impact.limited", "Limited", "Limité"),
    ("impact.serious", "Serious", "Sérieux"),
    ("impact.major", "Major", "Majeur"),
    ("impact.critical", "Critical", "Critique"),
    ("impact.significant", "Significant", "Significatif"),
    ("impact.severe", "Severe", "Grave"),
    ("impact.very_low", "Very low", "Très faible"),
    ("impact.low", "Low", "Faible"),
    ("impact.moderate", "Moderate", "Modéré"),
    ("impact.high", "High", "Élevé"),
    ("impact.very_high", "Very high", "Très élevé"),
    ("filter.owner", "Owner", "Responsable"),
    ("filter.category", "Category", "Catégorie"),
    ("filter.status", "Status", "Statut"),
    ("filter.treatment", "Treatment", "Traitement"),
    ("filter.check", "Check", "Vérification"),
    ("filter.tag", "Tag", "Étiquette"),
    ("filter.asset_id", "Asset", "Actif"),
    ("filter.control_id", "Control", "Mesure"),
    ("filter.framework_id", "Framework", "Référentiel"),
    ("filter.review_before", "Review before", "Revue avant le"),
    ("filter.level", "Level", "Niveau"),
    ("filter.likelihood", "Likelihood", "Vraisemblance"),
    ("filter.impact", "Impact", "Impact"),
    ("filter.q", "Search", "Recherche"),
    ("filter.assessed", "Assessment", "Évaluation"),
    ("status.identified", "Identified", "Identifié"),
    ("status.analysed", "Analysed", "Analysé"),
    ("status.in_treatment", "In treatment", "En traitement"),
    ("status.monitored", "Monitored", "Suivi"),
    ("status.closed", "Closed", "Clos"),
    ("treatment.open", "Open", "À décider"),
    ("treatment.mitigate", "Mitigate", "Réduire"),
    ("treatment.accept", "Accept", "Accepter"),
    ("treatment.transfer", "Transfer", "Transférer"),
    ("treatment.avoid", "Avoid", "Éviter"),
    ("check.above_appetite_without_plan", "Above appetite without a plan", "Au-dessus de l’appétence sans plan"),
    ("check.accepted_without_acceptance", "Accepted without acceptance", "Accepté sans acceptation"),
    ("check.acceptance_void", "Acceptance void", "Acceptation caduque"),
    ("check.acceptance_expired", "Acceptance expired", "Acceptation expirée"),
    ("check.residual_above_current", "Residual above current", "Résiduel au-dessus de l’actuel"),
    ("check.done_but_unchanged", "Action done, score unchanged", "Action réalisée, note inchangée"),
    ("check.review_overdue", "Review overdue", "Revue en retard"),
    ("check.no_owner", "No owner", "Sans responsable"),
];
const MONTHS: [(&str, &str); 12] = [
    ("January", "janvier"),
    ("February", "février"),
    ("March", "mars"),
    ("April", "avril"),
    ("May", "mai"),
    ("June", "juin"),
    ("July", "juillet"),
    ("August", "août"),
    ("September", "septembre"),
    ("October", "octobre"),
    ("November", "novembre"),
    ("December", "décembre"),
];

/// A sentence of the engine in the reader's language.
fn say(language: Language, english: String) -> String {
    if language == Language::French { in_french(&english).unwrap_or(english) } else { english }
}

/// A word of the table, or what stands for it where it is not there.
pub(super) fn told(language: Language, kind: &str, name: &str, otherwise: &str) -> String {
    let found = TOLD.iter().find(|(key, ..)| key.strip_prefix(kind).and_then(|rest| rest.strip_prefix('.')) == Some(name));
    let word = found.map(|(_, english, french)| if language == Language::French { *french } else { *english });
    word.unwrap_or(otherwise).to_owned()
}

fn english_count(count: u64) -> String {
    grouped(count, ',')
}

fn french_count(count: u64) -> String {
    grouped(count, '\u{a0}')
}

fn grouped(count: u64, mark: char) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + 4);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}

/// A day with its month as a word.
pub(super) fn day(language: Language, date: Date) -> String {
    let place = usize::from(date.month().unsigned_abs()).saturating_sub(1);
    let (english, french) = MONTHS.get(place).copied().unwrap_or_default();
    match (language, date.day()) {
        (Language::English, day) => format!("{day} {english} {}", date.year()),
        (Language::French, 1) => format!("1er {french} {}", date.year()),
        (Language::French, day) => format!("{day} {french} {}", date.year()),
    }
}

pub(super) fn step(language: Language, matrix: &Matrix, of_likelihood: bool, step: &Step) -> Label {
    let axis = if of_likelihood { "likelihood" } else { "impact" };
    let ranges = matrix.ranges(if language == Language::French { matrix::Language::French } else { matrix::Language::English });
    let range = if of_likelihood { ranges.likelihood(step.low, step.high) } else { ranges.impact(step.low, step.high) };
    Label { name: told(language, axis, &step.key, &step.label), detail: range.unwrap_or_else(|| step.detail.clone()) }
}

/// A filter and its value as people call them.
fn filter(connection: &Connection, language: Language, matrix: &Matrix, name: &str, value: &str) -> Result<String, Error> {
    let of_json = |json: Option<String>, field: &str| -> Option<String> {
        serde_json::from_str::<serde_json::Value>(&json?).ok()?[field].as_str().map(str::to_owned)
    };
    let of_scale = |scale: &[Step], of_likelihood: bool| {
        let found = value.parse::<usize>().ok().and_then(|place| scale.get(place.checked_sub(1)?));
        found.map(|found| step(language, matrix, of_likelihood, found).name)
    };
    let shown = match name {
        "status" | "treatment" | "check" => Some(told(language, name, value, value)),
        "level" => Level::from_word(value).map(|level| level_name(matrix, level, language)),
        "likelihood" => of_scale(&matrix.likelihood, true),
        "impact" => of_scale(&matrix.impact, false),
        "asset_id" => of_json(records::find_json::<Asset>(connection, value)?.map(|(json, ..)| json), "name"),
        "control_id" => of_json(frameworks::control_json(connection, value)?.map(|(json, _)| json), "ref"),
        "framework_id" => of_json(frameworks::find_json(connection, value)?.map(|(json, ..)| json), "name"),
        "review_before" => value.parse::<Date>().ok().map(|date| day(language, date)),
        "assessed" => Some(say(language, if value == "true" { "assessed" } else { "not assessed" }.to_owned())),
        _ => None,
    };
    let shown = shown.unwrap_or_else(|| value.to_owned());
    let colon = if language == Language::French { "\u{a0}: " } else { ": " };
    Ok(format!("{}{colon}{shown}", told(language, "filter", name, name)))
}

/// What the picture is of.
pub(super) struct Subject<'a> {
    pub(super) matrix: &'a Matrix,
    pub(super) view: View,
    pub(super) cells: &'a [Cell],
    pub(super) unassessed: u64,
    /// The filters as they were given: name and value.
    pub(super) filters: &'a [(String, String)],
    pub(super) workspace: String,
    pub(super) date: Date,
}

/// The words around a picture.
pub(super) fn of(connection: &Connection, language: Language, subject: &Subject<'_>) -> Result<Words, Error> {
    let Subject { matrix, .. } = subject;
    let counts: fn(u64) -> String = if language == Language::French { french_count } else { english_count };
    let placed: u64 = subject.cells.iter().map(|cell| cell.count).sum();
    let is_above = |cell: &&Cell| Matrix::score(cell.likelihood, cell.impact) > matrix.appetite;
    let above = counts(subject.cells.iter().filter(is_above).map(|cell| cell.count).sum());
    let (appetite, total) = (matrix.appetite, placed + subject.unassessed);
    let mut says = if total == 1 {
        format!("1 risk, {above} above the appetite of {appetite}.")
    } else {
        let count = counts(total);
        format!("{count} risks, {above} above the appetite of {appetite}.")
    };
    if subject.unassessed == 1 {
        says = format!("{says} 1 not assessed.");
    } else if subject.unassessed > 1 {
        let count = counts(subject.unassessed);
        says = format!("{says} {count} not assessed.");
    }
    let mut filters = Vec::new();
    for (name, value) in subject.filters {
        filters.push(filter(connection, language, matrix, name, value)?);
    }
    let view = told(language, "view", subject.view.word(), subject.view.word());
    let (score, tolerance) = (matrix.appetite, matrix.tolerance);
    Ok(Words {
        title: say(language, format!("Risk map · {view}")),
        says: say(language, says),
        filter: if filters.is_empty() { say(language, "All risks of the register".into()) } else { filters.join(" · ") },
        workspace: subject.workspace.clone(),
        date: day(language, subject.date),
        likelihood: matrix.likelihood.iter().map(|one| step(language, matrix, true, one)).collect(),
        impact: matrix.impact.iter().map(|one| step(language, matrix, false, one)).collect(),
        legend: legend(language, matrix),
        appetite: say(language, format!("Appetite {score}")),
        tolerance: say(language, format!("Tolerance {tolerance}")),
        dots: ["One dot is one risk", "One dot is 10 risks", "One dot is 100 risks"].map(|text| say(language, text.into())),
        counts,
    })
}

/// Each level that stands in a cell, with the scores that it spans.
fn legend(language: Language, matrix: &Matrix) -> Vec<Legend> {
    let mut legend = Vec::new();
    for (place, label) in matrix.levels.iter().enumerate() {
        let scores: Vec<u16> = (1..=matrix.likelihood_steps())
            .flat_map(|likelihood| (1..=matrix.impact_steps()).map(move |impact| (likelihood, impact)))
            .filter(|(likelihood, impact)| matrix.level(*likelihood, *impact) == Some(label.level))
            .map(|(likelihood, impact)| Matrix::score(likelihood, impact))
            .collect();
        if let (Some(low), Some(high)) = (scores.iter().min(), scores.iter().max()) {
            let name = level_name(matrix, label.level, language);
            let text = if low == high { format!("{name} {low}") } else { format!("{name} {low}–{high}") };
            legend.push(Legend { text, place });
        }
    }
    legend
}

#[cfg(test)]
mod tests {
    use super::*;
    use amtia_domain::checks::Check;
    use amtia_domain::matrix::Preset;
    use amtia_domain::risk::{RiskStatus, Treatment};

    #[test]
    fn every_word_that_may_stand_in_a_picture_has_its_french() {
        let has = |kind: &str, name: &str| assert_ne!(told(Language::French, kind, name, "?"), "?", "{kind}.{name}");
        for preset in Preset::ALL {
            let matrix = preset.matrix();
            matrix.likelihood.iter().for_each(|step| has("likelihood", &step.key));
            matrix.impact.iter().for_each(|step| has("impact", &step.key));
            for label in &matrix.levels {
                assert_ne!(level_name(&matrix, label.level, Language::French), label.label, "{preset:?}");
            }
        }
        View::ALL.iter().for_each(|view| has("view", view.word()));
        RiskStatus::ALL.iter().for_each(|status| has("status", status.word()));
        Treatment::ALL.iter().for_each(|treatment| has("treatment", treatment.word()));
        Check::ALL.iter().for_each(|check| has("check", check.word()));
    }

    #[test]
    fn numbers_and_days_are_written_in_the_manner_of_the_language() {
        assert_eq!(
            (english_count(999).as_str(), english_count(1_243).as_str(), english_count(1_000_000).as_str()),
            ("999", "1,243", "1,000,000")
        );
        assert_eq!(french_count(1_243), "1\u{a0}243");
        let (first, other) = (Date::constant(2026, 12, 1), Date::constant(2026, 8, 27));
        assert_eq!((day(Language::English, first), day(Language::French, first)), ("1 December 2026".into(), "1er décembre 2026".into()));
        assert_eq!(day(Language::French, other), "27 août 2026");
    }
}
