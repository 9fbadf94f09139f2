//! Who is calling, and whether they may: one place for every door, deny by default.

use super::limit::{POLICY, Standing};
use super::request::{Answer, JsonBody, is_readable, read_body};
use super::token;
use super::usage::Caller;
use crate::crypto;
use crate::engine::Engine;
use crate::error::Error;
use crate::store::api_keys::{self, Role};
use crate::store::{Door, Who};
use crate::workspace::Workspace;
use amtia_domain::Input;
use amtia_domain::words::Word;
use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tower::ServiceExt as _;
use utoipa::ToSchema;

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The display name that history records.
    pub actor: String,
    /// What they may do.
    pub role: Role,
    /// The way in.
    pub door: Door,
    /// The person at this device: may also see to the workspace itself.
    pub owner: bool,
    /// The window in this very process: may name files by path.
    pub in_process: bool,
    key: Option<String>,
}

impl Principal {
    /// The person at this device, by a door of the app itself.
    #[must_use]
    pub fn owner(actor: String, door: Door, in_process: bool) -> Self {
        Self { actor, role: Role::Admin, door, owner: true, in_process, key: None }
    }

    pub(crate) fn who(&self) -> Who {
        Who { actor: self.actor.clone(), door: self.door }
    }

    /// What keeps one caller's idempotency keys apart from another's.
    pub(crate) fn scope(&self) -> &str {
        self.key.as_deref().unwrap_or("owner")
    }
}

/// Paths that need no token: how one gets one, and what the API is.
fn is_open(method: &Method, path: &str) -> bool {
    (method == Method::POST && matches!(path, "/v1/auth/token" | "/v1/auth/link")) || (method == Method::GET && path == "/v1/openapi.json")
}

/// Finds out who is calling and lets in who may come in; tells whose call it was. 401 comes before any 404, so that nobody
/// without a token learns which paths exist.
pub(super) async fn admit(engine: &Engine, routes: &Router, mut request: Request) -> (Response, Option<Caller>) {
    if is_open(request.method(), request.uri().path()) {
        return (route(routes, request).await, None);
    }
    if let Some(window) = request.extensions_mut().remove::<Principal>() {
        return (answer(engine, window.role, || window, request, routes).await, None);
    }
    let Some(bearer) = bearer(request.headers()) else {
        let missing = Error::Unauthorized("Missing or invalid authentication token. Send Authorization: Bearer TOKEN.".into());
        return (missing.into_response(), None);
    };
    if engine.is_session(bearer) {
        let owner = || Principal::owner(engine.profile(), Door::Window, false);
        return (answer(engine, Role::Admin, owner, request, routes).await, Some(Caller::Owner));
    }
    let known = engine.workspace().map(|workspace| {
        let now = workspace.store.now();
        let key = workspace.tokens.check(&workspace.store, &workspace.id, bearer, now)?;
        let standing = workspace.limiter.count(&key.id, now);
        Ok((key, standing))
    });
    let (key, standing) = match known.unwrap_or_else(|| Err(Error::Unauthorized("Invalid or expired authentication token.".into()))) {
        Ok(known) => known,
        Err(refused) => return (refused.into_response(), None),
    };
    let mut response = if standing.allowed {
        let who = || Principal {
            actor: key.name.clone(),
            role: key.role,
            door: Door::Api,
            owner: false,
            in_process: false,
            key: Some(key.id.clone()),
        };
        answer(engine, key.role, who, request, routes).await
    } else {
        Error::TooManyRequests { retry_after: standing.reset.max(1) }.into_response()
    };
    limit_headers(response.headers_mut(), standing);
    (response, Some(Caller::Key(key)))
}

/// The answer to somebody known: one that is kept, for which their role is enough to know, or the operation's.
async fn answer(engine: &Engine, role: Role, who: impl FnOnce() -> Principal, mut request: Request, routes: &Router) -> Response {
    if let Some(kept) = kept(engine, role, &request) {
        return kept;
    }
    // As any unknown identifier.
    if !is_readable(request.uri().path()) {
        return Error::NotFound("Nothing has this path or identifier.".into()).into_response();
    }
    request.extensions_mut().insert(who());
    route(routes, request).await
}

async fn route(routes: &Router, request: Request) -> Response {
    routes.clone().oneshot(request).await.unwrap_or_else(|never| match never {})
}

/// An answer that was given before and still holds, to somebody who may have it.
fn kept(engine: &Engine, role: Role, request: &Request) -> Option<Response> {
    if request.method() != Method::GET {
        return None;
    }
    let workspace = engine.workspace()?;
    let kept = workspace.cache.find(request.uri().path_and_query()?.as_str(), workspace.store.version(), role)?;
    Some(kept.into_response())
}

static RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
static RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// `RateLimit` and `RateLimit-Policy` as the IETF draft writes them.
fn limit_headers(headers: &mut HeaderMap, standing: Standing) {
    let written = format!("\"default\";r={};t={}", standing.remaining, standing.reset);
    if let Ok(value) = HeaderValue::try_from(written) {
        headers.insert(RATELIMIT.clone(), value);
    }
    headers.insert(RATELIMIT_POLICY.clone(), HeaderValue::from_static(POLICY));
}

