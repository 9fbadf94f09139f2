//! Incidents over HTTP.

use super::auth::{Analyst, Viewer};
use super::records;
use super::request::{Answer, JsonBody, Listing, Params, list_body};
use crate::error::Error;
use crate::store::incidents;
use crate::store::lists::Condition;
use crate::store::records::{delete, get_json};
use amtia_domain::Input;
use amtia_domain::incident::{Incident, IncidentPatch, IncidentStatus, NewIncident, Severity, StatusChange, TimelineEntry, Tlp};
use amtia_domain::words::Word;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page of incidents.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct IncidentList {
    data: Vec<Incident>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

/// One page of a timeline.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct Timeline {
    data: Vec<TimelineEntry>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

/// A comment for a timeline.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct NewComment {
    /// What happened.
    #[schema(min_length = 1, max_length = 20000)]
    text: String,
    /// When it happened; now, if left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<String>,
}

/// List incidents.
#[utoipa::path(get, path = "/v1/incidents", tag = "incidents", operation_id = "list_incidents",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query), ("sort" = Option<String>, Query), ("q" = Option<String>, Query),
        ("severity" = Option<Severity>, Query), ("status" = Option<IncidentStatus>, Query), ("tlp" = Option<Tlp>, Query), ("lead" = Option<String>, Query), ("risk_id" = Option<String>, Query), ("asset_id" = Option<String>, Query), ("open" = Option<bool>, Query)),
    responses((status = 200, body = IncidentList)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn list_incidents(Viewer(call): Viewer, mut params: Params) -> Result<Response, Error> {
    let listing = Listing::read(&mut params, &incidents::INCIDENTS);
    let mut conditions = Vec::new();
    conditions.extend(params.choice::<Severity>("severity").map(incidents::of_severity));
    conditions.extend(params.choice::<IncidentStatus>("status").map(incidents::of_status));
    conditions.extend(params.choice::<Tlp>("tlp").map(|tlp| Condition::one("t.tlp = ?", tlp.word().to_owned())));
    conditions.extend(params.text("lead").map(|lead| Condition::one("t.lead = ?", lead)));
    conditions.extend(params.text("risk_id").map(incidents::touching));
    conditions.extend(params.text("asset_id").map(incidents::affecting));
    conditions.extend(params.flag("open").map(|open| Condition::one("t.is_open = ?", i64::from(open))));
    records::list(&call, params, &incidents::INCIDENTS, &listing, &conditions)
}

/// Create an incident.
#[utoipa::path(post, path = "/v1/incidents", tag = "incidents", operation_id = "create_incident", request_body = NewIncident,
    params(("idempotency-key" = Option<String>, Header)), responses((status = 201, body = Incident)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn create_incident(Analyst(call): Analyst, body: JsonBody) -> Result<Response, Error> {
    let patch = IncidentPatch::read(body.fields.clone(), true)?;
    call.write(&body, move |tx| Ok(records::created("/v1/incidents", incidents::create(tx, patch, crate::ids::new(tx.now))?))).await
}

/// Read one incident.
#[utoipa::path(get, path = "/v1/incidents/{id}", tag = "local", operation_id = "get_incident", params(("id" = String, Path)), responses((status = 200, body = Incident)))]
pub(crate) async fn get_incident(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    records::read::<Incident>(&call, &id, params)
}

/// Change an incident's fields; its status has an operation of its own.
#[utoipa::path(put, path = "/v1/incidents/{id}", tag = "local", operation_id = "update_incident", request_body = IncidentPatch,
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = Incident)))]
pub(crate) async fn update_incident(
    Analyst(call): Analyst,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    let read = |fields| IncidentPatch::read(fields, false);
    records::change(&call, id, &headers, &body, read, |tx, patch, asked| {
        incidents::update(tx, &asked.id, patch, &asked.body, asked.expected)
    })
    .await
}

/// Update an incident's status. Forward steps may be skipped; going back or reopening needs a note.
#[utoipa::path(put, path = "/v1/incidents/{id}/status", tag = "incidents", operation_id = "change_incident_status", request_body = StatusChange,
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = Incident)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn change_incident_status(
    Analyst(call): Analyst,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    records::change(&call, id, &headers, &body, StatusChange::read, |tx, change, asked| {
        incidents::change_status(tx, &asked.id, &change, &asked.body, asked.expected)
    })
    .await
}

/// Delete an incident; undo brings it back with its timeline.
#[utoipa::path(delete, path = "/v1/incidents/{id}", tag = "local", operation_id = "delete_incident",
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn delete_incident(Analyst(call): Analyst, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    records::remove::<Incident>(&call, id, &headers, delete).await
}

/// An incident's timeline, newest first.
#[utoipa::path(get, path = "/v1/incidents/{id}/timeline", tag = "local", operation_id = "incident_timeline",
    params(("id" = String, Path), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)), responses((status = 200, body = Timeline)))]
pub(crate) async fn incident_timeline(Viewer(call): Viewer, Path(id): Path<String>, mut params: Params) -> Result<Response, Error> {
    let limit = usize::try_from(params.number("limit", 1, 200).unwrap_or(50)).unwrap_or(50);
    let before = params.text("cursor").and_then(|text| {
        let cursor = URL_SAFE_NO_PAD.decode(&text).ok().and_then(|bytes| serde_json::from_slice::<(String, i64)>(&bytes).ok());
        if cursor.is_none() {
            params.problems.add("cursor", "is not a cursor of this list");
        }
        cursor
    });
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| {
        get_json::<Incident>(connection, &id)?;
        let first = before.is_none();
        let mut entries = incidents::timeline(connection, &id, before, limit + 1)?;
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next =
            if more { entries.last().map(|(_, at, seq)| URL_SAFE_NO_PAD.encode(serde_json::json!([at, seq]).to_string())) } else { None };
        let total = (first && !more).then_some(entries.len() as u64);
        let rows: Vec<String> = entries.into_iter().map(|(json, _, _)| json).collect();
        Ok((list_body(&rows, next.as_deref(), total), None))
    })
}

/// Write into an incident's timeline.
#[utoipa::path(post, path = "/v1/incidents/{id}/comments", tag = "local", operation_id = "create_comment", request_body = NewComment,
    params(("id" = String, Path), ("idempotency-key" = Option<String>, Header)), responses((status = 201, body = TimelineEntry)))]
pub(crate) async fn create_comment(Analyst(call): Analyst, Path(id): Path<String>, body: JsonBody) -> Result<Response, Error> {
    call.workspace.store.read(|connection| get_json::<Incident>(connection, &id))?;
    let mut input = Input::new(body.fields.clone());
    if !input.has("text") {
        input.problems.add("text", "is required");
    }
    let text = input.text("text");
    if text == Some(None) {
        input.problems.add("text", "must not be empty");
    }
    let at = input.instant("at").flatten();
    input.finish(&[])?;
    let text = text.flatten().unwrap_or_default();
    call.write(&body, move |tx| {
        let entry = incidents::comment(tx, &id, text, at)?;
        let json = serde_json::to_vec(&entry).map_err(Error::internal)?;
        Ok(Answer { status: 201, headers: vec![("location", format!("/v1/incidents/{id}/timeline"))], body: json })
    })
    .await
}
