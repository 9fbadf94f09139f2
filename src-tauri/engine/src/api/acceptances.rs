//! Acceptances of risks over HTTP.

use super::auth::{Analyst, Call, Viewer};
use super::records::{self as common, HistoryList};
use super::request::{Answer, JsonBody, Params, if_match, list_body};
use crate::error::Error;
use crate::store::records::{self, Stored};
use crate::store::{acceptances, audits};
use amtia_domain::acceptance::{Acceptance, AcceptancePatch, AcceptanceStep};
use amtia_domain::risk::Risk;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::civil::Date;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An acceptance as it is answered.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct AcceptanceSeen {
    #[serde(flatten)]
    acceptance: Acceptance,
    /// Whether its risk is no longer in the state that was submitted.
    void: bool,
    /// In which fields.
    void_fields: Vec<String>,
}

/// Every acceptance of one risk, the newest first.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct AcceptanceList {
    data: Vec<AcceptanceSeen>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

fn today(call: &Call) -> Result<Date, Error> {
    call.workspace.store.read(|connection| audits::today(connection, call.workspace.store.now()))
}

fn seen(connection: &Connection, stored: &Stored<Acceptance>, today: Date) -> Result<String, Error> {
    Ok(acceptances::seen(connection, &stored.record, today)?.to_string())
}

/// List the acceptances of a risk, the newest first.
#[utoipa::path(get, path = "/v1/risks/{id}/acceptances", tag = "local", operation_id = "list_acceptances",
    params(("id" = String, Path)), responses((status = 200, body = AcceptanceList)))]
pub(crate) async fn list_acceptances(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    let (mut target, today) = (params.target.clone(), today(&call)?);
    params.finish()?;
    // Whether one has expired holds for a day only.
    target.push_str(&format!("#{today}"));
    call.cached(&target, |connection| {
        records::get_json::<Risk>(connection, &id)?;
        let all = acceptances::of_risk(connection, &id)?;
        let rows: Vec<String> = all.iter().map(|one| seen(connection, one, today)).collect::<Result<_, _>>()?;
        Ok((list_body(&rows, None, Some(rows.len() as u64)), None))
    })
}

/// Begin an acceptance of a risk. It is then submitted, and decided by somebody else.
#[utoipa::path(post, path = "/v1/risks/{id}/acceptances", tag = "local", operation_id = "create_acceptance", request_body = AcceptancePatch,
    params(("id" = String, Path), ("idempotency-key" = Option<String>, Header)), responses((status = 201, body = AcceptanceSeen)))]
pub(crate) async fn create_acceptance(Analyst(call): Analyst, Path(id): Path<String>, body: JsonBody) -> Result<Response, Error> {
    call.workspace.store.read(|connection| records::get_json::<Risk>(connection, &id))?;
    let patch = AcceptancePatch::read(body.fields.clone())?;
    call.write(&body, move |tx| {
        let stored = acceptances::create(tx, &id, patch, crate::ids::new(tx.now))?;
        let shown = seen(tx.connection, &stored, audits::today(tx.connection, tx.now)?)?;
        Ok(Answer::created(format!("/v1/acceptances/{}", stored.record.id), stored.rev, shown))
    })
    .await
}

/// Read one acceptance.
#[utoipa::path(get, path = "/v1/acceptances/{id}", tag = "local", operation_id = "get_acceptance",
    params(("id" = String, Path)), responses((status = 200, body = AcceptanceSeen)))]
pub(crate) async fn get_acceptance(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    let (mut target, today) = (params.target.clone(), today(&call)?);
    params.finish()?;
    target.push_str(&format!("#{today}"));
    call.cached(&target, |connection| {
        let stored = records::get::<Acceptance>(connection, &id)?;
        Ok((seen(connection, &stored, today)?, Some(stored.rev)))
    })
}

/// Change an acceptance that is not decided: one that was submitted is then to be submitted again.
#[utoipa::path(put, path = "/v1/acceptances/{id}", tag = "local", operation_id = "update_acceptance", request_body = AcceptancePatch,
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = AcceptanceSeen)))]
pub(crate) async fn update_acceptance(
    Analyst(call): Analyst,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    call.workspace.store.read(|connection| records::get_json::<Acceptance>(connection, &id))?;
    let (patch, expected, asked) = (AcceptancePatch::read(body.fields.clone())?, if_match(&headers)?, body.value());
    call.write(&body, move |tx| {
        let stored = acceptances::update(tx, &id, patch, &asked, expected)?;
        let shown = seen(tx.connection, &stored, audits::today(tx.connection, tx.now)?)?;
        Ok(Answer::record(stored.rev, shown))
    })
    .await
}

/// Take a step: submitted, accepted, rejected or revoked. Accepting sets the risk's treatment to accept, revoking to open again.
#[utoipa::path(put, path = "/v1/acceptances/{id}/status", tag = "local", operation_id = "change_acceptance_status", request_body = AcceptanceStep,
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = AcceptanceSeen)))]
pub(crate) async fn change_acceptance_status(
    Analyst(call): Analyst,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    call.workspace.store.read(|connection| records::get_json::<Acceptance>(connection, &id))?;
    let (step, expected, asked) = (AcceptanceStep::read(body.fields.clone())?, if_match(&headers)?, body.value());
    call.write(&body, move |tx| {
        let stored = acceptances::go(tx, &id, step, &asked, expected)?;
        let shown = seen(tx.connection, &stored, audits::today(tx.connection, tx.now)?)?;
        Ok(Answer::record(stored.rev, shown))
    })
    .await
}

/// Delete an acceptance that was not decided; undo brings it back. A decision is kept.
#[utoipa::path(delete, path = "/v1/acceptances/{id}", tag = "local", operation_id = "delete_acceptance",
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn delete_acceptance(Analyst(call): Analyst, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    common::remove::<Acceptance>(&call, id, &headers, acceptances::remove).await
}

/// An acceptance's history, newest first: who, when, before, after.
#[utoipa::path(get, path = "/v1/acceptances/{id}/history", tag = "local", operation_id = "acceptance_history",
    params(("id" = String, Path), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)), responses((status = 200, body = HistoryList)))]
pub(crate) async fn acceptance_history(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    common::history::<Acceptance>(&call, &id, params)
}
