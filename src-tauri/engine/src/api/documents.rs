//! Documents over HTTP: their records, and their files up and down.

use super::auth::{Analyst, Call, Viewer};
use super::form::{self, Form};
use super::keyed::Key;
use super::records::{self, HistoryList};
use super::request::{JsonBody, Listing, Params};
use crate::blobs::Sha256;
use crate::error::Error;
use crate::store::documents::{self, DOCUMENTS};
use crate::store::lists::Condition;
use crate::store::records::{self as kept, delete};
use crate::{crypto, files, media};
use amtia_domain::document::{Classification, Document, DocumentKind, DocumentPatch, DocumentStatus, FoundFile};
use amtia_domain::words::Word;
use amtia_domain::{Input, Problems};
use axum::body::Body;
use axum::extract::{FromRequest, Path, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::path::PathBuf;
use utoipa::ToSchema;

/// A document to upload.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct DocumentUpload {
    /// At most 50 MB, not empty.
    #[schema(format = Binary)]
    file: String,
    /// 1–200 characters; the file's name, if left out.
    #[schema(min_length = 1, max_length = 200)]
    title: Option<String>,
    kind: Option<DocumentKind>,
    /// Its own version, as written on it.
    #[schema(max_length = 200)]
    version: Option<String>,
    /// A display name.
    #[schema(max_length = 200)]
    owner: Option<String>,
    classification: Option<Classification>,
    /// `YYYY-MM-DD`.
    #[schema(format = Date)]
    effective_date: Option<String>,
    /// `YYYY-MM-DD`.
    #[schema(format = Date)]
    review_date: Option<String>,
    /// RFC 3339.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// Where to write a document's file.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct DocumentPlace {
    /// A path on this device, as the person chose it.
    path: String,
}

/// One page of documents.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct DocumentList {
    data: Vec<Document>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

