//! The register of risks as a file.

use super::auth::{Analyst, Call, Viewer};
use super::documents::{chosen_place, disposition, write_place};
use super::request::{JsonBody, Params};
use super::risks::Filters;
use crate::error::Error;
use crate::french::Language;
use crate::register::{self, Format};
use crate::store::risk_groups::GroupBy;
use amtia_domain::checks::Check;
use amtia_domain::matrix::{Level, View};
use amtia_domain::risk::{RiskStatus, Treatment};
use amtia_domain::words::Word;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::io::Write;
use utoipa::ToSchema;

/// Where a file goes.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct FilePlace {
    /// The file to write, as the person at this device chose it.
    path: String,
}

amtia_domain::words! {
    /// A language of headings and words.
    RegisterLanguage {
        /// English.
        English = "en",
        /// French.
        French = "fr",
    }
}

/// What is to be exported, and how.
struct Wanted {
    format: Format,
    language: Language,
    filters: Filters,
    words: Option<String>,
}

impl Wanted {
    fn read(call: &Call, mut params: Params, headers: &HeaderMap) -> Result<Self, Error> {
        let format = params.choice::<Format>("format").unwrap_or(Format::Xlsx);
        let language = match params.choice::<RegisterLanguage>("language") {
            Some(RegisterLanguage::English) => Language::English,
            Some(RegisterLanguage::French) => Language::French,
            None => Language::of(headers),
        };
        let words = params.text("q");
        let filters = Filters::read(&mut params, &*call.workspace.matrix()?);
        let mut target = params.target.clone();
        params.finish()?;
        let filters = filters.on_day(call, &mut target)?;
        Ok(Self { format, language, filters, words })
    }

    /// The file's bytes, made off the threads that answer.
    async fn bytes(self, call: &Call) -> Result<Vec<u8>, Error> {
        let workspace = std::sync::Arc::clone(&call.workspace);
        let make = move || workspace.register(self.format, self.language, &self.filters.conditions, self.words.as_deref());
        Ok(tokio::task::spawn_blocking(make).await.map_err(Error::internal)??.0)
    }
}

/// Export the register: every risk that the filters leave, with its plan, its links by name and the reasons given for its changes.
///
/// The headings and words are in the `language`, else in the one that the caller prefers. Imported again, the file changes nothing.
/// In a workbook the actions of plans and the reasons have sheets of their own. In CSV each has a cell with a line for each: for a reason
/// `time | person | text`, for an action `title | Owner: … | Due date: … | Status: …` with the headings of the workbook's sheet; a
/// backslash stands before bars and backslashes within, and `\n` for a line break. Acceptances and documents are named to be read, and
/// are not imported.
#[utoipa::path(get, path = "/v1/risks/export", tag = "local", operation_id = "export_risks",
    params(("format" = Option<Format>, Query), ("language" = Option<RegisterLanguage>, Query), ("q" = Option<String>, Query),
        ("category" = Option<String>, Query), ("owner" = Option<String>, Query), ("status" = Option<RiskStatus>, Query), ("treatment" = Option<Treatment>, Query),
        ("check" = Option<Check>, Query), ("tag" = Option<String>, Query), ("control_id" = Option<String>, Query), ("asset_id" = Option<String>, Query), ("framework_id" = Option<String>, Query), ("without" = Option<GroupBy>, Query), ("review_before" = Option<String>, Query, format = Date),
        ("view" = Option<View>, Query), ("likelihood" = Option<u8>, Query, minimum = 1, maximum = 7), ("impact" = Option<u8>, Query, minimum = 1, maximum = 7),
        ("level" = Option<Level>, Query), ("assessed" = Option<bool>, Query)),
    responses((status = 200, body = serde_json::Value, content_type = "*/*")))]
pub(crate) async fn export_risks(Viewer(call): Viewer, params: Params, headers: HeaderMap) -> Result<Response, Error> {
    let wanted = Wanted::read(&call, params, &headers)?;
    let format = wanted.format;
    let name = format!("{}.{}", register::sheet_name(wanted.language).to_lowercase(), format.word());
    let bytes = wanted.bytes(&call).await?;
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition(&name)).map_err(Error::internal)?);
    Ok(response)
}

/// Write the register to a place that the person at this device chose. Only the window may name one.
#[utoipa::path(post, path = "/v1/risks/export", tag = "local", operation_id = "save_risks", request_body = FilePlace,
    params(("format" = Option<Format>, Query), ("language" = Option<RegisterLanguage>, Query), ("q" = Option<String>, Query),
        ("category" = Option<String>, Query), ("owner" = Option<String>, Query), ("status" = Option<RiskStatus>, Query), ("treatment" = Option<Treatment>, Query),
        ("check" = Option<Check>, Query), ("tag" = Option<String>, Query), ("control_id" = Option<String>, Query), ("asset_id" = Option<String>, Query), ("framework_id" = Option<String>, Query), ("without" = Option<GroupBy>, Query), ("review_before" = Option<String>, Query, format = Date),
        ("view" = Option<View>, Query), ("likelihood" = Option<u8>, Query, minimum = 1, maximum = 7), ("impact" = Option<u8>, Query, minimum = 1, maximum = 7),
        ("level" = Option<Level>, Query), ("assessed" = Option<bool>, Query)),
    responses((status = 204)))]
pub(crate) async fn save_risks(Analyst(call): Analyst, params: Params, headers: HeaderMap, body: JsonBody) -> Result<Response, Error> {
    let wanted = Wanted::read(&call, params, &headers)?;
    let path = chosen_place(body, call.who.in_process)?;
    let bytes = wanted.bytes(&call).await?;
    write_place(path, move |file| file.write_all(&bytes)).await
}
