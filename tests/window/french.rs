//! The window in French: its texts are a file of their own, and a moment is entered in the platform's own fields.

use serde_json::json;

use crate::{
    first_run::start_with_sample,
    stage::Stage,
    window::{Window, key},
};

async fn earlier_entry(window: &Window) {
    window.press(&['g', 'i']).await;
    window.see("[role='listbox'] [role='option']").await;
    window.press(&['n']).await;
    window.type_text("La carte est revenue").await;
    window.click_text("button", "plus tôt").await;
    window.see("input[type='time']").await;
}

#[tokio::test]
async fn the_window_turns_to_french_starts_in_it_and_takes_a_moment_by_keyboard() {
    let Some(mut stage) = Stage::set() else { return };
    let window = stage.start_app().await;
    start_with_sample(&window).await;
    window.press_with(&[key::CONTROL], ',').await;
    window.click_text("a", "Language and formats").await;
    window.click_text("button", "Français").await;
    window.see_text("h1", "Langue et formats").await;
    window.shot("french-1-settings").await;
    window.expect_no_refusals().await;

    // The page begins in French: no word of the first screen is English. (A driven window forgets what a page keeps when it
    // ends, so the page is loaded anew instead of the app.)
    window.run("history.replaceState({}, '', '/risks'); location.reload();", vec![]).await;
    window.see("[role='grid']").await;
    window.see_text("h1", "Carte des risques").await;
    window.until("the register is French too", "return !/Find in the register|New risk/.test(document.body.innerHTML);", vec![]).await;
    window.shot("french-2-map").await;

    earlier_entry(&window).await;
    assert_eq!(window.run("return document.querySelector('input[aria-label*=jour]').type;", vec![]).await, "date");
    // Part by part: the web view goes on to the next one by arrow.
    for (kind, parts) in [("date", &["11", "20", "2026"][..]), ("time", &["09", "30"])] {
        window.focus(&format!("input[type='{kind}']")).await;
        for part in parts {
            window.type_text(part).await;
            window.press(&[key::RIGHT]).await;
        }
    }
    window.shot("french-3-moment").await;
    let typed = "return ['date', 'time'].map((type) => document.querySelector(`input[type='${type}']`).value);";
    assert_eq!(window.run(typed, vec![]).await, json!(["2026-11-20", "09:30"]));
    window.focus("textarea").await;
    window.press(&[key::ENTER]).await;
    let address = window.address().await;
    let id = address.rsplit('/').next().and_then(|last| last.split('?').next()).unwrap_or_default().to_owned();
    let list = if id == "incidents" {
        window.get("/v1/incidents?limit=1").await["data"][0]["id"].as_str().unwrap_or_default().to_owned()
    } else {
        id
    };
    let told = window
        .until_saved(&format!("/v1/incidents/{list}/timeline"), |timeline| timeline.to_string().contains("La carte est revenue"))
        .await;
    let entries = told["data"].as_array().expect("entries");
    let entry = entries.iter().find(|entry| entry.to_string().contains("La carte est revenue")).expect("the entry");
    assert!(entry["at"].as_str().is_some_and(|at| at.starts_with("2026-11-20T")), "when it happened: {entry}");
}
