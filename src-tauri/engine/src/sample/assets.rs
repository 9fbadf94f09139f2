//! The sample's assets and their vulnerabilities, from their data files, which explain their formats.

use super::text::{fields, lines, optional};
use jiff::civil::Date;
use jiff::{Span, ToSpan};

const ASSETS: &str = include_str!("data/assets.txt");
const VULNERABILITIES: &str = include_str!("data/vulnerabilities.txt");

/// One asset.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleAsset {
    /// What people call it.
    pub name: &'static str,
    /// Wire word of what it is.
    pub kind: &'static str,
    /// Criticality, confidentiality, integrity, availability.
    pub needs: [u8; 4],
    /// Display name of who answers for it.
    pub owner: &'static str,
    /// What is known of it.
    pub description: Option<String>,
    /// Free words.
    pub tags: Vec<String>,
    /// Its place in [`super::Sample::assets`] of what it is part of: always an earlier one.
    pub parent: Option<usize>,
    words: Vec<&'static str>,
}

/// One vulnerability of one asset.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleVulnerability {
    /// The asset, by its place in [`super::Sample::assets`].
    pub asset: usize,
    /// What is wrong.
    pub title: &'static str,
    /// Its CVE id, made up.
    pub cve: Option<String>,
    /// CVSS base score.
    pub cvss: Option<f64>,
    /// Wire word of a severity, where there is no score.
    pub severity: Option<&'static str>,
    /// Probability of exploitation.
    pub epss: Option<f64>,
    /// Whether it is known to be exploited.
    pub kev: bool,
    /// Wire word of where handling stands.
    pub status: &'static str,
    /// When it was first found.
    pub first_seen: Option<Date>,
    /// When it was last found.
    pub last_seen: Option<Date>,
    /// When it should be gone.
    pub due_date: Option<Date>,
    /// What found it.
    pub source: &'static str,
}

impl SampleAsset {
    /// Whether a risk or an incident of this name is about the asset: one of its words begins a word of it.
    #[must_use]
    pub fn is_named_in(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.words
            .iter()
            .any(|word| name.match_indices(word).any(|(at, _)| !name[..at].chars().next_back().is_some_and(char::is_alphanumeric)))
    }
}

/// Every asset in the order of its reference.
pub(super) fn all() -> Vec<SampleAsset> {
    let mut assets: Vec<SampleAsset> = Vec::new();
    for line in lines(ASSETS) {
        if let Some(head) = line.strip_prefix("= ") {
            assets.extend(read(head, &assets));
        } else if let (Some(text), Some(asset)) = (line.strip_prefix(": "), assets.last_mut()) {
            asset.description = optional(text);
        } else if let (Some(words), Some(asset)) = (line.strip_prefix("~ "), assets.last_mut()) {
            asset.words = words.split(';').map(str::trim).collect();
        }
    }
    assets
}

fn read(head: &'static str, before: &[SampleAsset]) -> Option<SampleAsset> {
    let [kind, needs, owner, tags, name] = fields(head)[..] else { return None };
    let needs: Vec<u8> = needs.split(' ').filter_map(|need| need.parse().ok()).collect();
    let (name, parent) = name.split_once(" < ").map_or((name, None), |(name, parent)| (name, Some(parent)));
    Some(SampleAsset {
        name,
        kind,
        needs: needs.try_into().ok()?,
        owner,
        description: None,
        tags: tags.split(',').map(|tag| tag.trim().to_owned()).collect(),
        parent: parent.and_then(|parent| before.iter().position(|asset| asset.name == parent)),
        words: Vec::new(),
    })
}

/// Every vulnerability, the one found first first.
pub(super) fn vulnerabilities(today: Date, assets: &[SampleAsset]) -> Vec<SampleVulnerability> {
    let mut all: Vec<SampleVulnerability> = Vec::new();
    let mut head: Vec<&'static str> = Vec::new();
    for line in lines(VULNERABILITIES) {
        match line.strip_prefix("= ") {
            Some(text) => head = fields(text),
            None => all.extend(found(&head, line, today, assets)),
        }
    }
    all.sort_by_key(|one| one.first_seen);
    all
}

fn found(head: &[&'static str], line: &'static str, today: Date, assets: &[SampleAsset]) -> Option<SampleVulnerability> {
    let [cve, rating, epss, kev, source, title] = head[..] else { return None };
    let [asset, status, first, last, due] = fields(line)[..] else { return None };
    let cvss: Option<f64> = rating.parse().ok();
    let day = |text: &str, sign: i64| -> Option<Date> {
        let days: Span = text.parse::<i64>().ok().map(|days| (days * sign).days())?;
        today.checked_add(days).ok()
    };
    Some(SampleVulnerability {
        asset: assets.iter().position(|have| have.name == asset)?,
        title,
        cve: (cve != "-").then(|| cve.to_owned()),
        cvss,
        severity: cvss.is_none().then_some(rating),
        epss: epss.parse().ok(),
        kev: kev == "kev",
        status,
        first_seen: day(first, -1),
        last_seen: day(last, -1),
        due_date: day(due, 1),
        source,
    })
}
