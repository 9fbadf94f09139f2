//! Vulnerabilities over HTTP.

use super::auth::{Analyst, Viewer};
use super::records::{self, HistoryList};
use super::request::{JsonBody, Listing, Params};
use crate::error::Error;
use crate::store::lists::Condition;
use crate::store::records::{delete, get_json};
use crate::store::vulnerabilities::{self, VULNERABILITIES};
use amtia_domain::asset::Asset;
use amtia_domain::vulnerability::{NewVulnerability, Vulnerability, VulnerabilityPatch, VulnerabilitySeverity, VulnerabilityStatus};
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page of vulnerabilities.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct VulnerabilityList {
    data: Vec<Vulnerability>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

fn filters(params: &mut Params) -> Vec<Condition> {
    let mut conditions = Vec::new();
    conditions.extend(params.choice::<VulnerabilitySeverity>("severity").map(vulnerabilities::of_severity));
    conditions.extend(params.choice::<VulnerabilityStatus>("status").map(vulnerabilities::of_status));
    conditions.extend(params.flag("kev").map(|kev| Condition::one("t.kev = ?", i64::from(kev))));
    conditions.extend(params.flag("open").map(|open| Condition::one("t.is_open = ?", i64::from(open))));
    conditions
}

/// Get vulnerabilities for an asset.
#[utoipa::path(get, path = "/v1/assets/{id}/vulnerabilities", tag = "assets", operation_id = "list_asset_vulnerabilities",
    params(("id" = String, Path), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query), ("sort" = Option<String>, Query), ("q" = Option<String>, Query),
        ("severity" = Option<VulnerabilitySeverity>, Query), ("status" = Option<VulnerabilityStatus>, Query), ("kev" = Option<bool>, Query), ("open" = Option<bool>, Query)),
    responses((status = 200, body = VulnerabilityList)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn list_asset_vulnerabilities(
    Viewer(call): Viewer,
    Path(id): Path<String>,
    mut params: Params,
) -> Result<Response, Error> {
    call.workspace.store.read(|connection| get_json::<Asset>(connection, &id))?;
    let listing = Listing::read(&mut params, &VULNERABILITIES);
    let mut conditions = vec![vulnerabilities::of_asset(id)];
    conditions.extend(filters(&mut params));
    records::list_counted(&call, params, &VULNERABILITIES, &listing, &conditions, true)
}

/// Add a vulnerability to an asset. Its severity is the band of `cvss` unless said otherwise.
#[utoipa::path(post, path = "/v1/assets/{id}/vulnerabilities", tag = "local", operation_id = "create_vulnerability", request_body = NewVulnerability,
    params(("id" = String, Path), ("idempotency-key" = Option<String>, Header)), responses((status = 201, body = Vulnerability)))]
pub(crate) async fn create_vulnerability(Analyst(call): Analyst, Path(id): Path<String>, body: JsonBody) -> Result<Response, Error> {
    call.workspace.store.read(|connection| get_json::<Asset>(connection, &id))?;
    let patch = VulnerabilityPatch::read(body.fields.clone(), true)?;
    call.write(&body, move |tx| {
        Ok(records::created("/v1/vulnerabilities", vulnerabilities::create(tx, &id, patch, crate::ids::new(tx.now))?))
    })
    .await
}

/// List vulnerabilities of all assets.
#[utoipa::path(get, path = "/v1/vulnerabilities", tag = "local", operation_id = "list_vulnerabilities",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query), ("sort" = Option<String>, Query), ("q" = Option<String>, Query),
        ("asset_id" = Option<String>, Query), ("severity" = Option<VulnerabilitySeverity>, Query), ("status" = Option<VulnerabilityStatus>, Query), ("kev" = Option<bool>, Query), ("open" = Option<bool>, Query)),
    responses((status = 200, body = VulnerabilityList)))]
pub(crate) async fn list_vulnerabilities(Viewer(call): Viewer, mut params: Params) -> Result<Response, Error> {
    let listing = Listing::read(&mut params, &VULNERABILITIES);
    let asset = params.text("asset_id");
    let few = asset.is_some();
    let mut conditions: Vec<Condition> = asset.map(vulnerabilities::of_asset).into_iter().collect();
    conditions.extend(filters(&mut params));
    let cheap = few || conditions.len() <= 1;
    records::list_counted(&call, params, &VULNERABILITIES, &listing, &conditions, cheap)
}

/// Read one vulnerability.
#[utoipa::path(get, path = "/v1/vulnerabilities/{id}", tag = "local", operation_id = "get_vulnerability", params(("id" = String, Path)),
    responses((status = 200, body = Vulnerability)))]
pub(crate) async fn get_vulnerability(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    records::read::<Vulnerability>(&call, &id, params)
}

/// Change a vulnerability. A score that comes without a severity brings its band.
#[utoipa::path(put, path = "/v1/vulnerabilities/{id}", tag = "local", operation_id = "update_vulnerability", request_body = VulnerabilityPatch,
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = Vulnerability)))]
pub(crate) async fn update_vulnerability(
    Analyst(call): Analyst,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    let read = |fields| VulnerabilityPatch::read(fields, false);
    records::change(&call, id, &headers, &body, read, |tx, patch, asked| {
        vulnerabilities::update(tx, &asked.id, patch, &asked.body, asked.expected)
    })
    .await
}

/// Delete a vulnerability; undo brings it back.
#[utoipa::path(delete, path = "/v1/vulnerabilities/{id}", tag = "local", operation_id = "delete_vulnerability",
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn delete_vulnerability(Analyst(call): Analyst, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    records::remove::<Vulnerability>(&call, id, &headers, delete).await
}

/// A vulnerability's history, newest first: who, when, before, after.
#[utoipa::path(get, path = "/v1/vulnerabilities/{id}/history", tag = "local", operation_id = "vulnerability_history",
    params(("id" = String, Path), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)), responses((status = 200, body = HistoryList)))]
pub(crate) async fn vulnerability_history(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    records::history::<Vulnerability>(&call, &id, params)
}
