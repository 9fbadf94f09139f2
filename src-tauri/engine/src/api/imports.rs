//! Imports over HTTP: a dry run first, then one step that stores everything.

use super::auth::Analyst;
use super::keyed::{Key, Keyed};
use super::request::{Answer, AnyBody, JsonBody, Params, list_body};
use crate::error::Error;
use crate::import_jobs::{Choices, Import, ImportAnswer, ImportRow, ImportState, RowFate, Wishes};
use crate::register::{DateOrder, Field};
use crate::store::{Door, Who};
use amtia_domain::Input;
use axum::extract::{FromRequest, Path, Request};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

/// A file to import.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ImportUpload {
    /// A framework (OSCAL catalog in JSON, CISO Assistant library in YAML) or a register of risks (XLSX, CSV, JSON), at most
    /// 50 MB.
    #[schema(format = Binary)]
    file: String,
    /// The framework's id, for an OSCAL catalog.
    slug: Option<String>,
}

/// One page of rows.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct RowList {
    data: Vec<ImportRow>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

/// What is asked of storing an import.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ImportWishes {
    /// The framework's id, for an OSCAL catalog.
    slug: Option<String>,
    /// Leaves out the rows of a register that have errors, in place of storing nothing.
    leave_out_errors: Option<bool>,
}

/// A column and what it is to be taken for.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ColumnChoice {
    /// Its place, from 0.
    column: usize,
    /// What it holds; null leaves it out.
    field: Option<Field>,
}

/// How a register is to be read; what is absent stays as it was.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ImportChoices {
    /// The sheet to read.
    sheet: Option<String>,
    /// What columns hold.
    columns: Option<Vec<ColumnChoice>>,
    /// The order of day and month in dates such as 03/04/2026; null where they must tell it themselves.
    dates: Option<DateOrder>,
    /// Leaves out links to controls and assets that are not in this workspace, in place of refusing their rows.
    leave_out_links: Option<bool>,
}

/// What was sent in: a file's name, its bytes, the slug wanted.
pub(super) struct Sent {
    name: String,
    pub(super) bytes: Bytes,
    slug: Option<String>,
}

impl Sent {
    /// The key with what was sent in under it.
    fn keyed(&self, key: Option<Key>) -> Option<Keyed> {
        key.map(|key| key.with(&[self.name.as_bytes(), b"\0", self.slug.as_deref().unwrap_or("").as_bytes(), b"\0", &self.bytes]))
    }
}

pub(super) async fn from_form(request: Request) -> Result<Sent, Error> {
    let mut form = super::form::parts(request).await.map_err(|_| Error::bad("The body is not valid multipart/form-data."))?;
    let (mut file, mut slug) = (None, None);
    let broken = |cause: axum::extract::multipart::MultipartError| {
        if cause.status().as_u16() == 413 {
            Error::TooLarge("The file is larger than 50 MB. Nothing was imported.".into())
        } else {
            Error::bad("The upload ended before it was whole. Nothing was imported.")
        }
    };
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some("file") => {
                let name = field.file_name().unwrap_or("file").to_owned();
                file = Some((name, field.bytes().await.map_err(broken)?));
            }
            Some("slug") => slug = Some(field.text().await.map_err(broken)?).filter(|text| !text.is_empty()),
            _ => return Err(Error::bad("The form takes the fields file and slug.")),
        }
    }
    let (name, bytes) = file.ok_or_else(|| Error::field("file", "is required"))?;
    Ok(Sent { name, bytes, slug })
}

pub(super) async fn from_path(request: Request, in_process: bool) -> Result<Sent, Error> {
    let body = JsonBody::from_request(request, &()).await?;
    if !in_process {
        return Err(Error::UnsupportedMedia("Send the file as multipart/form-data, field file.".into()));
    }
    let mut input = Input::new(body.fields);
    if !input.has("path") {
        input.problems.add("path", "is required");
    }
    let (path, slug) = (input.text("path").flatten(), input.short("slug").flatten());
    input.finish(&[])?;
    let path = std::path::PathBuf::from(path.unwrap_or_default());
    let name = path.file_name().map_or_else(|| "file".to_owned(), |name| name.to_string_lossy().into_owned());
    let bytes = tokio::task::spawn_blocking(move || read_file(&path)).await.map_err(Error::internal)??;
    Ok(Sent { name, bytes, slug })
}

