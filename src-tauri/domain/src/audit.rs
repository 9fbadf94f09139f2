//! Audits and their status machine (ISO 19011:2018 clauses 5 and 6).

use crate::finding::FindingCounts;
use crate::input::{Input, Patch, Problems, set};
use crate::time::instant;
use crate::words::Word;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

crate::words! {
    /// Where an audit stands; the order is the forward direction.
    AuditStatus {
        /// In the programme.
        Planned = "planned",
        /// Evidence is being gathered.
        InProgress = "in_progress",
        /// The report is being written and agreed.
        Reporting = "reporting",
        /// Reported; its findings are followed up on their own.
        Closed = "closed",
    }
}

/// Numbers in one year, at the most: the year and the number in it make one number that only rises.
const PER_YEAR: i64 = 1_000_000;

/// The number of the `place`-th record of a year.
#[must_use]
pub fn yearly_number(year: i16, place: i64) -> i64 {
    i64::from(year) * PER_YEAR + place
}

/// `AUD-2026-06` of the sixth of 2026.
#[must_use]
pub fn yearly_reference(prefix: &str, number: i64) -> String {
    format!("{prefix}-{}-{:02}", number.div_euclid(PER_YEAR), number.rem_euclid(PER_YEAR))
}

/// The number that [`yearly_reference`] wrote.
#[must_use]
pub fn number_in_yearly(reference: &str) -> Option<i64> {
    let (rest, place) = reference.rsplit_once('-')?;
    let year = rest.rsplit_once('-')?.1;
    Some(yearly_number(year.parse().ok()?, place.parse().ok()?))
}

/// An audit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Audit {
    /// UUIDv7.
    pub id: String,
    /// The short reference people say aloud, such as `AUD-2026-06`: the year it was entered and its number in that year.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What it is called.
    pub name: String,
    /// Which parts, processes and sites are looked at.
    pub scope: Option<String>,
    /// Ids of the frameworks that it is held against.
    pub criteria: Vec<String>,
    /// Where it stands.
    pub status: AuditStatus,
    /// Display name of the audit team's leader.
    pub lead: Option<String>,
    /// Display names of the others in the team.
    pub team: Vec<String>,
    /// First day, `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub start_date: Option<Date>,
    /// Last day, `YYYY-MM-DD`; not before the first.
    #[schema(value_type = Option<String>, format = Date)]
    pub end_date: Option<Date>,
    /// How many findings of each grade it has.
    pub finding_counts: FindingCounts,
    /// How many of its findings still need work.
    pub findings_open: u32,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// The fields of an audit that may be written. Absent fields stay as they are; null clears.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AuditPatch {
    /// 1–200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Up to 20,000 characters.
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub scope: Patch<String>,
    /// Ids of frameworks.
    #[schema(max_items = 200)]
    pub criteria: Option<Vec<String>>,
    /// One step forward or back: planned, in_progress, reporting, closed. A new audit may stand anywhere.
    pub status: Option<AuditStatus>,
    /// A display name.
    #[schema(value_type = Option<String>, max_length = 200)]
    pub lead: Patch<String>,
    /// Display names.
    #[schema(max_items = 200)]
    pub team: Option<Vec<String>>,
    /// `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub start_date: Patch<Date>,
    /// `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub end_date: Patch<Date>,
}

/// A new audit: a name, and any field that may be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NewAudit {
    /// What it is called, 1–200 characters.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Everything else.
    #[serde(flatten)]
    pub fields: AuditPatch,
}

const READ_ONLY: &[&str] = &["id", "ref", "finding_counts", "findings_open", "created_at", "updated_at"];

impl AuditPatch {
    /// Reads a body. With `creating`, a name is required.
    ///
    /// # Errors
    /// Every offending field.
    pub fn read(body: serde_json::Map<String, serde_json::Value>, creating: bool) -> Result<Self, Problems> {
        let mut input = Input::new(body);
        let patch = Self {
            name: if creating { Some(input.required_name("name")) } else { input.name("name") },
            scope: input.text("scope"),
            criteria: input.list("criteria"),
            status: input.fixed_choice("status"),
            lead: input.short("lead"),
            team: input.list("team"),
            start_date: input.date("start_date"),
            end_date: input.date("end_date"),
        };
        input.finish(READ_ONLY)?;
        Ok(patch)
    }
}

impl Audit {
    /// A new audit. `number` is from [`yearly_number`].
    ///
    /// # Errors
    /// Every offending field.
    pub fn create(mut patch: AuditPatch, id: String, number: i64, now: Timestamp) -> Result<Self, Problems> {
        let name = patch.name.take().ok_or_else(|| Problems::one("name", "is required"))?;
        let mut audit = Self {
            id,
            reference: yearly_reference("AUD", number),
            name,
            scope: None,
            criteria: Vec::new(),
            status: patch.status.take().unwrap_or(AuditStatus::Planned),
            lead: None,
            team: Vec::new(),
            start_date: None,
            end_date: None,
            finding_counts: FindingCounts::default(),
            findings_open: 0,
            created_at: now,
            updated_at: now,
        };
        audit.apply(patch, now)?;
        Ok(audit)
    }

