//! The routes: every operation, declared once beside its handler; one door before them that writes every error.

mod acceptances;
mod assessments;
mod assets;
mod audits;
pub(crate) mod auth;
pub(crate) mod cache;
mod changes;
mod checks;
mod documents;
mod door;
mod examples;
mod form;
mod frameworks;
mod imports;
mod incidents;
mod keyed;
mod keys;
mod language;
pub(crate) mod limit;
mod local_api;
mod matrices;
mod openapi;
mod picture_words;
mod pictures;
mod records;
mod registers;
mod request;
mod risk_bulk;
mod risk_plan;
mod risk_register;
mod risks;
pub(crate) mod token;
mod undo;
pub(crate) mod usage;
mod vulnerabilities;
mod webhooks;
mod workshop_minutes;
mod workshop_words;
mod workshops;
mod workspace;

pub use auth::Principal;
pub(crate) use door::{answer, error_answer};
pub(crate) use language::Language;
pub(crate) use local_api::port_of;
pub use openapi::document;
pub(crate) use workspace::WorkspaceState;

use crate::engine::Engine;
use crate::error::Error;
use axum::Router;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Largest JSON body, in bytes.
pub(crate) const BODY_MAX: usize = 1 << 20;
/// Largest uploaded file, in bytes.
pub(crate) const UPLOAD_MAX: usize = 50 << 20;

