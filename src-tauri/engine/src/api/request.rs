//! What handlers take from a request and give back: bodies, parameters, answers.

use super::auth::Call;
use super::cache::Answered;
use super::keyed::{Key, Keyed};
use crate::error::Error;
use crate::store::lists::{self, Condition, Cursor, Sort, Table, Wanted};
use amtia_domain::words::Word;
use amtia_domain::{FieldProblem, Input, Problems};
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use jiff::civil::Date;
use serde_json::{Map, Value};

/// A JSON object as a body, with what a keyed POST needs to know of it.
pub(crate) struct JsonBody {
    pub(crate) fields: Map<String, Value>,
    pub(super) keyed: Option<Keyed>,
}

impl JsonBody {
    /// A form's fields as a body. Its key stands for what the form says, not for its bytes: each sending has another boundary.
    pub(crate) fn of_form(fields: Map<String, Value>, key: Option<Key>, said: &[&[u8]]) -> Self {
        Self { fields, keyed: key.map(|key| key.with(said)) }
    }

    /// The object as a value, to compare with a record.
    pub(crate) fn value(&self) -> Value {
        Value::Object(self.fields.clone())
    }
}

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let kind = request.headers().get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or("").to_ascii_lowercase());
        if let Some(kind) = kind
            && !kind.starts_with("application/json")
        {
            return Err(Error::UnsupportedMedia("This operation takes application/json.".into()));
        }
        let key = Key::of(&request);
        let bytes = read_body(request.into_body(), super::BODY_MAX).await?;
        let fields = match serde_json::from_slice::<Value>(&bytes) {
            Ok(Value::Object(fields)) => fields,
            Ok(_) => return Err(Error::bad("The body must be a JSON object.")),
            Err(cause) if bytes.is_empty() => {
                let _ = cause;
                return Err(Error::bad("The body is empty. This operation takes a JSON object."));
            }
            Err(cause) => {
                return Err(Error::bad(format!("The body is not valid JSON (line {}, column {}).", cause.line(), cause.column())));
            }
        };
        let keyed = key?.map(|key| key.with(&[&bytes]));
        Ok(Self { fields, keyed })
    }
}

/// A body that may be left out: an empty one is an empty object.
pub(crate) struct AnyBody(pub(crate) JsonBody);

impl<S: Send + Sync> FromRequest<S> for AnyBody {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let (mut parts, body) = request.into_parts();
        let mut bytes = read_body(body, super::BODY_MAX).await?;
        if bytes.is_empty() {
            parts.headers.remove(header::CONTENT_TYPE);
            bytes = Bytes::from_static(b"{}");
        }
        JsonBody::from_request(Request::from_parts(parts, Body::from(bytes)), state).await.map(Self)
    }
}

impl AnyBody {
    /// The body of an operation that takes no fields.
    pub(crate) fn empty(self) -> Result<JsonBody, Error> {
        Input::new(self.0.fields.clone()).finish(&[])?;
        Ok(self.0)
    }
}

/// Whether a path is text once decoded.
pub(crate) fn is_readable(path: &str) -> bool {
    let path = path.as_bytes();
    if !path.contains(&b'%') {
        return true;
    }
    let digit = |at: usize| path.get(at).and_then(|byte| char::from(*byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
    let (mut decoded, mut at) = (Vec::with_capacity(path.len()), 0);
    while let Some(byte) = path.get(at) {
        let escaped = if *byte == b'%' { digit(at + 1).zip(digit(at + 2)) } else { None };
        decoded.push(escaped.map_or(*byte, |(high, low)| high << 4 | low));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    std::str::from_utf8(&decoded).is_ok()
}

/// The whole body, if it is not larger than `max`.
pub(crate) async fn read_body(body: Body, max: usize) -> Result<Bytes, Error> {
    use http_body_util::{BodyExt, LengthLimitError, Limited};
    match Limited::new(body, max).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(cause) if cause.is::<LengthLimitError>() => Err(Error::TooLarge(format!("The body is larger than {} MB.", max >> 20))),
        Err(_) => Err(Error::bad("The body ended before it was whole.")),
    }
}

/// An answer before it is written.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// 201 with the whole record and where it is.
    pub(crate) fn created(location: String, rev: i64, body: impl Into<Vec<u8>>) -> Self {
        Self { status: 201, headers: vec![("location", location), ("etag", etag(rev))], body: body.into() }
    }

    /// 200 with a record.
    pub(crate) fn record(rev: i64, body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, headers: vec![("etag", etag(rev))], body: body.into() }
    }

    /// 200 with any value.
    pub(crate) fn json(value: &impl serde::Serialize) -> Result<Self, Error> {
        Ok(Self { status: 200, headers: Vec::new(), body: serde_json::to_vec(value).map_err(Error::internal)? })
    }

    /// 204.
    pub(crate) fn none() -> Self {
        Self { status: 204, headers: Vec::new(), body: Vec::new() }
    }
}

