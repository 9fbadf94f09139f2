//! Workshops over HTTP: planning one, running its room, and taking its decisions into the register.

use super::auth::{Analyst, Viewer};
use super::records::{self as common, HistoryList};
use super::request::{Answer, JsonBody, Listing, Params};
use crate::error::Error;
use crate::store::records;
use crate::store::workshops::{self, ReviewedChange, WORKSHOPS};
use amtia_domain::Input;
use amtia_domain::words::Word;
use amtia_domain::workshop::{
    DecisionPatch, ITEMS_MAX, ItemPatch, ItemStatus, NewWorkshop, RoomTold, VotePatch, Workshop, WorkshopChange, WorkshopPatch,
    WorkshopStatus,
};
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// One page of workshops.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct WorkshopList {
    data: Vec<Workshop>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

/// Where a workshop is to stand.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct WorkshopStep {
    /// `running` or `closed`.
    status: WorkshopStatus,
}

/// Where an item is to stand.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct WorkshopItemStep {
    /// `voting`, `revealed` or `skipped`.
    status: ItemStatus,
}

/// A vote that is on the disk. It does not say which: who asks for it is not always who gave it.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct VoteCounted {
    seat_id: String,
    /// The round it counts for, from 1.
    round: u8,
}

/// What the decisions of a workshop would do.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct WorkshopChanges {
    data: Vec<WorkshopChange>,
    /// The revision of the workshop whose decisions these are.
    rev: i64,
}

/// The decisions that were reviewed and are to be applied.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct WorkshopApply {
    #[schema(max_items = 100)]
    changes: Vec<ReviewedChange>,
    /// The revision of the workshop as it was reviewed.
    #[schema(minimum = 1)]
    rev: i64,
}

/// List workshops.
#[utoipa::path(get, path = "/v1/workshops", tag = "local", operation_id = "list_workshops",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query), ("sort" = Option<String>, Query), ("q" = Option<String>, Query),
        ("status" = Option<WorkshopStatus>, Query)), responses((status = 200, body = WorkshopList)))]
pub(crate) async fn list_workshops(Viewer(call): Viewer, mut params: Params) -> Result<Response, Error> {
    let listing = Listing::read(&mut params, &WORKSHOPS);
    let conditions: Vec<_> = params.choice::<WorkshopStatus>("status").map(workshops::of_status).into_iter().collect();
    common::list(&call, params, &WORKSHOPS, &listing, &conditions)
}

/// Plan a workshop.
#[utoipa::path(post, path = "/v1/workshops", tag = "local", operation_id = "create_workshop", request_body = NewWorkshop,
    params(("idempotency-key" = Option<String>, Header)), responses((status = 201, body = Workshop)))]
pub(crate) async fn create_workshop(Analyst(call): Analyst, body: JsonBody) -> Result<Response, Error> {
    let patch = WorkshopPatch::read(body.fields.clone(), true)?;
    call.write(&body, move |tx| Ok(common::created("/v1/workshops", workshops::create(tx, patch, crate::ids::new(tx.now))?))).await
}

/// Read one workshop. Votes are no part of it.
#[utoipa::path(get, path = "/v1/workshops/{id}", tag = "local", operation_id = "get_workshop",
    params(("id" = String, Path)), responses((status = 200, body = Workshop)))]
pub(crate) async fn get_workshop(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    common::read::<Workshop>(&call, &id, params)
}

/// Change a workshop. Once it has begun, what its votes mean stays, and so do who voted and what was voted on.
#[utoipa::path(put, path = "/v1/workshops/{id}", tag = "local", operation_id = "update_workshop", request_body = WorkshopPatch,
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = Workshop)))]
pub(crate) async fn update_workshop(
    Analyst(call): Analyst,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    let read = |fields| WorkshopPatch::read(fields, false);
    common::change(&call, id, &headers, &body, read, |tx, patch, asked| {
        workshops::update(tx, &asked.id, patch, &asked.body, asked.expected)
    })
    .await
}