fn operations() -> OpenApiRouter<Engine> {
    OpenApiRouter::with_openapi(openapi::head())
        .routes(routes!(auth::create_token))
        .routes(routes!(auth::redeem_link))
        .routes(routes!(frameworks::list_frameworks))
        .routes(routes!(frameworks::get_framework, frameworks::delete_framework))
        .routes(routes!(frameworks::list_controls))
        .routes(routes!(frameworks::get_control))
        .routes(routes!(risks::list_risks, risks::create_risk))
        .routes(routes!(risks::risk_heatmap))
        .routes(routes!(pictures::risk_heatmap_svg))
        .routes(routes!(pictures::risk_heatmap_png))
        .routes(routes!(pictures::save_risk_heatmap))
        .routes(routes!(risks::risk_map))
        .routes(routes!(risks::risk_lens))
        .routes(routes!(risks::risk_facets))
        .routes(routes!(risk_bulk::change_risks))
        .routes(routes!(risk_register::risk_marks))
        .routes(routes!(risk_register::risk_groups))
        .routes(routes!(risk_bulk::say_why))
        .routes(routes!(registers::export_risks, registers::save_risks))
        .routes(routes!(risks::get_risk, risks::update_risk, risks::delete_risk))
        .routes(routes!(risks::risk_history))
        .routes(routes!(risk_plan::create_risk_action))
        .routes(routes!(risk_plan::update_risk_action, risk_plan::delete_risk_action))
        .routes(routes!(risk_plan::risk_links))
        .routes(routes!(risk_plan::restore_risk))
        .routes(routes!(acceptances::list_acceptances, acceptances::create_acceptance))
        .routes(routes!(acceptances::get_acceptance, acceptances::update_acceptance, acceptances::delete_acceptance))
        .routes(routes!(acceptances::change_acceptance_status))
        .routes(routes!(acceptances::acceptance_history))
        .routes(routes!(checks::get_checks))
        .routes(routes!(matrices::get_matrix, matrices::update_matrix))
        .routes(routes!(matrices::list_presets))
        .routes(routes!(matrices::preview_matrix))
        .routes(routes!(matrices::read_matrices))
        .routes(routes!(incidents::list_incidents, incidents::create_incident))
        .routes(routes!(incidents::get_incident, incidents::update_incident, incidents::delete_incident))
        .routes(routes!(incidents::change_incident_status))
        .routes(routes!(incidents::incident_timeline))
        .routes(routes!(incidents::create_comment))
        .routes(routes!(assets::list_assets, assets::create_asset))
        .routes(routes!(assets::asset_facets))
        .routes(routes!(assets::asset_standing))
        .routes(routes!(assets::get_asset, assets::update_asset, assets::delete_asset))
        .routes(routes!(assets::asset_history))
        .routes(routes!(vulnerabilities::list_asset_vulnerabilities, vulnerabilities::create_vulnerability))
        .routes(routes!(vulnerabilities::list_vulnerabilities))
        .routes(routes!(vulnerabilities::get_vulnerability, vulnerabilities::update_vulnerability, vulnerabilities::delete_vulnerability))
        .routes(routes!(vulnerabilities::vulnerability_history))
        .routes(routes!(assessments::list_assessments, assessments::create_assessment))
        .routes(routes!(assessments::get_assessment, assessments::update_assessment, assessments::delete_assessment))
        .routes(routes!(assessments::assessment_history))
        .routes(routes!(assessments::assessment_gaps))
        .routes(routes!(assessments::list_results))
        .routes(routes!(assessments::get_result, assessments::record_result))
        .routes(routes!(audits::list_audits, audits::create_audit))
        .routes(routes!(audits::get_audit, audits::update_audit, audits::delete_audit))
        .routes(routes!(audits::audit_history))
        .routes(routes!(audits::list_findings, audits::create_finding))
        .routes(routes!(audits::get_finding, audits::update_finding, audits::delete_finding))
        .routes(routes!(audits::finding_history))
        .routes(routes!(documents::list_documents))
        .routes(routes!(documents::upload_document))
        .routes(routes!(documents::get_document, documents::update_document, documents::delete_document))
        .routes(routes!(documents::document_content))
        .routes(routes!(documents::save_document))
        .routes(routes!(documents::document_history))
        .routes(routes!(imports::create_import))
        .routes(routes!(imports::get_import, imports::update_import, imports::delete_import))
        .routes(routes!(imports::import_rows))
        .routes(routes!(imports::apply_import))
        .routes(routes!(keys::list_keys, keys::create_key))
        .routes(routes!(keys::get_key, keys::revoke_key))
        .routes(routes!(keys::rotate_key))
        .routes(routes!(local_api::get_api, local_api::update_api))
        .routes(routes!(webhooks::list_webhooks, webhooks::create_webhook))
        .routes(routes!(webhooks::get_webhook, webhooks::update_webhook, webhooks::delete_webhook))
        .routes(routes!(webhooks::rotate_webhook))
        .routes(routes!(webhooks::test_webhook))
        .routes(routes!(webhooks::list_deliveries))
        .routes(routes!(webhooks::get_delivery))
        .routes(routes!(webhooks::redeliver))
        .routes(routes!(workshops::list_workshops, workshops::create_workshop))
        .routes(routes!(workshops::get_workshop, workshops::update_workshop, workshops::delete_workshop))
        .routes(routes!(workshops::workshop_history))
        .routes(routes!(workshops::change_workshop_status))
        .routes(routes!(workshops::workshop_room))
        .routes(routes!(workshops::update_workshop_item))
        .routes(routes!(workshops::change_workshop_item_status))
        .routes(routes!(workshops::decide_workshop_item))
        .routes(routes!(workshops::cast_vote, workshops::withdraw_vote))
        .routes(routes!(workshops::workshop_changes))
        .routes(routes!(workshops::apply_workshop))
        .routes(routes!(workshop_minutes::workshop_minutes, workshop_minutes::save_workshop_minutes))
        .routes(routes!(undo::get_steps))
        .routes(routes!(undo::undo))
        .routes(routes!(undo::redo))
        .routes(routes!(workspace::get_workspace, workspace::create_workspace, workspace::update_workspace))
        .routes(routes!(workspace::open_workspace))
        .routes(routes!(workspace::create_recovery_key))
        .routes(routes!(workspace::create_backup))
        .routes(routes!(workspace::get_summary))
        .routes(routes!(workspace::search))
        .routes(routes!(changes::watch_changes))
        .routes(routes!(openapi::get_openapi))
}

/// The routes to every operation of an engine; the door stands before them ([`answer`]).
pub(crate) fn routes(engine: Engine) -> Router {
    operations()
        .split_for_parts()
        .0
        .fallback(|| async { Err::<(), _>(Error::NotFound("No such path. Check the endpoint path.".into())) })
        .method_not_allowed_fallback(|| async { Err::<(), _>(Error::MethodNotAllowed) })
        .with_state(engine)
}