fn etag(rev: i64) -> String {
    format!("\"{rev}\"")
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if self.status != 204 {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

impl Call {
    /// Answers a read and keeps the answer: while nothing changes, it is given again before any handler is asked, to whoever
    /// has the role for it.
    pub(crate) fn cached<B: Into<Bytes>>(
        &self,
        target: &str,
        read: impl FnOnce(&rusqlite::Connection) -> Result<(B, Option<i64>), Error>,
    ) -> Result<Response, Error> {
        let store = &self.workspace.store;
        let version = store.version();
        let (body, rev) = store.read(read)?;
        let etag = rev.and_then(|rev| HeaderValue::from_str(&etag(rev)).ok());
        Ok(self.keep(target, version, Answered { body: body.into(), etag }))
    }

    /// As [`Call::cached`], for an answer of this version that takes no read of the file.
    pub(crate) fn at_hand(&self, target: &str, version: u64, body: String) -> Response {
        self.keep(target, version, Answered { body: body.into(), etag: None })
    }

    fn keep(&self, target: &str, version: u64, answered: Answered) -> Response {
        if let Some(needed) = self.enough {
            self.workspace.cache.keep(target, version, needed, &answered);
        }
        answered.into_response()
    }
}

/// The revision that `If-Match` names, if it names one.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Error> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or("").trim();
    if text == "*" {
        return Ok(None);
    }
    // Any other well-formed tag names a revision that this record never had.
    let tag = text
        .trim_start_matches("W/")
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .ok_or_else(|| Error::bad("If-Match must be an ETag in quotes."))?;
    Ok(Some(tag.parse().unwrap_or(-1)))
}

/// Query parameters, read one by one; what nobody asked for is a problem.
pub(crate) struct Params {
    pairs: Vec<(String, String)>,
    pub(crate) problems: Problems,
    /// Path and query, the name under which an answer is kept.
    pub(crate) target: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let query = parts.uri.query().unwrap_or("");
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let target = parts.uri.path_and_query().map_or_else(String::new, |target| target.as_str().to_owned());
        Ok(Self { pairs, problems: Problems::default(), target })
    }
}

impl Params {
    /// Those that were not read yet.
    pub(crate) fn left(&self) -> Vec<(String, String)> {
        self.pairs.clone()
    }

    /// A parameter's text; a blank one counts as absent, a repeated one is a problem.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.long_text(name, 500)
    }

    /// As [`Params::text`], of up to `max` characters.
    pub(crate) fn long_text(&mut self, name: &str, max: usize) -> Option<String> {
        self.given(name, max).filter(|value| !value.is_empty())
    }

    /// A date, `YYYY-MM-DD`.
    pub(crate) fn date(&mut self, name: &str) -> Option<Date> {
        let text = self.given(name, 500)?;
        let date = text.parse::<Date>().ok().filter(|_| text.len() == 10);
        if date.is_none() {
            self.problems.add(name, "must be a date, YYYY-MM-DD");
        }
        date
    }

    fn given(&mut self, name: &str, max: usize) -> Option<String> {
        let mut found = None;
        let mut count = 0;
        self.pairs.retain_mut(|(have, value)| {
            if have == name {
                count += 1;
                found = Some(std::mem::take(value));
            }
            have != name
        });
        if count > 1 {
            self.problems.add(name, "is given more than once");
        }
        if found.as_ref().is_some_and(|value| value.chars().count() > max || value.contains('\0')) {
            self.problems.add(name, format!("must have at most {max} characters"));
            return None;
        }
        found
    }

    /// A parameter of a closed list; a blank one is none of it.
    pub(crate) fn choice<W: Word>(&mut self, name: &str) -> Option<W> {
        let text = self.given(name, 500)?;
        let value = W::from_word(&text);
        if value.is_none() {
            self.problems.add(name, format!("must be one of: {}", W::list()));
        }
        value
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.given(name, 500)?.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.problems.add(name, "must be true or false");
                None
            }
        }
    }

    /// A whole number within limits.
    pub(crate) fn number(&mut self, name: &str, min: u64, max: u64) -> Option<u64> {
        let text = self.given(name, 500)?;
        let value = text.parse::<u64>().ok().filter(|value| (min..=max).contains(value));
        if value.is_none() {
            self.problems.add(name, format!("must be {min} to {max}"));
        }
        value
    }

    /// Parameters that stand elsewhere than in the query.
    pub(crate) fn of(pairs: Vec<(String, String)>) -> Self {
        Self { pairs, problems: Problems::default(), target: String::new() }
    }

    /// Every problem, what nobody asked for among them.
    pub(crate) fn wrong(self) -> Problems {
        let mut problems = self.problems;
        for (name, _) in self.pairs {
            problems.add(&name.chars().take(80).collect::<String>(), "is not a parameter of this operation");
        }
        problems
    }

    /// Reports every problem.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.wrong().check().map_err(|problems| match problems.0.as_slice() {
            [FieldProblem { field, message }] => {
                Error::BadRequest { message: format!("The parameter `{field}` {message}."), details: problems.0 }
            }
            _ => problems.into(),
        })
    }
}

