//! What a risk is linked to, in words: for whoever looks at one risk.

use super::frameworks;
use super::records;
use crate::error::Error;
use amtia_domain::asset::Asset;
use amtia_domain::document::Document;
use amtia_domain::finding::Finding;
use amtia_domain::incident::Incident;
use amtia_domain::risk::Risk;
use amtia_domain::words::Word;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A record at the other end of a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Linked {
    /// Its id.
    pub id: String,
    /// What people call it.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// Its name or title.
    pub name: String,
    /// Its status, where it has one.
    pub status: Option<String>,
    /// How grave it is: an incident's severity, a finding's grade.
    pub gravity: Option<String>,
    /// What it is a part of: a control's framework, a finding's audit.
    pub part_of: Option<String>,
}

/// Everything that one risk is linked to. What has been deleted meanwhile is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RiskLinks {
    /// Assets that it touches.
    pub assets: Vec<Linked>,
    /// Controls that act on it.
    pub controls: Vec<Linked>,
    /// Controls that actions of its plan put in place, where they do not act on it yet.
    pub planned_controls: Vec<Linked>,
    /// Documents that tell of it.
    pub documents: Vec<Linked>,
    /// Incidents that name it.
    pub incidents: Vec<Linked>,
    /// Findings that name it.
    pub findings: Vec<Linked>,
}

/// What a risk is linked to.
///
/// # Errors
/// 404; the database's.
pub fn of(connection: &Connection, id: &str) -> Result<RiskLinks, Error> {
    let risk = records::get::<Risk>(connection, id)?.record;
    let mut links = RiskLinks::default();
    for asset in found::<Asset>(connection, &risk.asset_ids)? {
        links.assets.push(Linked { reference: Some(asset.reference), ..bare(asset.id, asset.name) });
    }
    for document in found::<Document>(connection, &risk.document_ids)? {
        let status = Some(document.status.word().to_owned());
        links.documents.push(Linked { reference: Some(document.reference), status, ..bare(document.id, document.title) });
    }
    links.controls = controls(connection, risk.control_ids.iter())?;
    let planned = risk.actions.iter().filter_map(|action| action.control_id.as_ref()).filter(|id| !risk.control_ids.contains(id));
    links.planned_controls = controls(connection, planned)?;
    for incident in records::where_is::<Incident>(connection, "t.seq IN (SELECT incident FROM incident_risks WHERE risk_id = ?1)", id)? {
        let incident = incident.record;
        links.incidents.push(Linked {
            reference: Some(incident.reference),
            status: Some(incident.status.word().to_owned()),
            gravity: Some(incident.severity.word().to_owned()),
            ..bare(incident.id, incident.title)
        });
    }
    for finding in records::where_is::<Finding>(connection, "t.seq IN (SELECT finding FROM finding_risks WHERE risk_id = ?1)", id)? {
        let finding = finding.record;
        links.findings.push(Linked {
            reference: Some(finding.reference),
            status: Some(finding.status.word().to_owned()),
            gravity: Some(finding.grade.word().to_owned()),
            part_of: Some(finding.audit_id),
            ..bare(finding.id, finding.title)
        });
    }
    Ok(links)
}

fn bare(id: String, name: String) -> Linked {
    Linked { id, reference: None, name, status: None, gravity: None, part_of: None }
}

fn found<R: records::Record>(connection: &Connection, ids: &[String]) -> Result<Vec<R>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        if let Some((json, ..)) = records::find_json::<R>(connection, id)? {
            found.push(serde_json::from_str(&json).map_err(Error::internal)?);
        }
    }
    Ok(found)
}

fn controls<'a>(connection: &Connection, ids: impl Iterator<Item = &'a String>) -> Result<Vec<Linked>, Error> {
    let mut found: Vec<Linked> = Vec::new();
    for id in ids {
        if found.iter().any(|control| control.id == *id) {
            continue;
        }
        let Some((json, _)) = frameworks::control_json(connection, id)? else { continue };
        let control: Value = serde_json::from_str(&json).map_err(Error::internal)?;
        let text = |field: &str| control[field].as_str().map(str::to_owned);
        let (reference, part_of) = (text("ref"), text("framework_id"));
        found.push(Linked { reference, part_of, ..bare(id.clone(), text("title").unwrap_or_default()) });
    }
    Ok(found)
}
