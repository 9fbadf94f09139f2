//! The risk matrix over HTTP: the one in force, those to start from, what another one would make of the risks, and putting it
//! in force.

use super::auth::{Admin, Viewer};
use super::imports::{Sent, from_form, from_path};
use super::language::{Language, say_french};
use super::request::{Answer, JsonBody, Params, if_match};
use crate::error::Error;
use crate::import::{self, ReadMatrix};
use crate::store::matrices::{self, KeptMatrix};
use crate::store::outlook::{self, Foreseen, Outcome};
use crate::store::records::Stored;
use amtia_domain::matrix::{self, Change, Fate, Level, Mapping, Matrix, Preset, Remark, Shades, View};
use amtia_domain::risk::{Assessment, Risk};
use amtia_domain::words::Word;
use amtia_domain::{Input, Problems};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A level as it looks.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct LevelLook {
    level: Level,
    label: String,
    /// Whether the colour is one's own.
    own: bool,
    shades: Shades,
}

/// How the levels of a matrix look, lowest first.
pub(crate) fn looks(matrix: &Matrix) -> Vec<LevelLook> {
    let look = |label: &amtia_domain::matrix::LevelLabel| LevelLook {
        level: label.level,
        label: label.label.clone(),
        own: label.colour.is_some(),
        shades: Shades::of(label),
    };
    matrix.levels.iter().map(look).collect()
}

/// The matrix in force.
#[derive(Serialize, ToSchema)]
pub(crate) struct MatrixInForce {
    matrix: Matrix,
    levels: Vec<LevelLook>,
    remarks: Vec<Remark>,
    /// Whether it is the one that a new workspace starts with.
    standard: bool,
}

/// A matrix to start from.
#[derive(Serialize, ToSchema)]
pub(crate) struct PresetMatrix {
    preset: Preset,
    matrix: Matrix,
    levels: Vec<LevelLook>,
}

/// Matrices to start from.
#[derive(Serialize, ToSchema)]
pub(crate) struct PresetList {
    data: Vec<PresetMatrix>,
}

/// A matrix in place of the one in force.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct MatrixWrite {
    matrix: Matrix,
    /// Which step becomes which; where nothing is said, by name or by place.
    mapping: Option<Mapping>,
    /// Why: kept with the history of the matrix and of each risk that changes.
    #[schema(max_length = 20000)]
    reason: Option<String>,
}

/// A matrix to try.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct MatrixDraft {
    matrix: Matrix,
    /// Which step becomes which; where nothing is said, by name or by place.
    mapping: Option<Mapping>,
}

/// A risk and what becomes of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct RiskFate {
    id: String,
    #[serde(rename = "ref")]
    reference: String,
    name: String,
    fate: Fate,
    /// The view that the assessments are of: current, or the first in which anything changes; null for where its plan begins.
    view: Option<View>,
    before: Option<Assessment>,
    after: Option<Assessment>,
    /// Whether its acceptance will be void: it was given for the risk as it stands now.
    voids_acceptance: bool,
}

/// What a matrix would make of the risks. Nothing is saved.
#[derive(Serialize, ToSchema)]
pub(crate) struct MatrixPreview {
    matrix: Matrix,
    levels: Vec<LevelLook>,
    mapping: Mapping,
    remarks: Vec<Remark>,
    outcome: Outcome,
    /// Risks with what becomes of them, by number: those with any change, or those of the fate that was asked for.
    data: Vec<RiskFate>,
    next_cursor: Option<String>,
}

/// A file with risk matrices.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct MatrixFile {
    /// A CISO Assistant library (YAML or JSON), at most 50 MB.
    #[schema(format = Binary)]
    file: String,
}

/// The risk matrices of a file. Nothing is saved.
#[derive(Serialize, ToSchema)]
pub(crate) struct MatricesRead {
    data: Vec<ReadMatrix>,
}