/// List documents.
#[utoipa::path(get, path = "/v1/documents", tag = "documents", operation_id = "list_documents",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query), ("sort" = Option<String>, Query), ("q" = Option<String>, Query),
        ("kind" = Option<DocumentKind>, Query), ("status" = Option<DocumentStatus>, Query), ("classification" = Option<Classification>, Query), ("owner" = Option<String>, Query),
        ("media_type" = Option<String>, Query), ("sha256" = Option<String>, Query), ("review_before" = Option<String>, Query, format = Date), ("expires_before" = Option<String>, Query, format = Date)),
    responses((status = 200, body = DocumentList)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn list_documents(Viewer(call): Viewer, mut params: Params) -> Result<Response, Error> {
    let listing = Listing::read(&mut params, &DOCUMENTS);
    let mut conditions = Vec::new();
    conditions.extend(params.choice::<DocumentKind>("kind").map(|kind| Condition::one("t.kind = ?", kind.word().to_owned())));
    conditions.extend(params.choice::<DocumentStatus>("status").map(documents::of_status));
    conditions.extend(params.choice::<Classification>("classification").map(documents::of_classification));
    conditions.extend(params.text("owner").map(|owner| Condition::one("t.owner = ?", owner)));
    conditions.extend(params.text("media_type").map(|kind| Condition::one("t.media_type = ?", kind)));
    conditions.extend(params.text("sha256").map(|sha256| Condition::one("t.sha256 = ?", sha256.to_ascii_lowercase())));
    for (name, sql) in
        [("review_before", "t.review_date <> '' AND t.review_date < ?"), ("expires_before", "t.expires_at <> '' AND t.expires_at < ?")]
    {
        conditions.extend(params.date(name).map(|day| Condition::one(sql, day.to_string())));
    }
    records::list(&call, params, &DOCUMENTS, &listing, &conditions)
}

/// Upload a document.
#[utoipa::path(post, path = "/v1/documents/upload", tag = "documents", operation_id = "upload_document",
    request_body(content = DocumentUpload, content_type = "multipart/form-data"), params(("idempotency-key" = Option<String>, Header)),
    responses((status = 201, body = Document)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn upload_document(Analyst(call): Analyst, request: Request) -> Result<Response, Error> {
    let (key, media_type) = (Key::of(&request)?, form::media_type(&request));
    if call.workspace.store.read(documents::kept_bytes)? >= documents::QUOTA {
        return Err(documents::full());
    }
    let form = match media_type.as_str() {
        "multipart/form-data" => form::read(&call, request).await?,
        "application/json" | "" if call.who.in_process => picked(&call, request).await?,
        _ => return Err(Error::UnsupportedMedia("Send the file as multipart/form-data, field file.".into())),
    };
    store(&call, form, key).await
}

/// The window names the file that a person picked by its path.
async fn picked(call: &Call, request: Request) -> Result<Form, Error> {
    let mut fields = JsonBody::from_request(request, &()).await?.fields;
    let path = fields.remove("path").and_then(|path| path.as_str().map(PathBuf::from));
    let path = path.ok_or_else(|| Error::field("path", "is required: the file that was picked"))?;
    // Before the file is stored: what is wrong is told at once.
    DocumentPatch::read(fields.clone(), true)?;
    Ok(Form { fields, file: Some(form::store_path(call, path).await?) })
}

async fn store(call: &Call, form: Form, key: Option<Key>) -> Result<Response, Error> {
    let patch = DocumentPatch::read(form.fields.clone(), true);
    let Some(sent) = form.file else {
        let mut problems = Problems::one("file", "is required");
        problems.0.extend(patch.err().into_iter().flat_map(|other| other.0));
        return Err(problems.into());
    };
    let patch = patch?;
    let mut staged = sent.staged;
    let sha256 = crypto::hex(&staged.sha256);
    let said = serde_json::json!([form.fields, sent.name, sent.media_type, sha256]).to_string();
    let body = JsonBody::of_form(form.fields, key, &[said.as_bytes()]);
    let file = FoundFile { name: sent.name, media_type: sent.media_type, size: staged.size, sha256 };
    // From here on the record may be written even when the caller hangs up.
    staged.pledge();
    let written = call.write(&body, move |tx| {
        let stored = documents::create(tx, patch, file, crate::ids::new(tx.now))?;
        Ok(records::created("/v1/documents", stored))
    });
    match written.await {
        Ok(answer) => {
            staged.keep();
            Ok(answer)
        }
        Err(error) => {
            staged.discard();
            Err(error)
        }
    }
}

/// Read one document's record.
#[utoipa::path(get, path = "/v1/documents/{id}", tag = "local", operation_id = "get_document", params(("id" = String, Path)), responses((status = 200, body = Document)))]
pub(crate) async fn get_document(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    records::read::<Document>(&call, &id, params)
}

/// Change a document's record, its status among it. Its file never changes.
#[utoipa::path(put, path = "/v1/documents/{id}", tag = "local", operation_id = "update_document", request_body = DocumentPatch,
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = Document)))]
pub(crate) async fn update_document(
    Analyst(call): Analyst,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    let read = |fields| DocumentPatch::read(fields, false);
    records::change(&call, id, &headers, &body, read, |tx, patch, asked| {
        documents::update(tx, &asked.id, patch, &asked.body, asked.expected)
    })
    .await
}

/// Delete a document; undo brings it back with its file.
#[utoipa::path(delete, path = "/v1/documents/{id}", tag = "local", operation_id = "delete_document",
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn delete_document(Analyst(call): Analyst, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    records::remove::<Document>(&call, id, &headers, delete).await
}

/// A document's history, newest first.
#[utoipa::path(get, path = "/v1/documents/{id}/history", tag = "local", operation_id = "document_history",
    params(("id" = String, Path), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)), responses((status = 200, body = HistoryList)))]
pub(crate) async fn document_history(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    records::history::<Document>(&call, &id, params)
}

