//! A document goes in from a file and out into one, by the system's own dialogs.

use std::fs;

use crate::{first_run::start_with_sample, stage::Stage, window::Window};

#[tokio::test]
async fn a_document_goes_in_and_out_by_the_systems_dialogs_and_is_the_same_to_the_byte() {
    let Some(mut stage) = Stage::set() else { return };
    let window = stage.start_app().await;
    start_with_sample(&window).await;
    window.press(&['g', 'd']).await;
    window.see_text("button", "Upload a document").await;

    // Long enough for several reads, and no text that anything would tidy.
    let written = "Line one\r\n\u{feff}line two, é \n".repeat(20_000);
    let file = stage.file("How we answer a breach.txt", &written);
    window.press(&['c']).await;
    stage.open_in_dialog(&file);
    let listed = window
        .until_saved("/v1/documents?limit=1&sort=-created_at", |answer| answer["data"][0]["name"] == "How we answer a breach.txt")
        .await;
    let id = listed["data"][0]["id"].as_str().expect("an id").to_owned();
    window.until("it is shown", "return location.pathname.endsWith(arguments[0]);", vec![id.clone().into()]).await;
    window.shot("document-1-uploaded").await;

    let copy = stage.app_folder().join("a copy.txt");
    window.press(&['d']).await;
    stage.save_in_dialog(&copy);
    window.see_text("*", "a copy.txt saved").await;
    assert_eq!(fs::read(&copy).expect("the copy is there"), written.as_bytes());

    // Whoever changes their mind in the dialog has changed nothing.
    let before = documents(&window).await;
    window.press(&['c']).await;
    stage.cancel_dialog();
    window.press(&['d']).await;
    stage.cancel_dialog();
    assert_eq!(documents(&window).await, before);

    window.expect_no_refusals().await;
}

async fn documents(window: &Window) -> u64 {
    window.get("/v1/summary").await["documents"].as_u64().expect("a number")
}
