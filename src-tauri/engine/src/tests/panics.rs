//! A panic ends one request, never the engine.

use super::{Bed, who};
use crate::api::{self, Principal};
use crate::store::Door;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use serde_json::json;

#[test]
fn a_panic_in_a_handler_is_a_500_in_the_format_and_shows_nothing_of_itself() {
    async fn broken() -> &'static str {
        panic!("SELECT secret FROM /private/path")
    }
    let bed = Bed::new();
    let routes = Router::new().route("/v1/broken", get(broken));
    let known = Principal::owner("Hugo Marchetti".into(), Door::Window, true);
    let request = Request::get("/v1/broken").extension(known).body(Body::empty()).expect("a request");
    let response = bed.runtime.block_on(api::answer(&bed.engine, &routes, request));
    let answer = bed.answer(response);
    assert_eq!(answer.status, 500, "a panic is the engine's fault");
    assert_eq!(answer.body["error"]["status"], "Internal Server Error", "in the reference's format");
    assert_eq!(answer.body["error"]["request_id"], answer.header("x-request-id"), "with the id that the log has");
    let text = answer.body.to_string();
    assert!(!text.contains("SELECT") && !text.contains("private"), "the panic's words stay inside: {text}");
}

#[test]
fn a_panic_inside_a_write_rolls_back_and_the_writer_goes_on() {
    let bed = Bed::new();
    bed.done("POST", "/v1/risks", Some(&json!({ "name": "Before" })));
    let store = &bed.workspace().store;
    let result: Result<(), _> = store.write_blocking(who(), |tx| {
        tx.connection.execute("DELETE FROM risks", []).expect("deleted, for now");
        panic!("in the middle")
    });
    assert_eq!(result.expect_err("the caller hears of it").code(), 500, "as an internal error");
    assert_eq!(bed.done("GET", "/v1/risks", None)["total"], 1, "what the write began was taken back");
    bed.done("POST", "/v1/risks", Some(&json!({ "name": "After" })));
    assert_eq!(bed.done("GET", "/v1/risks", None)["total"], 2, "the next write succeeds");
    assert!(bed.workspace().verify().expect("verified").sound, "the file is sound");
}