/// Delete a workshop that is not running; undo brings it back with its votes.
#[utoipa::path(delete, path = "/v1/workshops/{id}", tag = "local", operation_id = "delete_workshop",
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn delete_workshop(Analyst(call): Analyst, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    common::remove::<Workshop>(&call, id, &headers, workshops::remove).await
}

/// A workshop's history, newest first.
#[utoipa::path(get, path = "/v1/workshops/{id}/history", tag = "local", operation_id = "workshop_history",
    params(("id" = String, Path), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)), responses((status = 200, body = HistoryList)))]
pub(crate) async fn workshop_history(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    common::history::<Workshop>(&call, &id, params)
}

/// Open or close the room. A closed one opens again until its decisions are applied.
#[utoipa::path(put, path = "/v1/workshops/{id}/status", tag = "local", operation_id = "change_workshop_status", request_body = WorkshopStep,
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = Workshop)))]
pub(crate) async fn change_workshop_status(
    Analyst(call): Analyst,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    common::change(&call, id, &headers, &body, status::<WorkshopStatus>, |tx, to, asked| workshops::go(tx, &asked.id, to, asked.expected))
        .await
}

fn status<W: Word>(fields: Map<String, Value>) -> Result<W, amtia_domain::Problems> {
    let mut input = Input::new(fields);
    if !input.has("status") {
        input.problems.add("status", "is required");
    }
    let status = input.fixed_choice("status");
    input.finish(&[])?;
    status.ok_or_else(|| amtia_domain::Problems::one("status", "is required"))
}

/// What the room is shown: the facilitator's screen and the projector.
///
/// Until the votes of a round are revealed it tells neither where the risk stood nor the appetite nor, unless the workshop is an open
/// one, what anybody voted.
#[utoipa::path(get, path = "/v1/workshops/{id}/room", tag = "local", operation_id = "workshop_room",
    params(("id" = String, Path)), responses((status = 200, body = RoomTold)))]
pub(crate) async fn workshop_room(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| {
        let (room, rev) = workshops::room(connection, &id)?;
        Ok((serde_json::to_vec(&room).map_err(Error::internal)?, Some(rev)))
    })
}

