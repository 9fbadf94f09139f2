//! Assessments, their results and their gaps over HTTP.

use super::auth::{Analyst, Viewer};
use super::records::{self, HistoryList};
use super::request::{Answer, JsonBody, Listing, Params, if_match, list_body};
use crate::error::Error;
use crate::store::assessed_controls::{self, Wanted};
use crate::store::assessments::{self, ASSESSMENTS, status_number};
use crate::store::lists::Condition;
use crate::store::matrices;
use crate::store::records::{delete, get};
use amtia_domain::assessed_control::{AssessmentResult, ControlResult, ResultPatch};
use amtia_domain::assessment::{Assessment, AssessmentPatch, AssessmentStatus, NewAssessment};
use amtia_domain::gaps::GapAnalysis;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page of assessments.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct AssessmentList {
    data: Vec<Assessment>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

/// One page of results.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ResultList {
    data: Vec<AssessmentResult>,
    next_cursor: Option<String>,
    total: Option<u64>,
}

/// List assessments.
#[utoipa::path(get, path = "/v1/assessments", tag = "local", operation_id = "list_assessments",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query), ("sort" = Option<String>, Query), ("q" = Option<String>, Query),
        ("framework_id" = Option<String>, Query), ("status" = Option<AssessmentStatus>, Query)),
    responses((status = 200, body = AssessmentList)))]
pub(crate) async fn list_assessments(Viewer(call): Viewer, mut params: Params) -> Result<Response, Error> {
    let listing = Listing::read(&mut params, &ASSESSMENTS);
    let mut conditions = Vec::new();
    conditions.extend(params.text("framework_id").map(|id| Condition::one("t.framework_id = ?", id)));
    conditions.extend(params.choice::<AssessmentStatus>("status").map(|status| Condition::one("t.status = ?", status_number(status))));
    // Few assessments fit a workspace: counting reads few rows.
    records::list_counted(&call, params, &ASSESSMENTS, &listing, &conditions, true)
}

/// Create a compliance assessment.
///
/// `scope` is `full` or a list of groups, by id or reference.
#[utoipa::path(post, path = "/v1/assessments", tag = "compliance", operation_id = "create_assessment", request_body = NewAssessment,
    params(("idempotency-key" = Option<String>, Header)), responses((status = 201, body = Assessment)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn create_assessment(Analyst(call): Analyst, body: JsonBody) -> Result<Response, Error> {
    let patch = AssessmentPatch::read(body.fields.clone(), true)?;
    call.write(&body, move |tx| Ok(records::created("/v1/assessments", assessments::create(tx, patch, crate::ids::new(tx.now))?))).await
}

/// Read one assessment.
#[utoipa::path(get, path = "/v1/assessments/{id}", tag = "local", operation_id = "get_assessment", params(("id" = String, Path)),
    responses((status = 200, body = Assessment)))]
pub(crate) async fn get_assessment(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    records::read::<Assessment>(&call, &id, params)
}

/// Change an assessment. Forward steps of its status may be skipped; back leads to in_progress.
#[utoipa::path(put, path = "/v1/assessments/{id}", tag = "local", operation_id = "update_assessment", request_body = AssessmentPatch,
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = Assessment)))]
pub(crate) async fn update_assessment(
    Analyst(call): Analyst,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    let read = |fields| AssessmentPatch::read(fields, false);
    records::change(&call, id, &headers, &body, read, |tx, patch, asked| {
        assessments::update(tx, &asked.id, patch, &asked.body, asked.expected)
    })
    .await
}

/// Delete an assessment; undo brings it back with its results.
#[utoipa::path(delete, path = "/v1/assessments/{id}", tag = "local", operation_id = "delete_assessment",
    params(("id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 204)))]
pub(crate) async fn delete_assessment(Analyst(call): Analyst, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    records::remove::<Assessment>(&call, id, &headers, delete).await
}

/// An assessment's history, newest first: who, when, before, after.
#[utoipa::path(get, path = "/v1/assessments/{id}/history", tag = "local", operation_id = "assessment_history",
    params(("id" = String, Path), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)), responses((status = 200, body = HistoryList)))]
