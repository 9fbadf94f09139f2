//! What belongs to one risk beside its fields: the plan's actions, its links, and what its history gives back.

use super::auth::{Analyst, Viewer};
use super::request::{Answer, JsonBody, Params, if_match};
use crate::error::Error;
use crate::store::matrices;
use crate::store::records;
use crate::store::risk_links::{self, RiskLinks};
use crate::store::risks::{self, Side};
use amtia_domain::Input;
use amtia_domain::plan::{ActionPatch, NewAction};
use amtia_domain::risk::Risk;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Add an action to a risk's treatment plan. Answers the risk: what follows the plan has moved with it.
#[utoipa::path(post, path = "/v1/risks/{id}/actions", tag = "local", operation_id = "create_risk_action", request_body = NewAction,
    params(("id" = String, Path), ("if-match" = Option<String>, Header), ("idempotency-key" = Option<String>, Header)), responses((status = 201, body = Risk)))]
pub(crate) async fn create_risk_action(
    Analyst(call): Analyst,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    call.workspace.store.read(|connection| records::get_json::<Risk>(connection, &id))?;
    let (patch, expected) = (ActionPatch::read(body.fields.clone(), true)?, if_match(&headers)?);
    call.write(&body, move |tx| {
        let stored = risks::add_action(tx, &id, patch, expected, &matrices::in_force(tx.connection)?)?;
        Ok(Answer::created(format!("/v1/risks/{id}"), stored.rev, stored.json))
    })
    .await
}

/// Change one action of a risk's treatment plan: the fields that are present change, null clears, the others stay. Answers the risk.
#[utoipa::path(put, path = "/v1/risks/{id}/actions/{action_id}", tag = "local", operation_id = "update_risk_action", request_body = ActionPatch,
    params(("id" = String, Path), ("action_id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = Risk)))]
pub(crate) async fn update_risk_action(
    Analyst(call): Analyst,
    Path((id, action)): Path<(String, String)>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    call.workspace.store.read(|connection| risks::has_action(connection, &id, &action))?;
    let (patch, expected) = (ActionPatch::read(body.fields.clone(), false)?, if_match(&headers)?);
    call.write(&body, move |tx| {
        let stored = risks::change_action(tx, (&id, &action), patch, expected, &matrices::in_force(tx.connection)?)?;
        Ok(Answer::record(stored.rev, stored.json))
    })
    .await
}

/// Take one action out of a risk's treatment plan; undo brings it back.
#[utoipa::path(delete, path = "/v1/risks/{id}/actions/{action_id}", tag = "local", operation_id = "delete_risk_action",
    params(("id" = String, Path), ("action_id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn delete_risk_action(
    Analyst(call): Analyst,
    Path((id, action)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let expected = if_match(&headers)?;
    let removed =
        move |tx: &crate::store::Tx<'_>| risks::remove_action(tx, (&id, &action), expected, &matrices::in_force(tx.connection)?).map(drop);
    call.workspace.store.write(call.who.who(), removed).await?;
    Ok(Answer::none().into_response())
}

/// What a risk is linked to, in words: assets, controls, documents, incidents, findings.
#[utoipa::path(get, path = "/v1/risks/{id}/links", tag = "local", operation_id = "risk_links",
    params(("id" = String, Path)), responses((status = 200, body = RiskLinks)))]
pub(crate) async fn risk_links(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| {
        let links = risk_links::of(connection, &id)?;
        Ok((serde_json::to_string(&links).map_err(Error::internal)?, None))
    })
}

amtia_domain::words! {
    /// Which side of a history entry is wanted back.
    RestoreSide {
        /// What the fields held before the change.
        Before = "before",
        /// What the change left.
        After = "after",
    }
}

/// What to give back.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct RestoreWanted {
    /// The entry's number in the history.
    #[schema(minimum = 1)]
    entry: i64,
    /// Which of its values.
    side: RestoreSide,
}

/// Give the fields that an entry of a risk's history tells of the values that they had then.
#[utoipa::path(post, path = "/v1/risks/{id}/restore", tag = "local", operation_id = "restore_risk", request_body = RestoreWanted,
    params(("id" = String, Path), ("if-match" = Option<String>, Header), ("idempotency-key" = Option<String>, Header)), responses((status = 200, body = Risk)))]
pub(crate) async fn restore_risk(
    Analyst(call): Analyst,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    call.workspace.store.read(|connection| records::get_json::<Risk>(connection, &id))?;
    let mut input = Input::new(body.fields.clone());
    let entry = input.bare("entry").and_then(|value| value.as_i64()).filter(|entry| *entry > 0);
    if entry.is_none() {
        input.problems.add("entry", "must be the number of an entry of the history");
    }
    if !input.has("side") {
        input.problems.add("side", "is required");
    }
    let side = input.fixed_choice::<RestoreSide>("side");
    input.finish(&[])?;
    let entry = entry.unwrap_or_default();
    let side = if side == Some(RestoreSide::Before) { Side::Before } else { Side::After };
    let expected = if_match(&headers)?;
    call.write(&body, move |tx| {
        let stored = risks::restore(tx, &id, entry, side, expected, &matrices::in_force(tx.connection)?)?;
        Ok(Answer::record(stored.rev, stored.json))
    })
    .await
}