fn in_force(kept: Option<Stored<KeptMatrix>>, language: Language) -> Result<Answer, Error> {
    let (rev, matrix) = kept.map_or_else(|| (0, Matrix::standard()), |kept| (kept.rev, kept.record.matrix));
    let (levels, remarks, standard) = (looks(&matrix), matrix.remarks(), matrix == Matrix::standard());
    let body = MatrixInForce { levels, remarks, standard, matrix: told(matrix, language) };
    Ok(Answer::record(rev, serde_json::to_vec(&body).map_err(Error::internal)?))
}

/// With the meanings that are the app's own in the reader's language.
fn told(matrix: Matrix, language: Language) -> Matrix {
    matrix.told(if language == Language::French { matrix::Language::French } else { matrix::Language::English })
}

/// Says of an answer in which language it is.
fn said(answer: Answer, language: Language) -> Response {
    let mut response = answer.into_response();
    if language == Language::French {
        say_french(response.headers_mut());
    }
    response
}

/// The risk matrix in force.
#[utoipa::path(get, path = "/v1/matrix", tag = "local", operation_id = "get_matrix", responses((status = 200, body = MatrixInForce)))]
pub(crate) async fn get_matrix(Viewer(call): Viewer, headers: HeaderMap, params: Params) -> Result<Response, Error> {
    params.finish()?;
    let language = Language::of(&headers);
    in_force(call.workspace.store.read(matrices::kept)?, language).map(|answer| said(answer, language))
}

/// Matrices to start from, in our own words.
#[utoipa::path(get, path = "/v1/matrix/presets", tag = "local", operation_id = "list_matrix_presets", responses((status = 200, body = PresetList)))]
pub(crate) async fn list_presets(_viewer: Viewer, headers: HeaderMap, params: Params) -> Result<Response, Error> {
    params.finish()?;
    let language = Language::of(&headers);
    let preset = |preset: &Preset| {
        let matrix = preset.matrix();
        PresetMatrix { preset: *preset, levels: looks(&matrix), matrix: told(matrix, language) }
    };
    let list = PresetList { data: Preset::ALL.iter().map(preset).collect() };
    Answer::json(&list).map(|answer| said(answer, language))
}

/// The matrix, the mapping and the reason of a body.
fn read(body: &JsonBody, with_reason: bool) -> Result<(Matrix, Option<Mapping>, Option<String>), Error> {
    let mut fields = body.fields.clone();
    let (matrix, mapping) = (fields.shift_remove("matrix"), fields.shift_remove("mapping").filter(|mapping| !mapping.is_null()));
    let mut input = Input::new(fields);
    if matrix.is_none() {
        input.problems.add("matrix", "is required");
    }
    let reason = if with_reason { input.text("reason").flatten() } else { None };
    let mapping = mapping.map(serde_json::from_value::<Mapping>).transpose().unwrap_or_else(|_| {
        input.problems.add("mapping", "must have a step of likelihood and a step of impact for each one in force");
        None
    });
    let read = matrix.map(Matrix::read).transpose();
    let mut problems = match input.finish(&[]) {
        Ok(()) => Problems::default(),
        Err(problems) => problems,
    };
    match read {
        Ok(Some(matrix)) if problems.0.is_empty() => Ok((matrix, mapping, reason)),
        Err(more) => {
            problems.0.extend(more.0);
            Err(problems.into())
        }
        Ok(_) => Err(problems.into()),
    }
}

/// What another matrix would make of the risks: how many rise and fall, and each one's fate. Nothing is saved.
#[utoipa::path(post, path = "/v1/matrix/preview", tag = "local", operation_id = "preview_matrix", request_body = MatrixDraft,
    params(("fate" = Option<Fate>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200), ("cursor" = Option<String>, Query)), responses((status = 200, body = MatrixPreview)))]
