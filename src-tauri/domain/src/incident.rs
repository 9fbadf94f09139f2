//! Incidents and their status machine (ISO/IEC 27035-1:2023 clause 5; TLP 2.0 by FIRST).

use crate::input::{Input, Patch, Problems, set};
use crate::time::{instant, instant_option};
use crate::words::Word;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

crate::words! {
    /// How bad it is.
    Severity {
        /// Everything else waits.
        Critical = "critical",
        /// Needs people now.
        High = "high",
        /// Needs people today.
        Medium = "medium",
        /// Can be planned.
        Low = "low",
    }
}

crate::words! {
    /// Where the response stands; the order is the forward direction, `dismissed` stands outside it.
    IncidentStatus {
        /// Reported.
        New = "new",
        /// Someone has judged it.
        Triaged = "triaged",
        /// It no longer spreads.
        Contained = "contained",
        /// Its cause is gone.
        Eradicated = "eradicated",
        /// Service is back.
        Recovered = "recovered",
        /// The response is over.
        Resolved = "resolved",
        /// Reviewed and filed.
        Closed = "closed",
        /// Not pursued.
        Dismissed = "dismissed",
    }
}

crate::words! {
    /// Why an incident was dismissed.
    DismissalReason {
        /// Nothing happened.
        FalsePositive = "false_positive",
        /// Already known under another reference.
        Duplicate = "duplicate",
        /// Something happened, but no incident.
        NotAnIncident = "not_an_incident",
    }
}

crate::words! {
    /// Traffic Light Protocol 2.0.
    Tlp {
        /// Named recipients only.
        Red = "red",
        /// The organisation only.
        AmberStrict = "amber+strict",
        /// The organisation and its clients.
        Amber = "amber",
        /// The community.
        Green = "green",
        /// No limit.
        Clear = "clear",
    }
}

impl IncidentStatus {
    /// Whether the incident still needs work.
    #[must_use]
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Resolved | Self::Closed | Self::Dismissed)
    }
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Incident {
    /// UUIDv7.
    pub id: String,
    /// The short reference people say aloud, such as `INC-0412`.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What happened, in one line.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is known.
    pub description: Option<String>,
    /// Where the response stands.
    pub status: IncidentStatus,
    /// When it happened.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub occurred_at: Option<Timestamp>,
    /// When it was detected.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub detected_at: Option<Timestamp>,
    /// When the organisation became aware: the anchor of GDPR art. 33(1) and NIS2 art. 23(4).
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub aware_at: Option<Timestamp>,
    /// When it was classified as major: the anchor of DORA art. 19.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub classified_at: Option<Timestamp>,
    /// When it was last resolved.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Timestamp>,
    /// How far its details may travel.
    pub tlp: Option<Tlp>,
    /// Display name of who leads the response.
    pub lead: Option<String>,
    /// Why it was dismissed.
    pub dismissal_reason: Option<DismissalReason>,
    /// Assets affected.
    pub asset_ids: Vec<String>,
    /// Risks it touches.
    pub risk_ids: Vec<String>,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// The fields of an incident that may be written. Absent fields stay as they are; null clears.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct IncidentPatch {
    /// 1–200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub title: Option<String>,
    /// See [`Severity`].
    pub severity: Option<Severity>,
    /// Up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub description: Patch<String>,
    /// See [`Incident::occurred_at`].
    #[schema(value_type = Option<String>, format = DateTime)]
    pub occurred_at: Patch<Timestamp>,
    /// See [`Incident::detected_at`].
    #[schema(value_type = Option<String>, format = DateTime)]
    pub detected_at: Patch<Timestamp>,
    /// See [`Incident::aware_at`].
    #[schema(value_type = Option<String>, format = DateTime)]
    pub aware_at: Patch<Timestamp>,
    /// See [`Incident::classified_at`].
    #[schema(value_type = Option<String>, format = DateTime)]
    pub classified_at: Patch<Timestamp>,
    /// See [`Tlp`].
    #[schema(value_type = Option<Tlp>)]
    pub tlp: Patch<Tlp>,
    /// A display name.
    #[schema(value_type = Option<String>, max_length = 200)]
    pub lead: Patch<String>,
    /// Ids of assets.
    pub asset_ids: Option<Vec<String>>,
    /// Ids of risks.
    pub risk_ids: Option<Vec<String>>,
}

/// A new incident: a title, a severity, and any field that may be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewIncident {
    /// What happened, 1–200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// Everything else.
    #[serde(flatten)]
    pub fields: IncidentPatch,
}

const READ_ONLY: &[&str] = &["id", "ref", "status", "resolved_at", "dismissal_reason", "created_at", "updated_at"];

