//! Undo and redo over HTTP.

use super::auth::Analyst;
use super::request::{Answer, Params};
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

async fn perform(call: super::auth::Call, way: Way) -> Result<Response, Error> {
    let who = call.who.who();
    let body = call
        .workspace
        .store
        .write(call.who.who(), move |tx| {
            let step = steps::perform(tx, way)?;
            let left = steps::steps(tx.connection, &who)?;
            Ok(json!({ "kind": step.kind, "id": step.object_id, "ref": step.reference, "name": step.name, "action": step.action, "undo": left.undo, "redo": left.redo }))
        })
        .await?;
    Answer::json(&body).map(Answer::into_response)
}

/// Take the caller's last change back.
#[utoipa::path(post, path = "/v1/undo", tag = "local", operation_id = "undo", responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn undo(Analyst(call): Analyst) -> Result<Response, Error> {
    perform(call, Way::Undo).await
}

/// Make the change last taken back again.
#[utoipa::path(post, path = "/v1/redo", tag = "local", operation_id = "redo", responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn redo(Analyst(call): Analyst) -> Result<Response, Error> {
    perform(call, Way::Redo).await
}
