//! Documents and evidence: what is known of a file, and its life cycle (ISO/IEC 27001:2022 clause 7.5).

use crate::input::{Input, NAME_MAX, Patch, Problems, set};
use crate::time::{instant, instant_option};
use crate::words::Word;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

crate::words! {
    /// What a document is for.
    DocumentKind {
        /// What management wants.
        Policy = "policy",
        /// How it is done.
        Procedure = "procedure",
        /// What has to be met.
        Standard = "standard",
        /// What was done.
        Record = "record",
        /// What shows that something is so.
        Evidence = "evidence",
        /// What was agreed.
        Contract = "contract",
        /// What was found.
        Report = "report",
    }
}

crate::words! {
    /// Who may see it.
    Classification {
        /// Anyone.
        Public = "public",
        /// Everyone in the organisation.
        Internal = "internal",
        /// Those who need it.
        Confidential = "confidential",
        /// Those who are named.
        Restricted = "restricted",
    }
}

crate::words! {
    /// Where a document stands in its life.
    DocumentStatus {
        /// Being written.
        Draft = "draft",
        /// Being read by others.
        InReview = "in_review",
        /// Sent back.
        ChangesRequested = "changes_requested",
        /// Agreed.
        Approved = "approved",
        /// In force.
        Published = "published",
        /// No longer in force.
        Retired = "retired",
    }
}

impl DocumentKind {
    /// Whether it tells people what to do, and therefore is approved by somebody other than its owner.
    #[must_use]
    pub fn is_controlled(self) -> bool {
        matches!(self, Self::Policy | Self::Procedure | Self::Standard)
    }
}

impl DocumentStatus {
    /// Where it may go from here. What is controlled is reviewed and approved before it is published; the rest may be
    /// published at once.
    #[must_use]
    pub fn next(self, controlled: bool) -> &'static [Self] {
        use DocumentStatus::{Approved, ChangesRequested, Draft, InReview, Published, Retired};
        match (self, controlled) {
            (Draft, true) => &[InReview, Retired],
            (Draft, false) => &[InReview, Approved, Published, Retired],
            (InReview, true) => &[Draft, ChangesRequested, Approved],
            (InReview, false) => &[Draft, ChangesRequested, Approved, Published],
            (ChangesRequested, _) => &[Draft, InReview, Retired],
            (Approved, _) => &[Draft, InReview, Published, Retired],
            (Published, _) => &[InReview, Retired],
            (Retired, _) => &[Draft],
        }
    }

    fn is_agreed(self) -> bool {
        matches!(self, Self::Approved | Self::Published)
    }
}

/// The file of a document, as found: never as claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFile {
    /// Its name, by [`file_name`].
    pub name: String,
    /// By its content.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
}

