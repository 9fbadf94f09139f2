//! The workspace itself over HTTP: its state, first run, settings, recovery key, backup, search.

use super::auth::{Anyone, AtDevice, Owner, Viewer};
use super::keyed::{Keyed, answered, keep};
use super::matrices::{LevelLook, looks};
use super::request::{Answer, AnyBody, JsonBody, Params};
use crate::engine::{Engine, NewWorkspace};
use crate::error::Error;
use crate::files;
use crate::keys::SlotKind;
use crate::store::meta::{self, setting};
use crate::store::{
    Action, assessments, assets, audits, documents, frameworks, incidents, lists, matrices, risk_checks, risk_lists, search as finder,
    vulnerabilities,
};
use crate::workspace::{Integrity, Unlock};
use amtia_domain::Input;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use utoipa::ToSchema;

amtia_domain::words! {
    /// What a new workspace holds.
    WorkspaceKind {
        /// A fictional bank to look around in.
        Sample = "sample",
        /// Nothing.
        Empty = "empty",
    }
}

amtia_domain::words! {
    /// Whether a workspace is there and open.
    WorkspaceState {
        /// There is none: first run.
        None = "none",
        /// The one of last time is not where it was.
        Missing = "missing",
        /// It is open.
        Open = "open",
        /// It is there, and needs its passphrase or recovery key.
        Locked = "locked",
        /// It is there, and another process has it open.
        InUse = "in_use",
        /// It is there, and was made by a newer version.
        Newer = "newer",
        /// What is there is no workspace.
        Foreign = "foreign",
        /// It is there, and its key does not fit or its pages are not as they were written.
        Damaged = "damaged",
        /// It is there, and the system does not let it be read.
        Unreadable = "unreadable",
    }
}

/// The person at this device.
#[derive(Serialize, ToSchema)]
pub(crate) struct Profile {
    /// Display name, recorded with every change.
    name: String,
}

/// The workspace on this device.
#[derive(Serialize, ToSchema)]
pub(crate) struct WorkspaceInfo {
    state: WorkspaceState,
    name: Option<String>,
    /// Where the file is; only told to the person at this device.
    file: Option<String>,
    /// Where a new one would be made.
    folder: Option<String>,
    /// The ways in.
    protection: Vec<SlotKind>,
    /// The unprotected key file, where one is used.
    key_file: Option<String>,
    /// Why it is not open.
    message: Option<String>,
    /// `window` or `api`.
    door: &'static str,
    profile: Profile,
    single_key_shortcuts: bool,
    time_zone: String,
    version: &'static str,
    recovery_offered: bool,
    integrity: Integrity,
    /// What the levels of risks are called and how they look, lowest first.
    levels: Vec<LevelLook>,
}

fn info(engine: &Engine, owner: bool) -> Result<WorkspaceInfo, Error> {
    let (state, message) = engine.state();
    let mut info = WorkspaceInfo {
        state,
        name: None,
        file: None,
        folder: owner.then(|| engine.default_file().parent().map(|folder| folder.display().to_string())).flatten(),
        protection: Vec::new(),
        key_file: None,
        message,
        door: engine.door(),
        profile: Profile { name: engine.profile() },
        single_key_shortcuts: true,
        time_zone: "UTC".into(),
        version: env!("CARGO_PKG_VERSION"),
        recovery_offered: false,
        integrity: Integrity::Unknown,
        levels: Vec::new(),
    };
    if let Some(workspace) = engine.workspace() {
        let get = |key: &str| workspace.store.read(|connection| meta::get(connection, key));
        info.name = get(setting::NAME)?;
        info.protection = workspace.protection();
        if owner {
            info.file = Some(workspace.store.path().display().to_string());
            let key_file = crate::keys::key_file_path(workspace.store.path());
            info.key_file = info.protection.contains(&SlotKind::KeyFile).then(|| key_file.display().to_string());
        }
        info.single_key_shortcuts = get(setting::SINGLE_KEYS)?.as_deref() != Some("off");
        info.time_zone = get(setting::TIME_ZONE)?.unwrap_or(info.time_zone);
        info.recovery_offered = get(setting::RECOVERY_OFFERED)?.as_deref() == Some("yes");
        info.integrity = workspace.integrity();
        info.levels = looks(&*workspace.matrix()?);
    } else if owner {
        info.file = Some(engine.default_file().display().to_string());
    }
    Ok(info)
}

