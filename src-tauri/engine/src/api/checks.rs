//! What the checks of the register find, over HTTP.

use super::auth::Viewer;
use super::request::Params;
use crate::error::Error;
use crate::store::audits;
use crate::store::matrices;
use crate::store::risk_checks::{self, CheckCount};
use axum::response::Response;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What every check counts.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct Checks {
    /// The day that dates were compared with, where the workspace is at home.
    #[schema(value_type = String, format = Date)]
    today: Date,
    /// All of them together: each check of each risk counts.
    total: u64,
    /// Every check, the gravest first, those that find nothing included. `GET /v1/risks?check=` lists what one finds.
    checks: Vec<CheckCount>,
}

/// Count what the checks of the register find.
#[utoipa::path(get, path = "/v1/checks", tag = "local", operation_id = "get_checks", responses((status = 200, body = Checks)))]
pub(crate) async fn get_checks(Viewer(call): Viewer, params: Params) -> Result<Response, Error> {
    let mut target = params.target.clone();
    params.finish()?;
    let today = call.workspace.store.read(|connection| audits::today(connection, call.workspace.store.now()))?;
    target.push_str(&format!("#{today}"));
    call.cached(&target, |connection| {
        let checks = risk_checks::counts(connection, &matrices::in_force(connection)?, today)?;
        let found = Checks { today, total: checks.iter().map(|check| check.count).sum(), checks };
        Ok((serde_json::to_string(&found).map_err(Error::internal)?, None))
    })
}
