//! The risk map as a picture: SVG, PNG, and written where the person says.

use super::auth::{Analyst, Call, Viewer};
use super::documents::{chosen_place, write_place};
use super::language::{Language, say_french};
use super::picture_words::{self, Subject};
use super::registers::FilePlace;
use super::request::{JsonBody, Params};
use super::risks::Filters;
use crate::error::Error;
use crate::store::matrices;
use crate::store::meta::{self, setting};
use crate::store::risk_groups::GroupBy;
use crate::store::risk_lists;
use amtia_chart::{Cell, Heatmap, Theme, Words};
use amtia_domain::checks::Check;
use amtia_domain::matrix::{Level, Matrix, View};
use amtia_domain::risk::{RiskStatus, Treatment};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use jiff::civil::Date;
use rusqlite::Connection;
use std::io::Write;

amtia_domain::words! {
    /// The ground that a picture is drawn for.
    PictureTheme {
        /// Dark on light.
        Light = "light",
        /// Light on dark.
        Dark = "dark",
    }
}

amtia_domain::words! {
    /// A format of pictures.
    PictureFormat {
        /// Scalable: lines, areas and text.
        Svg = "svg",
        /// 3,200 by 1,800 pixels.
        Png = "png",
    }
}

amtia_domain::words! {
    /// The language of the words in a picture.
    PictureLanguage {
        /// English.
        English = "en",
        /// French.
        French = "fr",
    }
}

/// What is wanted of a picture.
struct Wanted {
    theme: Theme,
    language: Language,
    format: PictureFormat,
}

impl Wanted {
    fn read(params: &mut Params, headers: &HeaderMap, format: PictureFormat) -> Self {
        let theme = match params.choice::<PictureTheme>("theme") {
            Some(PictureTheme::Dark) => Theme::Dark,
            Some(PictureTheme::Light) | None => Theme::Light,
        };
        let language = match params.choice::<PictureLanguage>("language") {
            Some(PictureLanguage::French) => Language::French,
            Some(PictureLanguage::English) => Language::English,
            None => Language::of(headers),
        };
        Self { theme, language, format }
    }
}

/// A picture and its name as a file.
struct Drawn {
    bytes: Vec<u8>,
    name: String,
}

