//! The OpenAPI 3.1 document, made from the types and the handlers.

use super::pictures::{PictureFormat, PictureLanguage, PictureTheme};
use super::registers::RegisterLanguage;
use super::workshop_minutes::MinutesFormat;
use crate::register::RegisterFormat;
use axum::http::header;
use axum::response::IntoResponse;
use std::sync::{LazyLock, OnceLock};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, ContactBuilder, InfoBuilder, OpenApi, OpenApiBuilder, SecurityRequirement, ServerBuilder};

/// What stands above the operations.
pub(super) fn head() -> OpenApi {
    let info = InfoBuilder::new()
        .title("AMTIA REST API")
        .version("v1")
        .description(Some("Governance, risk and compliance. Operations marked x-amtia-documented are those of the AMTIA API reference; those tagged local are what AMTIA Desktop's own window needs beside them. Messages are English, or French with Content-Language: fr where Accept-Language prefers it."))
        .contact(Some(ContactBuilder::new().name(Some("AMTIA Desktop")).build()))
        .build();
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([ServerBuilder::new().url("/").description(Some("This device")).build()]))
        .security(Some([SecurityRequirement::new::<_, [&str; 0], &str>("bearer", [])]))
        .components(Some(
            ComponentsBuilder::new()
                .security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)))
                // No body names these: they are parameters alone.
                .schema_from::<RegisterFormat>()
                .schema_from::<RegisterLanguage>()
                .schema_from::<MinutesFormat>()
                .schema_from::<PictureFormat>()
                .schema_from::<PictureLanguage>()
                .schema_from::<PictureTheme>()
                .build(),
        ))
        .build()
}

/// The whole document as pretty JSON, with the errors that every operation can answer.
#[must_use]
pub fn document() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let (_, api) = super::operations().split_for_parts();
        let mut value = serde_json::to_value(&api).expect("an OpenAPI document is plain data");
        free_patches(&mut value);
        add_errors(&mut value);
        add_oauth_errors(&mut value);
        super::examples::add(&mut value);
        let mut text = serde_json::to_string_pretty(&value).expect("an OpenAPI document is plain data");
        text.push('\n');
        text
    })
}

/// A path as the document writes it, `/v1/risks/{id}` for the path of one risk: the one with the fewest parts left open.
pub(super) fn template(path: &str) -> Option<&'static str> {
    static PATHS: LazyLock<Vec<String>> = LazyLock::new(|| super::operations().split_for_parts().1.paths.paths.into_keys().collect());
    let open = |part: &str| part.starts_with('{');
    let fits = |template: &&String| {
        let mut parts = path.split('/');
        template.split('/').all(|part| parts.next().is_some_and(|have| part == have || open(part) && !have.is_empty()))
            && parts.next().is_none()
    };
    PATHS.iter().filter(fits).min_by_key(|template| template.matches('{').count()).map(String::as_str)
}

/// A body that changes fields requires none of them.
fn free_patches(document: &mut serde_json::Value) {
    let schemas = document["components"]["schemas"].as_object_mut().into_iter().flatten();
    for (_, schema) in schemas.filter(|(name, _)| name.ends_with("Patch")) {
        schema.as_object_mut().map(|schema| schema.remove("required"));
    }
}

fn add_errors(document: &mut serde_json::Value) {
    use serde_json::json;
    let schema = json!({
        "type": "object", "required": ["error"],
        "properties": { "error": {
            "type": "object", "required": ["code", "status", "message", "request_id"],
            "properties": {
                "code": { "type": "integer" }, "status": { "type": "string" }, "message": { "type": "string" },
                "request_id": { "type": "string", "pattern": "^req_[0-9a-z]{12}$" },
                "details": { "type": "array", "items": { "type": "object", "required": ["field", "message"],
                    "properties": { "field": { "type": "string" }, "message": { "type": "string" }, "yours": {}, "current": {} } } }
            }
        } }
    });
    document["components"]["schemas"]["Error"] = schema;
    document["components"]["schemas"]["OAuthError"] = json!({
        "type": "object", "description": "RFC 6749 section 5.2: only the form post of credentials answers errors so.",
        "required": ["error", "error_description"],
        "properties": { "error": { "type": "string" }, "error_description": { "type": "string" } }
    });
    let answer = |description: &str| json!({ "description": description, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } } });
    let answers = [
        ("400", "Bad Request: the request is malformed; details list every offending field."),
        ("401", "Unauthorized: missing or invalid authentication token."),
        ("403", "Forbidden: insufficient permissions."),
        ("404", "Not Found: resource not found."),
        ("429", "Too Many Requests: rate limit reached (1000/min)."),
        ("500", "Internal Server Error."),
    ];
    for item in document["paths"].as_object_mut().into_iter().flat_map(serde_json::Map::values_mut) {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            let Some(responses) = operation["responses"].as_object_mut() else { continue };
            for (code, description) in answers {
                responses.entry(code).or_insert_with(|| answer(description));
            }
            if matches!(method.as_str(), "post" | "put") {
                responses.entry("413").or_insert_with(|| answer("Content Too Large."));
                responses.entry("415").or_insert_with(|| answer("Unsupported Media Type."));
            }
            if matches!(method.as_str(), "put" | "delete") || operation_is_undo(responses) {
                responses
                    .entry("412")
                    .or_insert_with(|| answer("Precondition Failed: the record changed since; both values are in the details."));
            }
        }
    }
}

/// The token's form post answers errors as OAuth clients expect them.
fn add_oauth_errors(document: &mut serde_json::Value) {
    let either = serde_json::json!({ "anyOf": [{ "$ref": "#/components/schemas/Error" }, { "$ref": "#/components/schemas/OAuthError" }] });
    let Some(responses) = document["paths"]["/v1/auth/token"]["post"]["responses"].as_object_mut() else { return };
    for (code, response) in responses {
        if code != "200" {
            response["content"]["application/json"]["schema"] = either.clone();
        }
    }
}

/// POSTs without a created record (undo, redo, open) may find that somebody else changed it.
fn operation_is_undo(responses: &serde_json::Map<String, serde_json::Value>) -> bool {
    !responses.contains_key("201")
}

/// This document.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "local", operation_id = "get_openapi", security(()), responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn get_openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], document())
}

#[cfg(test)]
mod tests {
    use super::template;

    #[test]
    fn a_path_is_told_by_its_template() {
        for (path, expected) in [
            ("/v1/risks", Some("/v1/risks")),
            ("/v1/risks/heatmap", Some("/v1/risks/heatmap")),
            ("/v1/risks/R-0142%2Fx", Some("/v1/risks/{id}")),
            ("/v1/risks/some-id/history", Some("/v1/risks/{id}/history")),
            ("/v1/risks/", None),
            ("/v1/risks//history", None),
            ("/v1/risks/some-id/history/more", None),
            ("/v1/nothing", None),
            ("", None),
        ] {
            assert_eq!(template(path), expected, "{path}");
        }
    }
}
