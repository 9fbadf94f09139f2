//! Many risks at once over HTTP.

use super::auth::{Analyst, Call};
use super::request::{Answer, JsonBody, Params};
use super::risks::Filters;
use crate::error::Error;
use crate::store::risk_bulk::{self, Outcome, Page, Row, Wanted, Which};
use amtia_domain::matrix::View;
use amtia_domain::risk::{BulkBody, BulkChange, BulkFate, RiskPatch};
use amtia_domain::words::Word;
use amtia_domain::{Input, Problems};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap, HashSet};
use utoipa::ToSchema;

/// A place on the map that all go to.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct RiskBulkMove {
    /// The view; current where it is left out.
    view: Option<View>,
    #[schema(minimum = 1, maximum = 7)]
    likelihood: u8,
    #[schema(minimum = 1, maximum = 7)]
    impact: u8,
}

/// Steps that all go, each from where it stands and no further than the edge of the map.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct RiskBulkSteps {
    /// The view; current where it is left out.
    view: Option<View>,
    /// Steps of likelihood, 0 where it is left out.
    #[schema(minimum = -6, maximum = 6)]
    likelihood: Option<i8>,
    /// Steps of impact, 0 where it is left out.
    #[schema(minimum = -6, maximum = 6)]
    impact: Option<i8>,
}

/// One change of many risks.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct RiskBulk {
    /// Which risks, or `filter`.
    ids: Option<Vec<String>>,
    /// Which risks: parameters of the list, such as `{"owner": "Ines Okafor", "view": "residual"}`.
    filter: Option<BTreeMap<String, Value>>,
    /// The fields that change, as for one risk; `reason` stands beside them.
    changes: Option<RiskPatch>,
    #[serde(rename = "move")]
    to: Option<RiskBulkMove>,
    move_by: Option<RiskBulkSteps>,
    /// Why: kept with the history of each risk that changes.
    #[schema(max_length = 20000)]
    reason: Option<String>,
    /// What the caller saw of a risk, by id: fields of the record, or its `revision`. One that holds something else is `stale`.
    seen: Option<BTreeMap<String, BTreeMap<String, Value>>>,
    /// The `as_of` of an earlier answer: a risk that was changed after it is `stale`.
    as_of: Option<i64>,
    /// The fates whose rows are told; all where it is left out.
    fates: Option<Vec<BulkFate>>,
    /// Says what would become of each and saves nothing.
    dry_run: Option<bool>,
}

/// What became of the risks, or would.
#[derive(Serialize, ToSchema)]
pub(crate) struct RiskBulkResult {
    dry_run: bool,
    /// Risks by fate, every fate; null on a further page.
    #[schema(value_type = Option<BTreeMap<String, u64>>)]
    fates: Option<BTreeMap<&'static str, u64>>,
    /// Risks whose acceptance is void with this change; null on a further page.
    acceptances_void: Option<u64>,
    /// Risks that the edge of the map held back; null on a further page.
    held_back: Option<u64>,
    /// The last entry of the history that this answer knows of.
    as_of: i64,
    /// In the order of the ids, or by number.
    data: Vec<Row>,
    next_cursor: Option<String>,
}

/// What a body asks for, read.
struct Asked {
    which: Which,
    wanted: Wanted,
    fates: Vec<BulkFate>,
    dry: bool,
}

fn read(call: &Call, body: &JsonBody) -> Result<Asked, Error> {
    let matrix = call.workspace.matrix()?;
    let mut input = Input::new(body.fields.clone());
    let mut bare = |field: &str| input.bare(field).filter(|value| !value.is_null());
    let (ids, filter) = (bare("ids"), bare("filter"));
    let asked = BulkBody { changes: bare("changes"), to: bare("move"), by: bare("move_by"), reason: bare("reason") };
    let (seen, as_of) = (bare("seen"), bare("as_of"));
    let fates = bare("fates").map_or_else(Vec::new, |fates| {
        words(fates).unwrap_or_else(|| {
            input.problems.add("fates", format!("must be one of: {}", BulkFate::list()));
            Vec::new()
        })
    });
    let dry = input.has("dry_run") && input.flag("dry_run").unwrap_or(false);
    if ids.is_some() == filter.is_some() {
        input.problems.add("ids", "is required, or a filter in its place");
    }
    let ids = ids.map(|ids| {
        texts(ids).unwrap_or_else(|| {
            input.problems.add("ids", "must be a list of texts");
            Vec::new()
        })
    });
    let seen = seen.map_or_else(HashMap::new, |seen| {
        objects(seen).unwrap_or_else(|| {
            input.problems.add("seen", "must be an object of objects");
            HashMap::new()
        })
    });
    let as_of = as_of.and_then(|as_of| {
        let entry = as_of.as_i64();
        if entry.is_none() {
            input.problems.add("as_of", "must be the number of an entry of the history");
        }
        entry
    });
    let mut params = Params::of(filter.map_or_else(Vec::new, |filter| {
        pairs(filter).unwrap_or_else(|| {
            input.problems.add("filter", "must be an object of texts that say something, numbers, true and false");
            Vec::new()
        })
    }));
    let words = params.text("q");
    let filters = Filters::read(&mut params, &matrix);
    let mut problems = params
        .wrong()
        .0
        .into_iter()
        .map(|mut problem| {
            problem.field = format!("filter.{}", problem.field);
            problem
        })
        .collect::<Vec<_>>();
    let change = BulkChange::read(asked, &matrix);
    problems.extend(change.as_ref().err().into_iter().flat_map(|found| found.0.clone()));
    problems.extend(input.finish(&[]).err().into_iter().flat_map(|found| found.0));
    let change = match change {
        Ok(change) if problems.is_empty() => change,
        _ => return Err(Problems(problems).into()),
    };
    let which = match ids {
        Some(ids) => Which::Ids(ids),
        None => Which::Filter { conditions: filters.on_day(call, &mut String::new())?.conditions, words },
    };
    Ok(Asked { which, wanted: Wanted { change, seen, as_of }, fates, dry })
}

