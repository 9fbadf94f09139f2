//! The one door before every operation: request ids, who is calling, the one place that writes errors, the net under a
//! panic, and the note of a call through the port.

use super::auth;
use super::language::{Language, say_french};
use super::usage::{Begun, Caller};
use crate::engine::Engine;
use crate::error::Error;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static AMTIA_ENGINE: HeaderName = HeaderName::from_static("amtia-engine");
static IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Marks an answer whose body is an error in another standard's format: only its status is set.
#[derive(Clone, Copy)]
pub(super) struct AsIs(pub(super) u16);

/// `req_` and twelve of `0-9a-z`: a count, hashed under a key of this process. It tells one request from another and is no
/// secret.
#[derive(Clone, Copy)]
pub(super) struct RequestId([u8; 16]);

impl RequestId {
    fn next() -> Self {
        const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        static COUNT: AtomicU64 = AtomicU64::new(0);
        static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        let mut rest = KEY.hash_one(COUNT.fetch_add(1, Ordering::Relaxed));
        let mut id = *b"req_000000000000";
        for place in &mut id[4..] {
            *place = ALPHABET[(rest % 36) as usize];
            rest /= 36;
        }
        Self(id)
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl IntoResponse for Error {
    /// Carries the error out to [`answer`], which writes it.
    fn into_response(self) -> Response {
        let mut response = StatusCode::from_u16(self.code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response();
        if matches!(self, Error::Unauthorized(_)) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Error::TooManyRequests { retry_after } | Error::TooManyFailures { retry_after } = &self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*retry_after));
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Answers a request. The door stands before the routes rather than around each of them, so that what is kept or refused is
/// answered without any being looked for.
pub(crate) async fn answer(engine: &Engine, routes: &Router, request: Request) -> Response {
    let begun = Begun::of(&request);
    let id = RequestId::next();
    let keyed = request.method() == Method::POST && request.headers().contains_key("idempotency-key");
    let (method, uri, language) = (request.method().clone(), request.uri().clone(), Language::of(request.headers()));
    let admitted = AssertUnwindSafe(auth::admit(engine, routes, request)).catch_unwind().await;
    let (mut response, caller) = admitted.unwrap_or_else(|_| (Error::internal("a handler panicked").into_response(), None));
    let caller = caller.or_else(|| response.extensions_mut().remove::<Caller>());
    let response = language.render_answer(uri.path(), response).await;
    let mut response = if response.status().as_u16() >= 400 { write_error(response, id, &method, uri.path(), language) } else { response };
    if let Some(AsIs(code)) = response.extensions_mut().remove::<AsIs>() {
        *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST);
    }
    if keyed && !response.headers().contains_key(&IDEMPOTENCY_REPLAYED) {
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED.clone(), HeaderValue::from_static("false"));
    }
    finish(&mut response, id);
    if let Some(begun) = begun {
        begun.note(engine, method, uri.path(), response.status(), caller, id);
    }
    response
}

fn finish(response: &mut Response, id: RequestId) {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_bytes(&id.0) {
        headers.insert(X_REQUEST_ID.clone(), value);
    }
    headers.insert(AMTIA_ENGINE.clone(), HeaderValue::from_static(concat!("desktop/", env!("CARGO_PKG_VERSION"))));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// An answer that never reached the door (a foreign `Host`, say), in the same format.
pub(crate) fn error_answer(error: Error, method: &Method, path: &str, language: Language) -> Response {
    let id = RequestId::next();
    let mut response = write_error(error.into_response(), id, method, path, language);
    finish(&mut response, id);
    response
}

fn write_error(mut response: Response, id: RequestId, method: &Method, path: &str, language: Language) -> Response {
    let (status, id) = (response.status(), id.as_str());
    let carried = response.extensions_mut().remove::<Arc<Error>>();
    let error = carried.unwrap_or_else(|| {
        // Rejections of the framework itself.
        Arc::new(match status.as_u16() {
            404 => Error::NotFound("No such path. Check the endpoint path.".into()),
            405 => Error::MethodNotAllowed,
            413 => Error::TooLarge("The body is larger than this operation takes.".into()),
            415 => Error::UnsupportedMedia("This operation takes another content type.".into()),
            400..500 => Error::bad("The request is malformed. Check the parameters and body format."),
            _ => Error::internal(format!("answered {status} without a reason")),
        })
    });
    match &*error {
        Error::Internal(cause) => tracing::error!(request_id = id, %method, path, cause, "internal error"),
        other => tracing::info!(request_id = id, %method, path, code = other.code(), "refused"),
    }
    let mut body = error.body(id);
    let french = language.render_error(&mut body);
    let mut written = (status, Body::from(body.to_string())).into_response();
    if french {
        say_french(written.headers_mut());
    }
    written.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for name in [
        header::ALLOW,
        header::WWW_AUTHENTICATE,
        header::RETRY_AFTER,
        HeaderName::from_static("ratelimit"),
        HeaderName::from_static("ratelimit-policy"),
    ] {
        if let Some(value) = response.headers_mut().remove(&name) {
            written.headers_mut().insert(name, value);
        }
    }
    written
}
