//! The sample workspace: "Corvane Group", a fictional bank group with its head office in Lille.
//!
//! Everything here was written for the sample; the data files beside this module hold the texts. The same date and
//! seed always give the same content.

mod assessments;
mod assets;
mod audits;
mod frameworks;
mod incidents;
mod risks;
mod rng;
mod stock;
#[cfg(test)]
mod tests;
mod text;
mod workshops;

pub use assessments::SampleAssessment;
pub use assets::{SampleAsset, SampleVulnerability};
pub use audits::{SampleAudit, SampleDocument, SampleFinding};
pub use workshops::SampleWorkshop;

use amtia_domain::framework::FrameworkDraft;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// The content of a sample workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The workspace's name.
    pub workspace_name: &'static str,
    /// Frameworks, linked to one another by mappings.
    pub frameworks: Vec<FrameworkDraft>,
    /// Assets in the order of their references: the first is AS-0001.
    pub assets: Vec<SampleAsset>,
    /// Their vulnerabilities, the one found first first.
    pub vulnerabilities: Vec<SampleVulnerability>,
    /// Assessments of the frameworks.
    pub assessments: Vec<SampleAssessment>,
    /// Risks in the order of their references: the first is R-0001.
    pub risks: Vec<SampleRisk>,
    /// Incidents, the oldest first.
    pub incidents: Vec<SampleIncident>,
    /// Documents in the order of their references.
    pub documents: Vec<SampleDocument>,
    /// Audits in the order of their references.
    pub audits: Vec<SampleAudit>,
    /// Workshops in the order of their references.
    pub workshops: Vec<SampleWorkshop>,
}

/// One risk. Each assessment is likelihood and impact, from 1 to 5.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleRisk {
    /// What could happen, in one line.
    pub name: String,
    /// What is known about it.
    pub description: Option<String>,
    /// One of fourteen.
    pub category: String,
    /// Display name of its owner.
    pub owner: Option<String>,
    /// Wire word of its status.
    pub status: &'static str,
    /// Wire word of its treatment.
    pub treatment: &'static str,
    /// Today, with the controls and actions done.
    pub current: Option<(u8, u8)>,
    /// Without controls.
    pub inherent: Option<(u8, u8)>,
    /// Expected once all planned actions are done.
    pub residual: Option<(u8, u8)>,
    /// What the owner aims for.
    pub target: Option<(u8, u8)>,
    /// Why it was judged so.
    pub rationale: Option<String>,
    /// Free words.
    pub tags: Vec<String>,
    /// When it is looked at again.
    pub review_date: Option<Date>,
    /// When it was entered.
    pub created: Timestamp,
    /// Controls that reduce it: the framework's slug and the control's reference.
    pub controls: Vec<(&'static str, String)>,
}

/// One incident.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleIncident {
    /// What happened, in one line.
    pub title: String,
    /// Wire word of its severity.
    pub severity: &'static str,
    /// What is known.
    pub description: Option<String>,
    /// Wire word of its status.
    pub status: &'static str,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
    /// When it was detected.
    pub detected_at: Option<Timestamp>,
    /// When the organisation became aware.
    pub aware_at: Option<Timestamp>,
    /// When it was classified as major.
    pub classified_at: Option<Timestamp>,
    /// When it was last resolved.
    pub resolved_at: Option<Timestamp>,
    /// How far its details may travel (Traffic Light Protocol).
    pub tlp: Option<&'static str>,
    /// Display name of who leads the response.
    pub lead: Option<String>,
    /// Wire word of why it was dismissed.
    pub dismissal_reason: Option<&'static str>,
    /// When it was reported.
    pub created: Timestamp,
    /// Risks it touches, by their places in [`Sample::risks`].
    pub risks: Vec<usize>,
    /// Entries by the time of the event.
    pub timeline: Vec<SampleEntry>,
}

/// One entry of an incident's timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleEntry {
    /// When it happened.
    pub at: Timestamp,
    /// When it was written down.
    pub entered_at: Timestamp,
    /// Who wrote it.
    pub actor: String,
    /// `reported`, `status`, `severity`, `lead` or `comment`.
    pub kind: &'static str,
    /// What was written.
    pub text: Option<String>,
    /// The value before.
    pub from: Option<String>,
    /// The value after.
    pub to: Option<String>,
}

/// The sample workspace as it stands on a day. No time in it is later than 10:00 UTC of the day before, so that it
/// lies in the past in every time zone.
#[must_use]
pub fn corvane(today: Date, seed: u64) -> Sample {
    let risks = risks::all(today, &mut rng::Rng::new(seed));
    let incidents = incidents::all(today, &risks);
    let assets = assets::all();
    let vulnerabilities = assets::vulnerabilities(today, &assets);
    let documents = audits::documents(today);
    let audits = audits::all(today, &risks, &documents);
    let workshops = workshops::all(today, &risks);
    Sample {
        workspace_name: "Corvane Group",
        frameworks: frameworks::all(),
        assets,
        vulnerabilities,
        assessments: assessments::all(today),
        risks,
        incidents,
        documents,
        audits,
        workshops,
    }
}

/// A moment counted in days and minutes from the start of a day in UTC, kept within what a timestamp can hold.
fn moment(day: Date, days: i64, minutes: i64) -> Timestamp {
    let start = day.to_zoned_datetime(jiff::tz::TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |midnight| midnight.timestamp());
    let distance = SignedDuration::from_hours(days.saturating_mul(24)).saturating_add(SignedDuration::from_mins(minutes));
    start.saturating_add(distance).unwrap_or(start)
}