impl IncidentPatch {
    /// Reads a body. With `creating`, title and severity are required.
    ///
    /// # Errors
    /// Every offending field.
    pub fn read(body: serde_json::Map<String, serde_json::Value>, creating: bool) -> Result<Self, Problems> {
        let mut input = Input::new(body);
        for field in ["title", "severity"] {
            if creating && !input.has(field) {
                input.problems.add(field, "is required");
            }
        }
        let patch = Self {
            title: input.name("title"),
            severity: input.fixed_choice("severity"),
            description: input.text("description"),
            occurred_at: input.instant("occurred_at"),
            detected_at: input.instant("detected_at"),
            aware_at: input.instant("aware_at"),
            classified_at: input.instant("classified_at"),
            tlp: input.choice("tlp"),
            lead: input.short("lead"),
            asset_ids: input.list("asset_ids"),
            risk_ids: input.list("risk_ids"),
        };
        input.finish(READ_ONLY)?;
        Ok(patch)
    }
}

/// A wish to change an incident's status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StatusChange {
    /// The status wanted.
    pub status: IncidentStatus,
    /// Required when going back or reopening; kept in the timeline.
    #[schema(max_length = 20000)]
    #[serde(default)]
    pub note: Option<String>,
    /// Why it is dismissed; a note that is one of these words serves too.
    #[serde(default)]
    pub reason: Option<DismissalReason>,
}

impl StatusChange {
    /// Reads a body.
    ///
    /// # Errors
    /// Every offending field.
    pub fn read(body: serde_json::Map<String, serde_json::Value>) -> Result<Self, Problems> {
        let mut input = Input::new(body);
        if !input.has("status") {
            input.problems.add("status", "is required");
        }
        let status: Option<IncidentStatus> = input.fixed_choice("status");
        let note = input.text("note").flatten();
        let reason = input.choice("reason").flatten();
        input.finish(&[])?;
        let status = status.ok_or_else(|| Problems::one("status", "is required"))?;
        Ok(Self { status, note, reason })
    }
}

impl Incident {
    /// A new incident. `number` is the next of the workspace's sequence.
    ///
    /// # Errors
    /// Every offending field.
    pub fn create(patch: IncidentPatch, id: String, number: i64, now: Timestamp) -> Result<Self, Problems> {
        let (Some(title), Some(severity)) = (patch.title.clone(), patch.severity) else {
            let field = if patch.title.is_none() { "title" } else { "severity" };
            return Err(Problems::one(field, "is required"));
        };
        let mut incident = Self {
            id,
            reference: Self::reference_of(number),
            title,
            severity,
            description: None,
            status: IncidentStatus::New,
            occurred_at: None,
            detected_at: None,
            aware_at: None,
            classified_at: None,
            resolved_at: None,
            tlp: None,
            lead: None,
            dismissal_reason: None,
            asset_ids: Vec::new(),
            risk_ids: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        incident.apply(patch, now)?;
        Ok(incident)
    }

    /// `INC-0412` of 412.
    #[must_use]
    pub fn reference_of(number: i64) -> String {
        format!("INC-{number:04}")
    }

    /// Changes the fields that are present.
    ///
    /// # Errors
    /// Every offending field; the incident is then unchanged.
    pub fn apply(&mut self, patch: IncidentPatch, now: Timestamp) -> Result<(), Problems> {
        let occurred = patch.occurred_at.unwrap_or(self.occurred_at);
        let detected = patch.detected_at.unwrap_or(self.detected_at);
        if let (Some(occurred), Some(detected)) = (occurred, detected)
            && detected < occurred
        {
            return Err(Problems::one("detected_at", "must not be before occurred_at"));
        }
        self.occurred_at = occurred;
        self.detected_at = detected;
        set(&mut self.title, patch.title);
        set(&mut self.severity, patch.severity);
        set(&mut self.description, patch.description);
        set(&mut self.aware_at, patch.aware_at);
        set(&mut self.classified_at, patch.classified_at);
        set(&mut self.tlp, patch.tlp);
        set(&mut self.lead, patch.lead);
        set(&mut self.asset_ids, patch.asset_ids);
        set(&mut self.risk_ids, patch.risk_ids);
        self.updated_at = now;
        Ok(())
    }

    /// Changes the status by the rules of DOMAIN: forward steps may be skipped; going back or reopening (to triaged)
    /// needs a note; dismissing needs a reason. Answers whether anything changed.
    ///
    /// # Errors
    /// The field that stands in the way; the incident is then unchanged.
    pub fn change_status(&mut self, change: &StatusChange, now: Timestamp) -> Result<bool, Problems> {
        use IncidentStatus::{Closed, Dismissed, Resolved, Triaged};
        let (from, to) = (self.status, change.status);
        if from == to {
            return Ok(false);
        }
        if matches!(from, Closed | Dismissed) && to != Triaged {
            return Err(Problems::one("status", format!("a {} incident can only be reopened, to triaged", from.word())));
        }
        if to == Dismissed {
            let by_note = change.note.as_deref().map(|note| note.trim().to_lowercase().replace([' ', '-'], "_"));
            let reason = change.reason.or_else(|| by_note.as_deref().and_then(DismissalReason::from_word));
            if reason.is_none() && change.note.is_none() {
                return Err(Problems::one("reason", format!("is required to dismiss: one of {}", DismissalReason::list())));
            }
            self.dismissal_reason = reason;
        } else {
            if to < from && change.note.is_none() {
                let verb = if from.is_open() { "to go back" } else { "to reopen" };
                return Err(Problems::one("note", format!("is required {verb} from {} to {}", from.word(), to.word())));
            }
            self.dismissal_reason = None;
        }
        self.status = to;
        if to == Resolved || (to == Closed && self.resolved_at.is_none()) {
            self.resolved_at = Some(now);
        } else if to.is_open() {
            self.resolved_at = None;
        }
        self.updated_at = now;
        Ok(true)
    }
}

/// One entry of an incident's timeline. Entries are only ever added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimelineEntry {
    /// Opaque id.
    pub id: String,
    /// When it happened.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// When it was written down.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub entered_at: Timestamp,
    /// Who wrote it.
    pub actor: String,
    /// What it tells.
    pub kind: EntryKind,
    /// What was written.
    pub text: Option<String>,
    /// The value before.
    pub from: Option<String>,
    /// The value after.
    pub to: Option<String>,
    /// The field that changed.
    pub field: Option<String>,
}

