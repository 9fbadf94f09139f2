//! Risks over HTTP.

use super::auth::{Analyst, Call, Viewer};
use super::records::{self, HistoryList};
use super::request::{JsonBody, Listing, Params};
use crate::error::Error;
use crate::store::audits;
use crate::store::lists::Condition;
use crate::store::matrices;
use crate::store::risk_checks;
use crate::store::risk_groups::{self, GroupBy};
use crate::store::risk_lists::{self, Grouping, RISKS};
use crate::store::risks;
use amtia_domain::checks::Check;
use amtia_domain::matrix::{Level, Matrix, View};
use amtia_domain::risk::{NewRisk, Risk, RiskPatch, RiskStatus, Treatment};
use amtia_domain::words::Word;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use utoipa::ToSchema;

/// One page of risks.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct RiskList {
    data: Vec<Risk>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

/// One cell of the heatmap.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct HeatmapCell {
    likelihood: u8,
    impact: u8,
    level: Level,
    /// Likelihood × impact.
    score: u16,
    count: u64,
}

/// The heatmap: every cell, zero included.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct Heatmap {
    view: View,
    #[schema(value_type = Matrix)]
    matrix: Arc<Matrix>,
    cells: Vec<HeatmapCell>,
    /// Risks by level.
    #[schema(value_type = std::collections::BTreeMap<String, u64>)]
    totals: serde_json::Map<String, serde_json::Value>,
    /// Risks not assessed in this view.
    unassessed: u64,
}

/// The filters of the list, which the heatmap, the map, the lens, pictures and the export take too.
pub(super) struct Filters {
    pub(super) view: View,
    pub(super) conditions: Vec<Condition>,
}

/// Filters as they are asked for. What a check finds depends on the day, so that they filter nothing before they know it.
pub(super) struct Asked {
    filters: Filters,
    cell: Option<(u8, u8)>,
    check: Option<Check>,
}

impl Filters {
    pub(super) fn read(params: &mut Params, matrix: &Matrix) -> Asked {
        let view = params.choice::<View>("view").unwrap_or(View::Current);
        let mut conditions = Vec::new();
        if let Some(category) = params.text("category") {
            conditions.push(Condition::one("t.category = ?", category));
        }
        if let Some(owner) = params.text("owner") {
            conditions.push(Condition::one("t.owner = ?", owner));
        }
        if let Some(status) = params.choice::<RiskStatus>("status") {
            conditions.push(Condition::one("t.status = ?", status.word().to_owned()));
        }
        if let Some(treatment) = params.choice::<Treatment>("treatment") {
            conditions.push(Condition::one("t.treatment = ?", treatment.word().to_owned()));
        }
        if let Some(tag) = params.text("tag") {
            conditions.push(Condition::one("t.seq IN (SELECT risk FROM risk_tags WHERE tag = ?)", tag));
        }
        if let Some(control) = params.text("control_id") {
            conditions.push(Condition::one("t.seq IN (SELECT risk FROM risk_controls WHERE control_id = ?)", control));
        }
        if let Some(asset) = params.text("asset_id") {
            conditions.push(Condition::one("t.seq IN (SELECT risk FROM risk_assets WHERE asset_id = ?)", asset));
        }
        if let Some(framework) = params.text("framework_id") {
            let sql = "t.seq IN (SELECT l.risk FROM risk_controls l JOIN controls c ON c.id = l.control_id JOIN frameworks f ON f.seq = c.framework WHERE f.id = ?)";
            conditions.push(Condition::one(sql, framework));
        }
        if let Some(by) = params.choice::<GroupBy>("without") {
            conditions.push(risk_groups::without(by));
        }
        if let Some(before) = params.date("review_before") {
            conditions.push(Condition::one("t.review_date > '' AND t.review_date < ?", before.to_string()));
        }
        let step =
            |params: &mut Params, name: &str, max: u8| params.number(name, 1, u64::from(max)).and_then(|step| u8::try_from(step).ok());
        let likelihood = step(params, "likelihood", matrix.likelihood_steps());
        let impact = step(params, "impact", matrix.impact_steps());
        let level = params.choice::<Level>("level");
        let assessed = params.flag("assessed");
        conditions.extend(risk_lists::placed(view, likelihood, impact, level, assessed));
        Asked { filters: Self { view, conditions }, cell: likelihood.zip(impact), check: params.choice("check") }
    }
}

