//! Audits and their findings over HTTP.

use super::auth::{Analyst, Viewer};
use super::records::{self, HistoryList};
use super::request::{JsonBody, Listing, Params};
use crate::error::Error;
use crate::store::audits::{self, AUDITS, FINDINGS};
use crate::store::lists::{self, Condition};
use crate::store::records::{self as kept, delete};
use amtia_domain::audit::{Audit, AuditPatch, AuditStatus, NewAudit};
use amtia_domain::finding::{Finding, FindingGrade, FindingPatch, FindingStatus, NewFinding};
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page of audits.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct AuditList {
    data: Vec<Audit>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

/// One page of findings.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct FindingList {
    data: Vec<Finding>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

/// List audits.
#[utoipa::path(get, path = "/v1/audits", tag = "audit", operation_id = "list_audits",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query), ("sort" = Option<String>, Query), ("q" = Option<String>, Query),
        ("status" = Option<AuditStatus>, Query), ("lead" = Option<String>, Query), ("criteria" = Option<String>, Query), ("framework_id" = Option<String>, Query)),
    responses((status = 200, body = AuditList)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn list_audits(Viewer(call): Viewer, mut params: Params) -> Result<Response, Error> {
    let listing = Listing::read(&mut params, &AUDITS);
    let mut conditions = Vec::new();
    conditions.extend(params.choice::<AuditStatus>("status").map(audits::of_status));
    conditions.extend(params.text("lead").map(|lead| Condition::one("t.lead = ?", lead)));
    // The field is called criteria, what it holds are framework ids: either name finds.
    conditions.extend(params.text("criteria").map(audits::held_against));
    conditions.extend(params.text("framework_id").map(audits::held_against));
    records::list(&call, params, &AUDITS, &listing, &conditions)
}

/// Create an audit.
#[utoipa::path(post, path = "/v1/audits", tag = "audit", operation_id = "create_audit", request_body = NewAudit,
    params(("idempotency-key" = Option<String>, Header)), responses((status = 201, body = Audit)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn create_audit(Analyst(call): Analyst, body: JsonBody) -> Result<Response, Error> {
    let patch = AuditPatch::read(body.fields.clone(), true)?;
    call.write(&body, move |tx| Ok(records::created("/v1/audits", audits::create(tx, patch, crate::ids::new(tx.now))?))).await
}

/// Read one audit.
#[utoipa::path(get, path = "/v1/audits/{id}", tag = "local", operation_id = "get_audit", params(("id" = String, Path)), responses((status = 200, body = Audit)))]
pub(crate) async fn get_audit(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    records::read::<Audit>(&call, &id, params)
}

/// Change an audit, its status among it: one step at a time.
#[utoipa::path(put, path = "/v1/audits/{id}", tag = "local", operation_id = "update_audit", request_body = AuditPatch,
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = Audit)))]
pub(crate) async fn update_audit(
    Analyst(call): Analyst,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    let read = |fields| AuditPatch::read(fields, false);
    records::change(&call, id, &headers, &body, read, |tx, patch, asked| audits::update(tx, &asked.id, patch, &asked.body, asked.expected))
        .await
}

/// Delete an audit with its findings; undo brings all of it back.
#[utoipa::path(delete, path = "/v1/audits/{id}", tag = "local", operation_id = "delete_audit",
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn delete_audit(Analyst(call): Analyst, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    records::remove::<Audit>(&call, id, &headers, audits::delete).await
}

/// An audit's history, newest first.
#[utoipa::path(get, path = "/v1/audits/{id}/history", tag = "local", operation_id = "audit_history",
    params(("id" = String, Path), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)), responses((status = 200, body = HistoryList)))]
pub(crate) async fn audit_history(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    records::history::<Audit>(&call, &id, params)
}

