//! The window's frame, which the app draws itself: its place, its buttons, its title bar, one of a kind.

use std::time::Duration;

use crate::stage::{Stage, wait_until};

const SHORTLY: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_second_start_brings_the_first_window_forward() {
    let Some(mut stage) = Stage::set() else { return };
    let window = stage.start_app().await;
    window.see("button[aria-keyshortcuts='1']").await;

    let id = stage.window_id();
    stage.xdotool(&["windowminimize", "--sync", &id]);
    // The window manager takes the focus away a moment after the window has gone.
    wait_until("the window is out of sight", SHORTLY, || stage.active_title() != "AMTIA Desktop");

    let second = stage.start_app_again();
    assert!(second.status.success(), "the second start ends in order: {second:?}");
    wait_until("the first window has the focus", SHORTLY, || stage.active_title() == "AMTIA Desktop");
    assert_eq!(stage.window_id(), id, "and there is one");
}

#[tokio::test]
async fn the_window_opens_where_it_was_left() {
    let Some(mut stage) = Stage::set() else { return };
    let window = stage.start_app().await;
    window.see("button[aria-keyshortcuts='1']").await;
    let id = stage.window_id();
    stage.xdotool(&["windowsize", "--sync", &id, "1100", "700"]);
    stage.xdotool(&["windowmove", "--sync", &id, "120", "90"]);
    // The app hears of it a moment later.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let left = stage.geometry(&id);
    stage.end_app();

    let window = stage.start_app().await;
    window.see("button[aria-keyshortcuts='1']").await;
    assert_eq!(stage.geometry(&stage.window_id()), left);
}

#[tokio::test]
async fn a_place_on_a_screen_that_is_gone_is_not_returned_to() {
    let Some(mut stage) = Stage::set() else { return };
    let placement = r#"{"window":{"x":5000.0,"y":-2000.0,"width":1000.0,"height":700.0,"maximized":false}}"#;
    stage.remember(placement);
    let window = stage.start_app().await;
    window.see("button[aria-keyshortcuts='1']").await;
    let (x, y, width, height) = stage.geometry(&stage.window_id());
    assert_eq!((width, height), (1000, 700));
    assert!((0..=600).contains(&x) && (0..=300).contains(&y), "on the screen, not at {x}, {y}");
}

#[tokio::test]
async fn the_title_bar_moves_the_window_and_its_buttons_work() {
    let Some(mut stage) = Stage::set() else { return };
    let window = stage.start_app().await;
    window.see("button[aria-keyshortcuts='1']").await;
    let id = stage.window_id();

    // The real pointer: moving is the window manager's work.
    let (x, y, ..) = stage.geometry(&id);
    let from = (x + 300, y + 20);
    stage.pointer(&["mousemove", "mousedown"], from);
    stage.pointer(&["mousemove"], (from.0 - 30, from.1 - 10));
    stage.pointer(&["mousemove"], (from.0 - 60, from.1 - 25));
    stage.pointer(&["mouseup"], (from.0 - 60, from.1 - 25));
    wait_until("the window has moved", SHORTLY, || {
        let (now_x, now_y, ..) = stage.geometry(&id);
        now_x < x && now_y < y
    });

    window.click("button[aria-label='Maximise']").await;
    wait_until("the window fills the screen", SHORTLY, || stage.geometry(&id).2 == 1600);
    window.click("button[aria-label='Maximise']").await;
    wait_until("the window has its size again", SHORTLY, || stage.geometry(&id).2 == 1440);

    window.click("button[aria-label='Minimise']").await;
    wait_until("the window is out of sight", SHORTLY, || stage.active_title() != "AMTIA Desktop");
    stage.xdotool(&["windowactivate", "--sync", &id]);

    // The driver loses its window in the middle of the click, so its answer counts for nothing.
    let close = window.see("button[aria-label='Close the window']").await;
    let _ = tokio::time::timeout(SHORTLY, close.click()).await;
    wait_until("the app has ended", SHORTLY, || !stage.app_runs());
}