/// Texts, each once, in their order.
fn texts(value: Value) -> Option<Vec<String>> {
    let Value::Array(items) = value else { return None };
    let mut have = HashSet::with_capacity(items.len());
    let texts = items.into_iter().map(|item| if let Value::String(text) = item { Some(text) } else { None });
    let texts: Vec<String> = texts.collect::<Option<_>>()?;
    Some(texts.into_iter().filter(|text| have.insert(text.clone())).collect())
}

fn words(value: Value) -> Option<Vec<BulkFate>> {
    texts(value)?.iter().map(|word| BulkFate::from_word(word)).collect()
}

fn objects(value: Value) -> Option<HashMap<String, Map<String, Value>>> {
    let Value::Object(fields) = value else { return None };
    fields.into_iter().map(|(id, seen)| if let Value::Object(seen) = seen { Some((id, seen)) } else { None }).collect()
}

/// Parameters as they would stand in a query.
fn pairs(value: Value) -> Option<Vec<(String, String)>> {
    let Value::Object(fields) = value else { return None };
    let text = |value: Value| match value {
        // A list takes an empty parameter for none. Here none would mean every risk, which nobody says by leaving a field empty.
        Value::String(text) if !text.trim().is_empty() => Some(text),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::String(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    fields.into_iter().map(|(name, value)| Some((name, text(value)?))).collect()
}

/// Change many risks at once: each one's fate, by the rules of a change of it alone.
///
/// Those that can change do, in one step that undo takes back; the others are told with why. A dry run answers the same and saves
/// nothing; `cursor` goes on with its rows.
#[utoipa::path(post, path = "/v1/risks/bulk", tag = "local", operation_id = "change_risks", request_body = RiskBulk,
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query), ("idempotency-key" = Option<String>, Header)),
    responses((status = 200, body = RiskBulkResult)))]
pub(crate) async fn change_risks(Analyst(call): Analyst, mut params: Params, body: JsonBody) -> Result<Response, Error> {
    let limit = usize::try_from(params.number("limit", 1, 200).unwrap_or(50)).unwrap_or(50);
    let after = params.number("cursor", 0, 1 << 40).and_then(|after| i64::try_from(after).ok());
    params.finish()?;
    let Asked { which, wanted, fates, dry } = read(&call, &body)?;
    let page = Page { fates, after, limit };
    if dry {
        let store = &call.workspace.store;
        let outcome = store.read(|connection| risk_bulk::foresee(connection, store.now(), &which, &wanted, &page))?;
        return result(outcome, true, after.is_some()).map(Answer::into_response);
    }
    if after.is_some() {
        return Err(Error::field("cursor", "belongs to a dry run: a change is told once"));
    }
    call.write(&body, move |tx| result(risk_bulk::perform(tx, &which, &wanted, &page)?, false, false)).await
}

fn result(outcome: Outcome, dry_run: bool, further: bool) -> Result<Answer, Error> {
    let Outcome { fates, acceptances_void, held_back, rows, next, as_of } = outcome;
    let first = |count: u64| (!further).then_some(count);
    Answer::json(&RiskBulkResult {
        dry_run,
        fates: (!further).then_some(fates),
        acceptances_void: first(acceptances_void),
        held_back: first(held_back),
        as_of,
        data: rows,
        // A change is told once: what is left of its rows is what `fates` count.
        next_cursor: next.filter(|_| dry_run).map(|next| next.to_string()),
    })
}

/// Why risks were changed.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct RiskReason {
    /// The risks.
    ids: Vec<String>,
    /// Why.
    #[schema(min_length = 1, max_length = 20000)]
    reason: String,
}

/// Say why risks were changed, after the fact: kept in the history of each, beside what undo takes back.
#[utoipa::path(post, path = "/v1/risks/reasons", tag = "local", operation_id = "say_why", request_body = RiskReason,
    params(("idempotency-key" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn say_why(Analyst(call): Analyst, body: JsonBody) -> Result<Response, Error> {
    let mut input = Input::new(body.fields.clone());
    let ids = input.bare("ids").and_then(texts).unwrap_or_default();
    if ids.is_empty() {
        input.problems.add("ids", "must be a list of texts");
    }
    let reason = input.text("reason").flatten();
    if reason.is_none() && input.problems.0.is_empty() {
        input.problems.add("reason", "is required");
    }
    input.finish(&[])?;
    let reason = reason.unwrap_or_default();
    call.write(&body, move |tx| risk_bulk::say_why(tx, &ids, &reason).map(|()| Answer::none())).await
}
