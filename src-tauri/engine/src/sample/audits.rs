//! The sample's documents, audits and findings, from their data files, which explain their formats.

use super::SampleRisk;
use super::text::{controls, fields, lines, optional};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

const AUDITS: &str = include_str!("data/audits.txt");
const DOCUMENTS: &str = include_str!("data/documents.txt");

/// One document with its content.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleDocument {
    /// What the data files call it.
    key: &'static str,
    /// The file's name.
    pub file: &'static str,
    /// What is in the file.
    pub content: String,
    /// What it is called.
    pub title: &'static str,
    /// Wire word of what it is for.
    pub kind: &'static str,
    /// Its own version.
    pub version: Option<String>,
    /// Wire word of where it stands.
    pub status: &'static str,
    /// Display name of its owner.
    pub owner: Option<String>,
    /// Display name of who approved it.
    pub approver: Option<String>,
    /// Wire word of who may see it.
    pub classification: &'static str,
    /// From when it is in force.
    pub effective: Option<Date>,
    /// When it is looked at again.
    pub review: Option<Date>,
    /// When it ends.
    pub expires: Option<Date>,
    /// When it was uploaded.
    pub created: Timestamp,
}

/// One audit.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleAudit {
    /// What it is called.
    pub name: &'static str,
    /// What is looked at.
    pub scope: Option<String>,
    /// Slugs of frameworks.
    pub criteria: Vec<String>,
    /// Wire word of where it stands.
    pub status: &'static str,
    /// Display name of its leader.
    pub lead: &'static str,
    /// Display names of the others.
    pub team: Vec<String>,
    /// First day.
    pub start: Date,
    /// Last day.
    pub end: Date,
    /// When it was entered.
    pub created: Timestamp,
    /// What was found.
    pub findings: Vec<SampleFinding>,
}

/// One finding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SampleFinding {
    /// What was found, in one line.
    pub title: &'static str,
    /// Wire word of its grade.
    pub grade: &'static str,
    /// Wire word of where its follow-up stands.
    pub status: &'static str,
    /// Display name of its owner.
    pub owner: Option<String>,
    /// When it was raised.
    pub raised: Timestamp,
    /// When it has to be done.
    pub due: Option<Date>,
    /// The evidence seen.
    pub description: Option<String>,
    /// Why it could happen.
    pub root_cause: Option<String>,
    /// What was put right at once.
    pub correction: Option<String>,
    /// What keeps it from happening again.
    pub corrective_action: Option<String>,
    /// How it was checked.
    pub effectiveness: Option<String>,
    /// Display name of who verified it.
    pub verifier: Option<String>,
    /// Controls it concerns: the framework's slug and the control's reference.
    pub controls: Vec<(&'static str, String)>,
    /// Risks it concerns, by their places in [`super::Sample::risks`].
    pub risks: Vec<usize>,
    /// Evidence, by its places in [`super::Sample::documents`].
    pub documents: Vec<usize>,
}

/// Ten in the morning of a day counted from `today`, and never later than the day before it.
fn morning(today: Date, days: i64) -> Timestamp {
    super::moment(today, days.min(-1), 600)
}

fn present(field: &str) -> Option<String> {
    optional(field).filter(|field| field != "-")
}

fn day(today: Date, field: &str) -> Option<Date> {
    field.parse::<i64>().ok().and_then(|days| today.checked_add(days.days()).ok())
}

fn list(field: &str, between: char) -> Vec<String> {
    field.split(between).filter_map(|name| present(name.trim())).collect()
}

/// Every document.
pub(super) fn documents(today: Date) -> Vec<SampleDocument> {
    let mut documents: Vec<SampleDocument> = Vec::new();
    for line in DOCUMENTS.lines().skip_while(|line| !line.starts_with("= ")) {
        if let Some(head) = line.strip_prefix("= ") {
            documents.extend(document(head, today));
        } else if let Some(document) = documents.last_mut() {
            match line.strip_prefix(": ") {
                Some(title) if document.title.is_empty() => document.title = title,
                _ => {
                    document.content.push_str(line);
                    document.content.push('\n');
                }
            }
        }
    }
    documents
}

fn document(head: &'static str, today: Date) -> Option<SampleDocument> {
    let parts = fields(head);
    let [key, file, kind, version, status, owner, approver, classification, effective, review, expires] = parts[..] else { return None };
    Some(SampleDocument {
        key,
        file,
        content: String::new(),
        title: "",
        kind,
        version: present(version),
        status,
        owner: present(owner),
        approver: present(approver),
        classification,
        effective: day(today, effective),
        review: day(today, review),
        expires: day(today, expires),
        created: morning(today, effective.parse().unwrap_or(-20)),
    })
}