/// The one `Authorization` header: of two, somebody on the way may have judged the other.
fn authorization(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    // A token is long: this reads many bytes at once, where `to_str` takes one after the other.
    let value = std::str::from_utf8(all.next()?.as_bytes()).ok().filter(|value| value.is_ascii())?;
    all.next().is_none().then_some(value)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = authorization(headers)?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()).filter(|token| !token.is_empty())
}

/// A call by somebody who may make it, on an open workspace.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) who: Principal,
    pub(crate) workspace: Arc<Workspace>,
    /// The role that is enough for the operation; none where only the person at this device will do.
    pub(crate) enough: Option<Role>,
}

/// The one authorisation function.
fn authorize(who: &Principal, needed: Role, owner_only: bool) -> Result<(), Error> {
    if owner_only && !who.owner {
        return Err(Error::Forbidden("Only the person at this device may do this: no API key can.".into()));
    }
    if who.role < needed {
        return Err(Error::Forbidden(format!(
            "Insufficient permissions. This operation needs the role {}; this key has {}.",
            needed.word(),
            who.role.word()
        )));
    }
    Ok(())
}

fn principal(parts: &Parts) -> Result<Principal, Error> {
    parts.extensions.get::<Principal>().cloned().ok_or_else(|| Error::Unauthorized("Missing or invalid authentication token.".into()))
}

fn call(parts: &Parts, engine: &Engine, needed: Role, owner_only: bool) -> Result<Call, Error> {
    let who = principal(parts)?;
    authorize(&who, needed, owner_only)?;
    let workspace = engine.workspace().ok_or_else(|| Error::NotFound("No workspace is open on this device yet.".into()))?;
    Ok(Call { who, workspace, enough: (!owner_only).then_some(needed) })
}

macro_rules! callers {
    ($($(#[$meta:meta])* $name:ident($role:expr, $owner:expr));+ $(;)?) => {$(
        $(#[$meta])*
        pub(crate) struct $name(pub(crate) Call);

        impl FromRequestParts<Engine> for $name {
            type Rejection = Error;

            async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Error> {
                call(parts, engine, $role, $owner).map(Self)
            }
        }
    )+};
}

callers! {
    /// May read.
    Viewer(Role::Viewer, false);
    /// May write records.
    Analyst(Role::Analyst, false);
    /// May see to keys and webhooks.
    Admin(Role::Admin, false);
    /// May see to the workspace itself.
    Owner(Role::Admin, true);
}

/// The person at this device, whether a workspace is open or not.
pub(crate) struct AtDevice(pub(crate) Principal);

impl FromRequestParts<Engine> for AtDevice {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &Engine) -> Result<Self, Error> {
        let who = principal(parts)?;
        authorize(&who, Role::Admin, true)?;
        Ok(Self(who))
    }
}

/// Anyone with a valid token, whether a workspace is open or not.
pub(crate) struct Anyone(pub(crate) Principal);

impl FromRequestParts<Engine> for Anyone {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &Engine) -> Result<Self, Error> {
        principal(parts).map(Self)
    }
}

/// API credentials.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Credentials {
    /// The key's id.
    #[schema(example = "your_api_key")]
    api_key: String,
    /// Its secret, shown once when the key was made.
    #[schema(example = "your_secret")]
    secret: String,
}

/// RFC 6749 client credentials, as a form; the id and the secret may come by HTTP Basic instead.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form in the API document; the form itself is read field by field")]
pub(crate) struct ClientCredentials {
    #[schema(pattern = "^client_credentials$")]
    grant_type: String,
    /// The key's id.
    client_id: Option<String>,
    /// Its secret.
    client_secret: Option<String>,
}

/// An access token.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Token {
    /// An RS256 JWT.
    token: String,
    /// The same, under the name of RFC 6749; only in answers to a form post.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    /// Seconds.
    #[schema(example = 3600)]
    expires_in: i64,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: String,
}

