//! Forms with a file (`multipart/form-data`, RFC 7578): the file goes to the disk as it comes, never whole into memory.

use super::{UPLOAD_MAX, auth::Call};
use crate::blobs::{Staged, Upload};
use crate::error::Error;
use crate::media;
use amtia_domain::document::file_name;
use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::header;
use bytes::Bytes;
use futures_util::Stream;
use serde_json::{Map, Value};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

/// Parts of a form at the most.
const PARTS: usize = 32;
/// Bytes of all text fields together, at the most.
const TEXT: usize = 64 << 10;
/// Bytes that the reader of parts may take without having found a part or a piece of one.
const AHEAD: usize = 256 << 10;
/// Bytes handed to the reader of parts at once.
const PIECE: usize = 64 << 10;

/// A file that was sent: on the disk, not yet of any record.
pub(crate) struct SentFile {
    pub(crate) staged: Staged,
    pub(crate) name: String,
    pub(crate) media_type: String,
}

/// A form that was read.
pub(crate) struct Form {
    /// Text fields, blank ones left out.
    pub(crate) fields: Map<String, Value>,
    pub(crate) file: Option<SentFile>,
}

/// A request's media type, without its parameters.
pub(crate) fn media_type(request: &Request) -> String {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
}

/// What storage says when a file cannot be stored.
pub(crate) fn unstored(cause: &std::io::Error) -> Error {
    match cause.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Error::Storage(
            "The disk is full. The file was not stored; everything stored before is kept. Free some space and try again.".into(),
        ),
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            Error::Storage("The folder of the workspace cannot be written. The file was not stored. Check that it is not read-only.".into())
        }
        _ => Error::internal(cause),
    }
}

fn too_large() -> Error {
    Error::TooLarge(format!("The file is larger than {} MB. It was not stored.", UPLOAD_MAX >> 20))
}

fn broken(cause: &MultipartError) -> Error {
    if cause.status().as_u16() == 413 {
        too_large()
    } else {
        Error::bad("The form is malformed, or ended before it was whole. Nothing was stored.")
    }
}

/// A form with a file, part by part.
pub(crate) async fn parts(mut request: Request) -> Result<Multipart, MultipartRejection> {
    DefaultBodyLimit::max(UPLOAD_MAX + (1 << 16)).apply(&mut request);
    Multipart::from_request(request, &()).await
}

/// Reads a form whose file is the field `file`.
pub(crate) async fn read(call: &Call, request: Request) -> Result<Form, Error> {
    let (parts, body) = request.into_parts();
    let ahead = Arc::new(AtomicUsize::new(0));
    let paced = Paced { body: body.into_data_stream(), rest: Bytes::new(), ahead: Arc::clone(&ahead), rested: true };
    let request = Request::from_parts(parts, Body::from_stream(paced));
    let mut multipart =
        self::parts(request).await.map_err(|_| Error::bad("The Content-Type names no boundary between the parts of the form."))?;
    let mut form = Form { fields: Map::new(), file: None };
    let (mut count, mut room) = (0, TEXT);
    while let Some(field) = multipart.next_field().await.map_err(|cause| broken(&cause))? {
        ahead.store(0, Ordering::Relaxed);
        count += 1;
        let name = field.name().unwrap_or("").to_owned();
        if count > PARTS {
            return Err(Error::bad(format!("The form has more than {PARTS} parts. Nothing was stored.")));
        }
        if name == "file" {
            if form.file.is_some() {
                return Err(Error::field("file", "is given more than once"));
            }
            form.file = Some(store(call, field, &ahead).await?);
        } else {
            let text = text(field, &ahead, &mut room).await?;
            if form.fields.contains_key(&name) {
                return Err(Error::field(&name.chars().take(80).collect::<String>(), "is given more than once"));
            }
            form.fields.insert(name, text.into());
        }
    }
    // A browser sends every field of its form: a blank one says nothing.
    form.fields.retain(|_, value| value.as_str().is_some_and(|text| !text.trim().is_empty()));
    Ok(form)
}