/// Every audit, the one entered first first.
pub(super) fn all(today: Date, risks: &[SampleRisk], documents: &[SampleDocument]) -> Vec<SampleAudit> {
    let mut audits: Vec<SampleAudit> = Vec::new();
    let mut start = 0;
    for line in lines(AUDITS) {
        let Some((mark, rest)) = line.split_once(' ') else { continue };
        if mark == "=" {
            if let Some((audit, first)) = audit(rest, today) {
                start = first;
                audits.push(audit);
            }
            continue;
        }
        let Some(audit) = audits.last_mut() else { continue };
        match mark {
            ":" => audit.scope = optional(rest),
            "-" => audit.findings.extend(finding(rest, today, start)),
            _ => {
                if let Some(finding) = audit.findings.last_mut() {
                    tell(finding, mark, rest, risks, documents);
                }
            }
        }
    }
    audits
}

fn audit(head: &'static str, today: Date) -> Option<(SampleAudit, i64)> {
    let parts = fields(head);
    let [status, first, last, lead, team, criteria, name] = parts[..] else { return None };
    let start: i64 = first.parse().ok()?;
    let audit = SampleAudit {
        name,
        scope: None,
        criteria: list(criteria, ','),
        status,
        lead,
        team: list(team, ';'),
        start: day(today, first)?,
        end: day(today, last)?,
        created: morning(today, (start - 30).min(-46)),
        findings: Vec::new(),
    };
    Some((audit, start))
}

fn finding(head: &'static str, today: Date, start: i64) -> Option<SampleFinding> {
    let parts = fields(head);
    let [grade, status, owner, raised, due, title] = parts[..] else { return None };
    Some(SampleFinding {
        title,
        grade,
        status,
        owner: present(owner),
        raised: morning(today, start + raised.parse::<i64>().ok()?),
        due: day(today, due),
        ..SampleFinding::default()
    })
}

fn tell(finding: &mut SampleFinding, mark: &str, rest: &'static str, risks: &[SampleRisk], documents: &[SampleDocument]) {
    match mark {
        "d" => finding.description = optional(rest),
        "r" => finding.root_cause = optional(rest),
        "c" => finding.correction = optional(rest),
        "a" => finding.corrective_action = optional(rest),
        "e" => finding.effectiveness = optional(rest),
        "v" => finding.verifier = optional(rest),
        "^" => finding.controls = controls(rest),
        "&" => finding.risks.extend(risks.iter().position(|risk| risk.name == rest)),
        "*" => {
            finding.documents =
                rest.split(',').filter_map(|key| documents.iter().position(|document| document.key == key.trim())).collect();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_data_files_is_understood() {
        let today: Date = "2026-11-24".parse().expect("a date");
        let sample = super::super::corvane(today, 5);
        let count = |text: &str, mark: &str| text.lines().filter(|line| line.starts_with(mark)).count();
        let findings: Vec<&SampleFinding> = sample.audits.iter().flat_map(|audit| &audit.findings).collect();
        assert_eq!((sample.audits.len(), findings.len()), (count(AUDITS, "= "), count(AUDITS, "- ")), "audits and findings");
        assert_eq!(sample.documents.len(), count(DOCUMENTS, "= "), "documents");
        assert!(sample.documents.iter().all(|document| !document.title.is_empty() && document.content.len() > 60), "each says something");
        let linked = |of: fn(&SampleFinding) -> usize| findings.iter().map(|finding| of(finding)).sum::<usize>();
        assert_eq!(linked(|finding| finding.risks.len()), count(AUDITS, "& "), "every risk is one of the sample's");
        let keys: usize = AUDITS.lines().filter_map(|line| line.strip_prefix("* ")).map(|line| line.split(',').count()).sum();
        assert_eq!(linked(|finding| finding.documents.len()), keys, "every document too");
        let known = |slug: &str, reference: &str| {
            let framework = sample.frameworks.iter().find(|framework| framework.slug == slug);
            framework.is_some_and(|framework| framework.nodes.iter().any(|node| node.reference.as_deref() == Some(reference)))
        };
        for finding in &findings {
            assert!(finding.controls.iter().all(|(slug, reference)| known(slug, reference)), "{}: {:?}", finding.title, finding.controls);
        }
        assert!(sample.audits.is_sorted_by_key(|audit| audit.created), "in the order of their references");
    }
}