/// The workspace's state; works before one is open.
#[utoipa::path(get, path = "/v1/workspace", tag = "local", operation_id = "get_workspace", responses((status = 200, body = WorkspaceInfo)))]
pub(crate) async fn get_workspace(Anyone(who): Anyone, State(engine): State<Engine>) -> Result<Response, Error> {
    Answer::json(&info(&engine, who.owner)?).map(Answer::into_response)
}

/// Make a workspace and open it.
#[utoipa::path(post, path = "/v1/workspace", tag = "local", operation_id = "create_workspace",
    params(("idempotency-key" = Option<String>, Header)), responses((status = 201, body = WorkspaceInfo)))]
pub(crate) async fn create_workspace(AtDevice(who): AtDevice, State(engine): State<Engine>, body: JsonBody) -> Result<Response, Error> {
    let mut input = Input::new(body.fields);
    if !input.has("kind") {
        input.problems.add("kind", "is required");
    }
    let kind = input.fixed_choice::<WorkspaceKind>("kind");
    let (name, path) = (input.short("name").flatten(), input.text("path").flatten().map(PathBuf::from));
    if path.is_some() && !who.in_process {
        input.problems.add("path", "can only be chosen in the window");
    }
    input.finish(&[])?;
    if let Some(again) = answered_before(&engine, body.keyed.as_ref())? {
        return Ok(again);
    }
    let wanted = NewWorkspace { sample: kind == Some(WorkspaceKind::Sample), name, path };
    let made = engine.clone();
    tokio::task::spawn_blocking(move || made.create(wanted)).await.map_err(Error::internal)??;
    let answer = serde_json::to_vec(&info(&engine, true)?).map_err(Error::internal)?;
    let answer = Answer { status: 201, headers: vec![("location", "/v1/workspace".into())], body: answer };
    keep_within(&engine, &who, body.keyed.as_ref(), answer).await
}

/// The first answer to a key is kept in the workspace that it made or opened.
fn answered_before(engine: &Engine, keyed: Option<&Keyed>) -> Result<Option<Response>, Error> {
    match (engine.workspace(), keyed) {
        (Some(workspace), Some(keyed)) => answered(&workspace, keyed),
        _ => Ok(None),
    }
}

async fn keep_within(engine: &Engine, who: &super::Principal, keyed: Option<&Keyed>, answer: Answer) -> Result<Response, Error> {
    if let (Some(workspace), Some(keyed)) = (engine.workspace(), keyed) {
        keep(&workspace, who.who(), keyed, &answer).await?;
    }
    Ok(answer.into_response())
}

/// Open a workspace that is there: by its file, its passphrase or its recovery key; or, with `usual`, go on without the one
/// that is missing, with what is at the usual place.
#[utoipa::path(post, path = "/v1/workspace/open", tag = "local", operation_id = "open_workspace",
    params(("idempotency-key" = Option<String>, Header)), responses((status = 200, body = WorkspaceInfo)))]
pub(crate) async fn open_workspace(AtDevice(who): AtDevice, State(engine): State<Engine>, body: JsonBody) -> Result<Response, Error> {
    let mut input = Input::new(body.fields);
    let path = input.text("path").flatten().map(PathBuf::from);
    let (passphrase, recovery) = (input.text("passphrase").flatten(), input.text("recovery_key").flatten());
    let usual = input.has("usual") && input.flag("usual") == Some(true);
    if path.is_some() && !who.in_process {
        input.problems.add("path", "can only be chosen in the window");
    }
    input.finish(&[])?;
    if let Some(again) = answered_before(&engine, body.keyed.as_ref())? {
        return Ok(again);
    }
    let field = if passphrase.is_some() { "passphrase" } else { "recovery_key" };
    let unlock = match (passphrase, recovery) {
        (Some(passphrase), _) => Some(Unlock::Passphrase(passphrase)),
        (None, Some(recovery)) => Some(Unlock::RecoveryKey(recovery)),
        (None, None) => None,
    };
    let opened = engine.clone();
    let asked = unlock.is_some();
    let result = tokio::task::spawn_blocking(move || if usual { opened.go_on() } else { opened.open(path, unlock) })
        .await
        .map_err(Error::internal)?;
    if let Err(cause) = result {
        return Err(if asked { Error::field(field, format!("was refused: {cause}")) } else { Error::bad(cause.to_string()) });
    }
    let answer = Answer::json(&info(&engine, true)?)?;
    keep_within(&engine, &who, body.keyed.as_ref(), answer).await
}