/// Draws what the parameters say.
async fn draw(call: &Call, mut params: Params, wanted: &Wanted) -> Result<Drawn, Error> {
    let filters_said: Vec<(String, String)> =
        params.left().into_iter().filter(|(name, value)| name != "view" && !value.is_empty()).collect();
    let words = params.text("q");
    let filters = Filters::read(&mut params, &*call.workspace.matrix()?);
    let mut target = params.target.clone();
    params.finish()?;
    let filters = filters.on_day(call, &mut target)?;
    let (workspace, theme, language, format) = (std::sync::Arc::clone(&call.workspace), wanted.theme, wanted.language, wanted.format);
    let work = move || {
        let read = |connection: &Connection| -> Result<(Matrix, Vec<Cell>, Words, Date), Error> {
            let matrix = matrices::in_force(connection)?;
            let counts = risk_lists::counts(connection, filters.view, &filters.conditions, words.as_deref())?;
            let of = |(likelihood, impact, count): &(u8, u8, u64)| Cell { likelihood: *likelihood, impact: *impact, count: *count };
            let (placed, nowhere): (Vec<Cell>, Vec<Cell>) = counts.iter().map(of).partition(|cell| cell.likelihood > 0);
            let unassessed = nowhere.iter().map(|cell| cell.count).sum();
            let zone = meta::get(connection, setting::TIME_ZONE)?.and_then(|zone| jiff::tz::TimeZone::get(&zone).ok());
            let date = zone.unwrap_or(jiff::tz::TimeZone::UTC).to_datetime(workspace.store.now()).date();
            let name = meta::get(connection, setting::NAME)?.unwrap_or_default();
            let subject =
                Subject { matrix: &matrix, view: filters.view, cells: &placed, unassessed, filters: &filters_said, workspace: name, date };
            let words = picture_words::of(connection, language, &subject)?;
            Ok((matrix, placed, words, date))
        };
        let (matrix, cells, words, date) = workspace.store.read(read)?;
        let heatmap = Heatmap { matrix: &matrix, cells: &cells, theme, words: &words };
        let bytes = match format {
            PictureFormat::Svg => amtia_chart::svg(&heatmap).map(String::into_bytes),
            PictureFormat::Png => amtia_chart::png(&heatmap),
        };
        let bytes = bytes.map_err(Error::internal)?;
        Ok(Drawn { bytes, name: format!("risk-map-{date}") })
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

async fn answer(call: &Call, headers: &HeaderMap, mut params: Params, format: PictureFormat) -> Result<Response, Error> {
    let wanted = Wanted::read(&mut params, headers, format);
    let drawn = draw(call, params, &wanted).await?;
    let (kind, ending) = match format {
        PictureFormat::Svg => ("image/svg+xml", "svg"),
        PictureFormat::Png => ("image/png", "png"),
    };
    let mut response = Response::new(Body::from(drawn.bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let disposition = format!("attachment; filename=\"{}.{ending}\"", drawn.name);
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(Error::internal)?);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    if wanted.language == Language::French {
        say_french(headers);
    }
    Ok(response)
}

/// The heatmap as an SVG for a slide, with its legend, its date and its filters in words.
#[utoipa::path(get, path = "/v1/risks/heatmap.svg", tag = "local", operation_id = "risk_heatmap_svg",
    params(("theme" = Option<PictureTheme>, Query), ("language" = Option<PictureLanguage>, Query), ("view" = Option<View>, Query), ("q" = Option<String>, Query), ("category" = Option<String>, Query), ("owner" = Option<String>, Query),
        ("status" = Option<RiskStatus>, Query), ("treatment" = Option<Treatment>, Query), ("check" = Option<Check>, Query), ("tag" = Option<String>, Query), ("control_id" = Option<String>, Query), ("asset_id" = Option<String>, Query),
        ("framework_id" = Option<String>, Query), ("without" = Option<GroupBy>, Query), ("review_before" = Option<String>, Query, format = Date), ("likelihood" = Option<u8>, Query, minimum = 1, maximum = 7), ("impact" = Option<u8>, Query, minimum = 1, maximum = 7),
        ("level" = Option<Level>, Query), ("assessed" = Option<bool>, Query)),
    responses((status = 200, body = Vec<u8>, content_type = "image/svg+xml")))]
pub(crate) async fn risk_heatmap_svg(Viewer(call): Viewer, headers: HeaderMap, params: Params) -> Result<Response, Error> {
    answer(&call, &headers, params, PictureFormat::Svg).await
}

/// The heatmap as a PNG of 3,200 by 1,800 pixels for a slide, with its legend, its date and its filters in words.
#[utoipa::path(get, path = "/v1/risks/heatmap.png", tag = "local", operation_id = "risk_heatmap_png",
    params(("theme" = Option<PictureTheme>, Query), ("language" = Option<PictureLanguage>, Query), ("view" = Option<View>, Query), ("q" = Option<String>, Query), ("category" = Option<String>, Query), ("owner" = Option<String>, Query),
        ("status" = Option<RiskStatus>, Query), ("treatment" = Option<Treatment>, Query), ("check" = Option<Check>, Query), ("tag" = Option<String>, Query), ("control_id" = Option<String>, Query), ("asset_id" = Option<String>, Query),
        ("framework_id" = Option<String>, Query), ("without" = Option<GroupBy>, Query), ("review_before" = Option<String>, Query, format = Date), ("likelihood" = Option<u8>, Query, minimum = 1, maximum = 7), ("impact" = Option<u8>, Query, minimum = 1, maximum = 7),
        ("level" = Option<Level>, Query), ("assessed" = Option<bool>, Query)),
    responses((status = 200, body = Vec<u8>, content_type = "image/png")))]
pub(crate) async fn risk_heatmap_png(Viewer(call): Viewer, headers: HeaderMap, params: Params) -> Result<Response, Error> {
    answer(&call, &headers, params, PictureFormat::Png).await
}

/// Write the heatmap as a picture to a place that the person at this device chose. Only the window may name one.
#[utoipa::path(post, path = "/v1/risks/heatmap/save", tag = "local", operation_id = "save_risk_heatmap", request_body = FilePlace,
    params(("format" = Option<PictureFormat>, Query), ("theme" = Option<PictureTheme>, Query), ("language" = Option<PictureLanguage>, Query), ("view" = Option<View>, Query), ("q" = Option<String>, Query), ("category" = Option<String>, Query), ("owner" = Option<String>, Query),
        ("status" = Option<RiskStatus>, Query), ("treatment" = Option<Treatment>, Query), ("check" = Option<Check>, Query), ("tag" = Option<String>, Query), ("control_id" = Option<String>, Query), ("asset_id" = Option<String>, Query),
        ("framework_id" = Option<String>, Query), ("without" = Option<GroupBy>, Query), ("review_before" = Option<String>, Query, format = Date), ("likelihood" = Option<u8>, Query, minimum = 1, maximum = 7), ("impact" = Option<u8>, Query, minimum = 1, maximum = 7),
        ("level" = Option<Level>, Query), ("assessed" = Option<bool>, Query)),
    responses((status = 204)))]
pub(crate) async fn save_risk_heatmap(
    Analyst(call): Analyst,
    headers: HeaderMap,
    mut params: Params,
    body: JsonBody,
) -> Result<Response, Error> {
    let format = params.choice::<PictureFormat>("format").unwrap_or(PictureFormat::Svg);
    let wanted = Wanted::read(&mut params, &headers, format);
    let drawn = draw(&call, params, &wanted).await?;
    let path = chosen_place(body, call.who.in_process)?;
    write_place(path, move |file| file.write_all(&drawn.bytes)).await
}
