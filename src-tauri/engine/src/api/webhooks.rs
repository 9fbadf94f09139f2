//! Webhooks over HTTP: whom to tell, and how telling them went.

use super::auth::Admin;
use super::request::{Answer, AnyBody, JsonBody, Listing, Params, if_match, list_body};
use crate::error::Error;
use crate::store::deliveries::{self, DELIVERIES};
use crate::store::webhooks::{self, WEBHOOKS};
use crate::store::{Tx, lists};
use amtia_domain::webhook::{DeliveryState, NewWebhook, Webhook, WebhookPatch};
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A webhook as it is answered.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct WebhookRecord {
    #[serde(flatten)]
    webhook: Webhook,
    /// Deliveries that wait for their next try.
    waiting: u64,
}

/// A webhook with a secret that is shown this once.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct WebhookWithSecret {
    #[serde(flatten)]
    webhook: WebhookRecord,
    /// `whsec_` and base64; signs deliveries (Standard Webhooks). It is not shown again.
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    secret: String,
}

/// One page of webhooks.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct WebhookList {
    data: Vec<WebhookRecord>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

/// One event for one webhook.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct Delivery {
    /// The `webhook-id` that the receiver sees, the same at every try.
    id: String,
    webhook_id: String,
    /// One of the events, or `webhook.test`.
    event: String,
    state: DeliveryState,
    /// Tries so far.
    attempts: u64,
    /// What the receiver answered last.
    status: Option<u16>,
    /// How long that took.
    latency_ms: Option<u64>,
    /// Why there was no answer.
    error: Option<String>,
    /// Whether the last try began more than a minute after it was due, since this device slept or was off.
    late: bool,
    /// When it happened.
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    last_attempt_at: Option<String>,
    #[schema(format = DateTime)]
    next_attempt_at: Option<String>,
}

/// One try.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct DeliveryTry {
    number: u64,
    #[schema(format = DateTime)]
    at: String,
    status: Option<u16>,
    latency_ms: u64,
    error: Option<String>,
    late: bool,
}

/// A delivery with its tries, newest first, and what is sent.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct DeliveryDetail {
    #[serde(flatten)]
    delivery: Delivery,
    tries: Vec<DeliveryTry>,
    #[schema(value_type = Object)]
    body: Value,
}

/// One page of deliveries.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct DeliveryList {
    data: Vec<Delivery>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

fn must_exist(connection: &Connection, id: &str) -> Result<(String, i64, i64), Error> {
    webhooks::find_json(connection, id)?.ok_or_else(|| Error::no_record("webhook"))
}

/// List webhooks.
#[utoipa::path(get, path = "/v1/webhooks", tag = "webhooks", operation_id = "list_webhooks",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query), ("sort" = Option<String>, Query)),
    responses((status = 200, body = WebhookList)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn list_webhooks(Admin(call): Admin, mut params: Params) -> Result<Response, Error> {
    let listing = Listing::read(&mut params, &WEBHOOKS);
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| {
        let total = lists::count(connection, &WEBHOOKS, &[])?;
        let (rows, next) = listing.rows(connection, &[])?;
        let rows: Vec<String> =
            rows.iter().map(|row| webhooks::shown(connection, row).map(|row| row.to_string())).collect::<Result<_, _>>()?;
        Ok((list_body(&rows, next.as_deref(), Some(total)), None))
    })
}

/// Create a webhook. Its secret is in this answer and in none after.
#[utoipa::path(post, path = "/v1/webhooks", tag = "webhooks", operation_id = "create_webhook", request_body = NewWebhook,
    params(("idempotency-key" = Option<String>, Header)), responses((status = 201, body = WebhookWithSecret)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn create_webhook(Admin(call): Admin, body: JsonBody) -> Result<Response, Error> {
    let patch = WebhookPatch::read(body.fields.clone(), true)?;
    call.write(&body, move |tx| {
        let (stored, secret) = webhooks::create(tx, patch, crate::ids::new(tx.now))?;
        let location = format!("/v1/webhooks/{}", stored.record.id);
        Ok(Answer::created(location, stored.rev, with_secret(tx.connection, &stored.json, &secret)?))
    })
    .await
}

fn with_secret(connection: &Connection, json: &str, secret: &str) -> Result<String, Error> {
    let mut record = webhooks::shown(connection, json)?;
    record["secret"] = json!(secret);
    Ok(record.to_string())
}

/// Read one webhook.
#[utoipa::path(get, path = "/v1/webhooks/{id}", tag = "local", operation_id = "get_webhook", params(("id" = String, Path)), responses((status = 200, body = WebhookRecord)))]
pub(crate) async fn get_webhook(Admin(call): Admin, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| {
        let (json, rev, _) = must_exist(connection, &id)?;
        Ok((webhooks::shown(connection, &json)?.to_string(), Some(rev)))
    })
}

