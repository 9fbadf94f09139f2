//! What the register needs beside its pages: where each page ends, and its groups.

use super::auth::Viewer;
use super::request::{Listing, Params};
use super::risks::Filters;
use crate::error::Error;
use crate::store::matrices;
use crate::store::risk_groups::{self, Group, GroupBy};
use crate::store::risk_lists::RISKS;
use amtia_domain::checks::Check;
use amtia_domain::matrix::{Level, View};
use amtia_domain::risk::{RiskStatus, Treatment};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where the pages of a list end.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct Marks {
    /// Risks in the whole list.
    total: u64,
    /// The cursor after each `limit` risks: with it, `GET /v1/risks` answers any page without those before it.
    cursors: Vec<String>,
}

/// The groups of the register.
#[derive(Serialize, ToSchema)]
pub(crate) struct Groups {
    by: GroupBy,
    groups: Vec<Group>,
}

fn body(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(Error::internal)
}

/// Where each page of the list of risks ends.
///
/// `limit` says how many risks a page has; filters, words and order are the list's.
#[utoipa::path(get, path = "/v1/risks/marks", tag = "local", operation_id = "risk_marks",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("sort" = Option<String>, Query), ("q" = Option<String>, Query),
        ("category" = Option<String>, Query), ("owner" = Option<String>, Query), ("status" = Option<RiskStatus>, Query), ("treatment" = Option<Treatment>, Query),
        ("check" = Option<Check>, Query), ("tag" = Option<String>, Query), ("control_id" = Option<String>, Query), ("asset_id" = Option<String>, Query), ("framework_id" = Option<String>, Query), ("without" = Option<GroupBy>, Query), ("review_before" = Option<String>, Query, format = Date),
        ("view" = Option<View>, Query), ("likelihood" = Option<u8>, Query, minimum = 1, maximum = 7), ("impact" = Option<u8>, Query, minimum = 1, maximum = 7),
        ("level" = Option<Level>, Query), ("assessed" = Option<bool>, Query)),
    responses((status = 200, body = Marks)))]
pub(crate) async fn risk_marks(Viewer(call): Viewer, mut params: Params) -> Result<Response, Error> {
    let listing = Listing::read(&mut params, &RISKS);
    let filters = Filters::read(&mut params, &*call.workspace.matrix()?);
    let mut target = params.target.clone();
    params.finish()?;
    let filters = filters.on_day(&call, &mut target)?;
    call.cached(&target, |connection| {
        let (cursors, total) = listing.marks(connection, &filters.conditions)?;
        Ok((body(&Marks { total, cursors })?, None))
    })
}

/// The register in groups, each with its count and its current levels.
///
/// The filters are the list's. A risk stands in each group that it belongs to: of each asset that it is about, of each framework
/// of its controls.
#[utoipa::path(get, path = "/v1/risks/groups", tag = "local", operation_id = "risk_groups",
    params(("by" = GroupBy, Query), ("q" = Option<String>, Query),
        ("category" = Option<String>, Query), ("owner" = Option<String>, Query), ("status" = Option<RiskStatus>, Query), ("treatment" = Option<Treatment>, Query),
        ("check" = Option<Check>, Query), ("tag" = Option<String>, Query), ("control_id" = Option<String>, Query), ("asset_id" = Option<String>, Query), ("framework_id" = Option<String>, Query), ("without" = Option<GroupBy>, Query), ("review_before" = Option<String>, Query, format = Date),
        ("view" = Option<View>, Query), ("likelihood" = Option<u8>, Query, minimum = 1, maximum = 7), ("impact" = Option<u8>, Query, minimum = 1, maximum = 7),
        ("level" = Option<Level>, Query), ("assessed" = Option<bool>, Query)),
    responses((status = 200, body = Groups)))]
pub(crate) async fn risk_groups(Viewer(call): Viewer, mut params: Params) -> Result<Response, Error> {
    let words = params.text("q");
    let by = params.choice::<GroupBy>("by");
    let filters = Filters::read(&mut params, &*call.workspace.matrix()?);
    let mut target = params.target.clone();
    params.finish()?;
    let by = by.ok_or_else(|| Error::field("by", "is required"))?;
    let filters = filters.on_day(&call, &mut target)?;
    call.cached(&target, |connection| {
        let matrix = matrices::in_force(connection)?;
        let groups = risk_groups::groups(connection, by, &matrix, &filters.conditions, words.as_deref())?;
        Ok((body(&Groups { by, groups })?, None))
    })
}