crate::words! {
    /// What a timeline entry tells.
    EntryKind {
        /// The incident was reported.
        Reported = "reported",
        /// Its status changed.
        Status = "status",
        /// Its severity changed.
        Severity = "severity",
        /// Its lead changed.
        Lead = "lead",
        /// Another field changed.
        Changed = "changed",
        /// Somebody wrote something.
        Comment = "comment",
        /// A change was taken back.
        Undone = "undone",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use IncidentStatus::{Closed, Contained, Dismissed, Eradicated, New, Recovered, Resolved, Triaged};

    fn incident(status: IncidentStatus) -> Incident {
        let patch = IncidentPatch { title: Some("t".into()), severity: Some(Severity::High), ..IncidentPatch::default() };
        let mut incident = Incident::create(patch, "id".into(), 412, Timestamp::UNIX_EPOCH).expect("valid");
        incident.status = status;
        incident
    }

    #[test]
    fn transitions_follow_the_table() {
        // from, to, note, reason, allowed
        let fp = Some(DismissalReason::FalsePositive);
        let cases = [
            (New, Triaged, None, None, true),
            (New, Recovered, None, None, true),
            (Triaged, Closed, None, None, true),
            (Contained, Triaged, None, None, false),
            (Contained, Triaged, Some("n"), None, true),
            (Eradicated, New, Some("n"), None, true),
            (Resolved, Triaged, None, None, false),
            (Resolved, Triaged, Some("n"), None, true),
            (Closed, Triaged, Some("n"), None, true),
            (Closed, Resolved, Some("n"), None, false),
            (Closed, Dismissed, Some("n"), fp, false),
            (Dismissed, Triaged, None, None, false),
            (Dismissed, Triaged, Some("n"), None, true),
            (Dismissed, Resolved, Some("n"), None, false),
            (New, Dismissed, None, None, false),
            (New, Dismissed, None, fp, true),
            (New, Dismissed, Some("false positive"), None, true),
            (Recovered, Dismissed, Some("a drill"), None, true),
        ];
        for (from, to, note, reason, allowed) in cases {
            let mut incident = incident(from);
            let change = StatusChange { status: to, note: note.map(str::to_owned), reason };
            let result = incident.change_status(&change, Timestamp::UNIX_EPOCH);
            assert_eq!(result.is_ok(), allowed, "{from:?} → {to:?} with {note:?} {reason:?}: {result:?}");
            assert_eq!(incident.status, if allowed { to } else { from }, "a refused transition changes nothing");
        }
    }

    #[test]
    fn resolved_at_follows_the_status() {
        let mut incident = incident(New);
        let now = Timestamp::UNIX_EPOCH;
        let to = |status, note: Option<&str>| StatusChange { status, note: note.map(str::to_owned), reason: None };
        incident.change_status(&to(Resolved, None), now).expect("forward");
        assert_eq!(incident.resolved_at, Some(now), "set on arrival");
        incident.change_status(&to(Triaged, Some("again")), now).expect("reopened");
        assert_eq!(incident.resolved_at, None, "cleared by reopening");
        incident.change_status(&to(Closed, None), now).expect("forward");
        assert_eq!(incident.resolved_at, Some(now), "closing without resolving first sets it too");
        assert!(!incident.change_status(&to(Closed, None), now).expect("no change"), "the same status is no change");
    }
}