/// Change a webhook: its target, its events, its description, or whether it is active.
#[utoipa::path(put, path = "/v1/webhooks/{id}", tag = "local", operation_id = "update_webhook", request_body = WebhookPatch,
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = WebhookRecord)))]
pub(crate) async fn update_webhook(
    Admin(call): Admin,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    call.workspace.store.read(|connection| must_exist(connection, &id))?;
    let expected = if_match(&headers)?;
    let patch = WebhookPatch::read(body.fields.clone(), false)?;
    let value = body.value();
    call.write(&body, move |tx| {
        let stored = webhooks::update(tx, &id, patch, &value, expected)?;
        Ok(Answer::record(stored.rev, webhooks::shown(tx.connection, &stored.json)?.to_string()))
    })
    .await
}

/// Delete a webhook with its deliveries.
#[utoipa::path(delete, path = "/v1/webhooks/{id}", tag = "webhooks", operation_id = "delete_webhook",
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 204)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn delete_webhook(Admin(call): Admin, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    let expected = if_match(&headers)?;
    call.workspace.store.write(call.who.who(), move |tx| webhooks::delete(tx, &id, expected)).await?;
    Ok(Answer::none().into_response())
}

/// Replace a webhook's secret. The new one is in this answer and in none after; both sign for 24 hours.
#[utoipa::path(post, path = "/v1/webhooks/{id}/rotate", tag = "local", operation_id = "rotate_webhook",
    params(("id" = String, Path), ("idempotency-key" = Option<String>, Header)), responses((status = 200, body = WebhookWithSecret)))]
pub(crate) async fn rotate_webhook(Admin(call): Admin, Path(id): Path<String>, body: AnyBody) -> Result<Response, Error> {
    call.workspace.store.read(|connection| must_exist(connection, &id))?;
    call.write(&body.empty()?, move |tx| {
        let (stored, secret) = webhooks::rotate(tx, &id)?;
        Ok(Answer::record(stored.rev, with_secret(tx.connection, &stored.json, &secret)?))
    })
    .await
}

/// Send a test event, once, also to a paused webhook.
#[utoipa::path(post, path = "/v1/webhooks/{id}/test", tag = "local", operation_id = "test_webhook",
    params(("id" = String, Path), ("idempotency-key" = Option<String>, Header)), responses((status = 201, body = Delivery)))]
pub(crate) async fn test_webhook(Admin(call): Admin, Path(id): Path<String>, body: AnyBody) -> Result<Response, Error> {
    call.workspace.store.read(|connection| must_exist(connection, &id))?;
    call.write(&body.empty()?, move |tx| {
        let delivery = deliveries::test(tx, &id)?;
        queued(tx, &id, &delivery, 201)
    })
    .await
}

fn queued(tx: &Tx<'_>, webhook: &str, delivery: &str, status: u16) -> Result<Answer, Error> {
    let body = deliveries::get(tx.connection, webhook, delivery, false)?.to_string().into_bytes();
    Ok(Answer { status, headers: vec![("location", format!("/v1/webhooks/{webhook}/deliveries/{delivery}"))], body })
}

/// The log of a webhook's deliveries, newest first.
#[utoipa::path(get, path = "/v1/webhooks/{id}/deliveries", tag = "local", operation_id = "list_deliveries",
    params(("id" = String, Path), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query), ("sort" = Option<String>, Query), ("state" = Option<DeliveryState>, Query)),
    responses((status = 200, body = DeliveryList)))]
pub(crate) async fn list_deliveries(Admin(call): Admin, Path(id): Path<String>, mut params: Params) -> Result<Response, Error> {
    let (_, _, webhook) = call.workspace.store.read(|connection| must_exist(connection, &id))?;
    let listing = Listing::read(&mut params, &DELIVERIES);
    let mut conditions = vec![deliveries::to_webhook(webhook)];
    conditions.extend(params.choice::<DeliveryState>("state").map(deliveries::in_state));
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| {
        let total = lists::count(connection, &DELIVERIES, &conditions)?;
        Ok((listing.page(connection, &conditions, Some(total))?, None))
    })
}

/// One delivery with its tries and what is sent.
#[utoipa::path(get, path = "/v1/webhooks/{id}/deliveries/{delivery}", tag = "local", operation_id = "get_delivery",
    params(("id" = String, Path), ("delivery" = String, Path)), responses((status = 200, body = DeliveryDetail)))]
pub(crate) async fn get_delivery(
    Admin(call): Admin,
    Path((id, delivery)): Path<(String, String)>,
    params: Params,
) -> Result<Response, Error> {
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| Ok((deliveries::get(connection, &id, &delivery, true)?.to_string(), None)))
}

/// Send a delivery again, from its first try on.
#[utoipa::path(post, path = "/v1/webhooks/{id}/deliveries/{delivery}/redeliver", tag = "local", operation_id = "redeliver",
    params(("id" = String, Path), ("delivery" = String, Path), ("idempotency-key" = Option<String>, Header)), responses((status = 200, body = Delivery)))]
pub(crate) async fn redeliver(Admin(call): Admin, Path((id, delivery)): Path<(String, String)>, body: AnyBody) -> Result<Response, Error> {
    call.workspace.store.read(|connection| deliveries::get(connection, &id, &delivery, false))?;
    call.write(&body.empty()?, move |tx| {
        deliveries::redeliver(tx, &id, &delivery)?;
        queued(tx, &id, &delivery, 200)
    })
    .await
}
