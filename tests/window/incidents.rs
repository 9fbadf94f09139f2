//! An incident is reported and triaged by keyboard, and what was done is there after a kill.

use serde_json::{Value, json};

use crate::{
    first_run::start_with_sample,
    stage::Stage,
    window::{Window, key},
};

/// The incident that is open on the screen, as the engine has it.
async fn shown(window: &Window) -> Value {
    let address = window.address().await;
    let id = address.rsplit('/').next().and_then(|last| last.split('?').next()).unwrap_or_default();
    window.get(&format!("/v1/incidents/{id}")).await
}

#[tokio::test]
async fn an_incident_is_reported_and_triaged_by_keyboard_and_is_there_after_a_kill() {
    let Some(mut stage) = Stage::set() else { return };
    let window = stage.start_app().await;
    start_with_sample(&window).await;
    let open = window.get("/v1/summary").await["incidents_open"].clone();

    // Report: the title and the proposed severity are enough.
    window.press(&['g', 'i']).await;
    window.see("[role='listbox'] [role='option']").await;
    window.press(&['r']).await;
    window.see_text("*[@role='dialog']", "Report an incident").await;
    window.type_text("Card terminals of two branches show a wrong amount").await;
    window.shot("incident-1-report").await;
    window.press(&[key::ENTER]).await;
    window.until("its page is open", "return /\\/incidents\\/.+/.test(location.pathname);", vec![]).await;
    window.until("the dialog has gone", "return document.querySelector('[role=dialog]') === null;", vec![]).await;
    let incident = shown(&window).await;
    assert_eq!(incident["title"], "Card terminals of two branches show a wrong amount");
    assert_eq!(incident["status"], "new");
    assert_ne!(window.get("/v1/summary").await["incidents_open"], open, "one more is open");
    let path = format!("/v1/incidents/{}", incident["id"].as_str().expect("an id"));

    // Severity by key, from the list.
    window.see_text("section", "Card terminals of two branches").await;
    window.press(&['s']).await;
    window.click_text("*[@role='option' and @data-value='critical']", "Critical").await;
    window.until_saved(&path, |incident| incident["severity"] == "critical").await;

    // Forward twice, and back over the undo.
    window.press(&['e']).await;
    window.until_saved(&path, |incident| incident["status"] == "triaged").await;
    window.press(&['e']).await;
    window.until_saved(&path, |incident| incident["status"] == "contained").await;
    window.press_with(&[key::CONTROL], 'z').await;
    window.until_saved(&path, |incident| incident["status"] == "triaged").await;
    window.shot("incident-2-triaged").await;

    // Its timeline tells all of it.
    let timeline = window.get(&format!("{path}/timeline")).await;
    let told: Vec<_> = timeline["data"].as_array().expect("entries").iter().map(|entry| entry["kind"].clone()).collect();
    for kind in ["reported", "severity", "status"] {
        assert!(told.contains(&json!(kind)), "{kind} is in {told:?}");
    }
    window.expect_no_refusals().await;

    stage.kill_app();
    let window = stage.start_app().await;
    window.see("[role='grid']").await;
    window.press(&['g', 'i']).await;
    window.click_text("*[@role='option']", "Card terminals of two branches").await;
    window.see_text("*[@role='option']", "Triaged").await;
    window.shot("incident-3-after-a-kill").await;
    let kept = window.get(&path).await;
    assert_eq!((&kept["status"], &kept["severity"]), (&json!("triaged"), &json!("critical")));
    assert_eq!(window.get(&format!("{path}/timeline")).await["data"], timeline["data"], "and so is its timeline");
}
