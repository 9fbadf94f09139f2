//! What operations on kept records have in common, whatever their kind.

use super::auth::Call;
use super::request::{Answer, JsonBody, Listing, Params, if_match, list_body};
use crate::error::Error;
use crate::store::lists::{self, Condition, Table};
use crate::store::records::{self, Record, Stored};
use crate::store::{Action, Tx, history};
use amtia_domain::Problems;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// One page of a record's history.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct HistoryList {
    data: Vec<history::HistoryEntry>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

/// A page of a list; its total where one index tells it.
pub(crate) fn list(
    call: &Call,
    params: Params,
    table: &'static Table,
    listing: &Listing,
    conditions: &[Condition],
) -> Result<Response, Error> {
    list_counted(call, params, table, listing, conditions, conditions.len() <= 1)
}

/// As [`list`], where the caller knows whether counting is cheap: of few rows, or along one index.
pub(crate) fn list_counted(
    call: &Call,
    params: Params,
    table: &'static Table,
    listing: &Listing,
    conditions: &[Condition],
    cheap: bool,
) -> Result<Response, Error> {
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| {
        let counted = cheap && listing.words.is_none();
        let total = if counted { Some(lists::count(connection, table, conditions)?) } else { None };
        Ok((listing.page(connection, conditions, total)?, None))
    })
}

/// One record.
pub(crate) fn read<R: Record>(call: &Call, id: &str, params: Params) -> Result<Response, Error> {
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| {
        let (json, rev, _) = records::get_json::<R>(connection, id)?;
        Ok((json, Some(rev)))
    })
}

/// A new record: 201 with the whole and where it is, below `path`.
pub(crate) fn created<R: Record>(path: &str, stored: Stored<R>) -> Answer {
    Answer::created(format!("{path}/{}", stored.record.id()), stored.rev, stored.json)
}

/// What a PUT asks for: the record's id, the revision its caller has seen, and the body as it came.
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) expected: Option<i64>,
    pub(crate) body: Value,
}

/// Changes a record. An unknown id is 404 whatever the body says.
pub(crate) async fn change<R: Record, P: Send + 'static>(
    call: &Call,
    id: String,
    headers: &HeaderMap,
    body: &JsonBody,
    read: impl FnOnce(Map<String, Value>) -> Result<P, Problems>,
    work: impl FnOnce(&Tx<'_>, P, &Asked) -> Result<Stored<R>, Error> + Send + 'static,
) -> Result<Response, Error> {
    call.workspace.store.read(|connection| records::get_json::<R>(connection, &id))?;
    let asked = Asked { id, expected: if_match(headers)?, body: body.value() };
    let patch = read(body.fields.clone())?;
    call.write(body, move |tx| {
        let stored = work(tx, patch, &asked)?;
        Ok(Answer::record(stored.rev, stored.json))
    })
    .await
}

/// Removes a record, by `work` where more goes with it.
pub(crate) async fn remove<R: Record>(
    call: &Call,
    id: String,
    headers: &HeaderMap,
    work: fn(&Tx<'_>, &Stored<R>, Action) -> Result<(), Error>,
) -> Result<Response, Error> {
    let expected = if_match(headers)?;
    let removed = move |tx: &Tx<'_>| {
        let old = records::get_expected::<R>(tx.connection, &id, expected, &Value::Null)?;
        work(tx, &old, Action::Deleted)
    };
    call.workspace.store.write(call.who.who(), removed).await?;
    Ok(Answer::none().into_response())
}

/// A record's history, newest first.
pub(crate) fn history<R: Record>(call: &Call, id: &str, mut params: Params) -> Result<Response, Error> {
    let limit = usize::try_from(params.number("limit", 1, 200).unwrap_or(50)).unwrap_or(50);
    let before = params.text("cursor").and_then(|text| {
        let seq = text.parse::<i64>().ok();
        if seq.is_none() {
            params.problems.add("cursor", "is not a cursor of this list");
        }
        seq
    });
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| {
        records::get_json::<R>(connection, id)?;
        let mut entries = history::list(connection, records::kind::<R>(), id, before, limit + 1)?;
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = if more { entries.last().map(|(seq, _)| seq.to_string()) } else { None };
        let rows: Vec<String> =
            entries.iter().map(|(_, entry)| serde_json::to_string(entry).map_err(Error::internal)).collect::<Result<_, _>>()?;
        let total = (before.is_none() && !more).then_some(rows.len() as u64);
        Ok((list_body(&rows, next.as_deref(), total), None))
    })
}