/// Change settings: the person's name, the workspace's name, single-letter shortcuts.
#[utoipa::path(put, path = "/v1/workspace", tag = "local", operation_id = "update_workspace", responses((status = 200, body = WorkspaceInfo)))]
pub(crate) async fn update_workspace(Owner(call): Owner, State(engine): State<Engine>, body: JsonBody) -> Result<Response, Error> {
    let mut input = Input::new(body.fields);
    let (profile, name) = (input.name("profile_name"), input.name("name"));
    let flag = |input: &mut Input, field: &str| if input.has(field) { input.flag(field) } else { None };
    let (keys, offered) = (flag(&mut input, "single_key_shortcuts"), flag(&mut input, "recovery_offered"));
    input.finish(&[])?;
    let renamed = profile.is_some();
    let word = |flag: bool, yes: &str, no: &str| if flag { yes.to_owned() } else { no.to_owned() };
    let mut settings: Vec<(&'static str, String)> = Vec::new();
    settings.extend(profile.map(|name| (setting::PROFILE, name)));
    settings.extend(name.map(|name| (setting::NAME, name)));
    settings.extend(keys.map(|on| (setting::SINGLE_KEYS, word(on, "on", "off"))));
    settings.extend(offered.map(|yes| (setting::RECOVERY_OFFERED, word(yes, "yes", "no"))));
    let id = call.workspace.id.clone();
    call.workspace.store.write(call.who.who(), move |tx| meta::change(tx, &id, &settings)).await?;
    if renamed {
        engine.forget_profile();
    }
    Answer::json(&info(&engine, true)?).map(Answer::into_response)
}

/// Make a recovery key, in place of an earlier one. It is shown once, or written to a file that the person picked.
#[utoipa::path(post, path = "/v1/workspace/recovery-key", tag = "local", operation_id = "create_recovery_key",
    params(("idempotency-key" = Option<String>, Header)), responses((status = 201, body = serde_json::Value)))]
pub(crate) async fn create_recovery_key(Owner(call): Owner, AnyBody(body): AnyBody) -> Result<Response, Error> {
    let mut input = Input::new(body.fields);
    let path = input.text("path").flatten().map(PathBuf::from);
    if path.is_some() && !call.who.in_process {
        input.problems.add("path", "can only be chosen in the window");
    }
    input.finish(&[])?;
    call.once(body.keyed, replace_recovery_key(&call, path)).await
}

async fn replace_recovery_key(call: &super::auth::Call, path: Option<PathBuf>) -> Result<Answer, Error> {
    if let Some(path) = &path {
        // Before the earlier key ends: the new one must not be lost because its file cannot be written.
        let probe = files::beside(path, "probe");
        files::write_private(&probe, b"").and_then(|()| std::fs::remove_file(&probe)).map_err(|cause| unwritten(path, &cause))?;
    }
    // Written down first, the slot last: there is no moment at which a key opens the workspace that nobody could be told.
    let was = note_recovery_key(call, "replaced", Some("yes".to_owned())).await?;
    let workspace = Arc::clone(&call.workspace);
    let made = move || {
        let name = workspace.store.read(|connection| meta::get(connection, setting::NAME))?.unwrap_or_default();
        workspace.new_recovery_key(|key| {
            let Some(path) = path else { return Ok(()) };
            let sheet = recovery_sheet(&name, workspace.store.path(), workspace.store.now(), key);
            files::write_private(&path, sheet.as_bytes()).map_err(|cause| unwritten(&path, &cause))
        })
    };
    let made = tokio::task::spawn_blocking(made).await.map_err(Error::internal)?;
    if made.is_err()
        && let Err(cause) = note_recovery_key(call, "kept", was).await
    {
        tracing::warn!(%cause, "that the earlier recovery key stays could not be written down");
    }
    let key = made?;
    let body = json!({ "recovery_key": key }).to_string().into_bytes();
    Ok(Answer { status: 201, headers: vec![("location", "/v1/workspace".into())], body })
}

/// Writes down what became of the recovery key and whether one was offered; answers what that was before.
async fn note_recovery_key(call: &super::auth::Call, what: &'static str, offered: Option<String>) -> Result<Option<String>, Error> {
    let id = call.workspace.id.clone();
    let write = move |tx: &crate::store::Tx<'_>| {
        let before = meta::get(tx.connection, setting::RECOVERY_OFFERED)?;
        meta::set(tx.connection, setting::RECOVERY_OFFERED, offered.as_deref().unwrap_or("no"))?;
        meta::note(tx, &id, Action::Updated, None, &json!({ "recovery_key": what }))?;
        Ok(before)
    };
    call.workspace.store.write(call.who.who(), write).await
}

fn unwritten(path: &std::path::Path, cause: &std::io::Error) -> Error {
    Error::field("path", format!("{} cannot be written: {cause}. Choose another place and make the recovery key again", path.display()))
}