/// Change an item of the agenda: its minutes, notes and actions.
#[utoipa::path(put, path = "/v1/workshops/{id}/items/{item_id}", tag = "local", operation_id = "update_workshop_item", request_body = ItemPatch,
    params(("id" = String, Path), ("item_id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = Workshop)))]
pub(crate) async fn update_workshop_item(
    Analyst(call): Analyst,
    Path((id, item)): Path<(String, String)>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    common::change(&call, id, &headers, &body, ItemPatch::read, move |tx, patch, asked| {
        workshops::update_item(tx, (&asked.id, &item), patch, asked.expected)
    })
    .await
}

/// Ask for votes on an item, reveal them together, or leave it out. To ask again begins a further round and keeps the earlier ones.
#[utoipa::path(put, path = "/v1/workshops/{id}/items/{item_id}/status", tag = "local", operation_id = "change_workshop_item_status", request_body = WorkshopItemStep,
    params(("id" = String, Path), ("item_id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = Workshop)))]
pub(crate) async fn change_workshop_item_status(
    Analyst(call): Analyst,
    Path((id, item)): Path<(String, String)>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    common::change(&call, id, &headers, &body, status::<ItemStatus>, move |tx, to, asked| {
        workshops::turn(tx, (&asked.id, &item), to, asked.expected)
    })
    .await
}

/// Record what was decided on an item whose votes are revealed.
#[utoipa::path(put, path = "/v1/workshops/{id}/items/{item_id}/decision", tag = "local", operation_id = "decide_workshop_item", request_body = DecisionPatch,
    params(("id" = String, Path), ("item_id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = Workshop)))]
pub(crate) async fn decide_workshop_item(
    Analyst(call): Analyst,
    Path((id, item)): Path<(String, String)>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    let matrix = call.workspace.matrix()?;
    let read = |fields| DecisionPatch::read(fields, &matrix);
    common::change(&call, id, &headers, &body, read, move |tx, patch, asked| {
        workshops::decide(tx, (&asked.id, &item), patch, asked.expected)
    })
    .await
}

/// Give the vote of a seat, on its behalf: in place of the one that it gave in this round before. The answer comes once it is on the disk.
#[utoipa::path(put, path = "/v1/workshops/{id}/items/{item_id}/votes/{seat_id}", tag = "local", operation_id = "cast_vote", request_body = VotePatch,
    params(("id" = String, Path), ("item_id" = String, Path), ("seat_id" = String, Path)), responses((status = 200, body = VoteCounted)))]
pub(crate) async fn cast_vote(
    Analyst(call): Analyst,
    Path((id, item, seat)): Path<(String, String, String)>,
    body: JsonBody,
) -> Result<Response, Error> {
    call.workspace.store.read(|connection| records::get_json::<Workshop>(connection, &id))?;
    let vote = VotePatch::read(body.fields.clone(), &*call.workspace.matrix()?)?;
    call.write(&body, move |tx| {
        let round = workshops::cast(tx, (&id, &item, &seat), &vote)?;
        Answer::json(&VoteCounted { seat_id: seat, round })
    })
    .await
}

/// Take back the vote that a seat gave in the round that is open.
#[utoipa::path(delete, path = "/v1/workshops/{id}/items/{item_id}/votes/{seat_id}", tag = "local", operation_id = "withdraw_vote",
    params(("id" = String, Path), ("item_id" = String, Path), ("seat_id" = String, Path)), responses((status = 204)))]
pub(crate) async fn withdraw_vote(
    Analyst(call): Analyst,
    Path((id, item, seat)): Path<(String, String, String)>,
) -> Result<Response, Error> {
    call.workspace.store.write(call.who.who(), move |tx| workshops::withdraw(tx, (&id, &item, &seat))).await?;
    Ok(Answer::none().into_response())
}

/// What applying the decisions of a workshop would do to each risk. Nothing is saved.
#[utoipa::path(get, path = "/v1/workshops/{id}/changes", tag = "local", operation_id = "workshop_changes",
    params(("id" = String, Path)), responses((status = 200, body = WorkshopChanges)))]
pub(crate) async fn workshop_changes(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| {
        let (data, rev) = workshops::changes(connection, &id)?;
        Ok((serde_json::to_vec(&WorkshopChanges { data, rev }).map_err(Error::internal)?, None))
    })
}

fn revision(input: &mut Input) -> Option<i64> {
    input.bare("rev").and_then(|rev| rev.as_i64()).filter(|rev| *rev > 0)
}

/// Apply the decisions that were reviewed to the register, in one step that undo takes back. Each change names its workshop in the risk's
/// history. A workshop or a risk that changed since it was reviewed is 412, and nothing is applied.
#[utoipa::path(post, path = "/v1/workshops/{id}/apply", tag = "local", operation_id = "apply_workshop", request_body = WorkshopApply,
    params(("id" = String, Path), ("idempotency-key" = Option<String>, Header)), responses((status = 200, body = Workshop)))]
pub(crate) async fn apply_workshop(Analyst(call): Analyst, Path(id): Path<String>, body: JsonBody) -> Result<Response, Error> {
    call.workspace.store.read(|connection| records::get_json::<Workshop>(connection, &id))?;
    let mut input = Input::new(body.fields.clone());
    if !input.has("changes") {
        input.problems.add("changes", "is required");
    }
    let changes = input.objects("changes", ITEMS_MAX, &[], |change| {
        let item_id = change.required_name("item_id");
        ReviewedChange { item_id, rev: revision(change).unwrap_or_default() }
    });
    let reviewed = revision(&mut input);
    if reviewed.is_none() {
        input.problems.add("rev", "is required: the revision of the workshop as it was reviewed");
    }
    if changes.iter().flatten().any(|change| change.rev == 0) {
        input.problems.add("changes", "needs the revision of each risk as it was reviewed");
    }
    input.finish(&[])?;
    let changes = changes.unwrap_or_default();
    call.write(&body, move |tx| {
        let stored = workshops::apply(tx, &id, &changes, reviewed)?;
        Ok(Answer::record(stored.rev, stored.json))
    })
    .await
}