/// Obtain an access token.
///
/// JSON `{"api_key","secret"}`, or an RFC 6749 client-credentials form post (credentials in the form or by HTTP Basic).
#[utoipa::path(post, path = "/v1/auth/token", tag = "auth", operation_id = "create_token", security(()),
    request_body(content((Credentials = "application/json"), (ClientCredentials = "application/x-www-form-urlencoded"))),
    responses((status = 200, body = Token)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn create_token(State(engine): State<Engine>, request: Request) -> Response {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("").to_ascii_lowercase();
    let form = kind.starts_with("application/x-www-form-urlencoded");
    let basic = basic(request.headers());
    let result = async {
        if !form && !kind.is_empty() && !kind.starts_with("application/json") {
            return Err(Error::UnsupportedMedia("This operation takes application/json or application/x-www-form-urlencoded.".into()));
        }
        let bytes = read_body(request.into_body(), super::BODY_MAX).await?;
        let (api_key, secret) = if form { form_credentials(&bytes, basic)? } else { json_credentials(&bytes)? };
        let wrong = || Error::Unauthorized("The API key or its secret is wrong, expired or revoked.".into());
        let workspace = engine.workspace().ok_or_else(wrong)?;
        let now = workspace.store.now();
        let key = workspace.store.read(|connection| api_keys::find(connection, &api_key))?;
        // Keys that nobody has share one count.
        let counted = key.as_ref().map_or("", |key| key.id.as_str());
        let standing = workspace.failures.look(counted, now);
        if !standing.allowed {
            return Err(Error::TooManyFailures { retry_after: standing.reset.max(1) });
        }
        let fits = |key: &api_keys::ApiKey| workspace.store.read(|connection| api_keys::secret_fits(connection, key, &secret));
        let key = match key {
            Some(key) if fits(&key)? && key.is_live(now) => key,
            _ => {
                workspace.failures.count(counted, now);
                return Err(wrong());
            }
        };
        let token = workspace.tokens.issue(&workspace.store, &workspace.id, &key, now).await?;
        let access_token = form.then(|| token.clone());
        let answer = Answer::json(&Token { token, access_token, expires_in: token::LIFETIME, token_type: "Bearer".into() })?;
        Ok((answer, Caller::Key(Arc::new(key))))
    };
    match result.await {
        Ok((answer, caller)) => {
            let mut response = answer.into_response();
            response.extensions_mut().insert(caller);
            response
        }
        Err(error) if form => oauth_error(&error),
        Err(error) => error.into_response(),
    }
}

/// Only the form post answers errors as RFC 6749 section 5.2 writes them.
fn oauth_error(error: &Error) -> Response {
    let (code, name) = match error {
        Error::Unauthorized(_) => (401, "invalid_client"),
        Error::BadRequest { message, .. } if message.contains("grant_type") => (400, "unsupported_grant_type"),
        Error::TooManyFailures { .. } => (429, "temporarily_unavailable"),
        Error::Internal(_) | Error::Storage(_) => (500, "server_error"),
        _ => (400, "invalid_request"),
    };
    let body = serde_json::json!({ "error": name, "error_description": error.to_string() });
    let mut answer = Answer { status: 200, headers: Vec::new(), body: body.to_string().into_bytes() };
    if code == 401 {
        answer.headers.push(("www-authenticate", "Basic".into()));
    }
    if let Error::TooManyFailures { retry_after } = error {
        answer.headers.push(("retry-after", retry_after.to_string()));
    }
    let mut response = answer.into_response();
    // Set after the body is written: the outermost layer rewrites only errors in the reference's own format.
    response.extensions_mut().insert(super::door::AsIs(code));
    response
}

fn json_credentials(bytes: &[u8]) -> Result<(String, String), Error> {
    let Ok(serde_json::Value::Object(fields)) = serde_json::from_slice(bytes) else {
        return Err(Error::bad("The body must be a JSON object with api_key and secret."));
    };
    let mut input = Input::new(fields);
    let (api_key, secret) = (input.required_name("api_key"), input.required_name("secret"));
    input.finish(&[])?;
    Ok((api_key, secret))
}

fn form_credentials(bytes: &[u8], basic: Option<(String, String)>) -> Result<(String, String), Error> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(bytes).into_owned().collect();
    let field = |name: &str| pairs.iter().find(|(have, _)| have == name).map(|(_, value)| value.clone()).filter(|value| !value.is_empty());
    if field("grant_type").as_deref() != Some("client_credentials") {
        return Err(Error::bad("grant_type must be client_credentials."));
    }
    match (field("client_id"), field("client_secret"), basic) {
        (Some(id), Some(secret), _) | (None, None, Some((id, secret))) => Ok((id, secret)),
        _ => Err(Error::bad("client_id and client_secret are required, in the form or by HTTP Basic.")),
    }
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = authorization(headers)?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    // RFC 6749 section 2.3.1: both halves are form-encoded first.
    let decode = |text: &str| form_urlencoded::parse(format!("v={text}").as_bytes()).next().map(|(_, value)| value.into_owned());
    Some((decode(id)?, decode(secret)?))
}

/// A session of the person at this device, in a browser.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Session {
    token: String,
    token_type: String,
}

/// Redeem a one-time link.
///
/// The code comes from the link that `amtia serve` prints; the answer's token acts as the person at this device.
#[utoipa::path(post, path = "/v1/auth/link", tag = "local", operation_id = "redeem_link", security(()), responses((status = 200, body = Session)))]
pub(crate) async fn redeem_link(State(engine): State<Engine>, body: JsonBody) -> Result<Response, Error> {
    let mut input = Input::new(body.fields);
    let code = input.required_name("code");
    input.finish(&[])?;
    let token = engine.redeem(&code).ok_or_else(|| {
        Error::Unauthorized("This link was used already or has ended. Open the newest link that the terminal shows.".into())
    })?;
    Answer::json(&Session { token, token_type: "Bearer".into() }).map(Answer::into_response)
}

/// How a session token is remembered: by hash, so that memory holds none.
pub(crate) fn session_hash(token: &str) -> [u8; 32] {
    crypto::sha256(&[b"session", token.as_bytes()])
}