pub(crate) async fn assessment_history(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    records::history::<Assessment>(&call, &id, params)
}

/// Get gap analysis results: one object with the assessment in numbers and every gap, the worst first.
#[utoipa::path(get, path = "/v1/assessments/{id}/gaps", tag = "compliance", operation_id = "assessment_gaps", params(("id" = String, Path)),
    responses((status = 200, body = GapAnalysis)), extensions(("x-amtia-documented" = json!(true))))]
pub(crate) async fn assessment_gaps(Viewer(call): Viewer, Path(id): Path<String>, params: Params) -> Result<Response, Error> {
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| {
        let gaps = assessments::gaps(connection, &id, matrices::in_force(connection)?.appetite)?;
        Ok((serde_json::to_string(&gaps).map_err(Error::internal)?, None))
    })
}

/// The results of an assessment: every assessable control in scope, in the framework's order, with its result or
/// `not_assessed`.
#[utoipa::path(get, path = "/v1/assessments/{id}/results", tag = "local", operation_id = "list_results",
    params(("id" = String, Path), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query), ("q" = Option<String>, Query),
        ("result" = Option<ControlResult>, Query), ("owner" = Option<String>, Query)),
    responses((status = 200, body = ResultList)))]
pub(crate) async fn list_results(Viewer(call): Viewer, Path(id): Path<String>, mut params: Params) -> Result<Response, Error> {
    let assessment = call.workspace.store.read(|connection| get::<Assessment>(connection, &id))?.record;
    let limit = usize::try_from(params.number("limit", 1, 200).unwrap_or(50)).unwrap_or(50);
    let after = params.text("cursor").and_then(|text| {
        let place = text.parse::<i64>().ok();
        if place.is_none() {
            params.problems.add("cursor", "is not a cursor of this list");
        }
        place
    });
    let wanted =
        Wanted { result: params.choice("result"), owner: params.text("owner"), words: params.text("q"), after, limit: Some(limit + 1) };
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| {
        let (mut results, total) = assessed_controls::list(connection, &assessment, &wanted)?;
        let more = results.len() > limit;
        results.truncate(limit);
        let next = if more { results.last().map(|result| result.position.to_string()) } else { None };
        let rows: Vec<String> =
            results.iter().map(|result| serde_json::to_string(result).map_err(Error::internal)).collect::<Result<_, _>>()?;
        Ok((list_body(&rows, next.as_deref(), Some(total)), None))
    })
}

/// The result of one control in scope.
#[utoipa::path(get, path = "/v1/assessments/{id}/results/{control_id}", tag = "local", operation_id = "get_result",
    params(("id" = String, Path), ("control_id" = String, Path)), responses((status = 200, body = AssessmentResult)))]
pub(crate) async fn get_result(
    Viewer(call): Viewer,
    Path((id, control_id)): Path<(String, String)>,
    params: Params,
) -> Result<Response, Error> {
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| {
        let (result, rev) = assessed_controls::result(connection, &id, &control_id)?;
        Ok((serde_json::to_string(&result).map_err(Error::internal)?, Some(rev)))
    })
}

/// Record what was found of one control. The first result of a planned assessment begins it.
#[utoipa::path(put, path = "/v1/assessments/{id}/results/{control_id}", tag = "local", operation_id = "record_result", request_body = ResultPatch,
    params(("id" = String, Path), ("control_id" = String, Path), ("if-match" = Option<String>, Header)), responses((status = 200, body = AssessmentResult)))]
pub(crate) async fn record_result(
    Analyst(call): Analyst,
    Path((id, control_id)): Path<(String, String)>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Response, Error> {
    // An unknown id is 404 whatever the body says.
    call.workspace.store.read(|connection| assessed_controls::result(connection, &id, &control_id))?;
    let expected = if_match(&headers)?;
    let patch = ResultPatch::read(body.fields.clone())?;
    let value = body.value();
    call.write(&body, move |tx| {
        let (result, rev) = assessed_controls::record(tx, &id, &control_id, patch, &value, expected)?;
        Ok(Answer::record(rev, serde_json::to_vec(&result).map_err(Error::internal)?))
    })
    .await
}