/// A document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Document {
    /// UUIDv7.
    pub id: String,
    /// The short reference people say aloud, such as `DOC-0042`.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What it is called.
    pub title: String,
    /// What it is for.
    pub kind: Option<DocumentKind>,
    /// Its own version, as written on it.
    pub version: Option<String>,
    /// Where it stands.
    pub status: DocumentStatus,
    /// Display name of who answers for it.
    pub owner: Option<String>,
    /// Who approved it, while that holds.
    pub approver: Option<String>,
    /// When.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub approved_at: Option<Timestamp>,
    /// Who may see it.
    pub classification: Option<Classification>,
    /// From when it is in force, `YYYY-MM-DD`; not the day of the upload.
    #[schema(value_type = Option<String>, format = Date)]
    pub effective_date: Option<Date>,
    /// When it is looked at again, `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub review_date: Option<Date>,
    /// When it ends.
    #[serde(with = "instant_option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// The file's name.
    pub name: String,
    /// The file's media type, by its content.
    pub media_type: String,
    /// The file's size in bytes.
    pub size: u64,
    /// SHA-256 of the file, in hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// RFC 3339, UTC.
    #[serde(with = "instant")]
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// The fields of a document that may be written. Absent fields stay as they are; null clears. The file never changes: another
/// version is another document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct DocumentPatch {
    /// 1–200 characters; of a new document the file's name, if left out.
    #[schema(min_length = 1, max_length = 200)]
    pub title: Option<String>,
    /// See [`DocumentKind`].
    #[schema(value_type = Option<DocumentKind>)]
    pub kind: Patch<DocumentKind>,
    /// Up to 200 characters.
    #[schema(value_type = Option<String>, max_length = 200)]
    pub version: Patch<String>,
    /// A display name.
    #[schema(value_type = Option<String>, max_length = 200)]
    pub owner: Patch<String>,
    /// See [`Classification`].
    #[schema(value_type = Option<Classification>)]
    pub classification: Patch<Classification>,
    /// `YYYY-MM-DD`.
    #[schema(value_type = Option<String>, format = Date)]
    pub effective_date: Patch<Date>,
    /// `YYYY-MM-DD`; not before `effective_date`.
    #[schema(value_type = Option<String>, format = Date)]
    pub review_date: Patch<Date>,
    /// RFC 3339; not before `effective_date`.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Patch<Timestamp>,
    /// A step of the life cycle. A policy, a procedure or a standard is approved in review, by somebody who is not its owner.
    pub status: Option<DocumentStatus>,
}

const READ_ONLY: &[&str] = &["id", "ref", "approver", "approved_at", "name", "media_type", "size", "sha256", "created_at", "updated_at"];

impl DocumentPatch {
    /// Reads a body. With `creating`, a status is refused: a new document is a draft.
    ///
    /// # Errors
    /// Every offending field.
    pub fn read(body: serde_json::Map<String, serde_json::Value>, creating: bool) -> Result<Self, Problems> {
        let mut input = Input::new(body);
        let patch = Self {
            title: input.name("title"),
            kind: input.choice("kind"),
            version: input.short("version"),
            owner: input.short("owner"),
            classification: input.choice("classification"),
            effective_date: input.date("effective_date"),
            review_date: input.date("review_date"),
            expires_at: input.instant("expires_at"),
            status: if creating { None } else { input.fixed_choice("status") },
        };
        input.finish(if creating { &[] } else { READ_ONLY })?;
        Ok(patch)
    }
}

impl Document {
    /// A new draft with its file. `number` is the next of the workspace's sequence.
    ///
    /// # Errors
    /// Every offending field.
    pub fn create(
        mut patch: DocumentPatch,
        file: FoundFile,
        id: String,
        number: i64,
        actor: &str,
        now: Timestamp,
    ) -> Result<Self, Problems> {
        let mut document = Self {
            id,
            reference: format!("DOC-{number:04}"),
            title: patch.title.take().unwrap_or_else(|| title_of(&file.name)),
            kind: None,
            version: None,
            status: DocumentStatus::Draft,
            owner: None,
            approver: None,
            approved_at: None,
            classification: None,
            effective_date: None,
            review_date: None,
            expires_at: None,
            name: file.name,
            media_type: file.media_type,
            size: file.size,
            sha256: file.sha256,
            created_at: now,
            updated_at: now,
        };
        document.apply(patch, actor, now)?;
        Ok(document)
    }

    /// Changes the fields that are present, as `actor`.
    ///
    /// # Errors
    /// Every offending field; the document is then unchanged.
    pub fn apply(&mut self, patch: DocumentPatch, actor: &str, now: Timestamp) -> Result<(), Problems> {
        let mut next = self.clone();
        set(&mut next.title, patch.title);
        set(&mut next.kind, patch.kind);
        set(&mut next.version, patch.version);
        set(&mut next.owner, patch.owner);
        set(&mut next.classification, patch.classification);
        set(&mut next.effective_date, patch.effective_date);
        set(&mut next.review_date, patch.review_date);
        set(&mut next.expires_at, patch.expires_at);
        let mut problems = Problems::default();
        if let Some(to) = patch.status.filter(|to| *to != self.status) {
            next.change_status(to, actor, now, &mut problems);
        }
        next.check(&mut problems);
        problems.check()?;
        next.updated_at = now;
        *self = next;
        Ok(())
    }