/// The parameters every list takes.
pub(crate) struct Listing {
    table: &'static Table,
    sort: &'static Sort,
    descending: bool,
    pub(crate) words: Option<String>,
    cursor: Option<Cursor>,
    limit: usize,
}

impl Listing {
    /// Reads `limit`, `cursor`, `sort` and `q`.
    pub(crate) fn read(params: &mut Params, table: &'static Table) -> Self {
        let limit = params.number("limit", 1, 200).unwrap_or(50);
        let (mut sort, mut descending) = (&table.sorts[0], table.sorts[0].field == "created_at");
        if let Some(text) = params.text("sort") {
            let (field, down) = text.strip_prefix('-').map_or((text.as_str(), false), |field| (field, true));
            match table.sorts.iter().find(|sort| sort.field == field) {
                Some(found) => (sort, descending) = (found, down),
                None => {
                    let fields: Vec<&str> = table.sorts.iter().map(|sort| sort.field).collect();
                    params.problems.add("sort", format!("must be one of: {} (with - for descending)", fields.join(", ")));
                }
            }
        }
        let words = if table.text.is_empty() { None } else { params.text("q") };
        let cursor = params.text("cursor").and_then(|text| {
            let cursor = Cursor::decode(&text);
            if cursor.is_none() {
                params.problems.add("cursor", "is not a cursor of this list");
            }
            cursor
        });
        Self { table, sort, descending, words, cursor, limit: usize::try_from(limit).unwrap_or(50) }
    }

    fn read_into(
        &self,
        connection: &rusqlite::Connection,
        conditions: &[Condition],
        take: impl FnMut(&[u8]),
    ) -> Result<Option<String>, Error> {
        Ok(lists::page(connection, &self.wanted(conditions), take)?.map(|cursor| cursor.encode()))
    }

    fn wanted<'a>(&'a self, conditions: &'a [Condition]) -> Wanted<'a> {
        Wanted {
            table: self.table,
            conditions,
            words: self.words.as_deref(),
            sort: self.sort,
            descending: self.descending,
            cursor: self.cursor.clone(),
            limit: self.limit,
        }
    }

    /// Where each page of the list ends, and how many rows it has in all.
    pub(crate) fn marks(&self, connection: &rusqlite::Connection, conditions: &[Condition]) -> Result<(Vec<String>, u64), Error> {
        let (marks, count) = lists::marks(connection, &self.wanted(conditions))?;
        Ok((marks.iter().map(Cursor::encode).collect(), count))
    }

    /// Reads the page: its rows, and where the next one starts.
    pub(crate) fn rows(&self, connection: &rusqlite::Connection, conditions: &[Condition]) -> Result<(Vec<String>, Option<String>), Error> {
        let mut rows = Vec::new();
        let next = self.read_into(connection, conditions, |row| rows.push(String::from_utf8_lossy(row).into_owned()))?;
        Ok((rows, next))
    }

    /// Reads the page and writes the list's answer.
    pub(crate) fn page(&self, connection: &rusqlite::Connection, conditions: &[Condition], total: Option<u64>) -> Result<Vec<u8>, Error> {
        let mut body = ListBody::new(self.limit);
        let next = self.read_into(connection, conditions, |row| body.row(row))?;
        // A first page that is also the last counts itself.
        let total = total.or((self.cursor.is_none() && next.is_none()).then_some(body.rows as u64));
        Ok(body.end(next.as_deref(), total))
    }
}

/// `{"data":[…],"next_cursor":…,"total":…}`, written row by row from rows that are JSON already.
struct ListBody {
    text: Vec<u8>,
    rows: usize,
    most: usize,
}

impl ListBody {
    fn new(most: usize) -> Self {
        Self { text: b"{\"data\":[".to_vec(), rows: 0, most }
    }

    fn row(&mut self, json: &[u8]) {
        if self.rows == 0 {
            // Rows are much alike in length.
            self.text.reserve((json.len() + 1) * self.most * 9 / 8 + 80);
        } else {
            self.text.push(b',');
        }
        self.rows += 1;
        self.text.extend_from_slice(json);
    }

    fn end(mut self, next: Option<&str>, total: Option<u64>) -> Vec<u8> {
        let next = next.map_or_else(|| "null".to_owned(), |next| format!("\"{next}\""));
        let total = total.map_or_else(|| "null".to_owned(), |total| total.to_string());
        self.text.extend_from_slice(format!("],\"next_cursor\":{next},\"total\":{total}}}").as_bytes());
        self.text
    }
}

/// A list's answer from rows at hand.
pub(crate) fn list_body(rows: &[String], next: Option<&str>, total: Option<u64>) -> Vec<u8> {
    let mut body = ListBody::new(rows.len());
    rows.iter().for_each(|row| body.row(row.as_bytes()));
    body.end(next, total)
}
