//! The sample's documents, audits and findings.

use super::word;
use crate::blobs::Staged;
use crate::error::Error;
use crate::sample::{SampleAudit, SampleDocument, SampleFinding};
use crate::store::{Kind, Tx, audits, documents, frameworks, records};
use crate::workspace::Workspace;
use crate::{crypto, media};
use amtia_domain::audit::{Audit, AuditPatch, AuditStatus};
use amtia_domain::document::{Classification, Document, DocumentKind, DocumentPatch, DocumentStatus, FoundFile};
use amtia_domain::finding::{Finding, FindingGrade, FindingPatch, FindingStatus};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Puts every document's file on the disk, for records that are about to be written.
pub(super) fn stage(workspace: &Workspace, documents: &[SampleDocument]) -> Result<Vec<Staged>, Error> {
    let unstored = |cause: std::io::Error| Error::Storage(format!("A file of the sample could not be stored: {cause}."));
    let mut staged = Vec::with_capacity(documents.len());
    for document in documents {
        let mut upload = workspace.blobs.begin().map_err(unstored)?;
        upload.write(document.content.as_bytes()).map_err(unstored)?;
        staged.push(upload.finish().map_err(unstored)?);
    }
    Ok(staged)
}

/// What the record of a staged document says of its file.
pub(super) fn found(document: &SampleDocument, staged: &Staged) -> FoundFile {
    FoundFile {
        name: document.file.to_owned(),
        media_type: media::found(document.content.as_bytes(), true, document.file, None),
        size: staged.size,
        sha256: crypto::hex(&staged.sha256),
    }
}

pub(super) fn add_document(tx: &Tx<'_>, sample: &SampleDocument, file: FoundFile) -> Result<String, Error> {
    let number = records::next_number::<Document>(tx)?;
    let expires = sample.expires.and_then(|day| day.to_zoned_datetime(TimeZone::UTC).ok()).map(|day| day.timestamp());
    let patch = DocumentPatch {
        title: Some(sample.title.to_owned()),
        kind: Some(Some(word::<DocumentKind>(sample.kind)?)),
        version: Some(sample.version.clone()),
        owner: Some(sample.owner.clone()),
        classification: Some(Some(word::<Classification>(sample.classification)?)),
        effective_date: Some(sample.effective),
        review_date: Some(sample.review),
        expires_at: Some(expires),
        status: None,
    };
    let mut document = Document::create(patch, file, crate::ids::new(tx.now), number, &tx.who.actor, sample.created)?;
    document.status = word::<DocumentStatus>(sample.status)?;
    document.approver.clone_from(&sample.approver);
    document.approved_at = sample.approver.is_some().then_some(sample.created);
    Ok(documents::bring(tx, document, number)?.record.id)
}

/// Adds an audit with its findings. Risks and documents are given by their ids, in the sample's order.
pub(super) fn add_audit(tx: &Tx<'_>, sample: &SampleAudit, risks: &[String], documents: &[String]) -> Result<(), Error> {
    let number = audits::next_number(tx, Kind::Audit, sample.created)?;
    let patch = AuditPatch {
        name: Some(sample.name.to_owned()),
        scope: Some(sample.scope.clone()),
        criteria: Some(sample.criteria.clone()),
        status: Some(word::<AuditStatus>(sample.status)?),
        lead: Some(Some(sample.lead.to_owned())),
        team: Some(sample.team.clone()),
        start_date: Some(Some(sample.start)),
        end_date: Some(Some(sample.end)),
    };
    let audit = Audit::create(patch, crate::ids::new(tx.now), number, sample.created)?;
    let id = records::create(tx, audit, number, None)?.record.id;
    for finding in &sample.findings {
        add_finding(tx, finding, &id, risks, documents)?;
    }
    Ok(())
}

fn add_finding(tx: &Tx<'_>, sample: &SampleFinding, audit: &str, risks: &[String], documents: &[String]) -> Result<(), Error> {
    let number = audits::next_number(tx, Kind::Finding, sample.raised)?;
    let ids = |places: &[usize], of: &[String]| places.iter().filter_map(|place| of.get(*place).cloned()).collect();
    let mut control_ids = Vec::new();
    for (framework, reference) in &sample.controls {
        control_ids.extend(frameworks::control_by_reference(tx.connection, framework, reference)?);
    }
    let patch = FindingPatch {
        title: Some(sample.title.to_owned()),
        grade: Some(word::<FindingGrade>(sample.grade)?),
        description: Some(sample.description.clone()),
        root_cause: Some(sample.root_cause.clone()),
        correction: Some(sample.correction.clone()),
        corrective_action: Some(sample.corrective_action.clone()),
        effectiveness: Some(sample.effectiveness.clone()),
        owner: Some(sample.owner.clone()),
        due_date: Some(sample.due),
        control_ids: Some(control_ids),
        risk_ids: Some(ids(&sample.risks, risks)),
        evidence_ids: Some(ids(&sample.documents, documents)),
        ..FindingPatch::default()
    };
    let mut finding = Finding::create(patch, crate::ids::new(tx.now), audit.to_owned(), number, &tx.who.actor, sample.raised)?;
    // By the same rules as any other: a nonconformity of the sample is settled complete and by another than its owner.
    let (status, verifier) = (word::<FindingStatus>(sample.status)?, sample.verifier.as_deref().unwrap_or("Noémie Plouvier"));
    let settled = FindingPatch { status: Some(status), reason: Some(Some("Judged by the audit team".into())), ..FindingPatch::default() };
    finding.apply(settled, verifier, settled_at(sample))?;
    records::create(tx, finding, number, None).map(drop)
}

/// When the follow-up came to where it stands: a few days before it was due, or when it was raised.
fn settled_at(sample: &SampleFinding) -> Timestamp {
    let before = sample.due.and_then(|due| due.checked_sub(jiff::Span::new().days(5)).ok()).filter(|_| sample.verifier.is_some());
    let at = before.and_then(|day| day.to_zoned_datetime(TimeZone::UTC).ok()).map(|day| day.timestamp());
    at.filter(|at| *at > sample.raised).unwrap_or(sample.raised)
}