    fn is_controlled(&self) -> bool {
        self.kind.is_some_and(DocumentKind::is_controlled)
    }

    fn change_status(&mut self, to: DocumentStatus, actor: &str, now: Timestamp, problems: &mut Problems) {
        let next = self.status.next(self.is_controlled());
        if !next.contains(&to) {
            let words: Vec<&str> = next.iter().map(|status| status.word()).collect();
            problems.add("status", format!("cannot go from {} to {}: the next is {}", self.status.word(), to.word(), words.join(", ")));
            return;
        }
        self.status = to;
        if to == DocumentStatus::Approved {
            (self.approver, self.approved_at) = (Some(actor.to_owned()), Some(now));
        } else if !matches!(to, DocumentStatus::Published | DocumentStatus::Retired) {
            (self.approver, self.approved_at) = (None, None);
        }
    }

    /// What has to hold whatever was changed.
    fn check(&self, problems: &mut Problems) {
        if let Some(effective) = self.effective_date {
            if self.review_date.is_some_and(|review| review < effective) {
                problems.add("review_date", "must not be before effective_date");
            }
            // A day that has begun somewhere on earth is not before itself.
            let begins = effective.to_zoned_datetime(TimeZone::fixed(jiff::tz::offset(14))).map(|day| day.timestamp());
            if self.expires_at.zip(begins.ok()).is_some_and(|(expires, begins)| expires < begins) {
                problems.add("expires_at", "must not be before effective_date");
            }
        }
        let Some(kind) = self.kind.filter(|kind| kind.is_controlled() && self.status.is_agreed()) else { return };
        let same = |one: &str, other: &str| one.trim().to_lowercase() == other.trim().to_lowercase();
        match (&self.owner, &self.approver) {
            (None, _) => problems.add("owner", format!("is required before a {} is approved", kind.word())),
            (_, None) => problems.add("kind", format!("cannot be {}: nobody has approved the document as one", kind.word())),
            (Some(owner), Some(approver)) if same(owner, approver) => {
                problems.add("approver", format!("must be somebody other than the owner, {owner}"));
            }
            _ => {}
        }
    }
}

fn title_of(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).trim();
    if stem.is_empty() { name.to_owned() } else { stem.to_owned() }
}

/// A name for a file of somebody else's: its last part only, without what could mislead a person or a file system.
#[must_use]
pub fn file_name(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or("");
    let kept: String = last
        .chars()
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .map(|c| if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\u{fffd}') { '_' } else { c })
        .collect();
    let kept = kept.trim().trim_end_matches(['.', ' ']).trim_start();
    let name = shorten(kept);
    let device = name.split('.').next().unwrap_or("").trim().to_ascii_uppercase();
    let numbered =
        |prefix: &str| device.strip_prefix(prefix).is_some_and(|rest| rest.len() == 1 && rest.chars().all(|c| c.is_ascii_digit()));
    if name.is_empty() || name.chars().all(|c| c == '.') {
        "file".to_owned()
    } else if matches!(device.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT") {
        format!("_{name}")
    } else {
        name
    }
}

/// Characters that take no room, or turn the order of those around them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// At most as long as a name may be, its ending kept.
fn shorten(name: &str) -> String {
    let length = name.chars().count();
    if length < NAME_MAX {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| ending.chars().count() <= 20);
    let room = NAME_MAX - 1 - ending.map_or(0, |ending| ending.chars().count() + 1);
    let stem: String = name.chars().take(room).collect();
    ending.map_or(stem.clone(), |ending| format!("{}.{ending}", stem.trim_end_matches(['.', ' '])))
}

#[cfg(test)]
mod tests;