impl Asked {
    /// The filters of today. An answer that depends on the day is kept under a target that names it.
    pub(super) fn on_day(self, call: &Call, target: &mut String) -> Result<Filters, Error> {
        let mut filters = self.filters;
        if let Some(check) = self.check {
            let today = call.workspace.store.read(|connection| audits::today(connection, call.workspace.store.now()))?;
            filters.conditions.push(risk_checks::found_by(check, &*call.workspace.matrix()?, today));
            target.push_str(&format!("#{today}"));
        }
        Ok(filters)
    }
}

/// List risk scenarios.
///
/// `view` says which assessment `likelihood`, `impact`, `level` and `assessed` speak of.
#[utoipa::path(get, path = "/v1/risks", tag = "risks", operation_id = "list_risks",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query), ("sort" = Option<String>, Query), ("q" = Option<String>, Query),
        ("category" = Option<String>, Query), ("owner" = Option<String>, Query), ("status" = Option<RiskStatus>, Query), ("treatment" = Option<Treatment>, Query),
        ("check" = Option<Check>, Query), ("tag" = Option<String>, Query), ("control_id" = Option<String>, Query), ("asset_id" = Option<String>, Query), ("framework_id" = Option<String>, Query), ("without" = Option<GroupBy>, Query), ("review_before" = Option<String>, Query, format = Date),
        ("view" = Option<View>, Query), ("likelihood" = Option<u8>, Query, minimum = 1, maximum = 7), ("impact" = Option<u8>, Query, minimum = 1, maximum = 7),
        ("level" = Option<Level>, Query), ("assessed" = Option<bool>, Query)),
    responses((status = 200, body = RiskList)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn list_risks(Viewer(call): Viewer, mut params: Params) -> Result<Response, Error> {
    let listing = Listing::read(&mut params, &RISKS);
    let filters = Filters::read(&mut params, &*call.workspace.matrix()?);
    let mut target = params.target.clone();
    params.finish()?;
    let filters = filters.on_day(&call, &mut target)?;
    let store = &call.workspace.store;
    let version = store.version();
    call.cached(&target, |connection| {
        let mut total = match filters.conditions.as_slice() {
            [] if listing.words.is_none() => Some(store.risk_total(connection, version)?),
            conditions => risk_lists::total_where(connection, conditions, listing.words.as_deref())?,
        };
        if total.is_none() && listing.words.is_none() {
            let counts = store.risk_counts(filters.view, &filters.conditions);
            total = counts.map(|counts| counts.iter().map(|(_, _, count)| count).sum());
        }
        Ok((listing.page(connection, &filters.conditions, total)?, None))
    })
}

/// Create a risk scenario.
#[utoipa::path(post, path = "/v1/risks", tag = "risks", operation_id = "create_risk", request_body = NewRisk,
    params(("idempotency-key" = Option<String>, Header)), responses((status = 201, body = Risk)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn create_risk(Analyst(call): Analyst, body: JsonBody) -> Result<Response, Error> {
    let patch = RiskPatch::read(body.fields.clone(), &*call.workspace.matrix()?, true)?;
    call.write(&body, move |tx| {
        let matrix = matrices::in_force(tx.connection)?;
        Ok(records::created("/v1/risks", risks::create(tx, patch, crate::ids::new(tx.now), &matrix)?))
    })
    .await
}

/// Read one risk.
#[utoipa::path(get, path = "/v1/risks/{id}", tag = "local", operation_id = "get_risk", params(("id" = String, Path)), responses((status = 200, body = Risk)))]
pub(crate) async fn get_risk(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    records::read::<Risk>(&call, &id, params)
}

/// Update a risk: the fields that are present change, null clears, the others stay.
#[utoipa::path(put, path = "/v1/risks/{id}", tag = "risks", operation_id = "update_risk", request_body = RiskPatch,
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = Risk)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn update_risk(
    Analyst(call): Analyst,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    let reading = call.workspace.matrix()?;
    let read = |fields| RiskPatch::read(fields, &reading, false);
    records::change(&call, id, &headers, &body, read, move |tx, patch, asked| {
        // By the matrix in force when it is written, which may be another by now.
        risks::update(tx, &asked.id, patch, &asked.body, asked.expected, &matrices::in_force(tx.connection)?)
    })
    .await
}

/// Delete a risk; undo brings it back whole.
#[utoipa::path(delete, path = "/v1/risks/{id}", tag = "local", operation_id = "delete_risk",
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn delete_risk(Analyst(call): Analyst, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    records::remove::<Risk>(&call, id, &headers, risks::remove).await
}

/// Get risk heatmap data: every cell with its count.
#[utoipa::path(get, path = "/v1/risks/heatmap", tag = "risks", operation_id = "risk_heatmap",
    params(("view" = Option<View>, Query), ("q" = Option<String>, Query), ("category" = Option<String>, Query), ("owner" = Option<String>, Query), ("status" = Option<RiskStatus>, Query),
        ("treatment" = Option<Treatment>, Query), ("check" = Option<Check>, Query), ("tag" = Option<String>, Query), ("control_id" = Option<String>, Query), ("asset_id" = Option<String>, Query), ("framework_id" = Option<String>, Query), ("without" = Option<GroupBy>, Query),
        ("review_before" = Option<String>, Query, format = Date), ("likelihood" = Option<u8>, Query, minimum = 1, maximum = 7), ("impact" = Option<u8>, Query, minimum = 1, maximum = 7),
        ("level" = Option<Level>, Query), ("assessed" = Option<bool>, Query)),
    responses((status = 200, body = Heatmap)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn risk_heatmap(Viewer(call): Viewer, mut params: Params) -> Result<Response, Error> {
    let words = params.text("q");
    let store = &call.workspace.store;
    let version = store.version();
    let matrix = call.workspace.matrix()?;
    let filters = Filters::read(&mut params, &matrix);
    let mut target = params.target.clone();
    params.finish()?;
    let filters = filters.on_day(&call, &mut target)?;
    let body = |matrix: Arc<Matrix>, counts: &[(u8, u8, u64)]| {
        serde_json::to_string(&heatmap(filters.view, matrix, counts)).map_err(Error::internal)
    };
    if let Some(counts) = store.risk_counts(filters.view, &filters.conditions).filter(|_| words.is_none()) {
        // Of one state: the matrix and the counts of a version that holds still.
        if store.version() == version {
            return Ok(call.at_hand(&target, version, body(matrix, &counts)?));
        }
    }
    call.cached(&target, |connection| {
        let counts = store.count_risks(connection, filters.view, &filters.conditions, words.as_deref())?;
        Ok((body(Arc::new(matrices::in_force(connection)?), &counts)?, None))
    })
}

fn heatmap(view: View, matrix: Arc<Matrix>, counts: &[(u8, u8, u64)]) -> Heatmap {
    let count_of =
        |likelihood: u8, impact: u8| counts.iter().find(|(l, i, _)| (*l, *i) == (likelihood, impact)).map_or(0, |(_, _, count)| *count);
    let mut cells = Vec::with_capacity(usize::from(matrix.likelihood_steps()) * usize::from(matrix.impact_steps()));
    for likelihood in 1..=matrix.likelihood_steps() {
        for impact in 1..=matrix.impact_steps() {
            let Some(level) = matrix.level(likelihood, impact) else { continue };
            let (score, count) = (Matrix::score(likelihood, impact), count_of(likelihood, impact));
            cells.push(HeatmapCell { likelihood, impact, level, score, count });
        }
    }
    let total = |level: Level| -> u64 { cells.iter().filter(|cell| cell.level == level).map(|cell| cell.count).sum() };
    let totals = matrix.levels.iter().map(|label| (label.level.word().to_owned(), json!(total(label.level)))).collect();
    Heatmap { view, matrix, cells, totals, unassessed: count_of(0, 0) }
}

/// The few that matter in each cell of the map.
#[utoipa::path(get, path = "/v1/risks/map", tag = "local", operation_id = "risk_map",
    params(("view" = Option<View>, Query), ("per_cell" = Option<u8>, Query, minimum = 1, maximum = 12), ("q" = Option<String>, Query)), responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn risk_map(Viewer(call): Viewer, mut params: Params) -> Result<Response, Error> {
    let words = params.text("q");
    let per_cell = params.number("per_cell", 1, 12).unwrap_or(3);
    let matrix = call.workspace.matrix()?;
    let filters = Filters::read(&mut params, &matrix);
    let mut target = params.target.clone();
    params.finish()?;
    let filters = filters.on_day(&call, &mut target)?;
    call.cached(&target, |connection| {
        let cells = risk_lists::map(
            connection,
            filters.view,
            &matrices::in_force(connection)?,
            usize::try_from(per_cell).unwrap_or(3),
            &filters.conditions,
            words.as_deref(),
        )?;
        Ok((json!({ "view": filters.view, "cells": cells }).to_string(), None))
    })
}

/// The risks of one full cell, in groups.
#[utoipa::path(get, path = "/v1/risks/lens", tag = "local", operation_id = "risk_lens",
    params(("likelihood" = u8, Query, minimum = 1, maximum = 7), ("impact" = u8, Query, minimum = 1, maximum = 7), ("view" = Option<View>, Query), ("group" = Option<String>, Query), ("q" = Option<String>, Query)),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn risk_lens(Viewer(call): Viewer, mut params: Params) -> Result<Response, Error> {
    let words = params.text("q");
    let grouping = match params.text("group").as_deref() {
        None | Some("category") => Grouping::Category,
        Some("owner") => Grouping::Owner,
        Some("due") => Grouping::Due,
        Some(_) => {
            params.problems.add("group", "must be one of: category, owner, due");
            Grouping::Category
        }
    };
    let groups = params.number("groups", 1, 200).unwrap_or(12);
    let per_group = params.number("per_group", 1, 200).unwrap_or(8);
    let filters = Filters::read(&mut params, &*call.workspace.matrix()?);
    if filters.cell.is_none() {
        params.problems.add("likelihood", "is required, with impact");
    }
    let mut target = params.target.clone();
    params.finish()?;
    let filters = filters.on_day(&call, &mut target)?;
    call.cached(&target, |connection| {
        let number = |n: u64| usize::try_from(n).unwrap_or(8);
        let lens = risk_lists::lens(connection, grouping, &filters.conditions, words.as_deref(), number(groups), number(per_group))?;
        Ok((lens.to_string(), None))
    })
}

/// The values in use, with counts, for choosing filters.
#[utoipa::path(get, path = "/v1/risks/facets", tag = "local", operation_id = "risk_facets", responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn risk_facets(Viewer(call): Viewer, params: Params) -> Result<Response, Error> {
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| Ok((risk_lists::facets(connection)?.to_string(), None)))
}

/// A risk's history, newest first: who, when, before, after.
#[utoipa::path(get, path = "/v1/risks/{id}/history", tag = "local", operation_id = "risk_history",
    params(("id" = String, Path), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)), responses((status = 200, body = HistoryList)))]
pub(crate) async fn risk_history(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    records::history::<Risk>(&call, &id, params)
}