fn read_file(path: &std::path::Path) -> Result<Bytes, Error> {
    let unreadable = |cause: std::io::Error| Error::field("path", format!("cannot be read: {cause}"));
    if std::fs::metadata(path).map_err(unreadable)?.len() > super::UPLOAD_MAX as u64 {
        return Err(Error::TooLarge("The file is larger than 50 MB. Nothing was imported.".into()));
    }
    std::fs::read(path).map(Bytes::from).map_err(unreadable)
}

/// Check a file for import. Nothing is saved.
#[utoipa::path(post, path = "/v1/imports", tag = "local", operation_id = "create_import",
    request_body(content = ImportUpload, content_type = "multipart/form-data"),
    params(("idempotency-key" = Option<String>, Header)), responses((status = 201, body = ImportAnswer)))]
pub(crate) async fn create_import(Analyst(call): Analyst, request: Request) -> Result<Response, Error> {
    let key = Key::of(&request)?;
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("").to_ascii_lowercase();
    let sent = if kind.starts_with("multipart/form-data") {
        from_form(request).await?
    } else if kind.starts_with("application/json") {
        from_path(request, call.who.in_process).await?
    } else {
        return Err(Error::UnsupportedMedia("Send the file as multipart/form-data, field file.".into()));
    };
    call.once(sent.keyed(key), begin(&call, sent)).await
}

/// How long an answer waits for the file to be read.
const AT_ONCE: Duration = Duration::from_millis(400);

async fn begin(call: &super::auth::Call, sent: Sent) -> Result<Answer, Error> {
    let now = call.workspace.store.now();
    let import = call.workspace.imports.begin(crate::ids::new(now), &sent.name, now);
    let (work, workspace) = (Arc::clone(&import), Arc::clone(&call.workspace));
    let reading = tokio::task::spawn_blocking(move || {
        work.check(&workspace, &sent.bytes, sent.slug.as_deref());
        workspace.store.announce(&["import"]);
    });
    // Most files are read at once; a large one answers as `reading` and is asked for again.
    let _ = tokio::time::timeout(AT_ONCE, reading).await;
    let body = serde_json::to_vec(&import.describe()).map_err(Error::internal)?;
    Ok(Answer { status: 201, headers: vec![("location", format!("/v1/imports/{}", import.id))], body })
}

fn find(call: &super::auth::Call, id: &str) -> Result<Arc<Import>, Error> {
    call.workspace.imports.find(id).ok_or_else(|| Error::no_record("import"))
}

/// How far an import is.
#[utoipa::path(get, path = "/v1/imports/{id}", tag = "local", operation_id = "get_import", params(("id" = String, Path)), responses((status = 200, body = ImportAnswer)))]
pub(crate) async fn get_import(Analyst(call): Analyst, Path(id): Path<String>) -> Result<Response, Error> {
    Answer::json(&find(&call, &id)?.describe()).map(Answer::into_response)
}

/// Choose how a register of risks is read: its sheet, what its columns hold, the order of its dates. It is checked anew;
/// nothing is saved.
#[utoipa::path(put, path = "/v1/imports/{id}", tag = "local", operation_id = "update_import", request_body = ImportChoices,
    params(("id" = String, Path)), responses((status = 200, body = ImportAnswer)))]
pub(crate) async fn update_import(Analyst(call): Analyst, Path(id): Path<String>, body: JsonBody) -> Result<Response, Error> {
    let import = find(&call, &id)?;
    let choices = choices(body.fields)?;
    let (work, workspace) = (Arc::clone(&import), Arc::clone(&call.workspace));
    let reading = tokio::task::spawn_blocking(move || {
        let chosen = work.choose(&workspace, &choices);
        workspace.store.announce(&["import"]);
        chosen
    });
    if let Ok(read) = tokio::time::timeout(AT_ONCE, reading).await {
        read.map_err(Error::internal)??;
    }
    Answer::json(&import.describe()).map(Answer::into_response)
}

