//! Settings › Local API: whether the port is on, and what came through it.

use super::auth::{Admin, Owner};
use super::request::{Answer, JsonBody, Params};
use crate::engine::Engine;
use crate::error::Error;
use crate::listener::PORT;
use crate::store::api_use::{self, ApiCall};
use crate::store::meta::{self, setting};
use amtia_domain::Input;
use amtia_domain::time::rfc3339;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Calls answered at once.
const SHOWN: usize = 100;

/// The port of this device, and the newest calls through it.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct LocalApi {
    /// Whether the person at this device wants it on.
    enabled: bool,
    /// Whether it is on.
    running: bool,
    /// Whether it can be switched here: in the window it can, under `amtia serve` the command line decides.
    switchable: bool,
    port: u16,
    /// What clients are given.
    #[schema(example = "http://127.0.0.1:7411/v1")]
    base_url: String,
    /// Since when it is on.
    #[schema(format = DateTime)]
    since: Option<String>,
    /// Why it is not on although it is wanted.
    message: Option<String>,
    /// Requests that one key may make in a minute.
    limit: u64,
    /// What the keys have used of it in the last 60 seconds; those that are not here have used nothing.
    used: Vec<Used>,
    /// The newest calls, newest first, without those of the person at this device.
    calls: Vec<ApiCall>,
}

/// How much of the limit a key has used.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct Used {
    key_id: String,
    requests: u64,
}

/// What can be changed of it.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct LocalApiPatch {
    #[schema(value_type = Option<bool>)]
    enabled: Option<bool>,
    #[schema(value_type = Option<u16>, minimum = 1, maximum = 65535)]
    port: Option<u16>,
}

fn state(engine: &Engine, call: &super::auth::Call) -> Result<LocalApi, Error> {
    let (wanted, chosen) = engine.wanted_port()?;
    let served = engine.served();
    let mut calls = call.workspace.usage.newest(SHOWN);
    let rest = SHOWN - calls.len();
    calls.extend(call.workspace.store.read(|connection| api_use::newest(connection, rest))?);
    let switchable = engine.door() == "window";
    let port = served.map_or(chosen, |(port, _)| port);
    Ok(LocalApi {
        enabled: wanted || !switchable,
        running: served.is_some(),
        switchable,
        port,
        base_url: format!("http://127.0.0.1:{port}/v1"),
        since: served.map(|(_, since)| rfc3339(since)),
        message: engine.port_trouble(),
        limit: super::limit::LIMIT as u64,
        used: call
            .workspace
            .limiter
            .used(call.workspace.store.now())
            .into_iter()
            .map(|(key_id, requests)| Used { key_id, requests: requests as u64 })
            .collect(),
        calls,
    })
}

/// The port of this device, and the newest calls through it.
#[utoipa::path(get, path = "/v1/api", tag = "local", operation_id = "get_api", responses((status = 200, body = LocalApi)))]
pub(crate) async fn get_api(Admin(call): Admin, State(engine): State<Engine>, params: Params) -> Result<Response, Error> {
    params.finish()?;
    Answer::json(&state(&engine, &call)?).map(Answer::into_response)
}

/// Switch the port on or off, or choose another. It takes effect at once and is kept in the workspace.
#[utoipa::path(put, path = "/v1/api", tag = "local", operation_id = "update_api", request_body = LocalApiPatch, responses((status = 200, body = LocalApi)))]
pub(crate) async fn update_api(Owner(call): Owner, State(engine): State<Engine>, body: JsonBody) -> Result<Response, Error> {
    let mut input = Input::new(body.fields);
    let enabled = if input.has("enabled") { input.flag("enabled") } else { None };
    let port = input.bare("port").and_then(|port| {
        let number = port.as_u64().and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
        if number.is_none() {
            input.problems.add("port", "must be 1 to 65535");
        }
        number
    });
    input.finish(&["running", "switchable", "base_url", "since", "message", "limit", "used", "calls"])?;
    if engine.door() != "window" {
        return Err(Error::bad("This port is served by the command line, which decides about it: amtia serve FILE --port N."));
    }
    let (was, chosen) = engine.wanted_port()?;
    let (enabled, port) = (enabled.unwrap_or(was), port.unwrap_or(chosen));
    // Taken before anything is written: a port that is busy changes nothing.
    let (listening, id) = (engine.clone(), call.workspace.id.clone());
    let taken = tokio::task::spawn_blocking(move || listening.take_port(enabled.then_some(port))).await.map_err(Error::internal)?;
    let taken = taken.map_err(|why| Error::field("port", why))?;
    let word = if enabled { "on" } else { "off" };
    let settings = [(setting::LOCAL_API, word.to_owned()), (setting::LOCAL_API_PORT, port.to_string())];
    let kept = call.workspace.store.write(call.who.who(), move |tx| meta::change(tx, &id, &settings)).await;
    let switched = engine.clone();
    let swap = move || match kept {
        Ok(()) => {
            switched.switch_port(taken);
            Ok(())
        }
        Err(cause) => {
            taken.give_up();
            Err(cause)
        }
    };
    tokio::task::spawn_blocking(swap).await.map_err(Error::internal)??;
    Answer::json(&state(&engine, &call)?).map(Answer::into_response)
}

/// The port, unless one was chosen.
pub(crate) fn port_of(text: Option<String>) -> u16 {
    text.and_then(|text| text.parse().ok()).unwrap_or(PORT)
}