pub(crate) async fn preview_matrix(Admin(call): Admin, mut params: Params, body: JsonBody) -> Result<Response, Error> {
    let fate = params.choice::<Fate>("fate");
    let limit = usize::try_from(params.number("limit", 1, 200).unwrap_or(50)).unwrap_or(50);
    let after = i64::try_from(params.number("cursor", 0, 1 << 40).unwrap_or(0)).unwrap_or(0);
    params.finish()?;
    let (matrix, mapping, _) = read(&body, false)?;
    let preview = call.workspace.store.read_placed(|connection, placed| {
        let from = matrices::in_force(connection)?;
        let mapping = mapping.clone().unwrap_or_else(|| Mapping::suggested(&from, &matrix));
        mapping.check(&from, &matrix)?;
        let change = Change { from: &from, to: &matrix, mapping: &mapping };
        let outcome = outlook::foresee(connection, placed, &change)?;
        let (rows, more) = outlook::page(connection, placed, &change, fate, after, limit)?;
        let next_cursor = rows.last().filter(|_| more).map(|last| last.risk.seq.to_string());
        let data = rows.into_iter().map(|row| fate_of(row, &change)).collect();
        Ok((mapping, outcome, data, next_cursor))
    })?;
    let (mapping, outcome, data, next_cursor) = preview;
    let (levels, remarks) = (looks(&matrix), matrix.remarks());
    Answer::json(&MatrixPreview { matrix, levels, mapping, remarks, outcome, data, next_cursor }).map(Answer::into_response)
}

fn fate_of(row: Foreseen, change: &Change<'_>) -> RiskFate {
    let Foreseen { risk, fate, voids } = row;
    let after = change.risk(&risk.record);
    let before = risk.record;
    let changes = |view: &View| before.assessment(*view) != after.assessment(*view);
    let view = if fate == Fate::OtherViews {
        [View::Inherent, View::Residual, View::Target].into_iter().find(changes)
    } else {
        Some(View::Current)
    };
    let of = |risk: &Risk| view.map_or(risk.baseline, |view| risk.assessment(view));
    let (was, becomes) = (of(&before), of(&after));
    RiskFate {
        id: before.id,
        reference: before.reference,
        name: before.name,
        fate,
        view,
        before: was,
        after: becomes,
        voids_acceptance: voids,
    }
}

/// Put another matrix in force: every risk is judged by it, in one step that undo takes back.
#[utoipa::path(put, path = "/v1/matrix", tag = "local", operation_id = "update_matrix", request_body = MatrixWrite,
    params(("if-match" = Option<String>, Header)), responses((status = 200, body = MatrixInForce)))]
pub(crate) async fn update_matrix(Admin(call): Admin, headers: HeaderMap, body: JsonBody) -> Result<Response, Error> {
    let expected = if_match(&headers)?;
    let (matrix, mapping, reason) = read(&body, true)?;
    call.write(&body, move |tx| in_force(matrices::replace(tx, matrix, mapping, expected, reason.as_deref())?, Language::English)).await
}

/// Read the risk matrices of a CISO Assistant library. Nothing is saved.
#[utoipa::path(post, path = "/v1/matrix/read", tag = "local", operation_id = "read_matrices",
    request_body(content = MatrixFile, content_type = "multipart/form-data"), responses((status = 200, body = MatricesRead)))]
pub(crate) async fn read_matrices(Admin(call): Admin, request: Request) -> Result<Response, Error> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("").to_ascii_lowercase();
    let Sent { bytes, .. } = if kind.starts_with("multipart/form-data") {
        from_form(request).await?
    } else if kind.starts_with("application/json") {
        from_path(request, call.who.in_process).await?
    } else {
        return Err(Error::UnsupportedMedia("Send the file as multipart/form-data, field file.".into()));
    };
    let read = tokio::task::spawn_blocking(move || import::read_matrices(&bytes)).await.map_err(Error::internal)?;
    let data = read.map_err(|refusal| Error::field("file", refusal.to_string()))?;
    Answer::json(&MatricesRead { data }).map(Answer::into_response)
}