async fn text(mut field: Field<'_>, ahead: &AtomicUsize, room: &mut usize) -> Result<String, Error> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|cause| broken(&cause))? {
        ahead.store(0, Ordering::Relaxed);
        *room = room
            .checked_sub(piece.len())
            .ok_or_else(|| Error::TooLarge("The text fields are larger than 64 KB. Nothing was stored.".into()))?;
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| Error::bad("A text field is not UTF-8. Nothing was stored."))
}

async fn store(call: &Call, mut field: Field<'_>, ahead: &AtomicUsize) -> Result<SentFile, Error> {
    let name = file_name(field.file_name().unwrap_or(""));
    let claimed = field.content_type().map(str::to_owned);
    let mut arriving = Arriving::begin(call)?;
    while let Some(piece) = field.chunk().await.map_err(|cause| broken(&cause))? {
        ahead.store(0, Ordering::Relaxed);
        arriving.take(&piece)?;
    }
    arriving.end(name, claimed.as_deref()).await
}

/// Stores a file that the person at this device picked by its path.
pub(crate) async fn store_path(call: &Call, path: std::path::PathBuf) -> Result<SentFile, Error> {
    let unreadable = |cause: &std::io::Error| Error::field("path", format!("cannot be read: {cause}"));
    let mut file = std::fs::File::open(&path).map_err(|cause| unreadable(&cause))?;
    let mut arriving = Arriving::begin(call)?;
    let mut piece = vec![0; PIECE];
    loop {
        let length = std::io::Read::read(&mut file, &mut piece).map_err(|cause| unreadable(&cause))?;
        if length == 0 {
            break;
        }
        arriving.take(&piece[..length])?;
        tokio::task::yield_now().await;
    }
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    arriving.end(file_name(&name), None).await
}

/// A file on its way to the disk.
struct Arriving {
    upload: Upload,
    head: Vec<u8>,
}

impl Arriving {
    fn begin(call: &Call) -> Result<Self, Error> {
        let upload = call.workspace.blobs.begin().map_err(|cause| unstored(&cause))?;
        Ok(Self { upload, head: Vec::new() })
    }

    fn take(&mut self, piece: &[u8]) -> Result<(), Error> {
        if self.upload.size() + piece.len() as u64 > UPLOAD_MAX as u64 {
            return Err(too_large());
        }
        self.head.extend_from_slice(&piece[..piece.len().min(media::HEAD.saturating_sub(self.head.len()))]);
        self.upload.write(piece).map_err(|cause| unstored(&cause))
    }

    async fn end(self, name: String, claimed: Option<&str>) -> Result<SentFile, Error> {
        let size = self.upload.size();
        if size == 0 {
            return Err(Error::field("file", "must not be empty: the file has no bytes"));
        }
        let media_type = media::found(&self.head, size <= self.head.len() as u64, &name, claimed);
        let upload = self.upload;
        let staged =
            tokio::task::spawn_blocking(move || upload.finish()).await.map_err(Error::internal)?.map_err(|cause| unstored(&cause))?;
        Ok(SentFile { staged, name, media_type })
    }
}

/// A body in small pieces with a rest after each: the reader of parts takes whatever is there before it looks at any of it,
/// and would otherwise hold a whole upload, or a header without end.
struct Paced<B> {
    body: B,
    rest: Bytes,
    ahead: Arc<AtomicUsize>,
    rested: bool,
}

impl<B: Stream<Item = Result<Bytes, axum::Error>> + Unpin> Stream for Paced<B> {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !std::mem::replace(&mut self.rested, true) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.rest.is_empty() {
            match Pin::new(&mut self.body).poll_next(context) {
                Poll::Ready(Some(Ok(piece))) => self.rest = piece,
                other => return other,
            }
        }
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        if self.ahead.fetch_add(length, Ordering::Relaxed) + length > AHEAD {
            return Poll::Ready(Some(Err(axum::Error::new("a part's header is too long"))));
        }
        self.rested = false;
        Poll::Ready(Some(Ok(piece)))
    }
}
