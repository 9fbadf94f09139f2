//! The window's own port: off until it is switched on, on another port by a word, never on a busy one.

use std::net::{Ipv4Addr, TcpListener, TcpStream};

use amtia_tests::free_port;

use crate::{
    first_run::start_with_sample,
    stage::Stage,
    window::{Window, key},
};

/// Whether a program on this device gets an answer there, and which.
fn answers(port: u16) -> Option<u16> {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    agent.get(format!("http://127.0.0.1:{port}/v1/risks")).call().ok().map(|answer| answer.status().as_u16())
}

async fn choose_port(window: &Window, port: u16) {
    window.click("input[inputmode='numeric']").await;
    window.press_with(&[key::CONTROL], 'a').await;
    window.type_text(&port.to_string()).await;
    window.press(&[key::ENTER]).await;
}

#[tokio::test]
async fn the_port_is_opened_moved_and_closed_by_the_person_at_the_window() {
    let Some(mut stage) = Stage::set() else { return };
    let window = stage.start_app().await;
    start_with_sample(&window).await;
    let (first, second) = (free_port(), free_port());
    let busy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let taken = busy.local_addr().expect("an address").port();

    window.press_with(&[key::CONTROL], ',').await;
    window.click_text("a", "Local API").await;
    window.see_text("*", "Off: nothing listens").await;
    choose_port(&window, first).await;
    window.until_saved("/v1/api", |api| api["port"] == first).await;
    assert_eq!(answers(first), None, "choosing a port opens none");

    window.click("[role='switch']").await;
    window.see_text("*", "Running since").await;
    assert_eq!(answers(first), Some(401), "whoever brings no token is refused by the engine itself");
    window.shot("local-api-1-running").await;

    // A port of somebody else's: told at the field, and the one that runs goes on.
    choose_port(&window, taken).await;
    window.see_text("*", "is in use by another program").await;
    window.shot("local-api-2-busy").await;
    assert_eq!(answers(first), Some(401));

    choose_port(&window, second).await;
    window.until_saved("/v1/api", |api| api["port"] == second && api["running"] == true).await;
    assert_eq!(answers(second), Some(401));
    assert_eq!(answers(first), None, "the port before is closed");

    // It is the workspace's: there again after a restart, without anybody opening Settings.
    stage.end_app();
    assert_eq!(answers(second), None);
    let window = stage.start_app().await;
    window.see("[role='grid']").await;
    window.until_saved("/v1/api", |api| api["running"] == true).await;
    assert_eq!(answers(second), Some(401));

    window.press_with(&[key::CONTROL], ',').await;
    window.click_text("a", "Local API").await;
    window.click("[role='switch']").await;
    window.see_text("*", "Off: nothing listens").await;
    assert_eq!(answers(second), None);
    window.expect_no_refusals().await;
}
