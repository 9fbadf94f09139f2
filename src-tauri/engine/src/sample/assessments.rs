//! The sample's assessments, from their data file, which explains its format.

use super::text::{fields, lines, optional};
use jiff::ToSpan;
use jiff::civil::Date;

const FILE: &str = include_str!("data/assessments.txt");
/// What shows that a control is met.
const EVIDENCE: [&str; 7] = [
    "Seen with the owner; records of the last quarter are complete.",
    "Policy, two samples and the log of the last review.",
    "Walk-through and three tickets picked by the assessor.",
    "Report of the monthly check; no open points.",
    "Settings compared with the baseline on ten machines.",
    "Interview, and the register as it stood that day.",
    "Test of last spring, repeated for one system.",
];

/// One assessment.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleAssessment {
    /// The framework's slug.
    pub framework: &'static str,
    /// References of groups; empty for the whole.
    pub groups: Vec<String>,
    /// What people call it.
    pub name: &'static str,
    /// Wire word of where it stands.
    pub status: &'static str,
    /// When it should be over.
    pub due_date: Option<Date>,
    /// How many controls are answered, in the framework's order; `None` for all.
    pub answered: Option<usize>,
    /// What is not simply met.
    pub exceptions: Vec<SampleResult>,
}

/// What was found of one control.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleResult {
    /// The control's reference.
    pub reference: &'static str,
    /// Wire word of the result.
    pub result: &'static str,
    /// Current and target maturity.
    pub maturity: Option<(u8, u8)>,
    /// Display name of who closes the gap.
    pub owner: Option<String>,
    /// When it should be closed.
    pub due_date: Option<Date>,
    /// What is missing.
    pub missing: Option<String>,
    /// Why it does not apply.
    pub justification: Option<String>,
    /// What is planned.
    pub planned: Option<String>,
}

impl SampleAssessment {
    /// What shows that the control at this place is met, and how mature it is.
    #[must_use]
    pub fn met(place: usize) -> (&'static str, u8) {
        (EVIDENCE[place % EVIDENCE.len()], if place % 5 == 2 { 4 } else { 3 })
    }
}

/// Every assessment.
pub(super) fn all(today: Date) -> Vec<SampleAssessment> {
    let mut all: Vec<SampleAssessment> = Vec::new();
    for line in lines(FILE) {
        if let Some(head) = line.strip_prefix("= ") {
            all.extend(read(head, today));
        } else if let (Some(text), Some(assessment)) = (line.strip_prefix("! "), all.last_mut()) {
            assessment.exceptions.extend(exception(text, today));
        }
    }
    all
}

fn day(today: Date, days: &str) -> Option<Date> {
    today.checked_add(days.parse::<i64>().ok()?.days()).ok()
}

fn read(head: &'static str, today: Date) -> Option<SampleAssessment> {
    let [framework, scope, status, due, answered, name] = fields(head)[..] else { return None };
    let groups = if scope == "full" { Vec::new() } else { scope.split(';').map(|group| group.trim().to_owned()).collect() };
    Some(SampleAssessment {
        framework,
        groups,
        name,
        status,
        due_date: day(today, due),
        answered: if answered == "all" { None } else { Some(answered.parse().ok()?) },
        exceptions: Vec::new(),
    })
}

fn exception(text: &'static str, today: Date) -> Option<SampleResult> {
    let [reference, result, maturity, owner, due, what, planned] = fields(text)[..] else { return None };
    let maturity = maturity.split_once('>').and_then(|(now, target)| Some((now.parse().ok()?, target.parse().ok()?)));
    let applies = result != "-";
    let result = match result {
        "partial" => "partially_compliant",
        "no" => "non_compliant",
        _ => "not_applicable",
    };
    Some(SampleResult {
        reference,
        result,
        maturity,
        owner: optional(owner),
        due_date: day(today, due),
        missing: optional(what).filter(|_| applies),
        justification: optional(what).filter(|_| !applies),
        planned: optional(planned),
    })
}