/// Get audit findings.
#[utoipa::path(get, path = "/v1/audits/{id}/findings", tag = "audit", operation_id = "list_findings",
    params(("id" = String, Path), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query), ("sort" = Option<String>, Query), ("q" = Option<String>, Query),
        ("grade" = Option<FindingGrade>, Query), ("status" = Option<FindingStatus>, Query), ("owner" = Option<String>, Query), ("open" = Option<bool>, Query), ("overdue" = Option<bool>, Query)),
    responses((status = 200, body = FindingList)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn list_findings(Viewer(call): Viewer, Path(id): Path<String>, mut params: Params) -> Result<Response, Error> {
    let listing = Listing::read(&mut params, &FINDINGS);
    let mut conditions = vec![Condition::one("t.audit_id = ?", id.clone())];
    conditions.extend(params.choice::<FindingGrade>("grade").map(audits::of_grade));
    conditions.extend(params.choice::<FindingStatus>("status").map(audits::at_status));
    conditions.extend(params.text("owner").map(|owner| Condition::one("t.owner = ?", owner)));
    conditions.extend(params.flag("open").map(|open| Condition::one("t.is_open = ?", i64::from(open))));
    let mut target = params.target.clone();
    if let Some(late) = params.flag("overdue") {
        let today = call.workspace.store.read(|connection| audits::today(connection, call.workspace.store.now()))?;
        conditions.push(audits::overdue(late, today));
        // Holds for a day only, whether anything changes or not.
        target.push_str(&format!("#{today}"));
    }
    call.workspace.store.read(|connection| kept::get_json::<Audit>(connection, &id))?;
    params.finish()?;
    call.cached(&target, |connection| {
        // Within one audit counting is cheap, whatever is asked of its findings.
        let total = if listing.words.is_none() { Some(lists::count(connection, &FINDINGS, &conditions)?) } else { None };
        Ok((listing.page(connection, &conditions, total)?, None))
    })
}

/// Raise a finding in an audit.
#[utoipa::path(post, path = "/v1/audits/{id}/findings", tag = "local", operation_id = "create_finding", request_body = NewFinding,
    params(("id" = String, Path), ("idempotency-key" = Option<String>, Header)), responses((status = 201, body = Finding)))]
pub(crate) async fn create_finding(Analyst(call): Analyst, Path(id): Path<String>, body: JsonBody) -> Result<Response, Error> {
    call.workspace.store.read(|connection| kept::get_json::<Audit>(connection, &id))?;
    let patch = FindingPatch::read(body.fields.clone(), true)?;
    call.write(&body, move |tx| Ok(records::created("/v1/findings", audits::raise(tx, &id, patch, crate::ids::new(tx.now))?))).await
}

/// Read one finding.
#[utoipa::path(get, path = "/v1/findings/{id}", tag = "local", operation_id = "get_finding", params(("id" = String, Path)), responses((status = 200, body = Finding)))]
pub(crate) async fn get_finding(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    records::read::<Finding>(&call, &id, params)
}

/// Change a finding, its status among it. A nonconformity is verified or closed only when complete, by another than its owner.
#[utoipa::path(put, path = "/v1/findings/{id}", tag = "local", operation_id = "update_finding", request_body = FindingPatch,
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = Finding)))]
pub(crate) async fn update_finding(
    Analyst(call): Analyst,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    let read = |fields| FindingPatch::read(fields, false);
    records::change(&call, id, &headers, &body, read, |tx, patch, asked| {
        audits::update_finding(tx, &asked.id, patch, &asked.body, asked.expected)
    })
    .await
}

/// Delete a finding; undo brings it back.
#[utoipa::path(delete, path = "/v1/findings/{id}", tag = "local", operation_id = "delete_finding",
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn delete_finding(Analyst(call): Analyst, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    records::remove::<Finding>(&call, id, &headers, delete).await
}

/// A finding's history, newest first.
#[utoipa::path(get, path = "/v1/findings/{id}/history", tag = "local", operation_id = "finding_history",
    params(("id" = String, Path), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)), responses((status = 200, body = HistoryList)))]
pub(crate) async fn finding_history(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    records::history::<Finding>(&call, &id, params)
}