/// The text file that keeps a recovery key: few words, for it is read in either language.
fn recovery_sheet(name: &str, file: &std::path::Path, now: jiff::Timestamp, key: &str) -> String {
    let file = file.file_name().map(|file| file.to_string_lossy()).unwrap_or_default();
    format!("AMTIA Desktop: recovery key, cl\u{e9} de secours\n\n{name}\n{file}\n{}\n\n{key}\n", now.strftime("%Y-%m-%d"))
}

/// Copy the workspace with its key slots to a new place, and open the copy to prove it.
#[utoipa::path(post, path = "/v1/workspace/backup", tag = "local", operation_id = "create_backup",
    params(("idempotency-key" = Option<String>, Header)), responses((status = 201, body = serde_json::Value)))]
pub(crate) async fn create_backup(Owner(call): Owner, AnyBody(body): AnyBody) -> Result<Response, Error> {
    let mut input = Input::new(body.fields);
    let path = input.text("path").flatten().map(PathBuf::from);
    if path.is_some() && !call.who.in_process {
        input.problems.add("path", "can only be chosen in the window");
    }
    input.finish(&[])?;
    call.once(body.keyed, async {
        let workspace = Arc::clone(&call.workspace);
        let now = workspace.store.now();
        let to = path.unwrap_or_else(|| default_backup(workspace.store.path(), now));
        let shown = to.display().to_string();
        let bytes = tokio::task::spawn_blocking(move || workspace.backup(&to)).await.map_err(Error::internal)??;
        let body = json!({ "path": shown, "bytes": bytes, "made_at": amtia_domain::time::rfc3339(now) }).to_string().into_bytes();
        Ok(Answer { status: 201, headers: vec![("location", "/v1/workspace".into())], body })
    })
    .await
}

fn default_backup(file: &std::path::Path, now: jiff::Timestamp) -> PathBuf {
    let stem = file.file_stem().map_or_else(|| "Workspace".into(), |stem| stem.to_string_lossy().into_owned());
    let folder = file.parent().unwrap_or(std::path::Path::new(".")).join("Backups");
    folder.join(format!("{stem} {}.amtia", now.strftime("%Y-%m-%d %H%M%S")))
}

/// Counts for the sidebar.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct Summary {
    risks: u64,
    risks_above_appetite: u64,
    /// What the checks of the register find, each check of each risk counted.
    checks: u64,
    incidents_open: u64,
    frameworks: u64,
    assets: u64,
    vulnerabilities_open: u64,
    assessments_open: u64,
    documents: u64,
    audits_open: u64,
    findings_open: u64,
}

/// Counts for the sidebar.
#[utoipa::path(get, path = "/v1/summary", tag = "local", operation_id = "get_summary", responses((status = 200, body = Summary)))]
pub(crate) async fn get_summary(Viewer(call): Viewer, params: Params) -> Result<Response, Error> {
    let mut target = params.target.clone();
    params.finish()?;
    // The checks ask what day it is.
    let today = call.workspace.store.read(|connection| audits::today(connection, call.workspace.store.now()))?;
    target.push_str(&format!("#{today}"));
    call.cached(&target, |connection| {
        let summary = Summary {
            risks: risk_lists::total(connection)?,
            checks: risk_checks::counts(connection, &matrices::in_force(connection)?, today)?.iter().map(|found| found.count).sum(),
            risks_above_appetite: risk_lists::above_appetite(connection, &matrices::in_force(connection)?)?,
            incidents_open: incidents::open_count(connection)?,
            frameworks: frameworks::total(connection)?,
            assets: lists::count(connection, &assets::ASSETS, &[])?,
            vulnerabilities_open: vulnerabilities::open_count(connection)?,
            assessments_open: assessments::open_count(connection)?,
            documents: documents::total(connection)?,
            audits_open: audits::open_count(connection)?,
            findings_open: audits::open_findings(connection)?,
        };
        Ok((serde_json::to_string(&summary).map_err(Error::internal)?, None))
    })
}

/// Find records by words, or by number with `#142`.
#[utoipa::path(get, path = "/v1/search", tag = "local", operation_id = "search",
    params(("q" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 50)), responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn search(Viewer(call): Viewer, mut params: Params) -> Result<Response, Error> {
    let words = params.text("q").unwrap_or_default();
    let limit = usize::try_from(params.number("limit", 1, 50).unwrap_or(20)).unwrap_or(20);
    let target = params.target.clone();
    params.finish()?;
    call.cached(&target, |connection| Ok((json!({ "data": finder::find(connection, &words, limit)? }).to_string(), None)))
}
