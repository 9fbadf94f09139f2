//! The sample's workshop: planned, with an agenda from one category and a room of people who own risks.

use super::SampleRisk;
use jiff::ToSpan;
use jiff::civil::Date;

/// Days from the day the sample is made until it is held.
const IN_DAYS: i64 = 6;
/// Risks on its agenda.
const RISKS: usize = 14;
/// Where the agenda comes from.
const CATEGORY: &str = "Third parties";
/// Who takes part, and for whom they speak.
const ROOM: [(&str, &str); 9] = [
    ("Priya Raman", "Procurement"),
    ("Noémie Plouvier", "Procurement"),
    ("Wouter De Backer", "Procurement"),
    ("Sanna Virtanen", "Security"),
    ("Dávid Szabó", "Security"),
    ("Inès Delacroix", "Security"),
    ("Johan Lindqvist", "Payments"),
    ("Helena Brandão", "Payments"),
    ("Katarzyna Zielińska", "Payments"),
];

/// One workshop.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleWorkshop {
    /// What it is called.
    pub name: String,
    /// When it is held.
    pub held_on: Date,
    /// The room.
    pub place: &'static str,
    /// Display name of who runs it.
    pub facilitator: &'static str,
    /// What is asked of each risk.
    pub question: &'static str,
    /// Display names and groups.
    pub participants: Vec<(&'static str, &'static str)>,
    /// Risks, by their places in [`super::Sample::risks`].
    pub risks: Vec<usize>,
}

/// Every workshop.
pub(super) fn all(today: Date, risks: &[SampleRisk]) -> Vec<SampleWorkshop> {
    let asked = |risk: &SampleRisk| risk.category == CATEGORY && risk.status != "closed" && risk.current.is_some();
    let agenda = risks.iter().enumerate().filter(|(_, risk)| asked(risk)).map(|(place, _)| place).take(RISKS).collect();
    let held_on = today.saturating_add(IN_DAYS.days());
    vec![SampleWorkshop {
        name: format!("Third-party risks, Q{}", (held_on.month() - 1) / 3 + 1),
        held_on,
        place: "Room Ravel",
        facilitator: "Hugo Marchetti",
        question: "How likely is it within a year, and how bad would it be, with today’s controls?",
        participants: ROOM.to_vec(),
        risks: agenda,
    }]
}
