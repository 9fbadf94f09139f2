//! A framework comes in from a file that the person picks, once, and a broken file does not.

use serde_json::{Value, json};

use crate::{
    first_run::start_with_sample,
    stage::Stage,
    window::{Window, key},
};

/// A small OSCAL catalog: a group with two controls, one of them with an enhancement.
fn catalog() -> Value {
    let control = |id: &str, label: &str, title: &str, controls: Value| {
        json!({
            "id": id,
            "title": title,
            "props": [{ "name": "label", "value": label }],
            "parts": [{ "id": format!("{id}_smt"), "name": "statement", "prose": format!("{title}, in writing.") }],
            "controls": controls
        })
    };
    json!({ "catalog": {
        "uuid": "8a5d7a0e-3f0c-4d5b-9a86-0d3b9a0f6a51",
        "metadata": {
            "title": "House rules for payments",
            "last-modified": "2026-03-01T09:00:00Z",
            "version": "2.1",
            "oscal-version": "1.1.2"
        },
        "groups": [{
            "id": "pay",
            "title": "Payments",
            "controls": [
                control("pay-1", "PAY-1", "Two people release a payment",
                    json!([control("pay-1.1", "PAY-1(1)", "They do not share a desk", json!([]))])),
                control("pay-2", "PAY-2", "Accounts of payees are confirmed", json!([]))
            ]
        }]
    }})
}

async fn choose(window: &Window, stage: &Stage, name: &str, content: &str) {
    let file = stage.file(name, content);
    window.click_text("button", "Choose a file").await;
    stage.open_in_dialog(&file);
}

#[tokio::test]
async fn a_framework_is_imported_from_a_file_once() {
    let Some(mut stage) = Stage::set() else { return };
    let window = stage.start_app().await;
    start_with_sample(&window).await;
    let before = window.get("/v1/frameworks").await["data"].as_array().map_or(0, Vec::len);
    let text = catalog().to_string();

    // By keyboard to the place, by the system's own dialog to the file.
    window.press(&['g', 'f']).await;
    window.see("[role='tree']").await;
    window.press(&['c']).await;
    choose(&window, &stage, "house rules.json", &text).await;
    window.see_text("*", "Nothing is saved yet").await;
    window.see_text("*", "Two people release a payment").await;
    window.shot("import-1-dry-run").await;
    assert_eq!(window.get("/v1/frameworks").await["data"].as_array().map_or(0, Vec::len), before, "a dry run saves nothing");

    window.click_text("button", "Import 4 rows").await;
    window.see_text("*", "4 rows imported as").await;
    window.shot("import-2-done").await;
    let frameworks = window.get("/v1/frameworks").await;
    let imported = frameworks["data"]
        .as_array()
        .and_then(|all| all.iter().find(|framework| framework["name"] == "House rules for payments"))
        .unwrap_or_else(|| panic!("the framework is there: {frameworks}"));
    let id = imported["id"].as_str().expect("an id");
    assert_eq!(imported["source"], "oscal");

    // Found again in the tree, and a control of it read.
    window.click_text("button", "Open the framework").await;
    window.press(&['/']).await;
    window.type_text("share a desk").await;
    window.click_text("a", "They do not share a desk").await;
    window.see_text("*", "They do not share a desk, in writing.").await;
    window.shot("import-3-control").await;
    window.press(&[key::ESCAPE]).await;

    // The same file again changes nothing, and a broken one is refused in words.
    for (name, content, said) in [
        ("house rules.json", text.as_str(), "the same in every row"),
        ("cut.json", &text[..text.len() / 2], "cut.json was not imported"),
        ("empty.json", "", "empty.json was not imported"),
        ("other.json", r#"{"hello":"world"}"#, "other.json was not imported"),
    ] {
        window.press(&['g', 'r']).await;
        window.see("[role='grid']").await;
        window.press(&['g', 'f']).await;
        window.see("[role='tree']").await;
        window.press(&['c']).await;
        choose(&window, &stage, name, content).await;
        window.see_text("*", said).await;
        window.shot(&format!("import-4-{}", name.replace([' ', '.'], "-"))).await;
    }
    window.expect_no_refusals().await;

    stage.end_app();
    let window = stage.start_app().await;
    let controls = window.get(&format!("/v1/frameworks/{id}/controls")).await;
    assert_eq!(controls["data"].as_array().map(Vec::len), Some(4), "all four rows are there: {controls}");
    assert_eq!(window.get("/v1/frameworks").await["data"].as_array().map_or(0, Vec::len), before + 1);
}
