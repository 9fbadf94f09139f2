//! `Idempotency-Key`: the first answer to a keyed POST is given again for a day, and its work is not done twice.

use super::Principal;
use super::auth::Call;
use super::request::{Answer, JsonBody};
use crate::crypto;
use crate::error::Error;
use crate::store::answers::{self, Kept};
use crate::store::{Tx, Who};
use crate::workspace::Workspace;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::fmt::Write;

/// A key within its caller and path.
pub(crate) struct Key(String);

/// A key with the body it came with.
#[derive(Clone)]
pub(crate) struct Keyed {
    key: String,
    body_hash: Vec<u8>,
}

impl Key {
    /// The key of a request, if it has one.
    pub(crate) fn of(request: &Request) -> Result<Option<Self>, Error> {
        let Some(key) = request.headers().get("idempotency-key") else { return Ok(None) };
        let text = key
            .to_str()
            .ok()
            .filter(|key| (1..=255).contains(&key.len()))
            .ok_or_else(|| Error::bad("Idempotency-Key must be 1 to 255 printable characters."))?;
        let scope = format!("{} {}", request.uri().path(), request.extensions().get::<Principal>().map_or("", |who| who.scope()));
        Ok(Some(Self(crypto::hex(&crypto::sha256(&[scope.as_bytes(), b"\0", text.as_bytes()])))))
    }

    /// The key with what stands for its body.
    pub(crate) fn with(self, body: &[&[u8]]) -> Keyed {
        Keyed { key: self.0, body_hash: crypto::sha256(body).to_vec() }
    }
}

/// The first answer to this key, if there was one.
pub(crate) fn answered(workspace: &Workspace, keyed: &Keyed) -> Result<Option<Response>, Error> {
    let store = &workspace.store;
    let kept = store.read(|connection| answers::find(connection, &keyed.key, store.now()))?;
    kept.map(|kept| replay(kept, keyed)).transpose()
}

/// Keeps the first answer to a key, for work that was more than one write.
pub(crate) async fn keep(workspace: &Workspace, who: Who, keyed: &Keyed, answer: &Answer) -> Result<(), Error> {
    let (key, kept) = (keyed.key.clone(), as_kept(answer, keyed));
    workspace.store.write(who, move |tx| answers::keep(tx.connection, &key, tx.now, &kept)).await
}

impl Call {
    /// Runs a write and answers what it answers; a keyed POST is answered once and replayed after.
    pub(crate) async fn write(
        &self,
        body: &JsonBody,
        work: impl FnOnce(&Tx<'_>) -> Result<Answer, Error> + Send + 'static,
    ) -> Result<Response, Error> {
        let store = &self.workspace.store;
        let Some(keyed) = body.keyed.clone() else { return store.write(self.who.who(), work).await.map(Answer::into_response) };
        if let Some(again) = answered(&self.workspace, &keyed)? {
            return Ok(again);
        }
        enum Outcome {
            Fresh(Answer),
            Again(Kept),
        }
        let given = keyed.clone();
        let outcome = store
            .write(self.who.who(), move |tx| {
                // Another request with this key may have been written since it was looked up.
                if let Some(kept) = answers::find(tx.connection, &given.key, tx.now)? {
                    return Ok(Outcome::Again(kept));
                }
                let answer = work(tx)?;
                answers::keep(tx.connection, &given.key, tx.now, &as_kept(&answer, &given))?;
                Ok(Outcome::Fresh(answer))
            })
            .await?;
        match outcome {
            Outcome::Fresh(answer) => Ok(answer.into_response()),
            Outcome::Again(kept) => replay(kept, &keyed),
        }
    }

    /// Does work that is more than one write; keyed, it is done once, and requests with a key wait for one another.
    pub(crate) async fn once(&self, keyed: Option<Keyed>, work: impl Future<Output = Result<Answer, Error>>) -> Result<Response, Error> {
        let Some(keyed) = keyed else { return work.await.map(Answer::into_response) };
        let _alone = self.workspace.once.lock().await;
        if let Some(again) = answered(&self.workspace, &keyed)? {
            return Ok(again);
        }
        let answer = work.await?;
        keep(&self.workspace, self.who.who(), &keyed, &answer).await?;
        Ok(answer.into_response())
    }
}

fn as_kept(answer: &Answer, keyed: &Keyed) -> Kept {
    let headers = answer.headers.iter().fold(String::new(), |mut text, (name, value)| {
        let _ = writeln!(text, "{name}: {value}");
        text
    });
    Kept { body_hash: keyed.body_hash.clone(), status: answer.status, headers, body: answer.body.clone() }
}

fn replay(kept: Kept, keyed: &Keyed) -> Result<Response, Error> {
    if kept.body_hash != keyed.body_hash {
        return Err(Error::bad("This Idempotency-Key was used with another body within the last 24 hours."));
    }
    let mut response = Response::new(Body::from(kept.body));
    *response.status_mut() = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for line in kept.headers.lines() {
        if let Some((name, value)) = line.split_once(": ")
            && let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
        {
            headers.insert(name, value);
        }
    }
    headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    Ok(response)
}