/// A document whose file was found to be there and what was stored.
async fn checked(call: &Call, id: &str) -> Result<(Document, Sha256), Error> {
    let document = call.workspace.store.read(|connection| kept::get::<Document>(connection, id))?.record;
    let lost = |what: &str| {
        Error::Storage(format!(
            "The file of {} {what}. Its record is kept; take the file from a backup of the workspace.",
            document.reference
        ))
    };
    let sha256 = crate::blobs::sha256_of(&document.sha256).ok_or_else(|| lost("is not known"))?;
    let (workspace, size) = (std::sync::Arc::clone(&call.workspace), document.size);
    let found = tokio::task::spawn_blocking(move || workspace.blobs.check(&sha256, size)).await.map_err(Error::internal)?;
    found.map_err(|cause| match cause.kind() {
        std::io::ErrorKind::NotFound => lost("is missing"),
        std::io::ErrorKind::InvalidData => lost("is damaged: it is not what was stored"),
        _ => Error::internal(cause),
    })?;
    Ok((document, sha256))
}

/// A document's file, checked against its SHA-256, always to be saved and never to be shown in place.
#[utoipa::path(get, path = "/v1/documents/{id}/content", tag = "local", operation_id = "document_content",
    params(("id" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "*/*")))]
pub(crate) async fn document_content(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    params.finish()?;
    let (document, sha256) = checked(&call, &id).await?;
    let reader = call.workspace.blobs.open(&sha256).map_err(Error::internal)?;
    let mut response = Response::new(Body::from_stream(futures_util::stream::iter(reader)));
    let headers = response.headers_mut();
    let kind = if media::is_active(&document.media_type) { "application/octet-stream" } else { &document.media_type };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(kind).map_err(Error::internal)?);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(document.size));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition(&document.name)).map_err(Error::internal)?);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::ETAG, HeaderValue::from_str(&format!("\"{}\"", document.sha256)).map_err(Error::internal)?);
    Ok(response)
}

/// `attachment` with the name in ASCII and, where that is not the whole of it, as RFC 8187 writes it.
pub(super) fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' }).collect();
    let mut text = format!("attachment; filename=\"{plain}\"");
    if plain != name {
        text.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
                text.push(char::from(byte));
            } else {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    text
}

/// Write a document's file to a place that the person at this device chose. Only the window may name one.
#[utoipa::path(post, path = "/v1/documents/{id}/save", tag = "local", operation_id = "save_document", request_body = DocumentPlace,
    params(("id" = String, Path)), responses((status = 204)))]
pub(crate) async fn save_document(Analyst(call): Analyst, Path(id): Path<String>, body: JsonBody) -> Result<Response, Error> {
    let (_, sha256) = checked(&call, &id).await?;
    let path = chosen_place(body, call.who.in_process)?;
    let workspace = std::sync::Arc::clone(&call.workspace);
    write_place(path, move |file| {
        for piece in workspace.blobs.open(&sha256)? {
            file.write_all(&piece?)?;
        }
        Ok(())
    })
    .await
}

/// The place that the person at this device chose for a file. Only the window may name one.
pub(super) fn chosen_place(body: JsonBody, in_process: bool) -> Result<PathBuf, Error> {
    let mut input = Input::new(body.fields);
    if !input.has("path") {
        input.problems.add("path", "is required");
    } else if !in_process {
        input.problems.add("path", "can only be chosen in the window");
    }
    let path = input.text("path").flatten().map(PathBuf::from);
    input.finish(&[])?;
    path.ok_or_else(|| Error::field("path", "must not be empty"))
}

/// Writes a file to a chosen place, whole or not at all; an earlier one of its name stays until then.
pub(super) async fn write_place(
    path: PathBuf,
    fill: impl FnOnce(&mut std::fs::File) -> std::io::Result<()> + Send + 'static,
) -> Result<Response, Error> {
    let written = tokio::task::spawn_blocking(move || files::write_whole(&path, fill)).await.map_err(Error::internal)?;
    written.map_err(|cause| Error::field("path", format!("cannot be written: {cause}")))?;
    Ok(super::request::Answer::none().into_response())
}
