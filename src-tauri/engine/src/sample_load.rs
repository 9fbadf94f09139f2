//! Writes the sample workspace, content made by [`crate::sample`], through the same store functions as everything else.

mod audits;
mod treatment;
mod workshops;

use crate::blobs::Staged;
use crate::crypto;
use crate::error::Error;
use crate::import;
use crate::sample::{self, Sample, SampleAssessment, SampleIncident, SampleRisk};
use crate::store::assessed_controls::{self, Wanted};
use crate::store::{Door, Tx, Who, assessments, assets, frameworks, incidents, records, risks, vulnerabilities};
use crate::workspace::Workspace;
use amtia_domain::assessed_control::{ControlResult, ResultPatch};
use amtia_domain::assessment::{AssessmentPatch, Full, Scope};
use amtia_domain::asset::{AssetPatch, AssetType};
use amtia_domain::incident::{DismissalReason, EntryKind, Incident, IncidentPatch, IncidentStatus, Severity, TimelineEntry, Tlp};
use amtia_domain::matrix::Matrix;
use amtia_domain::risk::{Judgement, Risk, RiskPatch, RiskStatus, Treatment};
use amtia_domain::vulnerability::{VulnerabilityPatch, VulnerabilitySeverity, VulnerabilityStatus};
use amtia_domain::words::Word;
use jiff::Timestamp;

/// The sample workspace's name.
pub const NAME: &str = "Corvane Group";
/// The same sample every time, but for the day it is made.
const SEED: u64 = 20_261_124;

/// Fills an empty workspace with the sample.
///
/// # Errors
/// The database's.
pub fn load(workspace: &Workspace, profile: &str) -> Result<(), Error> {
    let today = workspace.store.now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let content = sample::corvane(today, SEED);
    let matrix = workspace.matrix()?;
    let who = Who { actor: profile.to_owned(), door: Door::Import };
    let mut staged = audits::stage(workspace, &content.documents)?;
    let files: Vec<_> = content.documents.iter().zip(&staged).map(|(document, staged)| audits::found(document, staged)).collect();
    staged.iter_mut().for_each(Staged::pledge);
    let written = workspace.store.write_blocking(who, move |tx| {
        tx.outside_undo();
        for draft in &content.frameworks {
            let fingerprint = crypto::sha256(&[&import::fingerprint(draft)]);
            frameworks::create(tx, draft, &fingerprint, None, &|_| true)?;
        }
        let asset_ids = add_assets(tx, &content)?;
        let of = |name: &str| -> Vec<String> {
            content.assets.iter().zip(&asset_ids).filter(|(asset, _)| asset.is_named_in(name)).map(|(_, id)| id.clone()).collect()
        };
        let mut ids = Vec::with_capacity(content.risks.len());
        for (place, risk) in content.risks.iter().enumerate() {
            ids.push(add_risk(tx, risk, &matrix, of(&risk.name), |made| treatment::plan(made, place, today, tx.now, &matrix))?);
        }
        treatment::accept(tx, &content.risks, &ids, today)?;
        for incident in &content.incidents {
            add_incident(tx, incident, &ids, of(&incident.title))?;
        }
        for assessment in &content.assessments {
            add_assessment(tx, assessment)?;
        }
        let mut documents = Vec::with_capacity(files.len());
        for (document, file) in content.documents.iter().zip(files) {
            documents.push(audits::add_document(tx, document, file)?);
        }
        for audit in &content.audits {
            audits::add_audit(tx, audit, &ids, &documents)?;
        }
        for workshop in &content.workshops {
            workshops::add_workshop(tx, workshop, &ids)?;
        }
        Ok(())
    });
    staged.into_iter().for_each(if written.is_ok() { Staged::keep } else { Staged::discard });
    written
}

fn word<W: Word>(text: &str) -> Result<W, Error> {
    W::from_word(text).ok_or_else(|| Error::internal(format!("the sample holds an unknown word: {text}")))
}

fn add_assets(tx: &Tx<'_>, content: &Sample) -> Result<Vec<String>, Error> {
    let mut ids: Vec<String> = Vec::with_capacity(content.assets.len());
    for asset in &content.assets {
        let [criticality, confidentiality, integrity, availability] = asset.needs.map(|need| Some(Some(need)));
        let patch = AssetPatch {
            name: Some(asset.name.to_owned()),
            kind: Some(Some(word::<AssetType>(asset.kind)?)),
            owner: Some(Some(asset.owner.to_owned())),
            description: Some(asset.description.clone()),
            confidentiality,
            integrity,
            availability,
            criticality,
            parent_id: Some(asset.parent.and_then(|parent| ids.get(parent).cloned())),
            tags: Some(asset.tags.clone()),
        };
        ids.push(assets::create(tx, patch, crate::ids::new(tx.now))?.record.id);
    }
    for one in &content.vulnerabilities {
        let patch = VulnerabilityPatch {
            title: Some(one.title.to_owned()),
            cve: Some(one.cve.clone()),
            severity: one.severity.map(word::<VulnerabilitySeverity>).transpose()?,
            cvss: Some(one.cvss),
            epss: Some(one.epss),
            kev: Some(one.kev),
            status: Some(word::<VulnerabilityStatus>(one.status)?),
            first_seen: Some(one.first_seen),
            last_seen: Some(one.last_seen),
            due_date: Some(one.due_date),
            source: Some(Some(one.source.to_owned())),
        };
        vulnerabilities::create(tx, &ids[one.asset], patch, crate::ids::new(tx.now))?;
    }
    Ok(ids)
}