    /// Changes the fields that are present.
    ///
    /// # Errors
    /// Every offending field; the audit is then unchanged.
    pub fn apply(&mut self, patch: AuditPatch, now: Timestamp) -> Result<(), Problems> {
        let mut problems = Problems::default();
        let start = patch.start_date.unwrap_or(self.start_date);
        let end = patch.end_date.unwrap_or(self.end_date);
        if let (Some(start), Some(end)) = (start, end)
            && end < start
        {
            problems.add("end_date", "must not be before start_date");
        }
        if let Some(to) = patch.status
            && !self.status.leads_to(to)
        {
            problems.add("status", self.status.refusal(to));
        }
        problems.check()?;
        self.start_date = start;
        self.end_date = end;
        set(&mut self.name, patch.name);
        set(&mut self.scope, patch.scope);
        set(&mut self.criteria, patch.criteria);
        set(&mut self.status, patch.status);
        set(&mut self.lead, patch.lead);
        set(&mut self.team, patch.team);
        self.updated_at = now;
        Ok(())
    }
}

impl AuditStatus {
    fn place(self) -> usize {
        Self::ALL.iter().position(|have| *have == self).unwrap_or_default()
    }

    /// Whether an audit may go from here to there: one step forward, or one back.
    #[must_use]
    pub fn leads_to(self, to: Self) -> bool {
        self.place().abs_diff(to.place()) <= 1
    }

    fn refusal(self, to: Self) -> String {
        let near: Vec<&str> = Self::ALL.iter().filter(|near| **near != self && self.leads_to(**near)).map(|near| near.word()).collect();
        format!("cannot go from {} to {}: the next is {}", self.word(), to.word(), near.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AuditStatus::{Closed, InProgress, Planned, Reporting};

    fn audit(status: AuditStatus) -> Audit {
        let patch = AuditPatch { name: Some("a".into()), status: Some(status), ..AuditPatch::default() };
        Audit::create(patch, "id".into(), yearly_number(2026, 6), Timestamp::UNIX_EPOCH).expect("valid")
    }

    #[test]
    fn a_reference_tells_year_and_number_and_gives_the_number_back() {
        assert_eq!(audit(Planned).reference, "AUD-2026-06");
        for (year, place, text) in [(2026, 6, "F-2026-06"), (2026, 117, "F-2026-117"), (1999, 1, "F-1999-01")] {
            let number = yearly_number(year, place);
            assert_eq!(yearly_reference("F", number), text);
            assert_eq!(number_in_yearly(text), Some(number), "{text}");
        }
        assert!(yearly_number(2026, 999_999) < yearly_number(2027, 1), "a later year is a larger number");
        for wrong in ["", "F", "F-1", "F-x-1", "F-2026-"] {
            assert_eq!(number_in_yearly(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_status_goes_one_step_at_a_time() {
        let allowed = [
            (Planned, [true, true, false, false]),
            (InProgress, [true, true, true, false]),
            (Reporting, [false, true, true, true]),
            (Closed, [false, false, true, true]),
        ];
        for (from, row) in allowed {
            for (to, expected) in [Planned, InProgress, Reporting, Closed].into_iter().zip(row) {
                let mut audit = audit(from);
                let patch = AuditPatch { status: Some(to), name: Some("b".into()), ..AuditPatch::default() };
                let result = audit.apply(patch, Timestamp::UNIX_EPOCH);
                assert_eq!(result.is_ok(), expected, "{from:?} → {to:?}: {result:?}");
                assert_eq!((audit.status, audit.name == "b"), if expected { (to, true) } else { (from, false) }, "all or nothing");
            }
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let body = serde_json::json!({ "name": " ", "status": "asleep", "criteria": "x", "start_date": "1 May", "colour": 1 });
        let problems = AuditPatch::read(body.as_object().expect("an object").clone(), true).expect_err("wrong");
        let fields: Vec<&str> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["name", "criteria", "status", "start_date", "colour"]);
        let date = |text: &str| Some(Some(text.parse().expect("a date")));
        let mut audit = audit(Planned);
        let patch =
            AuditPatch { status: Some(Closed), start_date: date("2026-05-02"), end_date: date("2026-05-01"), ..AuditPatch::default() };
        let problems = audit.apply(patch, Timestamp::UNIX_EPOCH).expect_err("dates and status");
        let fields: Vec<&str> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["end_date", "status"]);
        assert_eq!(audit.start_date, None, "nothing of it was kept");
    }
}
