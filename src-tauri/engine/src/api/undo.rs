//! Undo and redo over HTTP.

use super::auth::Analyst;
use super::request::{Answer, AnyBody, JsonBody, Params};
use crate::error::Error;
use crate::store::undo::{self as steps, Steps, Way};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// What undo and redo would do now, for the caller.
#[utoipa::path(get, path = "/v1/undo", tag = "local", operation_id = "get_steps", responses((status = 200, body = Steps)))]
pub(crate) async fn get_steps(Analyst(call): Analyst, params: Params) -> Result<Response, Error> {
    params.finish()?;
    let who = call.who.who();
    let steps = call.workspace.store.read(|connection| steps::steps(connection, &who))?;
    Answer::json(&steps).map(Answer::into_response)
}

async fn perform(call: super::auth::Call, body: &JsonBody, way: Way) -> Result<Response, Error> {
    let who = call.who.who();
    call.write(body, move |tx| {
        let step = steps::perform(tx, way)?;
        let left = steps::steps(tx.connection, &who)?;
        Answer::json(&json!({ "kind": step.kind, "id": step.object_id, "ref": step.reference, "name": step.name, "changes": step.changes, "action": step.action, "undo": left.undo, "redo": left.redo }))
    })
    .await
}

/// Take the caller's last change back.
#[utoipa::path(post, path = "/v1/undo", tag = "local", operation_id = "undo",
    params(("idempotency-key" = Option<String>, Header)), responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn undo(Analyst(call): Analyst, body: AnyBody) -> Result<Response, Error> {
    perform(call, &body.empty()?, Way::Undo).await
}

/// Make the change last taken back again.
#[utoipa::path(post, path = "/v1/redo", tag = "local", operation_id = "redo",
    params(("idempotency-key" = Option<String>, Header)), responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn redo(Analyst(call): Analyst, body: AnyBody) -> Result<Response, Error> {
    perform(call, &body.empty()?, Way::Redo).await
}