fn add_assessment(tx: &Tx<'_>, sample: &SampleAssessment) -> Result<(), Error> {
    let scope = if sample.groups.is_empty() { Scope::Full(Full::Full) } else { Scope::Groups(sample.groups.clone()) };
    let patch = AssessmentPatch {
        framework_id: Some(sample.framework.to_owned()),
        scope: Some(scope),
        name: Some(sample.name.to_owned()),
        status: None,
        due_date: Some(sample.due_date),
    };
    let assessment = assessments::create(tx, patch, crate::ids::new(tx.now))?.record;
    let (controls, _) = assessed_controls::list(tx.connection, &assessment, &Wanted { limit: sample.answered, ..Wanted::default() })?;
    for (place, control) in controls.iter().enumerate() {
        let exception = sample.exceptions.iter().find(|found| Some(found.reference) == control.reference.as_deref());
        let patch = match exception {
            Some(found) => ResultPatch {
                result: Some(word(found.result)?),
                maturity: Some(found.maturity.map(|(now, _)| now)),
                target: Some(found.maturity.map(|(_, target)| target)),
                justification: Some(found.justification.clone()),
                missing_evidence: Some(found.missing.clone()),
                planned_control: Some(found.planned.clone()),
                owner: Some(found.owner.clone()),
                due_date: Some(found.due_date),
                ..ResultPatch::default()
            },
            None => {
                let (evidence, maturity) = SampleAssessment::met(place);
                ResultPatch {
                    result: Some(ControlResult::Compliant),
                    maturity: Some(Some(maturity)),
                    target: Some(Some(3)),
                    evidence: Some(Some(evidence.to_owned())),
                    ..ResultPatch::default()
                }
            }
        };
        assessed_controls::record(tx, &assessment.id, &control.control_id, patch, &serde_json::Value::Null, None)?;
    }
    let patch = AssessmentPatch { status: Some(word(sample.status)?), ..AssessmentPatch::default() };
    assessments::update(tx, &assessment.id, patch, &serde_json::Value::Null, None).map(drop)
}

fn add_risk(
    tx: &Tx<'_>,
    risk: &SampleRisk,
    matrix: &Matrix,
    asset_ids: Vec<String>,
    plan: impl FnOnce(&mut Risk) -> Result<(), Error>,
) -> Result<String, Error> {
    let judgement = |cell: Option<(u8, u8)>| Some(cell.map(|(likelihood, impact)| Judgement { likelihood, impact }));
    let mut control_ids = Vec::new();
    for (framework, reference) in &risk.controls {
        control_ids.extend(frameworks::control_by_reference(tx.connection, framework, reference)?);
    }
    let patch = RiskPatch {
        name: Some(risk.name.clone()),
        description: Some(risk.description.clone()),
        category: Some(Some(risk.category.clone())),
        owner: Some(risk.owner.clone()),
        status: Some(word::<RiskStatus>(risk.status)?),
        treatment: Some(word::<Treatment>(risk.treatment)?),
        likelihood: Some(risk.current.map(|cell| cell.0)),
        impact: Some(risk.current.map(|cell| cell.1)),
        inherent: judgement(risk.inherent),
        residual: judgement(risk.residual),
        target: judgement(risk.target),
        rationale: Some(risk.rationale.clone()),
        tags: Some(risk.tags.clone()),
        review_date: Some(risk.review_date),
        asset_ids: Some(asset_ids),
        control_ids: Some(control_ids),
        ..RiskPatch::default()
    };
    let stored = risks::bring(tx, patch, matrix, plan)?;
    Ok(stored.record.id)
}

fn add_incident(tx: &Tx<'_>, sample: &SampleIncident, risk_ids: &[String], asset_ids: Vec<String>) -> Result<(), Error> {
    let number = records::next_number::<Incident>(tx)?;
    let patch = IncidentPatch {
        title: Some(sample.title.clone()),
        severity: Some(word::<Severity>(sample.severity)?),
        description: Some(sample.description.clone()),
        occurred_at: Some(sample.occurred_at),
        detected_at: Some(sample.detected_at),
        aware_at: Some(sample.aware_at),
        classified_at: Some(sample.classified_at),
        tlp: Some(sample.tlp.map(word::<Tlp>).transpose()?),
        lead: Some(sample.lead.clone()),
        risk_ids: Some(sample.risks.iter().filter_map(|index| risk_ids.get(*index).cloned()).collect()),
        asset_ids: Some(asset_ids),
    };
    let mut incident = Incident::create(patch, crate::ids::new(tx.now), number, sample.created)?;
    incident.status = word::<IncidentStatus>(sample.status)?;
    incident.resolved_at = sample.resolved_at;
    incident.dismissal_reason = sample.dismissal_reason.map(word::<DismissalReason>).transpose()?;
    incident.updated_at = sample.timeline.iter().map(|entry| entry.entered_at).max().unwrap_or(sample.created);
    let entries: Vec<TimelineEntry> = sample
        .timeline
        .iter()
        .map(|entry| {
            Ok(TimelineEntry {
                id: crate::ids::new(tx.now),
                at: milliseconds(entry.at),
                entered_at: milliseconds(entry.entered_at),
                actor: entry.actor.clone(),
                kind: word::<EntryKind>(entry.kind)?,
                text: entry.text.clone(),
                from: entry.from.clone(),
                to: entry.to.clone(),
                field: None,
            })
        })
        .collect::<Result<_, Error>>()?;
    incidents::bring(tx, incident, number, &entries).map(drop)
}

fn milliseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}
