//! Assets over HTTP.

use super::auth::{Analyst, Viewer};
use super::records::{self, HistoryList};
use super::request::{JsonBody, Listing, Params};
use crate::error::Error;
use crate::store::assets::{self, ASSETS};
use crate::store::lists::Condition;
use amtia_domain::asset::{Asset, AssetPatch, AssetType, MOST, NewAsset};
use amtia_domain::words::Word;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// One page of assets.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct AssetList {
    data: Vec<Asset>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

/// List assets.
///
/// `parent_id=none` gives those that are part of no other.
#[utoipa::path(get, path = "/v1/assets", tag = "assets", operation_id = "list_assets",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query), ("sort" = Option<String>, Query), ("q" = Option<String>, Query),
        ("type" = Option<AssetType>, Query), ("owner" = Option<String>, Query), ("criticality" = Option<u8>, Query, minimum = 1, maximum = 5), ("parent_id" = Option<String>, Query),
        ("tag" = Option<String>, Query), ("risk_id" = Option<String>, Query), ("incident_id" = Option<String>, Query)),
    responses((status = 200, body = AssetList)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn list_assets(Viewer(call): Viewer, mut params: Params) -> Result<Response, Error> {
    let listing = Listing::read(&mut params, &ASSETS);
    let mut conditions = Vec::new();
    conditions.extend(params.choice::<AssetType>("type").map(|kind| Condition::one("t.type = ?", kind.word().to_owned())));
    conditions.extend(params.text("owner").map(|owner| Condition::one("t.owner = ?", owner)));
    conditions.extend(params.number("criticality", 1, MOST.into()).map(|step| Condition::one("t.criticality = ?", step as i64)));
    conditions.extend(params.text("parent_id").map(|parent| {
        let parent = if parent == "none" { String::new() } else { parent };
        Condition::one("t.parent_id = ?", parent)
    }));
    conditions.extend(params.text("tag").map(|tag| Condition::one("t.seq IN (SELECT asset FROM asset_tags WHERE tag = ?)", tag)));
    conditions.extend(params.text("risk_id").map(assets::of_risk));
    conditions.extend(params.text("incident_id").map(assets::of_incident));
    records::list(&call, params, &ASSETS, &listing, &conditions)
}

/// Create an asset.
#[utoipa::path(post, path = "/v1/assets", tag = "assets", operation_id = "create_asset", request_body = NewAsset,
    params(("idempotency-key" = Option<String>, Header)), responses((status = 201, body = Asset)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn create_asset(Analyst(call): Analyst, body: JsonBody) -> Result<Response, Error> {
    let patch = AssetPatch::read(body.fields.clone(), true)?;
    call.write(&body, move |tx| Ok(records::created("/v1/assets", assets::create(tx, patch, crate::ids::new(tx.now))?))).await
}

/// Read one asset.
#[utoipa::path(get, path = "/v1/assets/{id}", tag = "local", operation_id = "get_asset", params(("id" = String, Path)), responses((status = 200, body = Asset)))]
pub(crate) async fn get_asset(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    records::read::<Asset>(&call, &id, params)
}

/// Change an asset: the fields that are present change, null clears, the others stay.
#[utoipa::path(put, path = "/v1/assets/{id}", tag = "local", operation_id = "update_asset", request_body = AssetPatch,
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = Asset)))]
pub(crate) async fn update_asset(
    Analyst(call): Analyst,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    let read = |fields| AssetPatch::read(fields, false);
    records::change(&call, id, &headers, &body, read, |tx, patch, asked| assets::update(tx, &asked.id, patch, &asked.body, asked.expected))
        .await
}

/// Delete an asset. Its vulnerabilities go with it, its parts stand alone, and risks and incidents no longer name it; undo
/// brings all of it back.
#[utoipa::path(delete, path = "/v1/assets/{id}", tag = "local", operation_id = "delete_asset",
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn delete_asset(Analyst(call): Analyst, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    records::remove::<Asset>(&call, id, &headers, assets::remove).await
}

/// An asset's history, newest first: who, when, before, after.
#[utoipa::path(get, path = "/v1/assets/{id}/history", tag = "local", operation_id = "asset_history",
    params(("id" = String, Path), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)), responses((status = 200, body = HistoryList)))]
pub(crate) async fn asset_history(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    records::history::<Asset>(&call, &id, params)
}

/// The values in use, with counts, for choosing filters.
#[utoipa::path(get, path = "/v1/assets/facets", tag = "local", operation_id = "asset_facets", responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn asset_facets(Viewer(call): Viewer, params: Params) -> Result<Response, Error> {
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| Ok((assets::facets(connection)?.to_string(), None)))
}

/// Open vulnerabilities of an asset, by severity.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct VulnerabilityCounts {
    critical: u64,
    high: u64,
    medium: u64,
    low: u64,
    none: u64,
}

/// A risk, as briefly as a row names it.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct RiskBrief {
    id: String,
    #[serde(rename = "ref")]
    reference: String,
    score: u16,
    level: amtia_domain::matrix::Level,
}

/// Where an asset stands.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct AssetStanding {
    asset_id: String,
    /// Open ones.
    vulnerabilities: VulnerabilityCounts,
    /// Whether any was ever recorded, open or not.
    any_vulnerability: bool,
    /// The highest current score among the risks that name it.
    highest_risk: Option<RiskBrief>,
}

/// Where several assets stand, in the order asked.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct AssetStandings {
    data: Vec<AssetStanding>,
}

/// Where the assets of `ids` stand (their ids, separated by commas, up to 200): open vulnerabilities by severity and the
/// highest risk.
#[utoipa::path(get, path = "/v1/assets/standing", tag = "local", operation_id = "asset_standing", params(("ids" = String, Query)),
    responses((status = 200, body = AssetStandings)))]
pub(crate) async fn asset_standing(Viewer(call): Viewer, mut params: Params) -> Result<Response, Error> {
    let ids: Vec<String> = params.long_text("ids", 8_000).unwrap_or_default().split(',').map(|id| id.trim().to_owned()).collect();
    let ids: Vec<String> = ids.into_iter().filter(|id| !id.is_empty()).collect();
    if ids.is_empty() || ids.len() > 200 {
        params.problems.add("ids", "must be 1 to 200 ids, separated by commas");
    }
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| Ok((json!({ "data": assets::standing(connection, &ids)? }).to_string(), None)))
}
