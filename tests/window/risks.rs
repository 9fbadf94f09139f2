//! Risks on the map: moved by pointer and by keyboard, undone, and kept whatever happens next.

use serde_json::{Value, json};

use crate::{
    first_run::start_with_sample,
    stage::Stage,
    window::{Window, key},
};

/// A place on the map.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    likelihood: i64,
    impact: i64,
}

impl Place {
    fn of(record: &Value) -> Self {
        let number = |field: &str| record[field].as_i64().unwrap_or_else(|| panic!("{field} of {record}"));
        Self { likelihood: number("likelihood"), impact: number("impact") }
    }

    fn cell(self) -> String {
        format!("[data-cell='{},{}']", self.likelihood, self.impact)
    }

    /// The neighbour on the left, or on the right at the edge.
    fn beside(self) -> (Self, char) {
        match self.impact {
            1 => (Self { impact: 2, ..self }, key::RIGHT),
            impact => (Self { impact: impact - 1, ..self }, key::LEFT),
        }
    }
}

/// A risk with a chip of its own in the middle of the map.
async fn chip(window: &Window) -> (String, Place) {
    let map = window.get("/v1/risks/map?per_cell=1").await;
    let cells = map["cells"].as_array().expect("cells");
    let cell = cells
        .iter()
        .find(|cell| Place::of(cell) == Place { likelihood: 4, impact: 4 } && cell["chips"][0]["id"].is_string())
        .expect("the sample has risks that are likely and major");
    (cell["chips"][0]["id"].as_str().expect("an id").to_owned(), Place::of(cell))
}

async fn until_at(window: &Window, id: &str, place: Place) -> Value {
    window.until_saved(&format!("/v1/risks/{id}"), |risk| risk["likelihood"] == place.likelihood && risk["impact"] == place.impact).await
}

#[tokio::test]
async fn a_risk_moved_by_pointer_and_by_keyboard_is_there_after_a_kill() {
    let Some(mut stage) = Stage::set() else { return };
    let window = stage.start_app().await;
    start_with_sample(&window).await;
    let (id, from) = chip(&window).await;
    let shown = format!("[data-chip='{id}']");
    let totals = window.get("/v1/risks/heatmap").await["totals"].clone();

    // By pointer: down the map, where the level is another.
    let dropped = Place { likelihood: 2, impact: 2 };
    window.shot("risk-1-before").await;
    window.drag(&shown, &dropped.cell()).await;
    let risk = until_at(&window, &id, dropped).await;
    assert_eq!(risk["score"], 4, "the score follows");
    assert_eq!(risk["level"], "low", "the level follows");
    window.see_text("*", "moved to Unlikely").await;
    window.shot("risk-2-dropped").await;
    assert_ne!(window.get("/v1/risks/heatmap").await["totals"], totals, "the map counts it at its new place");

    // Taken back and done again from the keyboard.
    window.press_with(&[key::CONTROL], 'z').await;
    until_at(&window, &id, from).await;
    assert_eq!(window.get("/v1/risks/heatmap").await["totals"], totals, "as before the move");
    window.press_with(&[key::CONTROL, key::SHIFT], 'z').await;
    until_at(&window, &id, dropped).await;

    // By keyboard: pick up, one cell along, put down.
    let (placed, arrow) = dropped.beside();
    // The engine has it before the page does: picked up earlier, it would be a stale move, which is refused.
    window.see(&format!("{} {shown}", dropped.cell())).await;
    window.focus(&shown).await;
    window.press(&['m', arrow]).await;
    window.shot("risk-3-carried-by-keys").await;
    window.press(&[key::ENTER]).await;
    until_at(&window, &id, placed).await;
    window.expect_no_refusals().await;

    // A move that is cancelled changes nothing.
    let history = window.get(&format!("/v1/risks/{id}/history")).await;
    window.focus(&shown).await;
    window.press(&['m', key::UP, key::UP, key::ESCAPE]).await;
    assert_eq!(window.get(&format!("/v1/risks/{id}/history")).await, history, "nothing was written");

    stage.kill_app();
    let window = stage.start_app().await;
    window.see("[role='grid']").await;
    let risk = until_at(&window, &id, placed).await;
    assert_eq!(risk["score"], json!(placed.likelihood * placed.impact));
    assert_eq!(window.get(&format!("/v1/risks/{id}/history")).await["total"], history["total"]);
    window.until_saved("/v1/workspace", |workspace| workspace["integrity"] == "sound").await;
    window.shot("risk-4-after-a-kill").await;
}

#[tokio::test]
async fn the_map_goes_onto_the_clipboard_as_a_picture() {
    let Some(mut stage) = Stage::set() else { return };
    let window = stage.start_app().await;
    start_with_sample(&window).await;
    window.see("[data-cell='4,4']").await;
    window.click("[aria-label='Import and export']").await;
    window.click_text("*[@role='menuitem']", "Copy to the clipboard").await;
    window.see_text("*", "The risk map is on the clipboard").await;
    window.shot("risk-map-copied").await;
    // A page may look at the clipboard only while somebody presses something.
    let listen = "const look = async () => {
            const [item] = await navigator.clipboard.read();
            const picture = await createImageBitmap(await item.getType('image/png'));
            return `${picture.width} × ${picture.height}`;
        };
        addEventListener('keydown', () => look().then((found) => (window.found = found), (error) => (window.found = String(error))), { once: true });";
    window.run(listen, Vec::new()).await;
    window.press(&[key::SHIFT]).await;
    window.until("the clipboard was looked at", "return window.found !== undefined", Vec::new()).await;
    assert_eq!(window.run("return window.found", Vec::new()).await, "3200 × 1800", "what is pasted is the picture");
}