fn choices(fields: serde_json::Map<String, Value>) -> Result<Choices, Error> {
    let mut input = Input::new(fields);
    let sheet = input.short("sheet").flatten();
    let dates = input.choice::<DateOrder>("dates");
    let leave_out_links = if input.has("leave_out_links") { input.flag("leave_out_links") } else { None };
    let columns = input.bare("columns").map_or(Ok(Vec::new()), serde_json::from_value::<Vec<ColumnChoice>>);
    let columns = columns.unwrap_or_else(|_| {
        input.problems.add("columns", "must be a list of columns by their place, each with a field of a register or null");
        Vec::new()
    });
    input.finish(&[])?;
    Ok(Choices { sheet, columns: columns.into_iter().map(|choice| (choice.column, choice.field)).collect(), dates, leave_out_links })
}

/// Stop and forget an import. What was applied stays.
#[utoipa::path(delete, path = "/v1/imports/{id}", tag = "local", operation_id = "delete_import", params(("id" = String, Path)), responses((status = 204)))]
pub(crate) async fn delete_import(Analyst(call): Analyst, Path(id): Path<String>) -> Result<Response, Error> {
    if call.workspace.imports.forget(&id) { Ok(Answer::none().into_response()) } else { Err(Error::no_record("import")) }
}

/// Each row's fate.
#[utoipa::path(get, path = "/v1/imports/{id}/rows", tag = "local", operation_id = "import_rows",
    params(("id" = String, Path), ("fate" = Option<RowFate>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)), responses((status = 200, body = RowList)))]
pub(crate) async fn import_rows(Analyst(call): Analyst, Path(id): Path<String>, mut params: Params) -> Result<Response, Error> {
    let import = find(&call, &id)?;
    let fate = params.choice::<RowFate>("fate");
    let limit = usize::try_from(params.number("limit", 1, 200).unwrap_or(50)).unwrap_or(50);
    let from = usize::try_from(params.number("cursor", 0, 1 << 32).unwrap_or(0)).unwrap_or(0);
    params.finish()?;
    let (rows, next, total) = import.rows(fate, from, limit);
    let rows: Vec<String> = rows.iter().map(|row| serde_json::to_string(row).map_err(Error::internal)).collect::<Result<_, _>>()?;
    let body = list_body(&rows, next.map(|next| next.to_string()).as_deref(), Some(total as u64));
    Ok(Answer { status: 200, headers: Vec::new(), body }.into_response())
}

/// Store what was checked, as one step that undo takes back.
#[utoipa::path(post, path = "/v1/imports/{id}/apply", tag = "local", operation_id = "apply_import", request_body = ImportWishes,
    params(("id" = String, Path), ("idempotency-key" = Option<String>, Header)), responses((status = 200, body = ImportAnswer)))]
pub(crate) async fn apply_import(Analyst(call): Analyst, Path(id): Path<String>, AnyBody(body): AnyBody) -> Result<Response, Error> {
    let mut input = Input::new(body.fields);
    let slug = input.short("slug").flatten();
    let leave_out_errors = input.has("leave_out_errors") && input.flag("leave_out_errors").unwrap_or(false);
    let wrong = input.finish(&[]);
    // An import that was applied and forgotten is answered all the same.
    call.once(body.keyed, async {
        let import = find(&call, &id)?;
        wrong?;
        let who = Who { actor: call.who.actor.clone(), door: Door::Import };
        let (work, workspace) = (Arc::clone(&import), Arc::clone(&call.workspace));
        // Goes on when the caller hangs up: half an import is no outcome.
        tokio::spawn(async move { work.apply(&workspace, who, Wishes { slug, leave_out_errors }).await })
            .await
            .map_err(Error::internal)??;
        debug_assert_ne!(import.state(), ImportState::Applying, "an import that was awaited is settled");
        Answer::json(&import.describe())
    })
    .await
}
