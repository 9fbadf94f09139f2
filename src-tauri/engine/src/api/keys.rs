//! API keys over HTTP: made, listed, given a new secret, ended.

use super::auth::{Admin, Call};
use super::request::{Answer, AnyBody, JsonBody, Listing, Params, list_body};
use crate::error::Error;
use crate::store::api_keys::{self, API_KEYS, Role};
use crate::store::{api_use, lists};
use amtia_domain::Input;
use amtia_domain::time::rfc3339;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

amtia_domain::words! {
    /// Whether a key works.
    KeyState {
        /// It does.
        Live = "live",
        /// Its time is over.
        Expired = "expired",
        /// It was ended by a person.
        Revoked = "revoked",
    }
}

/// An API key. Its secret is kept only as a hash.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ApiKeyRecord {
    /// What signs in as `api_key`.
    id: String,
    name: String,
    role: Role,
    state: KeyState,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
    /// Calls within the last thirty days.
    calls_30_days: u64,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// A key with a secret that is shown this once.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ApiKeyWithSecret {
    #[serde(flatten)]
    key: ApiKeyRecord,
    /// The same as `id`, under the name of `POST /auth/token`.
    api_key: String,
    /// It is not shown again.
    secret: String,
}

/// A key to be made.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct NewApiKey {
    /// 1–200 characters; what history calls whoever uses it.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    role: Role,
    /// After this it no longer works; never, if left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<String>,
}

/// One page of keys.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ApiKeyList {
    data: Vec<ApiKeyRecord>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

/// A key as it is answered: with its state, and with what it did since that was last written down.
fn shown(call: &Call, connection: &Connection, json: &str) -> Result<Value, Error> {
    let mut key: Value = serde_json::from_str(json).map_err(Error::internal)?;
    let now = call.workspace.store.now();
    let id = key["id"].as_str().unwrap_or_default().to_owned();
    let (last, fresh) = call.workspace.usage.of(&id);
    if let Some(last) = last {
        key["last_used_at"] = json!(rfc3339(last));
    }
    key["calls_30_days"] = json!(api_use::within_a_month(connection, &id, now)? + fresh);
    let over = key["expires_at"].as_str().is_some_and(|end| end <= rfc3339(now).as_str());
    key["state"] = json!(match (key["revoked_at"].is_null(), over) {
        (false, _) => KeyState::Revoked,
        (true, true) => KeyState::Expired,
        (true, false) => KeyState::Live,
    });
    Ok(key)
}

fn with_secret(call: &Call, connection: &Connection, id: &str, secret: &str) -> Result<Vec<u8>, Error> {
    let mut key = shown(call, connection, &api_keys::get_json(connection, id)?)?;
    key["api_key"] = json!(id);
    key["secret"] = json!(secret);
    Ok(key.to_string().into_bytes())
}

/// List API keys, revoked ones included.
#[utoipa::path(get, path = "/v1/keys", tag = "local", operation_id = "list_keys",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query), ("sort" = Option<String>, Query)),
    responses((status = 200, body = ApiKeyList)))]
pub(crate) async fn list_keys(Admin(call): Admin, mut params: Params) -> Result<Response, Error> {
    let listing = Listing::read(&mut params, &API_KEYS);
    params.finish()?;
    // Not kept: whether a key works, and when it was last used, change with time alone.
    let body = call.workspace.store.read(|connection| {
        let total = lists::count(connection, &API_KEYS, &[])?;
        let (rows, next) = listing.rows(connection, &[])?;
        let rows: Vec<String> =
            rows.iter().map(|row| shown(&call, connection, row).map(|row| row.to_string())).collect::<Result<_, _>>()?;
        Ok(list_body(&rows, next.as_deref(), Some(total)))
    })?;
    Ok(Answer { status: 200, headers: Vec::new(), body }.into_response())
}

/// Create an API key. Its secret is in this answer and in none after.
#[utoipa::path(post, path = "/v1/keys", tag = "local", operation_id = "create_key", request_body = NewApiKey,
    params(("idempotency-key" = Option<String>, Header)), responses((status = 201, body = ApiKeyWithSecret)))]
pub(crate) async fn create_key(Admin(call): Admin, body: JsonBody) -> Result<Response, Error> {
    let mut input = Input::new(body.fields.clone());
    let name = input.required_name("name");
    if name.chars().any(char::is_control) {
        input.problems.add("name", "must not hold line breaks");
    }
    if !input.has("role") {
        input.problems.add("role", "is required");
    }
    let role = input.fixed_choice::<Role>("role");
    let expires = input.instant("expires_at").flatten();
    if expires.is_some_and(|end| end <= call.workspace.store.now()) {
        input.problems.add("expires_at", "must be in the future");
    }
    input.finish(&[])?;
    let (role, caller) = (role.unwrap_or(Role::Viewer), call.clone());
    call.write(&body, move |tx| {
        let (id, secret) = api_keys::create(tx, &name, role, expires)?;
        let body = with_secret(&caller, tx.connection, &id, &secret)?;
        Ok(Answer { status: 201, headers: vec![("location", format!("/v1/keys/{id}"))], body })
    })
    .await
}

/// Read one API key.
#[utoipa::path(get, path = "/v1/keys/{id}", tag = "local", operation_id = "get_key", params(("id" = String, Path)), responses((status = 200, body = ApiKeyRecord)))]
pub(crate) async fn get_key(Admin(call): Admin, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    params.finish()?;
    let key = call.workspace.store.read(|connection| shown(&call, connection, &api_keys::get_json(connection, &id)?))?;
    Answer::json(&key).map(Answer::into_response)
}

/// Revoke an API key: it and its tokens end at once, and for good.
#[utoipa::path(delete, path = "/v1/keys/{id}", tag = "local", operation_id = "revoke_key", params(("id" = String, Path)), responses((status = 204)))]
pub(crate) async fn revoke_key(Admin(call): Admin, Path(id): Path<String>) -> Result<Response, Error> {
    call.workspace.store.write(call.who.who(), move |tx| api_keys::revoke(tx, &id)).await?;
    Ok(Answer::none().into_response())
}

/// Give an API key a new secret. The one before ends at once, and its tokens too.
#[utoipa::path(post, path = "/v1/keys/{id}/rotate", tag = "local", operation_id = "rotate_key",
    params(("id" = String, Path), ("idempotency-key" = Option<String>, Header)), responses((status = 200, body = ApiKeyWithSecret)))]
pub(crate) async fn rotate_key(Admin(call): Admin, Path(id): Path<String>, body: AnyBody) -> Result<Response, Error> {
    call.workspace.store.read(|connection| api_keys::get_json(connection, &id))?;
    let caller = call.clone();
    call.write(&body.empty()?, move |tx| {
        let secret = api_keys::rotate(tx, &id)?;
        Ok(Answer { status: 200, headers: Vec::new(), body: with_secret(&caller, tx.connection, &id, &secret)? })
    })
    .await
}
