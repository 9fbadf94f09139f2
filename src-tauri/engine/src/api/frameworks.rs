//! Frameworks and controls over HTTP.

use super::auth::{Analyst, Viewer};
use super::request::{Answer, Listing, Params, if_match};
use crate::error::Error;
use crate::store::lists::{self, Condition};
use crate::store::{Action, frameworks};
use amtia_domain::framework::{Control, Framework, FrameworkSource};
use amtia_domain::words::Word;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page of frameworks.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct FrameworkList {
    data: Vec<Framework>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

/// One page of controls.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ControlList {
    data: Vec<Control>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

/// List compliance frameworks.
#[utoipa::path(get, path = "/v1/frameworks", tag = "compliance", operation_id = "list_frameworks",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query), ("sort" = Option<String>, Query), ("q" = Option<String>, Query),
        ("publisher" = Option<String>, Query), ("source" = Option<FrameworkSource>, Query), ("locale" = Option<String>, Query)),
    responses((status = 200, body = FrameworkList)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn list_frameworks(Viewer(call): Viewer, mut params: Params) -> Result<Response, Error> {
    let listing = Listing::read(&mut params, &frameworks::FRAMEWORKS);
    let mut conditions = vec![frameworks::visible()];
    // Few frameworks fit a workspace: every word must stand in the name, the publisher or the id.
    for word in params.text("q").iter().flat_map(|text| text.split_whitespace()) {
        conditions.push(Condition::one("instr(lower(t.name || ' ' || t.publisher || ' ' || t.id), lower(?)) > 0", word.to_owned()));
    }
    conditions.extend(params.text("publisher").map(|text| Condition::one("t.publisher = ?", text)));
    conditions.extend(params.choice::<FrameworkSource>("source").map(|source| Condition::one("t.source = ?", source.word().to_owned())));
    conditions.extend(params.text("locale").map(|text| Condition::one("t.locale = ?", text)));
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| {
        let total = lists::count(connection, &frameworks::FRAMEWORKS, &conditions)?;
        Ok((listing.page(connection, &conditions, Some(total))?, None))
    })
}

fn must_exist(connection: &rusqlite::Connection, id: &str) -> Result<(String, i64, i64), Error> {
    frameworks::find_json(connection, id)?.ok_or_else(|| Error::no_record("framework"))
}

/// Read one framework.
#[utoipa::path(get, path = "/v1/frameworks/{id}", tag = "local", operation_id = "get_framework", params(("id" = String, Path)), responses((status = 200, body = Framework)))]
pub(crate) async fn get_framework(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| must_exist(connection, &id).map(|(json, rev, _)| (json, Some(rev))))
}

/// Remove a framework with its controls; undo brings it back.
#[utoipa::path(delete, path = "/v1/frameworks/{id}", tag = "local", operation_id = "delete_framework",
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn delete_framework(Analyst(call): Analyst, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    let expected = if_match(&headers)?;
    call.workspace.store.write(call.who.who(), move |tx| frameworks::set_hidden(tx, &id, true, expected, Action::Deleted)).await?;
    Ok(Answer::none().into_response())
}

/// Get controls for a framework: every node, in the publisher's order unless told otherwise.
///
/// `parent_id=none` gives the roots, `parent_id=ID` the nodes directly below one.
#[utoipa::path(get, path = "/v1/frameworks/{id}/controls", tag = "compliance", operation_id = "list_controls",
    params(("id" = String, Path), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query), ("sort" = Option<String>, Query), ("q" = Option<String>, Query),
        ("parent_id" = Option<String>, Query), ("assessable" = Option<bool>, Query), ("withdrawn" = Option<bool>, Query)),
    responses((status = 200, body = ControlList)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn list_controls(Viewer(call): Viewer, Path(id): Path<String>, mut params: Params) -> Result<Response, Error> {
    let seq = call.workspace.store.read(|connection| must_exist(connection, &id))?.2;
    let listing = Listing::read(&mut params, &frameworks::CONTROLS);
    let mut conditions = vec![Condition::one("t.framework = ?", seq)];
    match params.text("parent_id").as_deref() {
        None => {}
        Some("none") => conditions.push(Condition { sql: "t.parent IS NULL", values: Vec::new() }),
        Some(parent) => conditions.push(Condition::one("t.parent = (SELECT seq FROM controls WHERE id = ?)", parent.to_owned())),
    }
    conditions.extend(params.flag("assessable").map(|flag| Condition::one("t.assessable = ?", i64::from(flag))));
    conditions.extend(params.flag("withdrawn").map(|flag| Condition::one("t.withdrawn = ?", i64::from(flag))));
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| {
        let total = if listing.words.is_none() { Some(lists::count(connection, &frameworks::CONTROLS, &conditions)?) } else { None };
        Ok((listing.page(connection, &conditions, total)?, None))
    })
}

/// Read one control with its place in the tree and the risks it acts on.
#[utoipa::path(get, path = "/v1/controls/{id}", tag = "local", operation_id = "get_control", params(("id" = String, Path)), responses((status = 200, body = Control)))]
pub(crate) async fn get_control(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| Ok((frameworks::control(connection, &id)?.to_string(), None)))
}
