//! The engine: the AMTIA API over one encrypted workspace file.
//!
//! Every door — window, loopback port, command line — reaches the same routes through [`Engine`].

mod api;
mod blobs;
mod courier;
mod crypto;
mod engine;
mod error;
mod files;
mod french;
mod ids;
mod import;
mod import_jobs;
mod keys;
mod listener;
mod media;
mod outbound;
mod ports;
mod register;
mod sample;
mod sample_load;
mod serve;
mod store;
#[cfg(test)]
mod tests;
mod workspace;

pub use amtia_domain::checks::Check;
pub use api::document as openapi_json;
pub use engine::{Engine, EngineOptions, NewWorkspace, account_name, every_kind, make, system_clock};
pub use error::Error;
pub use french::{Language, in_french, pairs as french_pairs};
pub use import_jobs::{
    Choices, FileFormat, Import, ImportAnswer, ImportRow, ImportState, ImportedFramework, ImportedRegister, RegisterColumn, RowFate,
    Verdict, Wishes,
};
pub use keys::{KeyError, Keychain, SlotKind, key_file_path};
pub use register::{CellProblem, DateOrder, Field as RegisterField, Format as RegisterFormat};
pub use serve::{Assets, Server, serve};
pub use store::api_keys::Role;
pub use store::connection::OpenError;
pub use store::risk_checks::{Findings, Found, FoundRisk};
pub use store::verify::Report;
pub use store::{Changes, Clock, Door, Who};
pub use workspace::{Protection, Unlock, Workspace, WorkspaceError};
