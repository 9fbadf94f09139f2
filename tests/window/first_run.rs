//! The first minutes with the app, and what the second start finds of them.

use std::{fs, time::Duration};

use serde_json::json;

use crate::{
    stage::{Stage, wait_until},
    window::Window,
};

/// Makes the sample workspace by its key and answers the offer of a recovery key with "Skip".
pub async fn start_with_sample(window: &Window) {
    window.see("button[aria-keyshortcuts='1']").await;
    window.press(&['1']).await;
    window.click_text("button", "Skip").await;
    window.click_text("button", "Skip for now").await;
    window.until("the dialog is gone", "return !document.querySelector('[role=dialog]');", vec![]).await;
    window.see("[role='grid']").await;
}

#[tokio::test]
async fn the_first_key_makes_a_sample_workspace_and_a_recovery_key_is_offered() {
    let Some(mut stage) = Stage::set() else {
        return;
    };
    let window = stage.start_app().await;

    window.see("button[aria-keyshortcuts='1']").await;
    window.shot("first-run-1-choices").await;
    assert_eq!(window.get("/v1/workspace").await["state"], "none", "nothing is made before it is chosen");

    window.press(&['1']).await;
    window.see_text("*[@role='dialog']", "Keep a recovery key").await;
    window.shot("first-run-2-recovery-offered").await;
    window.click_text("button", "Show, to print or write down").await;
    let key = window.see("[role='dialog'] output").await.text().await.expect("the key is on the screen");
    let letters = key.chars().filter(|letter| letter.is_ascii_alphanumeric()).count();
    assert!(letters >= 25, "a recovery key holds at least 125 bits, not {letters} letters");
    window.shot("first-run-3-recovery-key").await;
    window.click_text("button", "I have kept it").await;

    window.see("[role='grid']").await;
    window.until("the map says how many risks there are", "return document.body.innerText.includes('1,243');", vec![]).await;
    window.shot("first-run-4-map").await;

    let workspace = window.get("/v1/workspace").await;
    assert_eq!(workspace["state"], "open");
    assert_eq!(
        workspace["protection"],
        json!(["keychain", "recovery_key"]),
        "the data key is in the keychain of this session, and under the recovery key"
    );
    assert_eq!(window.get("/v1/summary").await["risks"], 1243);
    window.expect_no_refusals().await;

    // The file is encrypted, and beside its key slots in the documents folder.
    let file = stage.app_folder().join("documents").join("AMTIA.amtia");
    let bytes = fs::read(&file).expect("the workspace file");
    assert!(!bytes.starts_with(b"SQLite format 3"), "a file that anybody could read");
    assert!(file.with_extension("amtia.keys").exists(), "the key slots are beside it");

    // Nobody is asked for anything at the next start: the keychain has the key.
    stage.end_app();
    let window = stage.start_app().await;
    window.see("[role='grid']").await;
    assert_eq!(window.get("/v1/summary").await["risks"], 1243);
    window.until("nothing is asked", "return !document.querySelector('[role=dialog]');", vec![]).await;
}

#[tokio::test]
async fn a_recovery_key_is_saved_where_the_person_says() {
    let Some(mut stage) = Stage::set() else {
        return;
    };
    let window = stage.start_app().await;
    window.see("button[aria-keyshortcuts='3']").await;
    window.press(&['3']).await;
    window.see_text("*[@role='dialog']", "Keep a recovery key").await;

    let sheet = stage.app_folder().join("my key.txt");
    window.click_text("button", "Save as file").await;
    stage.save_in_dialog(&sheet);
    wait_until("the sheet is written", Duration::from_secs(10), || sheet.exists());
    let sheet = fs::read_to_string(&sheet).expect("a text");
    assert!(sheet.split_whitespace().any(|word| word.matches('-').count() >= 4), "the sheet holds the key: {sheet}");
    let workspace = window.get("/v1/workspace").await;
    assert_eq!(workspace["protection"], json!(["keychain", "recovery_key"]));
    assert_eq!(workspace["recovery_offered"], true, "it is not offered again");
}

#[tokio::test]
async fn a_workspace_goes_into_the_folder_that_the_person_picks() {
    let Some(mut stage) = Stage::set() else { return };
    let folder = stage.app_folder().join("Records of the bank");
    fs::create_dir_all(&folder).expect("a folder to pick");
    let window = stage.start_app().await;
    window.click("button[aria-label*='change the folder']").await;
    stage.open_in_dialog(&folder);
    window.see("button[aria-label*='Records of the bank']").await;

    window.press(&['3']).await;
    window.see_text("*[@role='dialog']", "Keep a recovery key").await;
    let file = folder.join("AMTIA.amtia");
    assert!(file.exists(), "the workspace is in the folder");
    assert_eq!(window.get("/v1/workspace").await["file"], json!(file));

    stage.end_app();
    let window = stage.start_app().await;
    window.until_saved("/v1/workspace", |workspace| workspace["file"] == json!(file)).await;
}

#[tokio::test]
async fn a_workspace_that_was_moved_is_missed_by_name_and_found_again() {
    let Some(mut stage) = Stage::set() else { return };
    let window = stage.start_app().await;
    start_with_sample(&window).await;
    stage.end_app();
    let (documents, moved) = (stage.app_folder().join("documents"), stage.app_folder().join("moved"));
    fs::rename(&documents, &moved).expect("the folder is moved");

    let window = stage.start_app().await;
    window.see_text("h1", "Your workspace was not found").await;
    window.see_text("*[contains(@class, 'mono')]", &documents.join("AMTIA.amtia").display().to_string()).await;
    window.shot("first-run-5-missing").await;
    assert!(!documents.exists(), "nothing is made in its place");
    window.click_text("button", "Find the file").await;
    stage.open_in_dialog(&moved.join("AMTIA.amtia"));
    window.see("[role='grid']").await;
    assert_eq!(window.get("/v1/summary").await["risks"], 1243);

    stage.end_app();
    let window = stage.start_app().await;
    window.see("[role='grid']").await;
    assert_eq!(window.get("/v1/workspace").await["file"], json!(moved.join("AMTIA.amtia")), "the new place is remembered");
}
